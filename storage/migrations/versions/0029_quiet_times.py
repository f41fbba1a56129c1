"""When the readers of a channel, and single people, are left alone by alerts, where they want other hours and days."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quiet_times",
        sa.Column("whose", sa.String(), primary_key=True),
        sa.Column("hours", sa.String(), nullable=True),
        sa.Column("free_days", sa.String(), nullable=True),
        sa.Column("chosen_by", sa.String(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
    )
