"""An index of the few movements on which accounts come and leave; sums by plan and product from the other one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TURNS = sa.text("kind in ('new', 'reactivation', 'churn') or came <> 'new'")
COLUMNS = (
    *("day", "currency", "account_id", "kind", "amount", "accounts"),
    *("came", "stay_start", "stay_end", "left_by", "price_id"),
)


def upgrade() -> None:
    turns = [*COLUMNS, "subscription_id", "cause"]
    op.create_index("ix_movements_turns", "movements", turns, sqlite_where=TURNS, postgresql_where=TURNS)
    op.drop_index("ix_movements_day", table_name="movements")
    op.create_index("ix_movements_day", "movements", [*COLUMNS, "product_id"])
