"""How MRR and customers went over a window, as movements netted per account.

A stay is the time from an account's coming to its leaving. Inside a window it is one movement: new business (or
reactivation) with all that it grew to, when it began there; churn with what there was at the start, when it ended
there; expansion or contraction by its net, when it did neither. A stay that began and ended inside is in both new and
churn, or in neither, by policy; in neither, what came back inside the window had not left.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from bot.metrics.book import Book
from bot.metrics.rates import Rates
from bot.metrics.windows import Window
from storage.movements import COMES, LabelledRow, Turn, WindowSums
from storage.states import MovementKind

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Roll:
    """MRR and customers from the start of one day to the start of another.

    Amounts are unrounded minor units of the base currency, positive but for `transfer` and `fx`, and always
    begin + new + reactivation + expansion - contraction - churn + transfer + fx = end. `transfer` is what accounts
    moved between segments, zero over all of them. Of `churn`, `involuntary` was failed payment, and `passing` came
    inside the window too (it is in new or reactivation as well). Customers likewise.
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
    customers_transferred: int = 0
    customers_end: int = 0

    @property
    def net_new(self) -> Decimal:
        """What the movements added, without exchange rates and moves between segments."""
        return self.new + self.reactivation + self.expansion - self.contraction - self.churn


@dataclass(slots=True)
class _Flow:
    """What moved under one label; churn and contraction are negative as in the ledger."""

    amounts: dict[MovementKind, Decimal] = field(default_factory=lambda: dict.fromkeys(MovementKind, ZERO))
    accounts: dict[MovementKind, int] = field(default_factory=lambda: dict.fromkeys(MovementKind, 0))
    involuntary: Decimal = ZERO
    passing: Decimal = ZERO
    transfer: Decimal = ZERO
    accounts_involuntary: int = 0
    accounts_passing: int = 0

    def add(self, other: "_Flow") -> None:
        for kind in MovementKind:
            self.amounts[kind] += other.amounts[kind]
            self.accounts[kind] += other.accounts[kind]
        self.involuntary += other.involuntary
        self.passing += other.passing
        self.transfer += other.transfer
        self.accounts_involuntary += other.accounts_involuntary
        self.accounts_passing += other.accounts_passing


def rolls(
    window: Window,
    books: dict[str, Book],
    sums: WindowSums,
    rates: Rates,
    *,
    passing: bool,
    seen: Callable[[str], str | None] = str,
) -> dict[str, Roll]:
    """The roll of each label over a window; `passing`: who came and left inside counts as both.

    `seen` makes the labels that are told of those of the sums, None for what a filter leaves out.
    """
    flows: defaultdict[str, _Flow] = defaultdict(_Flow)
    for turn in sums.turns:
        _add_turn(flows[turn.label], turn, rates, passing=passing)
    for one in sums.stayed:
        kind = MovementKind.EXPANSION if one.grew else MovementKind.CONTRACTION
        flows[one.label].amounts[kind] += rates.convert(one.amount, one.currency, one.day) or ZERO
    for _, rows in groupby(sums.tangled, key=attrgetter("account_id")):
        for stay in _stays(list(rows), passing=passing):
            stay.add_to(flows, rates)
    _add_rest(flows, sums, rates)
    told: defaultdict[str, _Flow] = defaultdict(_Flow)
    for label, flow in flows.items():
        if (shown := seen(label)) is not None:
            told[shown].add(flow)
    return {label: _roll(window, books.get(label), told[label]) for label in sorted(books.keys() | told.keys())}


def _roll(window: Window, book: Book | None, flow: _Flow) -> Roll:
    begin, end = (book.mrr(window.start), book.mrr(window.end)) if book else (ZERO, ZERO)
    customers_begin, customers_end = (book.customers(window.start), book.customers(window.end)) if book else (0, 0)
    kinds, amounts, accounts = MovementKind, flow.amounts, flow.accounts
    came = accounts[kinds.NEW] + accounts[kinds.REACTIVATION] - accounts[kinds.CHURN]
    return Roll(
        begin=begin,
        new=amounts[kinds.NEW],
        reactivation=amounts[kinds.REACTIVATION],
        expansion=amounts[kinds.EXPANSION],
        contraction=-amounts[kinds.CONTRACTION],
        churn=-amounts[kinds.CHURN],
        involuntary=-flow.involuntary,
        passing=-flow.passing,
        transfer=flow.transfer,
        fx=end - begin - sum(amounts.values(), flow.transfer),
        end=end,
        customers_begin=customers_begin,
        customers_new=accounts[kinds.NEW],
        customers_reactivated=accounts[kinds.REACTIVATION],
        customers_churned=accounts[kinds.CHURN],
        customers_involuntary=flow.accounts_involuntary,
        customers_passing=flow.accounts_passing,
        customers_transferred=customers_end - customers_begin - came,
        customers_end=customers_end,
    )


