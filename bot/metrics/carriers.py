"""Which movements carry a figure: groups of accounts that did alike, each with its exact part of the value."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum

from bot.metrics.metric import Metric, Period, Share
from bot.metrics.rolls import Roll
from storage.movements import Carried
from storage.states import MovementKind

ZERO = Decimal(0)


class Way(StrEnum):
    """What a group of accounts did: a kind of movement, a move between segments, or nothing but have a part in it."""

    NEW = MovementKind.NEW
    REACTIVATION = MovementKind.REACTIVATION
    EXPANSION = MovementKind.EXPANSION
    CONTRACTION = MovementKind.CONTRACTION
    CHURN = MovementKind.CHURN
    TRANSFER = "transfer"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Carrier:
    """Accounts that did alike: `amount` is their part of a metric's value, in its unit, `count` how many they are.

    `count` is 0 where accounts are not counted (they stayed, and grew or shrank); `involuntary` of them were lost to
    failed payments. Empty words are those that differ among them; only a single account has a `name`.
    """

    way: Way
    amount: Decimal
    count: int = 0
    involuntary: int = 0
    plan: str = ""
    place: str = ""
    reason: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """Carriers of the same words in two periods: what they are, and their parts of the value now and before."""

    carrier: Carrier
    now: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal:
        return self.now - self.before


def carriers(metric: Metric, period: Period, groups: Iterable[tuple[Carried, Roll]]) -> list[Carrier] | None:
    """The parts of a metric's value that groups of accounts carry, largest first; None where it has no such parts.

    A metric has parts when it is a sum over accounts: twice as many of them make twice the value, and that of the
    groups and of what did not move is the whole's.
    """
    whole = _part(metric, period, period.of(Roll))
    if _part(metric, period, _twice(period.of(Roll))) != 2 * whole:
        return None
    found: list[Carrier] = []
    total = _part(metric, period, _still(period.of(Roll)))
    for carried, roll in groups:
        for way, single in _singles(roll):
            amount = _part(metric, period, single)
            total += amount
            if amount:
                found.append(_carrier(way, amount, single, carried))
    if total != whole:
        return None
    return joined(found)


def counts_passing(metric: Metric, period: Period) -> bool:
    """Whether who came and left within the period has a part in a metric by having left."""
    one = Decimal(1)
    decided = Roll(churn=one, passing=one, end=-one, customers_churned=1, customers_passing=1, customers_end=-1)
    dunned = replace(decided, involuntary=one, customers_involuntary=1, customers_passing_involuntary=1)
    nobody = _part(metric, period, Roll())
    return any(_part(metric, period, guest) != nobody for guest in (decided, dunned))


def held(parts: Mapping[str, Decimal], alike: Mapping[str, Carried]) -> list[Carrier]:
    """Accounts' parts of a value that is no movement, as groups of those with the same words, largest first.

    `alike` tells them apart, with names.
    """
    found = [(alike[account_id], amount) for account_id, amount in parts.items() if amount]
    return joined(Carrier(Way.PART, amount, 1, 0, one.plan, one.place, "", one.name) for one, amount in found)


def coarser(found: Sequence[Carrier], share: Decimal) -> list[Carrier]:
    """The carriers of each way that are at least this share of it, and its others together; the sum stays the same."""
    whole: defaultdict[Way, Decimal] = defaultdict(Decimal)
    for one in found:
        whole[one.way] += abs(one.amount)
    kept = [one for one in found if abs(one.amount) >= share * whole[one.way]]
    rest = [one for one in found if abs(one.amount) < share * whole[one.way]]
    others = joined(replace(one, plan="", place="", reason=one.reason if one.name else "") for one in rest)
    return _ordered([*kept, *others])


def compared(now: Sequence[Carrier], before: Sequence[Carrier]) -> list[Compared]:
    """The carriers of two periods side by side, those whose part changed most first."""
    ours, theirs = ({_words(one): one for one in side} for side in (now, before))
    found = []
    for words in ours.keys() | theirs.keys():
        one, other = ours.get(words), theirs.get(words)
        (both,) = _by_words([*([one] if one else []), *([other] if other else [])])
        found.append(Compared(both, one.amount if one else ZERO, other.amount if other else ZERO))
    return sorted(found, key=lambda one: (-abs(one.change), -abs(one.now), _words(one.carrier)))


def joined(found: Iterable[Carrier]) -> list[Carrier]:
    """Carriers of the same words as one, largest first."""
    return _ordered(one for one in _by_words(found) if one.amount)


def _part(metric: Metric, period: Period, roll: Roll) -> Decimal:
    found = metric.function(replace(period, parts={**period.parts, Roll: roll}))
    if isinstance(found, Share):
        return found.part
    return found if isinstance(found, Decimal) else ZERO


def _twice(roll: Roll) -> Roll:
    return Roll(*(2 * getattr(roll, one.name) for one in fields(Roll)))


def _still(roll: Roll) -> Roll:
    """What is left of a roll without its movements."""
    return Roll(
        begin=roll.begin,
        fx=roll.fx,
        end=roll.begin + roll.fx,
        customers_begin=roll.customers_begin,
        customers_end=roll.customers_begin,
    )


def _singles(roll: Roll) -> Iterator[tuple[Way, Roll]]:
    """The roll cut into one for each way, leaving into two; all of them and what is still make the whole.

    What of `passing` was lost by failed payment is not known, so all of it stands with those who decided to leave.
    """
    yield (
        Way.NEW,
        Roll(new=roll.new, end=roll.new, customers_new=roll.customers_new, customers_end=roll.customers_new),
    )
    back = roll.customers_reactivated
    yield (
        Way.REACTIVATION,
        Roll(reactivation=roll.reactivation, end=roll.reactivation, customers_reactivated=back, customers_end=back),
    )
    yield Way.EXPANSION, Roll(expansion=roll.expansion, end=roll.expansion)
    yield Way.CONTRACTION, Roll(contraction=roll.contraction, end=-roll.contraction)
    lost, guests = roll.customers_involuntary, roll.customers_passing_involuntary
    yield (
        Way.CHURN,
        Roll(
            churn=roll.churn - roll.involuntary,
            passing=roll.passing,
            end=roll.involuntary - roll.churn,
            customers_churned=roll.customers_churned - lost,
            customers_passing=roll.customers_passing - guests,
            customers_end=lost - roll.customers_churned,
        ),
    )
    yield (
        Way.CHURN,
        Roll(
            churn=roll.involuntary,
            involuntary=roll.involuntary,
            end=-roll.involuntary,
            customers_churned=lost,
            customers_involuntary=lost,
            customers_passing=guests,
            customers_passing_involuntary=guests,
            customers_end=-lost,
        ),
    )
    moved = roll.customers_transferred
    yield (
        Way.TRANSFER,
        Roll(transfer=roll.transfer, end=roll.transfer, customers_transferred=moved, customers_end=moved),
    )


def _carrier(way: Way, amount: Decimal, roll: Roll, carried: Carried) -> Carrier:
    count = roll.customers_new + roll.customers_reactivated + roll.customers_churned
    reason = carried.reason if way is Way.CHURN else ""
    return Carrier(way, amount, count, roll.customers_involuntary, carried.plan, carried.place, reason, carried.name)


def _words(one: Carrier) -> tuple[Way, str, str]:
    return one.way, one.plan, one.place


def _by_words(found: Iterable[Carrier]) -> Iterable[Carrier]:
    same: dict[tuple[Way, str, str], Carrier] = {}
    for one in found:
        key = _words(one)
        had = same.get(key)
        same[key] = (
            one
            if had is None
            else replace(
                had,
                amount=had.amount + one.amount,
                count=had.count + one.count,
                involuntary=had.involuntary + one.involuntary,
                reason=had.reason if had.reason == one.reason else "",
                name="",
            )
        )
    return same.values()


def _ordered(found: Iterable[Carrier]) -> list[Carrier]:
    return sorted(found, key=lambda one: (-abs(one.amount), one.way, one.plan, one.place))
