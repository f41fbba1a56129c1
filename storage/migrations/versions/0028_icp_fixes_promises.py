"""Who is an ideal customer, which reasons for leaving are natural, what is fixed, whom one knows, what is promised."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "icp_fits",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("fit", sa.String(24), nullable=False),
        sa.Column("against", sa.JSON(), nullable=True),
        sa.Column("unknown", sa.JSON(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_icp_fits")),
    )
    op.create_table(
        "fixes",
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("fixed_by", sa.String(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_fixes")),
    )
    op.create_table(
        "contacts",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=True),
        sa.Column("noted_by", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_contacts")),
    )
    op.add_column("journal", sa.Column("due", sa.Date(), nullable=True))
    op.add_column("exit_reasons", sa.Column("nature", sa.String(), nullable=True))
