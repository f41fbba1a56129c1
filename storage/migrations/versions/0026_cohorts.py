"""When an account first paid, beside each of its movements, so that cohorts are followed by sums of the index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TURNS = sa.text("kind in ('new', 'reactivation', 'churn') or came <> 'new'")
STAY = ("came", "stay_start", "stay_end", "left_by", "price_id")
FIRST = """
    update movements set began = first.day, cohort = substr(cast(first.day as varchar), 1, 7)
    from (select account_id, min(day) as day from movements group by account_id) as first
    where first.account_id = movements.account_id
"""


def upgrade() -> None:
    op.drop_index("ix_movements_turns", table_name="movements")
    op.drop_index("ix_movements_day", table_name="movements")
    op.add_column("movements", sa.Column("began", sa.Date(), nullable=True))
    op.add_column("movements", sa.Column("cohort", sa.String(), nullable=True))
    op.execute(FIRST)
    turns = ["day", "currency", "account_id", "kind", "amount", "accounts", *STAY, "subscription_id", "cause", "began"]
    op.create_index("ix_movements_turns", "movements", turns, sqlite_where=TURNS, postgresql_where=TURNS)
    every = ["day", "currency", "cohort", "began", "amount", "account_id", "kind", "accounts", *STAY, "product_id"]
    op.create_index("ix_movements_day", "movements", every)