def _add_turn(flow: _Flow, turn: Turn, rates: Rates, *, passing: bool) -> None:
    """Count what a stay moved as coming or as leaving; one that only passed counts as both or as neither."""
    amount = rates.convert(turn.amount, turn.currency, turn.day) or ZERO
    if turn.ended and (turn.last or not turn.began):
        if turn.began and not passing:
            return
        flow.amounts[MovementKind.CHURN] += amount
        flow.accounts[MovementKind.CHURN] += turn.left
        flow.involuntary += amount if turn.involuntary else ZERO
        flow.accounts_involuntary += turn.left if turn.involuntary else 0
        flow.passing += amount if turn.began else ZERO
        flow.accounts_passing += turn.left if turn.began else 0
    elif passing or not turn.ended:
        flow.amounts[turn.coming] += amount
        flow.accounts[turn.coming] += turn.came


def _add_rest(flows: defaultdict[str, _Flow], sums: WindowSums, rates: Rates) -> None:
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


@dataclass(slots=True)
class _Stay:
    """One account's time of paying, as far as it lies in the window: `coming` is None when it was there before."""

    coming: MovementKind | None
    rows: list[LabelledRow]
    leaving: list[LabelledRow]

    def add_to(self, flows: defaultdict[str, _Flow], rates: Rates) -> None:
        """Count the stay under its labels."""
        before, last = _by_label(self.rows, rates), _by_label(self.leaving, rates)
        if self.coming:
            _count(flows, before, self.coming)
        if self.leaving:
            inside = last if self.coming else _sum(before, last)
            dunned = any(row.involuntary for row in self.leaving)
            _count(flows, inside, MovementKind.CHURN, involuntary=dunned, passing=self.coming is not None)
        elif not self.coming:
            _stayed(flows, before, grew=_grew(self.rows, before))


def _stays(rows: Sequence[LabelledRow], *, passing: bool) -> Iterator[_Stay]:
    """The stays of one account, from its rows in order of day."""
    found: list[_Stay] = []
    for _, same in groupby(rows, key=attrgetter("day")):
        day = list(same)
        kind = day[0].kind
        if kind in COMES or not found:
            found.append(_Stay(kind if kind in COMES else None, [], []))
        (found[-1].leaving if kind is MovementKind.CHURN else found[-1].rows).extend(day)
    yield from found if passing else _merged(found)


def _merged(stays: Sequence[_Stay]) -> Iterator[_Stay]:
    """The stays as one: whoever is back where it was has not moved."""
    first, last = stays[0], stays[-1]
    if first.coming and last.leaving:
        return
    rows = [row for stay in stays for row in (*stay.rows, *stay.leaving)]
    if last.leaving:
        yield replace(last, coming=None, rows=rows[: -len(last.leaving)])
    else:
        yield _Stay(first.coming, rows, [])


def _by_label(rows: Iterable[LabelledRow], rates: Rates) -> dict[str, Decimal]:
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        amounts[row.label] += rates.convert(row.amount, row.currency, row.day) or ZERO
    return amounts


def _sum(one: dict[str, Decimal], other: dict[str, Decimal]) -> dict[str, Decimal]:
    return {label: one.get(label, ZERO) + other.get(label, ZERO) for label in one.keys() | other.keys()}


def _count(
    flows: defaultdict[str, _Flow],
    amounts: dict[str, Decimal],
    kind: MovementKind,
    *,
    involuntary: bool = False,
    passing: bool = False,
) -> None:
    for label, amount in amounts.items():
        flow = flows[label]
        flow.amounts[kind] += amount
        flow.involuntary += amount if involuntary else ZERO
        flow.passing += amount if passing else ZERO
    most = flows[_main(amounts)]
    most.accounts[kind] += 1
    most.accounts_involuntary += involuntary
    most.accounts_passing += passing


def _main(amounts: dict[str, Decimal]) -> str:
    """The label under which an account counts: that of most of its money."""
    return min(amounts, key=lambda label: (-abs(amounts[label]), label))


def _grew(rows: Sequence[LabelledRow], amounts: dict[str, Decimal]) -> bool:
    """Whether an account grew: in its own currency where it has one, else in the base."""
    if len({row.currency for row in rows}) == 1:
        return sum(row.amount for row in rows) >= 0
    return sum(amounts.values(), ZERO) >= 0


def _stayed(flows: defaultdict[str, _Flow], amounts: dict[str, Decimal], *, grew: bool) -> None:
    """One that was there and stays has grown or shrunk by its net; what went the other way moved between labels."""
    net = sum(amounts.values(), ZERO)
    kind = MovementKind.EXPANSION if grew else MovementKind.CONTRACTION
    left = net
    for label in sorted(amounts, key=lambda label: (-abs(amounts[label]), label)):
        amount = amounts[label]
        own = ZERO if amount * net <= 0 else min(amount, left) if net > 0 else max(amount, left)
        left -= own
        flows[label].amounts[kind] += own
        flows[label].transfer += amount - own
