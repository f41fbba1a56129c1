"""What of the accounts' names and addresses changed, noted by the database itself.

By triggers, as it then holds for whatever writes or removes an account: an older replica, a merge, an erasure.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SQLITE = (
    """
    create trigger account_named after insert on accounts begin
        delete from name_changes where account_id = new.id;
        insert into name_changes (account_id) values (new.id);
    end
    """,
    """
    create trigger account_renamed after update of name, email on accounts
    when old.name is not new.name or old.email is not new.email begin
        delete from name_changes where account_id = new.id;
        insert into name_changes (account_id) values (new.id);
    end
    """,
    """
    create trigger account_removed after delete on accounts begin
        delete from name_changes where account_id = old.id or account_id is null;
        insert into name_changes (account_id) values (null);
    end
    """,
)
# The lock is that of `storage.accounts.names`, which learns by it that nobody is in the middle of a change. Writers
# share it, so that none waits for another.
POSTGRESQL = (
    """
    create function note_account_name() returns trigger language plpgsql as $$
    begin
        perform pg_advisory_xact_lock_shared(-449781069795169988);
        if tg_op = 'DELETE' then
            delete from name_changes where account_id = old.id;
            delete from name_changes where no in (
                select no from name_changes where account_id is null for update skip locked
            );
            insert into name_changes (account_id) values (null);
        else
            insert into name_changes (account_id) values (new.id)
            on conflict (account_id) do update set no = excluded.no;
        end if;
        return null;
    end
    $$
    """,
    """
    create trigger account_named after insert or delete on accounts
    for each row execute function note_account_name()
    """,
    """
    create trigger account_renamed after update of name, email on accounts
    for each row when (old.name is distinct from new.name or old.email is distinct from new.email)
    execute function note_account_name()
    """,
)


def upgrade() -> None:
    op.create_table(
        "name_changes",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_name_changes")),
        sa.UniqueConstraint("account_id", name=op.f("uq_name_changes_account_id")),
        sqlite_autoincrement=True,
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
