"""Movements by price: rows that were made by product stand until the ledger is made anew at the next reading."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("movements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("price_id", sa.String(), nullable=True))
    op.execute("update movements set price_id = product_id")
    op.execute("update syncs set ledger_rules = null")
    with op.batch_alter_table("movements", schema=None) as batch_op:
        batch_op.alter_column("price_id", existing_type=sa.String(), nullable=False)
        batch_op.drop_constraint("pk_movements", type_="primary")
        batch_op.create_primary_key("pk_movements", ["account_id", "day", "subscription_id", "price_id"])
