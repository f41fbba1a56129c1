"""Movements in order of account and subscription, so that what each of them pays is summed without sorting rows."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TURNS = sa.text("kind in ('new', 'reactivation', 'churn') or came <> 'new'")
COVERED = (
    *("day", "currency", "account_id", "kind", "amount", "accounts"),
    *("came", "stay_start", "stay_end", "left_by", "price_id"),
)


def upgrade() -> None:
    op.drop_index("ix_movements_turns", table_name="movements")
    op.drop_index("ix_movements_day", table_name="movements")
    clustered = {"sqlite_with_rowid": False}
    with op.batch_alter_table("movements", schema=None, table_kwargs=clustered) as batch_op:
        batch_op.drop_constraint("pk_movements", type_="primary")
        batch_op.create_primary_key("pk_movements", ["account_id", "subscription_id", "day", "price_id"])
    turns = [*COVERED, "subscription_id", "cause"]
    op.create_index("ix_movements_turns", "movements", turns, sqlite_where=TURNS, postgresql_where=TURNS)
    op.create_index("ix_movements_day", "movements", [*COVERED, "product_id"])
