"""For how long subscriptions were given up as unpaid that were paid for, or ended, later."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lapses",
        sa.Column("subscription_id", sa.String(), primary_key=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
    )
    op.create_index("ix_lapses_account_id", "lapses", ["account_id"])
