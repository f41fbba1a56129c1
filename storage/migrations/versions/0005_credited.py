"""What credit notes took off an invoice."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invoices", sa.Column("credited", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("invoices") as invoices:
        invoices.alter_column("credited", server_default=None)
