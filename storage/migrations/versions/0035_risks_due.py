"""Which accounts wait to be assessed, beside what the last look found."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "risks_due",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_risks_due")),
    )
    op.execute("insert into risks_due (account_id, asked) select account_id, due from risks where due > 0")
    op.execute("delete from risks where assessed_at is null")
    op.drop_index("ix_risks_due", "risks")
    with op.batch_alter_table("risks", schema=None) as batch_op:
        batch_op.alter_column("due", existing_type=sa.Integer(), existing_nullable=False, server_default=sa.text("0"))
