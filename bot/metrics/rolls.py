"""How MRR and customers went over a window, as movements netted per account (`bot.metrics.netting`)."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from bot.metrics.book import Book
from bot.metrics.netting import ZERO, Flow, stays
from bot.metrics.rates import Rates
from bot.metrics.windows import Window
from storage.movements import COMES, NettingRule, Turn, WindowSums
from storage.states import MovementKind


@dataclass(frozen=True, slots=True)
class Roll:
    """MRR and customers from the start of one day to the start of another.

    Amounts are unrounded minor units of the base currency, positive but for `transfer` and `fx`, and always
    begin + new + reactivation + expansion - contraction - churn + transfer + fx = end. `transfer` is what accounts
    moved between segments, zero over all of them. Of `churn`, `involuntary` was failed payment, and `passing` came
    inside the window too (it is in new or reactivation as well). Customers likewise,
    `customers_passing_involuntary` were both.
    """

    begin: Decimal = ZERO
    new: Decimal = ZERO
    reactivation: Decimal = ZERO
    expansion: Decimal = ZERO
    contraction: Decimal = ZERO
    churn: Decimal = ZERO
    involuntary: Decimal = ZERO
    passing: Decimal = ZERO
    transfer: Decimal = ZERO
    fx: Decimal = ZERO
    end: Decimal = ZERO
    customers_begin: int = 0
    customers_new: int = 0
    customers_reactivated: int = 0
    customers_churned: int = 0
    customers_involuntary: int = 0
    customers_passing: int = 0
    customers_passing_involuntary: int = 0
    customers_transferred: int = 0
    customers_end: int = 0

    @classmethod
    def moved(cls, flow: Flow) -> "Roll":
        """The movements of some accounts alone, as if they began with nothing; without moves between segments."""
        kinds, amounts, accounts = MovementKind, flow.amounts, flow.accounts
        return cls(
            new=amounts[kinds.NEW],
            reactivation=amounts[kinds.REACTIVATION],
            expansion=amounts[kinds.EXPANSION],
            contraction=-amounts[kinds.CONTRACTION],
            churn=-amounts[kinds.CHURN],
            involuntary=-flow.involuntary,
            passing=-flow.passing,
            end=sum(amounts.values(), ZERO),
            customers_new=accounts[kinds.NEW],
            customers_reactivated=accounts[kinds.REACTIVATION],
            customers_churned=accounts[kinds.CHURN],
            customers_involuntary=flow.accounts_involuntary,
            customers_passing=flow.accounts_passing,
            customers_passing_involuntary=flow.accounts_passing_involuntary,
            customers_end=accounts[kinds.NEW] + accounts[kinds.REACTIVATION] - accounts[kinds.CHURN],
        )

    @property
    def net_new(self) -> Decimal:
        """What the movements added, without exchange rates and moves between segments."""
        return self.new + self.reactivation + self.expansion - self.contraction - self.churn


def rolls(
    window: Window,
    books: dict[str, Book],
    sums: WindowSums,
    rates: Rates,
    *,
    rule: NettingRule,
    seen: Callable[[str], str | None] = str,
) -> dict[str, Roll]:
    """The roll of each label over a window.

    `seen` makes the labels that are told of those of the sums, None for what a filter leaves out.
    """
    flows: defaultdict[str, Flow] = defaultdict(Flow)
    for turn in sums.turns:
        _add_turn(flows[turn.label], turn, rates)
    for one in sums.stayed:
        kind = MovementKind.EXPANSION if one.grew else MovementKind.CONTRACTION
        flows[one.label].amounts[kind] += rates.convert(one.amount, one.currency, one.day) or ZERO
    for _, rows in groupby(sums.tangled, key=attrgetter("account_id")):
        for stay in stays(list(rows), rule):
            stay.add_to(flows, rates)
    _add_rest(flows, sums, rates)
    told: defaultdict[str, Flow] = defaultdict(Flow)
    for label, flow in flows.items():
        if (shown := seen(label)) is not None:
            told[shown].add(flow)
    return {label: _between(window, books.get(label), told[label]) for label in sorted(books.keys() | told.keys())}


def _between(window: Window, book: Book | None, flow: Flow) -> Roll:
    """What a label moved, between what its book has at the window's edges."""
    moved = Roll.moved(flow)
    begin, end = (book.mrr(window.start), book.mrr(window.end)) if book else (ZERO, ZERO)
    customers_begin, customers_end = (book.customers(window.start), book.customers(window.end)) if book else (0, 0)
    return replace(
        moved,
        begin=begin,
        transfer=flow.transfer,
        fx=end - begin - moved.end - flow.transfer,
        end=end,
        customers_begin=customers_begin,
        customers_transferred=customers_end - customers_begin - moved.customers_end,
        customers_end=customers_end,
    )


def _add_turn(flow: Flow, turn: Turn, rates: Rates) -> None:
    """Count what a stay moved as coming or as leaving; one that began and ended inside counts as both."""
    amount = rates.convert(turn.amount, turn.currency, turn.day) or ZERO
    if turn.ended and (turn.last or not turn.began):
        flow.amounts[MovementKind.CHURN] += amount
        flow.accounts[MovementKind.CHURN] += turn.left
        flow.involuntary += amount if turn.involuntary else ZERO
        flow.accounts_involuntary += turn.left if turn.involuntary else 0
        flow.passing += amount if turn.began else ZERO
        flow.accounts_passing += turn.left if turn.began else 0
        flow.accounts_passing_involuntary += turn.left if turn.began and turn.involuntary else 0
    else:
        flow.amounts[turn.coming] += amount
        flow.accounts[turn.coming] += turn.came


def _add_rest(flows: defaultdict[str, Flow], sums: WindowSums, rates: Rates) -> None:
    """Count what nothing else told of the days: accounts that came as new business and stayed."""
    amounts: Counter[tuple[str, str, date]] = Counter()
    accounts: Counter[str] = Counter()
    for day in sums.days:
        amounts[day.label, day.currency, day.day] += day.amount
        accounts[day.label] += day.came
    for turn in sums.turns:
        amounts[turn.label, turn.currency, turn.day] -= turn.amount
        accounts[turn.label] -= turn.came
    for one in sums.stayed:
        amounts[one.label, one.currency, one.day] -= one.amount
    for row in sums.tangled:
        amounts[row.label, row.currency, row.day] -= row.amount
        accounts[row.label] -= row.accounts if row.kind in COMES else 0
    for (label, currency, on), amount in amounts.items():
        if amount:
            flows[label].amounts[MovementKind.NEW] += rates.convert(amount, currency, on) or ZERO
    for label, came in accounts.items():
        flows[label].accounts[MovementKind.NEW] += came
