"""Tables for what is told beside billing: signals, spend, targets."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signals",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("respondent", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "name", "at", "respondent", name=op.f("pk_signals")),
    )
    op.create_index("ix_signals_name_at", "signals", ["name", "at"])
    op.create_table(
        "spend",
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "start", "end", "note", name=op.f("pk_spend")),
    )
    op.create_table(
        "targets",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", "metric", "segment", name=op.f("pk_targets")),
    )
