"""Column types that keep their meaning on both engines."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, BindParameter, ColumnElement, DateTime, Dialect, String, literal
from sqlalchemy.types import TypeDecorator

from storage.facts import Phase

T = TypeVar("T")

LENGTH = len("2026-01-31 12:00:00.000000")
REPEATED = 8192  # values kept parsed: quantities are few


def literal_of(column: ColumnElement[T], value: T) -> BindParameter[T]:
    """A value as this column stores it, for where an expression does not say so by itself."""
    return literal(value, column.type)


class Utc(TypeDecorator[datetime]):
    """An instant: refuses naive values, stores UTC, gives aware ones back (SQLite alone would drop the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], datetime | str | None]:
        return _to_text if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002 - SQLAlchemy's signature
        return _from_text if dialect.name == "sqlite" else _in_utc


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone; give an aware datetime.")
    return value.astimezone(UTC)


def _to_text(value: datetime | None) -> str | None:
    """As SQLAlchemy's own type for SQLite writes it: of one length, so that text compares as time does."""
    aware = _in_utc(value)
    return None if aware is None else aware.isoformat(" ", "microseconds")[:LENGTH]


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


class Exact(TypeDecorator[Decimal]):
    """A decimal kept as text: SQLite would make it a float."""

    impl = String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Decimal | None], str | None]:  # noqa: ARG002 - SQLAlchemy's signature
        return _plain

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Decimal | None]:  # noqa: ARG002 - SQLAlchemy's signature
        return _decimal


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


@lru_cache(REPEATED)
def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


class Fixed(TypeDecorator[Decimal]):
    """A decimal of a few places kept as a whole number of the smallest: exact, and both engines can add it up."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        scaled = value.scaleb(self.places)
        if scaled != int(scaled):
            raise ValueError(f"{value} has more than {self.places} decimal places; round it.")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else Decimal(value).scaleb(-self.places)


class Phases(TypeDecorator[tuple[Phase, ...]]):
    """The phases of a schedule as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[Phase, ...] | None, dialect: Dialect) -> list[Any]:  # noqa: ARG002 - SQLAlchemy's signature
        return [
            [
                _written(one.starts_at),
                _written(one.ends_at),
                _written(one.trial_end),
                [list(item) for item in one.items],
            ]
            for one in value or ()
        ]

    def process_result_value(self, value: list[Any] | None, dialect: Dialect) -> tuple[Phase, ...]:  # noqa: ARG002 - SQLAlchemy's signature
        return tuple(
            Phase(
                datetime.fromisoformat(start), _read(end), tuple((price, count) for price, count in items), _read(trial)
            )
            for start, end, trial, items in value or ()
        )


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


class Words(TypeDecorator[StrEnum]):
    """A word of a closed set as text; a new one needs no table rebuilt on SQLite.

    SQLAlchemy's own type for this asks a function for each value, which takes longer than to read the row.
    """

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__(24)
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:  # noqa: ARG002 - SQLAlchemy's signature
        return _Known((member.value, member.value) for member in self.kind).__getitem__

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], StrEnum | None]:  # noqa: ARG002 - SQLAlchemy's signature
        return _Known((member.value, member) for member in self.kind).__getitem__


class _Known(dict[str | None, Any]):
    def __missing__(self, word: str | None) -> Any:
        if word is None:
            return None
        raise LookupError(f"{word!r} is none of {', '.join(map(str, self))}.")
