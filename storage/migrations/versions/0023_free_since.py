"""Since when an alert may be taken on again, so that nobody counts the days on which somebody was on it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("free_since", sa.DateTime(timezone=True), nullable=True))
