"""To which stay a movement belongs; the ledger is made anew at the next reading, which fills it in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COVERED = ["day", "currency", "account_id", "kind", "amount", "accounts", "came", "stay_start", "stay_end", "left_by"]


def upgrade() -> None:
    op.execute("delete from movements")
    op.execute("update syncs set ledger_rules = null")
    with op.batch_alter_table("movements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("came", sa.String(length=24), nullable=False))
        batch_op.add_column(sa.Column("stay_start", sa.Date(), nullable=False))
        batch_op.add_column(sa.Column("stay_end", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("left_by", sa.String(length=24), nullable=True))
        batch_op.drop_index("ix_movements_day")
        batch_op.create_index("ix_movements_day", COVERED)
