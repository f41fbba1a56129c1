"""An index of the few lines that bill metered use."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

USAGE = sa.text("kind = 'usage'")


def upgrade() -> None:
    op.create_index(
        "ix_invoice_lines_usage", "invoice_lines", ["period_end"], sqlite_where=USAGE, postgresql_where=USAGE
    )
