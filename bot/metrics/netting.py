"""The rule by which what an account did inside a window becomes one movement, from its rows or from its sums.

A stay is the time from an account's coming to its leaving. Inside a window it is one movement: new business (or
reactivation) with all that it grew to, when it began there; churn with what there was at the start, when it ended
there; expansion or contraction by its net, when it did neither. A stay that began and ended inside is in both new and
churn; one that did so in one calendar month in both or in neither, by policy. In neither, who was away within one
calendar month had not left.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from bot.metrics.rates import Rates
from storage.movements import COMES, LabelledRow, NettingRule, Turned
from storage.states import ENDING, MovementKind

ZERO = Decimal(0)
TWICE = 2
NO_AMOUNTS = dict.fromkeys(MovementKind, ZERO)  # copied for each of very many
NO_ACCOUNTS = dict.fromkeys(MovementKind, 0)


@dataclass(slots=True)
class Flow:
    """What moved under one label; churn and contraction are negative as in the ledger."""

    amounts: dict[MovementKind, Decimal] = field(default_factory=NO_AMOUNTS.copy)
    accounts: dict[MovementKind, int] = field(default_factory=NO_ACCOUNTS.copy)
    involuntary: Decimal = ZERO
    passing: Decimal = ZERO
    transfer: Decimal = ZERO
    accounts_involuntary: int = 0
    accounts_passing: int = 0
    accounts_passing_involuntary: int = 0

    def add(self, other: "Flow") -> None:
        for kind, amount in other.amounts.items():
            self.amounts[kind] += amount
        for kind, count in other.accounts.items():
            self.accounts[kind] += count
        self.involuntary += other.involuntary
        self.passing += other.passing
        self.transfer += other.transfer
        self.accounts_involuntary += other.accounts_involuntary
        self.accounts_passing += other.accounts_passing
        self.accounts_passing_involuntary += other.accounts_passing_involuntary

    def part(self, amount: Decimal, *, dunned: bool) -> None:
        """Count a subscription that ended, of an account that stays."""
        self.amounts[MovementKind.CHURN] += amount
        self.involuntary += amount if dunned else ZERO

    def move(self, move: "Move") -> None:
        """Count what an account did."""
        did, amount = move.did, move.amount
        self.amounts[did.kind] += amount
        self.accounts[did.kind] += not move.stays
        if did.involuntary:
            self.involuntary += amount
            self.accounts_involuntary += 1
        if did.passing:
            self.passing += amount
            self.accounts_passing += 1
            self.accounts_passing_involuntary += did.involuntary


class Worth(NamedTuple):
    """What one account moved in a window, in the base; of one that stays and has one currency, in that as well."""

    amount: Decimal
    own: int | None = None

    @property
    def kind(self) -> MovementKind:
        """Whether one that was there at both ends grew: in its own currency where it has one, else in the base."""
        return MovementKind.EXPANSION if _risen(self.amount, self.own) else MovementKind.CONTRACTION


class Did(NamedTuple):
    """What an account did: of churn, whether by failed payment, and whether it came inside the window too."""

    kind: MovementKind
    involuntary: bool = False
    passing: bool = False


class Move(NamedTuple):
    """What an account did in a window, with what that moved; one that `stays` is none of those who came or left."""

    did: Did
    amount: Decimal
    stays: bool = False


def moves(worth: Worth, turns: Sequence[Turned], rates: Rates, rule: NettingRule) -> tuple[Move, ...] | None:
    """What an account did by the sum of its rows, where that and how it came or left tell all; None where they do not.

    They do not for one that left and came back, or came and left more than once: its stays need its rows.
    """
    if not turns:
        return (Move(Did(worth.kind), worth.amount, stays=True),)
    first, last = turns[0], turns[-1]
    dunned = any(turn.involuntary for turn in turns)
    if first.day == last.day:
        return (Move(Did(first.kind, dunned), worth.amount),)
    if first.kind not in COMES or last.kind in COMES or len({turn.day for turn in turns}) > TWICE:
        return None
    if not rule.passing and _in_one_month(first.day, last.day):
        return ()
    leaving = ZERO
    for one in turns:
        if one.day == last.day:
            leaving += rates.convert(one.amount, one.currency, one.day) or ZERO
    return Move(Did(first.kind), worth.amount - leaving), Move(Did(MovementKind.CHURN, dunned, passing=True), leaving)


@dataclass(slots=True)
class Stay:
    """One account's time of paying, as far as it lies in the window: `coming` is None when it was there before."""

    coming: MovementKind | None
    rows: list[LabelledRow]
    leaving: list[LabelledRow]
    rule: NettingRule

    def add_to(self, flows: defaultdict[str, Flow], rates: Rates) -> None:
        """Count the stay under its labels."""
        before, last = _by_label(self.rows, rates), _by_label(self.leaving, rates)
        if self.coming:
            _count(flows, before, self.coming)
        if self.leaving:
            inside = last if self.coming else _sum(before, last)
            dunned = any(row.involuntary for row in self.leaving)
            _count(flows, inside, MovementKind.CHURN, involuntary=dunned, passing=self.coming is not None)
        elif not self.coming:
            kept = [row for row in self.rows if not self._parts(row)]
            for row in filter(self._parts, self.rows):
                flows[row.label].part(rates.convert(row.amount, row.currency, row.day) or ZERO, dunned=row.involuntary)
            net = _by_label(kept, rates)
            _stayed(flows, net, grew=_grew(kept, net))

    def _parts(self, row: LabelledRow) -> bool:
        """Whether it is churn of one that stays; one that was away for a while has not parted with anything."""
        return self.rule.parts_churn and row.cause in ENDING and row.kind is not MovementKind.CHURN


