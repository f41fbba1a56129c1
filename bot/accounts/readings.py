"""What was observed of an account, each signal against the account's own baseline, and the value that it got.

The baseline is the average of the ninety days before the newest observation; fewer than three observations make none.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.inputs.names import VALUE
from storage.inputs import Signal

BASELINE = timedelta(days=90)
LEAST = 3  # observations


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest observation of a signal, and what is usual for this account; None where too little is known."""

    name: str
    value: Decimal
    at: datetime
    usual: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """How far it is from the usual, as a share of it; None without one."""
        return (self.value - self.usual) / self.usual if self.usual else None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a customer got by one measure, summed over the observations that were made `since` a day."""

    name: str
    total: Decimal
    since: datetime


def readings(found: Sequence[Signal]) -> list[Reading]:
    """The signals of one account, those that strayed furthest from their usual first; value is told apart."""
    read = [_reading(name, same) for name, same in _by_name(found) if not name.startswith(VALUE)]
    return sorted(read, key=lambda one: (-abs(one.change or Decimal(0)), one.name))


def delivered(found: Sequence[Signal]) -> list[Delivered]:
    """The value that one account got, by measure."""
    return [
        Delivered(name.removeprefix(VALUE), sum((one.value for one in same), Decimal(0)), min(one.at for one in same))
        for name, same in _by_name(found)
        if name.startswith(VALUE)
    ]


def _by_name(found: Iterable[Signal]) -> list[tuple[str, list[Signal]]]:
    groups: defaultdict[str, list[Signal]] = defaultdict(list)
    for one in found:
        groups[one.name].append(one)
    return sorted(groups.items())


def _reading(name: str, same: Sequence[Signal]) -> Reading:
    newest = max(same, key=lambda one: (one.at, one.respondent))
    before = [one.value for one in same if newest.at - BASELINE <= one.at < newest.at]
    usual = sum(before, Decimal(0)) / len(before) if len(before) >= LEAST else None
    return Reading(name, newest.value, newest.at, usual)
