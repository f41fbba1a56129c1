"""Whom people put on an account."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assigned_email", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("assigned_user", sa.String(), nullable=True))
