"""Exit interviews in full, the forms they are typed into, and the reasons and names that people choose from.

Of the notes so far each belongs to the stay during or after which it was written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

STAYS = """
    update exit_notes set came = (
        select max(m.stay_start) from movements m
        where m.account_id = exit_notes.account_id and m.stay_start <= date(exit_notes.written_at)
    )
"""


def upgrade() -> None:
    with op.batch_alter_table("exit_notes", schema=None) as batch_op:
        for column in (
            sa.Column("came", sa.Date(), nullable=True),
            sa.Column("root_cause", sa.String(), nullable=True),
            sa.Column("secondary_reason", sa.String(), nullable=True),
            sa.Column("competitor", sa.String(), nullable=True),
            sa.Column("tags", sa.JSON(), nullable=True),
            sa.Column("avoidable", sa.String(24), nullable=True),
            sa.Column("left_anyway", sa.String(24), nullable=True),
            sa.Column("ask_again_on", sa.Date(), nullable=True),
            sa.Column("icp_fit", sa.Integer(), nullable=True),
            sa.Column("missed", sa.String(), nullable=True),
            sa.Column("link", sa.String(), nullable=True),
            sa.Column("cleared", sa.JSON(), nullable=True),
        ):
            batch_op.add_column(column)
    op.execute(STAYS)
    op.create_table(
        "exit_forms",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("came", sa.Date(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=True),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exit_forms")),
    )
    with op.batch_alter_table("exit_forms", schema=None) as batch_op:
        batch_op.create_index("ix_exit_forms_account_id_author", ["account_id", "author"], unique=False)
        batch_op.create_index(batch_op.f("ix_exit_forms_opened_at"), ["opened_at"], unique=False)
    op.create_table(
        "exit_names",
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_exit_names")),
    )
    op.create_table(
        "exit_reasons",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("avoidable", sa.String(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("chosen_by", sa.String(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_exit_reasons")),
    )
    with op.batch_alter_table("exit_reasons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exit_reasons_id"), ["id"], unique=False)
