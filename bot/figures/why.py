"""Why a figure is what it is: the policy that decided it, what carries it and its change, and the rows behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from bot.clock import local_day, start_of_day
from bot.figures import segments
from bot.figures.asked import Asked, Grounds
from bot.figures.groups import Movers, movers, plans_and_places
from bot.figures.loaders import load
from bot.metrics import filters
from bot.metrics.carriers import Carrier, Way, carriers
from bot.metrics.catalogue import METRICS
from bot.metrics.filters import Filter
from bot.metrics.metric import Metric, Over, Period, Value
from bot.metrics.policy import AXES, MetricsPolicy
from bot.metrics.question import Question
from bot.metrics.rolls import Roll
from storage import behind
from storage.behind import Bill, Step
from storage.movements import WHOLE
from storage.slices import Label
from storage.states import MovementKind


@dataclass(frozen=True, slots=True)
class Behind:
    """One account with its movements in the window; `amount` is their sum in the base, `bills` each day's lines."""

    account_id: str
    name: str
    amount: Decimal
    steps: tuple[Step, ...]
    bills: Mapping[date, tuple[Bill, ...]]


@dataclass(frozen=True, slots=True)
class Why:
    """`value` and `before` are those of the question's period and of the one before it, in the metric's unit.

    `carriers` add up to the value, or for a level to its change but for exchange rates (`fx`); `earlier` are those of
    the period before. Both are None where the value is no sum over accounts; `moved` then tells what moved MRR.
    `sentences` are what the policy says of it. `accounts` are the largest of `moved_accounts` that moved.
    """

    question: Question
    metric: Metric
    base: str
    policy: str
    value: Value
    before: Value
    carriers: tuple[Carrier, ...] | None
    earlier: tuple[Carrier, ...] | None
    moved: tuple[Carrier, ...]
    fx: Decimal
    sentences: tuple[str, ...]
    accounts: tuple[Behind, ...]
    kept: Filter


def why(session: Session, question: Question, grounds: Grounds, most: int) -> Why:
    """Why a metric is what it is over a period, with the `most` accounts that moved most.

    Raises FilterError for a filter that cannot be read or names what is not there.
    """
    metric, span = METRICS[question.metric], question.span
    recorded = _Recorded(grounds.policy)
    both = (span.window, span.before)
    at = segments.moment(session, Asked(session, both, grounds).rates, span.window.end)
    part, kept = segments.sliced(session, at, "", filters.parse(question.where, *segments.names(session)))
    asked = Asked(session, both, grounds, part)
    now, before = load(asked, (*metric.needs, Roll))[WHOLE]
    value = metric.value(replace(now, policy=recorded.policy))
    plans, places = plans_and_places(session, at)
    moved, earlier = (movers(asked, one.window, one.of(Roll), plans, places) for one in (now, before))
    carried = _carried(metric, now, moved)
    net_new = METRICS["net_new_mrr"]
    return Why(
        question=question,
        metric=metric,
        base=grounds.base,
        policy=grounds.policy.name,
        value=value,
        before=metric.value(before),
        carriers=carried,
        earlier=_carried(metric, before, earlier),
        moved=tuple(carriers(net_new, now, moved.groups) or ()),
        fx=now.of(Roll).fx if metric.over is Over.END else Decimal(0),
        sentences=_sentences(grounds.policy, recorded.read, of_ledger=Roll in metric.needs),
        accounts=tuple(_behind(asked, moved.largest(_kinds(carried), most), plans)),
        kept=kept,
    )


def _carried(metric: Metric, period: Period, moved: Movers) -> tuple[Carrier, ...] | None:
    if Roll not in metric.needs:
        return None
    found = carriers(metric, period, moved.groups)
    return None if found is None else tuple(found)


def _kinds(carried: Sequence[Carrier] | None) -> list[MovementKind]:
    """The kinds of movements that carry a figure; all where accounts that stayed may carry it under any name."""
    ways = {one.way for one in carried or ()}
    if not ways or ways & {Way.EXPANSION, Way.CONTRACTION, Way.TRANSFER}:
        return list(MovementKind)
    return [kind for kind in MovementKind if kind.value in ways]


def _behind(asked: Asked, account_ids: Sequence[str], plans: Label) -> list[Behind]:
    """Accounts, each with its movements and the bills that begin with them, what moved most first."""
    session, window, zone = asked.session, asked.windows[0], asked.grounds.zone
    found = behind.steps(session, window.start, window.end, account_ids, plans)
    lines = behind.bills(session, found, start_of_day(window.start, zone), start_of_day(window.end, zone))
    by_account: dict[str, list[Step]] = {}
    for step in found:
        by_account.setdefault(step.account_id, []).append(step)
    accounts = []
    for account_id, steps in by_account.items():
        worth = (asked.rates.convert(step.amount, step.currency, step.day) for step in steps)
        amount = sum((one for one in worth if one is not None), Decimal(0))
        bills = {
            step.day: tuple(
                bill
                for bill in lines.get((step.subscription_id, step.price_id), ())
                if local_day(bill.start, zone) == step.day
            )
            for step in steps
        }
        accounts.append(Behind(account_id, steps[0].name, amount, tuple(steps), bills))
    return sorted(accounts, key=lambda one: (-abs(one.amount), one.account_id))


class _Recorded:
    """A policy that notes which of its axes are read."""

    def __init__(self, policy: MetricsPolicy) -> None:
        self.read: set[str] = set()
        self.policy: Any = _Reading(policy, self.read)


class _Reading:
    def __init__(self, policy: MetricsPolicy, read: set[str]) -> None:
        self._policy = policy
        self._read = read

    def __getattr__(self, name: str) -> Any:
        self._read.add(name)
        return getattr(self._policy, name)


def _sentences(policy: MetricsPolicy, read: set[str], *, of_ledger: bool) -> tuple[str, ...]:
    """What the policy says of the axes that were read, and of all that the ledger is made by where it is read."""
    return tuple(axis.sentence(policy) for axis in AXES.values() if axis.name in read or (of_ledger and axis.ledger))
