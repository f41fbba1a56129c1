"""Where cards of alerts go, and who the owners of accounts are in Slack."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tunings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subject", sa.String(), nullable=False, server_default="rules"))
    op.create_table(
        "people",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=True),
        sa.Column("direct", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_people")),
    )
