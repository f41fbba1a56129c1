"""What a rule is, what it finds, and the registry that the modules beside this one fill."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from bot.risk.evidence import Evidence, days
from bot.risk.windows import WINDOWS
from storage.alerts import Plain


class Family(StrEnum):
    """Signs of one kind, whose points are capped together."""

    INTENT = "intent"
    PAYMENT = "payment"
    CONTRACTION = "contraction"
    PRICE = "price"
    TRIAL = "trial"
    TROUBLE = "trouble"
    USE = "use"
    RELATION = "relation"
    TIME = "time"
    FAVOUR = "favour"


CAPS: Mapping[Family, int] = {
    Family.INTENT: 85,
    Family.PAYMENT: 55,
    Family.CONTRACTION: 35,
    Family.PRICE: 18,
    Family.TRIAL: 25,
    Family.TROUBLE: 40,
    Family.USE: 30,
    Family.RELATION: 35,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: its points, the values to tell, and the ids of the objects that show it.

    `hard` is False where a hard rule tells of something that is over.
    """

    points: int
    told: Plain
    objects: tuple[str, ...] = ()
    hard: bool = True


Find = Callable[[Evidence, Sequence[int]], Finding | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One sign. `points` are its steps, smallest first; a `hard` one worries whatever else is known.

    `sentence` says when it counts, with {0}, {1} and so on for the days of its window. It is asked only of accounts
    that have something in the field of `Evidence` that it `looks_at`: most accounts have nothing in most of them.
    """

    id: str
    looks_at: str
    family: Family
    points: tuple[int, ...]
    sentence: str
    find: Find
    hard: bool = False

    @property
    def usual(self) -> str:
        """The sentence with the days that hold before people set others."""
        return self.sentence.format(*WINDOWS.get(self.id, ()))


REGISTRY: dict[str, Rule] = {}


def rule(
    id_: str, looks_at: str, family: Family, points: tuple[int, ...], sentence: str, *, hard: bool = False
) -> Callable[[Find], Find]:
    """Enter a function as a rule."""

    def enter(find: Find) -> Find:
        REGISTRY[id_] = Rule(id_, looks_at, family, points, sentence, find, hard)
        return find

    return enter


def step(value: Decimal | int, steps: Sequence[int], points: Sequence[int]) -> int:
    """The points of the highest step that a value reaches, 0 below the first."""
    return next((point for at, point in zip(reversed(steps), reversed(points), strict=True) if value >= at), 0)


def whole(points: Decimal) -> int:
    return int(points.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def faded(points: int, days: int, ends: int) -> int:
    """Points that fall evenly to nothing within so many days."""
    return whole(points * (1 - Decimal(max(days, 0)) / ends)) if days < ends else 0


def iso(at: datetime | date | None) -> str | None:
    return at.isoformat() if at else None


def told_day(account: Evidence, name: str) -> date | None:
    """The day that a signal tells of, which is kept by its ordinal."""
    told = account.told.get(name)
    return date.fromordinal(int(told.value)) if told and 1 <= told.value <= date.max.toordinal() else None


def observed(account: Evidence, name: str, points: int) -> Finding:
    """What the newest observation of a signal shows."""
    told = account.told[name]
    object_id = f"{account.account_id}:{name}:{told.at.isoformat()}"
    return Finding(points, {"value": f"{told.value.normalize():f}", "at": iso(told.at)}, (object_id,))


def raised(account: Evidence, name: str, points: Sequence[int]) -> Finding | None:
    """A flag that was raised within the window of the rule of the same name."""
    told = account.told.get(name)
    if told is None or not told.value or account.now - told.at > days(account.windows, name):
        return None
    return observed(account, name, points[0])
