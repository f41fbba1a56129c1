"""To which stay a movement belongs: only the ledger that the next reading makes anew knows."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COVERED = ["day", "currency", "account_id", "kind", "amount", "accounts", "came", "stay_start", "stay_end", "left_by"]


def upgrade() -> None:
    op.execute("update syncs set ledger_rules = null")
    with op.batch_alter_table("movements", schema=None) as batch_op:
        batch_op.drop_index("ix_movements_day")
        batch_op.add_column(sa.Column("came", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("stay_start", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("stay_end", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("left_by", sa.String(length=24), nullable=True))
    op.execute("update movements set came = 'new', stay_start = day")
    with op.batch_alter_table("movements", schema=None) as batch_op:
        batch_op.alter_column("came", existing_type=sa.String(length=24), nullable=False)
        batch_op.alter_column("stay_start", existing_type=sa.Date(), nullable=False)
        batch_op.create_index("ix_movements_day", COVERED)
