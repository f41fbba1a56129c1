"""Whose accounts are whose, found without looking through all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_accounts_owner", "accounts", [sa.text("lower(coalesce(assigned_email, owner_email))")])
    op.create_index("ix_accounts_assigned_user", "accounts", ["assigned_user"])
