"""Signals that another program sends: each row by itself is kept, or refused with its field and the reason."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from bot.inputs import names, rules
from bot.inputs.rules import Terms
from bot.sources.csv import cells
from storage.inputs import Signal

T = TypeVar("T")
ORIGIN = "pushed"
MOST = 1000
COLUMNS = ("account", "name", "value", "at", "respondent")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row, counted from 0, that was not kept: its field, empty for the row as a whole, and why."""

    row: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """What is sound of a request, and what is not; `unknown` are names that are kept and never counted."""

    signals: Sequence[Signal]
    refused: Sequence[Refused]
    unknown: Sequence[str]


class _Wrong(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def accounts_named(rows: Sequence[Any]) -> set[str]:
    """The ids that rows name, where they name any."""
    named = (row.get("account") for row in rows if isinstance(row, dict))
    return {one for one in named if isinstance(one, str) and _is_storable(one)}


def read(rows: Sequence[Any], terms: Terms, known: Collection[str]) -> Pushed:
    """Rows as JSON gave them, with numbers as text; `known` are the ids that billing knows."""
    kept: dict[tuple[str, str, datetime, str], tuple[int, Signal]] = {}
    refused: list[Refused] = []
    for number, row in enumerate(rows):
        try:
            made = _signal(row, terms, known)
        except _Wrong as wrong:
            refused.append(Refused(number, wrong.field, str(wrong)))
            continue
        first, _ = kept.setdefault(made.key, (number, made))
        if first != number:
            same = f"tells of the same account, name, time and respondent as row {first}; send one of them"
            refused.append(Refused(number, "", same))
    signals = [one for _, one in kept.values()]
    return Pushed(signals, refused, sorted({one.name for one in signals} - names.KNOWN.keys()))


def _signal(row: Any, terms: Terms, known: Collection[str]) -> Signal:
    if not isinstance(row, dict):
        raise _Wrong("", "is not an object; send one with account, name, value and at")
    if more := sorted(str(field) for field in row.keys() - set(COLUMNS)):
        shown = more[0][:60].encode("ascii", "backslashreplace").decode().replace("\x00", "\\x00")
        raise _Wrong(shown, f"is not a field; there are {', '.join(COLUMNS)}")
    account = _by("account", lambda: rules.account_of(_text(row, "account"), known))
    name = _by("name", lambda: names.name_of(_text(row, "name")))
    value = _by("value", lambda: names.value_of(name, _text(row, "value"), terms.today))
    written = _text(row, "at") if row.get("at") is not None else terms.now.isoformat()
    at = _by("at", lambda: rules.observed(cells.instant(written, terms.zone), terms.now))
    who = _by("respondent", lambda: cells.short(_text(row, "respondent"))) if row.get("respondent") is not None else ""
    return Signal(account, name, at, value, who, ORIGIN)


def _text(row: Mapping[str, Any], field: str) -> str:
    value = row.get(field)
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str) or not value.strip():
        what = "missing" if value is None or isinstance(value, str) else "a list or an object"
        raise _Wrong(field, f"is {what}; send text, a number, true or false")
    if not _is_storable(value):
        raise _Wrong(field, "holds a character that no database takes; leave it out")
    return value.strip()


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _by(field: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except _Wrong:
        raise
    except ValueError as error:
        raise _Wrong(field, str(error)) from None
