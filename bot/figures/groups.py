"""Who moved a figure: accounts in groups of those that did alike, by what they did, their plan and where they are."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from heapq import nlargest
from itertools import chain, groupby, product
from operator import attrgetter
from typing import NamedTuple

from sqlmodel import Session

from bot.figures.asked import Asked
from bot.figures.moved import Grains, Moved
from bot.metrics.netting import Flow, Worth, counted, stays
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from storage import behind, windows
from storage.behind import View, Words, told_of_most
from storage.dimensions import DIMENSIONS
from storage.movements import COMES, Carried, LabelledRow, Turned
from storage.slices import Label
from storage.states import MovementKind
from storage.worth import Moment

PLACES = ("region", "country")  # the first that is known of half of the accounts or more
Kind = tuple[MovementKind, Carried]
_New = tuple[list[str], list[Grains]]  # accounts, and what they moved


class Did(NamedTuple):
    """What an account did: of churn, whether by failed payment, and whether it came inside the window too."""

    kind: MovementKind
    involuntary: bool = False
    passing: bool = False


CHURNED = tuple(Did(MovementKind.CHURN, *how) for how in product((False, True), repeat=2))


@dataclass(frozen=True, slots=True)
class Movers:
    """What each account moved in the base, by what it did in a window, and the roll of each group of those that did
    alike; the groups make up the whole roll.

    `several` are accounts that did more than one thing: each of them came and left, or is divided by the slice.
    """

    grains: Mapping[Did, Mapping[str, Grains]]
    several: Mapping[str, Mapping[Did, Grains]]
    groups: tuple[tuple[Carried, Roll], ...]

    def largest(self, meant: Collection[Did], most: int) -> list[str]:
        """The accounts that moved most by what is meant."""
        several = {one: sum(parts.get(did, 0) for did in meant) for one, parts in self.several.items()}
        found = [several, *(self.grains.get(did, {}) for did in meant)]
        sizes = chain.from_iterable(map(abs, moved.values()) for moved in found)
        least = min(nlargest(most, sizes), default=0)
        leading = {
            one: abs(moved) for each in found for one, moved in each.items() if moved and not -least < moved < least
        }
        return sorted(leading, key=lambda one: (-leading[one], one))[:most]


class _Groups:
    """Accounts in groups of those that did alike, as they are added."""

    def __init__(self, words: Words, moved: Moved) -> None:
        self.flows: defaultdict[Kind, Flow] = defaultdict(Flow)
        self.grains: defaultdict[Did, dict[str, Grains]] = defaultdict(dict)
        self.several: dict[str, dict[Did, Grains]] = {}
        self.words = words
        self._moved = moved
        self._new: defaultdict[tuple[str, str | None], _New] = defaultdict(lambda: ([], []))  # by price and place
        self._alone: dict[Kind, str] = {}  # the one account of a group, empty where it has several

    def add(self, account_id: str, kind: MovementKind, carried: Carried) -> Flow:
        """Put an account into its group, whose flow it is to be counted in."""
        key = kind, carried
        self._alone[key] = "" if key in self._alone else account_id
        return self.flows[key]

    def add_new(self, account_id: str, grains: Grains, price_id: str) -> None:
        """Note an account that simply came as new business; most of a long window did, so all are counted at once."""
        account_ids, every = self._new[price_id, self.words.places.get(account_id)]
        account_ids.append(account_id)
        every.append(grains)

    def note(self, account_id: str, flow: Flow) -> None:
        """Note what an account did that did more than one thing, by its own flow."""
        kinds, amounts = MovementKind, dict(flow.amounts)
        amounts[kinds.EXPANSION if flow.transfer > 0 else kinds.CONTRACTION] += flow.transfer
        churn, dunned = amounts.pop(kinds.CHURN), flow.accounts_passing_involuntary > 0
        parts = {Did(kind): amount for kind, amount in amounts.items()} | {
            Did(kinds.CHURN, dunned, passing=True): flow.passing,
            Did(kinds.CHURN, involuntary=True): flow.involuntary - (flow.passing if dunned else 0),
            Did(kinds.CHURN): churn - flow.involuntary - (0 if dunned else flow.passing),
        }
        self.several[account_id] = {did: self._moved.grains(amount) for did, amount in parts.items() if amount}

    def count_new(self) -> None:
        """Put those that simply came into groups."""
        for (price_id, _), (account_ids, grains) in self._new.items():
            kind = MovementKind.NEW, self.words.of(account_ids[0], price_id)
            self.flows[kind].amounts[MovementKind.NEW] += self._moved.amount(sum(grains))
            self.flows[kind].accounts[MovementKind.NEW] += len(grains)
            self._alone[kind] = "" if kind in self._alone or len(grains) > 1 else account_ids[0]
            self.grains[Did(MovementKind.NEW)] |= zip(account_ids, grains, strict=True)

    def told(self, session: Session) -> list[tuple[Carried, Roll]]:
        """The roll of each group; one account that is alone has its name."""
        names = behind.names(session, [one for one in self._alone.values() if one])
        return [
            (carried._replace(name=names.get(self._alone[kind, carried], "")), Roll.moved(flow))
            for (kind, carried), flow in self.flows.items()
        ]


def movers(asked: Asked, window: Window, whole: Roll, plans: Label, places: Label) -> Movers:
    """Who made the roll of a window what it is."""
    found = _of_parts if asked.part.splits_accounts else _of_accounts
    groups = found(asked, window, View.between(asked.session, window.start, window.end, asked.part), plans, places)
    others = Roll(transfer=whole.transfer, end=whole.transfer, customers_transferred=whole.customers_transferred)
    return Movers(groups.grains, groups.several, (*groups.told(asked.session), (Carried(), others)))


def _of_accounts(asked: Asked, window: Window, view: View, plans: Label, places: Label) -> _Groups:
    """Whole accounts, each by the sum of its rows where that tells what it did."""
    session, rule = asked.session, asked.rule
    came, turns = ({}, behind.turned(session, view)) if rule.parts_churn else behind.came(session, view)
    staying = behind.stayed(session, view)
    parted = behind.parted(session, view) if rule.parts_churn else frozenset[str]()
    moved = Moved(asked, view)
    groups = _Groups(behind.words(session, plans, places, came.keys() | turns.keys() | staying.keys()), moved)
    unclear: dict[str, Flow] = {}
    for account_id, grains, own, currency in moved.each():
        if (price_id := came.get(account_id)) is not None:
            groups.add_new(account_id, grains, price_id)
            continue
        how: Sequence[Turned] = turns.get(account_id, ())
        if not (grains or how or account_id in parted):
            continue  # it undid what it did
        worth = Worth(moved.amount(grains), own, currency)
        last = behind.telling(how) if how else None
        kind = last.kind if last else worth.kind
        flow = groups.add(account_id, kind, _carried(account_id, last, staying.get(account_id, ""), groups.words))
        several = len(how) > 1 and how[0].day != how[-1].day
        mine = Flow() if several else flow
        if account_id in parted or not counted(mine, worth, how, asked.rates, rule):
            unclear[account_id] = flow
        elif several:
            flow.add(mine)
            groups.note(account_id, mine)
        else:
            groups.grains[Did(kind, any(turn.involuntary for turn in how))][account_id] = grains
    groups.count_new()
    for account_id, mine in by_rows(asked, window, unclear):
        unclear[account_id].add(mine)
        groups.note(account_id, mine)
    return groups


def _of_parts(asked: Asked, window: Window, view: View, plans: Label, places: Label) -> _Groups:
    """Accounts that the slice may split, each by those of its rows that the slice sees; who has none is left out."""
    moved = Moved(asked, view)
    rows = windows.rows_within(asked.session, asked.part, window.start, window.end)
    every = {account_id: list(same) for account_id, same in groupby(rows, attrgetter("account_id"))}
    groups = _Groups(behind.words(asked.session, plans, places, every), moved)
    for account_id, same in every.items():
        seen = [row for row in same if asked.part.seen(row.label) is not None]
        if not seen:
            continue
        flow, turns = _of_rows(asked, same), [row for row in seen if row.kind in (*COMES, MovementKind.CHURN)]
        groups.note(account_id, flow)
        if any(flow.amounts.values()) or any(flow.accounts.values()):  # else it only moved to another segment
            last = behind.telling(turns) if turns else None
            kind = last.kind if last else max(MovementKind, key=lambda one: abs(flow.amounts[one]))
            largest = max(seen, key=lambda row: (abs(row.amount), row.day))
            groups.add(account_id, kind, _carried(account_id, last, largest.price_id, groups.words)).add(flow)
    return groups


@dataclass(frozen=True, slots=True)
class Leaver:
    """An account that left in a window by the policy's netting: its last day, how often, and the MRR it took."""

    account_id: str
    day: date
    times: int
    lost: Decimal