def stays(rows: Sequence[LabelledRow], rule: NettingRule) -> Iterator[Stay]:
    """The stays of one account, from its rows in order of day."""
    found: list[Stay] = []
    for _, same in groupby(rows, key=attrgetter("day")):
        day = list(same)
        kind = day[0].kind
        if kind in COMES or not found:
            found.append(Stay(kind if kind in COMES else None, [], [], rule))
        (found[-1].leaving if kind is MovementKind.CHURN else found[-1].rows).extend(day)
    yield from found if rule.passing else _merged(found)


def _merged(found: Iterable[Stay]) -> Iterator[Stay]:
    """The stays without those of one calendar month; whoever was away within one had not left."""
    joined: list[Stay] = []
    for stay in found:
        before = joined[-1] if joined else None
        if before and before.leaving and _in_one_month(before.leaving[0].day, stay.rows[0].day):
            joined[-1] = replace(before, rows=[*before.rows, *before.leaving, *stay.rows], leaving=stay.leaving)
        else:
            joined.append(stay)
    for stay in joined:
        if not (stay.coming and stay.leaving and _in_one_month(stay.rows[0].day, stay.leaving[0].day)):
            yield stay


def _in_one_month(one: date, other: date) -> bool:
    return (one.year, one.month) == (other.year, other.month)


def _by_label(rows: Iterable[LabelledRow], rates: Rates) -> dict[str, Decimal]:
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        amounts[row.label] += rates.convert(row.amount, row.currency, row.day) or ZERO
    return amounts


def _sum(one: dict[str, Decimal], other: dict[str, Decimal]) -> dict[str, Decimal]:
    return {label: one.get(label, ZERO) + other.get(label, ZERO) for label in one.keys() | other.keys()}


def _count(
    flows: defaultdict[str, Flow],
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
    flows[_main(amounts)].move(Move(Did(kind, involuntary, passing), ZERO))


def _main(amounts: dict[str, Decimal]) -> str:
    """The label under which an account counts: that of most of its money."""
    return min(amounts, key=lambda label: (-abs(amounts[label]), label))


def _grew(rows: Sequence[LabelledRow], amounts: dict[str, Decimal]) -> bool:
    own = sum(row.amount for row in rows) if len({row.currency for row in rows}) == 1 else None
    return _risen(sum(amounts.values(), ZERO), own)


def _risen(amount: Decimal, own: int | None) -> bool:
    """Whether an account grew: in its own currency where it has one, else in the base."""
    return (amount if own is None else own) >= 0


def _stayed(flows: defaultdict[str, Flow], amounts: dict[str, Decimal], *, grew: bool) -> None:
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
