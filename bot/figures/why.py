"""Why a figure is what it is: the policy that decided it, what carries it and its change, and the rows behind it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day, start_of_day
from bot.collector import without_collecting
from bot.figures import segments
from bot.figures.asked import Asked, Grounds, Without
from bot.figures.decisive import decisive
from bot.figures.groups import CHURNED, Movers, movers, plans_and_places
from bot.figures.holders import Holder, holders
from bot.figures.loaders import load
from bot.figures.standing import largest_accounts
from bot.metrics.carriers import Carrier, Way, carriers, counts_passing
from bot.metrics.catalogue import METRICS
from bot.metrics.filters import Filter
from bot.metrics.metric import Metric, Over, Period, Share, Term, Unit, Value
from bot.metrics.netting import Did
from bot.metrics.policy import AXES, MetricsPolicy
from bot.metrics.question import Question
from bot.metrics.rolls import Roll
from bot.metrics.standing import Largest
from bot.metrics.windows import Window
from storage import behind, ledger
from storage.behind import Bill, Step
from storage.movements import WHOLE
from storage.slices import Label
from storage.states import MovementKind

STAYED = {MovementKind.EXPANSION.value, MovementKind.CONTRACTION.value}
LAST = 5  # movements of one that pays
OF_MRR = (Roll, Largest)  # parts of which a figure is made that goes as MRR does


@dataclass(frozen=True, slots=True)
class Behind:
    """One account with its movements in the window; `amount` is their sum in the base, `bills` the lines of each."""

    account_id: str
    name: str
    amount: Decimal
    steps: tuple[Step, ...]
    bills: Mapping[Step, tuple[Bill, ...]]


@dataclass(frozen=True, slots=True)
class Why:
    """`value` and `before` are those of the question's period and of the one before it, in the metric's unit.

    `terms` and `terms_before` are the numbers that the formula makes them of. `sentences` are what the policy says
    that decided it: in its formula, for these accounts. `carriers` add up to the value, or for a level to its change
    but for exchange rates (`fx`); `earlier` are those of the period before. Both are None where the value is no sum
    over accounts; `moved` then tells what moved MRR where it is made of that. `accounts` are those that moved most, or
    `holders` those with the largest parts of what is no movement; `payers` have most MRR, where nobody moved a level.
    `without` is what no figure holds. `fits_nobody` says that the filter leaves nobody.
    """

    question: Question
    metric: Metric
    base: str
    policy: str
    value: Value
    before: Value
    terms: tuple[Term, ...]
    terms_before: tuple[Term, ...]
    sentences: tuple[str, ...]
    kept: Filter
    without: Without
    carriers: tuple[Carrier, ...] | None = None
    earlier: tuple[Carrier, ...] | None = None
    moved: tuple[Carrier, ...] = ()
    fx: Decimal = Decimal(0)
    accounts: tuple[Behind, ...] = ()
    holders: tuple[Holder, ...] = ()
    payers: tuple[Behind, ...] = ()
    fits_nobody: bool = False


def why(session: Session, question: Question, grounds: Grounds, most: int) -> Why:
    """Why a metric is what it is over a period, with the `most` accounts that moved most.

    Raises FilterError for a filter that cannot be read or names what is not there.
    """
    metric, span = METRICS[question.metric], question.span
    recorded = _Recorded(grounds.policy)
    both = (span.window, span.before)
    at = segments.moment(session, Asked(session, both, grounds).rates, span.window.end)
    part, kept = segments.sliced(session, at, "", segments.parsed(session, question.where, question.within))
    part = part.once(session)
    asked = Asked(session, both, grounds, part)
    of_mrr = any(need in OF_MRR for need in metric.needs)
    now, before = load(asked, (*metric.needs, Roll) if of_mrr else metric.needs)[WHOLE]
    value = metric.value(replace(now, policy=recorded.policy))
    words = plans_and_places(session, at)
    found = Why(
        question=question,
        metric=metric,
        base=grounds.base,
        policy=grounds.policy.name,
        value=value,
        before=metric.value(before),
        terms=metric.made_of(now),
        terms_before=metric.made_of(before),
        sentences=_sentences(grounds.policy, recorded.read),
        kept=kept,
        without=asked.without,
        fits_nobody=segments.leave_nobody(session, part, [value]),
    )
    if found.fits_nobody:
        return found
    if of_mrr:
        with without_collecting():
            found = _by_movements(found, asked, (now, before), *words, most=most)
            if metric.over is Over.END and not found.accounts:
                found = replace(found, payers=_payers(asked, words[0], most))
        axes = decisive(
            asked,
            [one.account_id for one in found.accounts or found.payers],
            since=None if metric.over is Over.END else span.window.start,
            of_money=value.of_money if isinstance(value, Share) else metric.unit is Unit.MONEY,
        )
        axes |= {"fx_drift"} if found.fx else set()
        return replace(found, sentences=_sentences(grounds.policy, recorded.read | axes))
    parts = holders(asked, metric, (found.value, found.before), words, most)
    if parts is None:
        return found
    return replace(found, carriers=parts.carriers, earlier=parts.earlier, holders=parts.largest)


def _by_movements(
    found: Why, asked: Asked, periods: tuple[Period, Period], plans: Label, places: Label, *, most: int
) -> Why:
    """With who moved MRR, and so the figure."""
    moved, earlier = (movers(asked, one.window, one.of(Roll), plans, places) for one in periods)
    now, before = periods
    carried = _carried(found.metric, now, moved)
    largest = moved.largest(_meant(found.metric, now, carried), most)
    return replace(
        found,
        carriers=carried,
        earlier=_carried(found.metric, before, earlier),
        moved=tuple(carriers(METRICS["net_new_mrr"], now, moved.groups) or ()),
        fx=now.of(Roll).fx if found.metric.over is Over.END else Decimal(0),
        accounts=tuple(_behind(asked, asked.windows[0], largest, plans)),
    )


def _carried(metric: Metric, period: Period, moved: Movers) -> tuple[Carrier, ...] | None:
    found = carriers(metric, period, moved.groups)
    return None if found is None else tuple(found)


def _meant(metric: Metric, period: Period, carried: Sequence[Carrier] | None) -> list[Did]:
    """What accounts did that carries a figure, or moves MRR where it is no sum."""
    every = [*map(Did, (kind for kind in MovementKind if kind is not MovementKind.CHURN)), *CHURNED]
    if carried is None:
        return every
    ways = {one.way.value for one in carried} | (STAYED if any(one.way is Way.TRANSFER for one in carried) else set())
    left = [one for one in carried if one.way is Way.CHURN]
    decided = any(one.count > one.involuntary or not one.count for one in left)
    dunned = any(one.involuntary or not one.count for one in left)
    passed = counts_passing(metric, period)
    return [
        did
        for did in every
        if did.kind.value in ways
        and (did.kind is not MovementKind.CHURN or (dunned if did.involuntary else decided))
        and (passed or not did.passing)
    ]


def _behind(
    asked: Asked, window: Window, account_ids: Sequence[str], plans: Label, *, last: int | None = None
) -> list[Behind]:
    """Accounts, each with its movements, or the `last` of them, and the bills that begin with them."""
    session, zone = asked.session, asked.grounds.zone
    found = behind.steps(session, window.start, window.end, account_ids, plans, part=asked.part)
    lines = behind.bills(session, found, start_of_day(window.start, zone), start_of_day(window.end, zone))
    by_account: dict[str, list[Step]] = {one: [] for one in account_ids}
    for step in found:
        by_account[step.account_id].append(step)
    accounts = []
    for account_id in account_ids:
        steps = by_account[account_id][-last if last else None :]
        worth = (asked.rates.convert(step.amount, step.currency, step.day) for step in steps)
        amount = sum((one for one in worth if one is not None), Decimal(0))
        bills = {step: _billed(step, steps, lines, zone, of_any_price=not asked.part.splits_accounts) for step in steps}
        accounts.append(Behind(account_id, steps[0].name, amount, tuple(steps), bills))
    return accounts


def _billed(
    step: Step, steps: Sequence[Step], lines: Mapping[str, Sequence[Bill]], zone: ZoneInfo, *, of_any_price: bool
) -> tuple[Bill, ...]:
    """The lines that begin with a step: those of its price.

    Those `of_any_price` that no step of the day has stand with what grew most: less was billed than is asked, say.
    """
    same = [one for one in steps if (one.subscription_id, one.day) == (step.subscription_id, step.day)]
    prices = {step.price_id}
    bills = [bill for bill in lines.get(step.subscription_id, ()) if local_day(bill.start, zone) == step.day]
    if of_any_price and step is max(same, key=lambda one: one.amount):
        prices |= {bill.price_id or "" for bill in bills} - {one.price_id for one in same}
    return tuple(bill for bill in bills if (bill.price_id or "") in prices)


def _payers(asked: Asked, plans: Label, most: int) -> tuple[Behind, ...]:
    """The accounts with most MRR, each with the last of the movements that led to it."""
    end = asked.windows[0].end
    worth = largest_accounts(asked, end, most)
    since = Window(ledger.first_day(asked.session) or end, end)
    found = _behind(asked, since, list(worth), plans, last=LAST)
    return tuple(replace(one, amount=worth[one.account_id]) for one in found)


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


def _sentences(policy: MetricsPolicy, axes: Collection[str]) -> tuple[str, ...]:
    """What the policy says of some axes."""
    return tuple(axis.sentence(policy) for axis in AXES.values() if axis.name in axes)