def leavers(asked: Asked, window: Window) -> list[Leaver]:
    """Who makes up the churned customers of a window, with the MRR that they took, to the cent."""
    left: dict[str, date] = {}
    view = View.between(asked.session, window.start, window.end, asked.part)
    for account_id, turns in behind.turned(asked.session, view).items():
        days = [turn.day for turn in turns if turn.kind is MovementKind.CHURN]
        if days:
            left[account_id] = max(days)
    found = []
    for account_id, flow in by_rows(asked, window, left):
        if times := flow.accounts[MovementKind.CHURN]:
            found.append(Leaver(account_id, left[account_id], times, -flow.amounts[MovementKind.CHURN]))
    return found


def told_apart(
    session: Session, window: Window, account_ids: Collection[str], plans: Label, places: Label
) -> dict[str, Carried]:
    """What tells some accounts apart that moved in a window, with their names."""
    view = View.between(session, window.start, window.end)
    turns, staying = behind.turned(session, view), behind.stayed(session, view)
    words, names = behind.words(session, plans, places, account_ids), behind.names(session, account_ids)
    lasts = {one: behind.telling(rows) for one, rows in turns.items()}
    return {
        one: _carried(one, lasts.get(one), staying.get(one, ""), words)._replace(name=names[one]) for one in account_ids
    }


