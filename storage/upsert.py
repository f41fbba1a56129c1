"""Writing many rows at once: one statement per table, on both engines."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlmodel import Session, SQLModel

T = TypeVar("T")
Row = Mapping[str, Any]
Plain = str | int | None  # dates as ISO text

PART = 1000  # parameters of one IN list; SQLite allows 32766, older builds 999 and one more


def table_of(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]  # set by SQLAlchemy's mapper
    return table


def batches(values: Sequence[T], size: int = PART) -> Iterator[Sequence[T]]:
    """The values in portions, that fit one statement on both engines when nothing else is said."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def upsert(session: Session, model: type[SQLModel], rows: Sequence[Row]) -> None:
    """Insert rows, or replace those with the same primary key; all have the same columns."""
    if rows:
        session.connection().execute(_upserting(_dialect(session), table_of(model), tuple(rows[0])), list(rows))


def insert_new(session: Session, model: type[SQLModel], row: Row) -> bool:
    """Insert a row unless one of its unique keys is taken; True when it was inserted."""
    table = table_of(model)
    inserted = insert_for(session, table).values(dict(row)).on_conflict_do_nothing().returning(*table.primary_key)
    return session.connection().execute(inserted).first() is not None


def insert_all(session: Session, model: type[SQLModel], rows: Sequence[Row]) -> None:
    if rows:
        session.connection().execute(table_of(model).insert(), list(rows))


def insert_plain(
    session: Session, model: type[SQLModel], names: Sequence[str], rows: Sequence[tuple[Plain, ...]]
) -> None:
    """Insert many rows of these columns in the driver's own values, as it takes longer to make these than to insert."""
    into, connection = f"{table_of(model).name} ({', '.join(names)})", session.connection()
    if rows and _dialect(session) == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"insert into {into} values ({marks})", list(rows))  # noqa: S608 - names of our own
    elif rows:  # PostgreSQL, which takes a copy in a third of the time
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"copy {into} from stdin") as copy:
            for row in rows:
                copy.write_row(row)


def delete_where(session: Session, model: type[SQLModel], column: str, values: Sequence[str]) -> None:
    """Delete the rows whose column holds one of the values."""
    table = table_of(model)
    for part in batches(values):
        session.connection().execute(table.delete().where(table.c[column].in_(part)))


def insert_for(session: Session, table: Table) -> Any:
    """The engine's own INSERT, which knows ON CONFLICT."""
    return _inserting(_dialect(session), table)


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _inserting(dialect: str, table: Table) -> Any:
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)  # only that of the engine in use


@cache  # making the statement takes longer than inserting a hundred rows with it
def _upserting(dialect: str, table: Table, names: tuple[str, ...]) -> Any:
    statement = _inserting(dialect, table)
    keys = [column.name for column in table.primary_key]
    values = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)
