"""An index of the outbox in the order in which messages go, so that a long queue is not sorted at each look."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_outbox_turn", "outbox", ["state", "rank", "id"])