def plans_and_places(session: Session, at: Moment) -> tuple[Label, Label]:
    """The labels of plans, and those of the places that say most."""
    regions, countries = (_label(name, at) for name in PLACES)
    return _label("plan", at), regions if told_of_most(session, regions) else countries


def _label(dimension: str, at: Moment) -> Label:
    found = DIMENSIONS[dimension].by(at)
    assert isinstance(found, Label)  # noqa: S101 - plans and places have names of their own
    return found


def _carried(account_id: str, last: Turned | LabelledRow | None, price_id: str, words: Words) -> Carried:
    """By how it last came or left; by the price of its largest movement where it did neither."""
    if last is None:
        return words.of(account_id, price_id)
    stated = last.kind is MovementKind.CHURN and not last.involuntary
    return words.of(account_id, last.price_id, last.subscription_id if stated else "")


def by_rows(asked: Asked, window: Window, account_ids: Collection[str]) -> Iterator[tuple[str, Flow]]:
    """What accounts did in a window, each from its rows: for those whose sums do not tell it."""
    rows = windows.rows_of(asked.session, asked.part, account_ids, window.start, window.end)
    for account_id, same in groupby(rows, attrgetter("account_id")):
        yield account_id, _of_rows(asked, list(same))


def _of_rows(asked: Asked, rows: list[LabelledRow]) -> Flow:
    flows: defaultdict[str, Flow] = defaultdict(Flow)
    for stay in stays(rows, asked.rule):
        stay.add_to(flows, asked.rates)
    whole = Flow()
    for label, flow in flows.items():
        if asked.part.seen(label) is not None:
            whole.add(flow)
    return whole
