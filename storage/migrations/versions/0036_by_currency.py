"""What accounts and their subscriptions moved in a currency, without a look at whole movements or at others."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["currency", "account_id", "subscription_id", "day", "amount"]
    op.create_index("ix_movements_currency", "movements", columns)
