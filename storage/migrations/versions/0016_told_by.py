"""Which digest told of one that was missed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("slots", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_by", sa.String(), nullable=True))
    op.execute("UPDATE slots SET told_by = '' WHERE state = 'missed'")  # long ago, as far as anybody knows
