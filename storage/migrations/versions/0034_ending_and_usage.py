"""What is to end, and the metered use of some accounts, without a look at all subscriptions and lines."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

USAGE = sa.text("kind = 'usage'")


def upgrade() -> None:
    op.create_index("ix_subscriptions_cancel_at", "subscriptions", ["cancel_at"])
    op.drop_index("ix_invoice_lines_usage", "invoice_lines")
    op.create_index(
        "ix_invoice_lines_usage",
        "invoice_lines",
        ["account_id", "period_end"],
        sqlite_where=USAGE,
        postgresql_where=USAGE,
    )
