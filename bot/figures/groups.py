"""Who moved a figure: accounts in groups of those that did alike, by what they did, their plan and where they are."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from heapq import nlargest
from itertools import chain, groupby, product
from operator import attrgetter

from sqlmodel import Session

from bot.figures.asked import Asked
from bot.figures.moved import Grains, Moved
from bot.metrics.netting import Did, Flow, Move, moves, stays
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
        several = {
            one: sum(grains for did, grains in parts.items() if did in meant) for one, parts in self.several.items()
        }
        found = [several, *(self.grains.get(did, {}) for did in meant)]
        sizes = chain.from_iterable(map(abs, moved.values()) for moved in found)
        least = min(nlargest(most, sizes), default=0)
        leading = {
            one: abs(moved) for each in found for one, moved in each.items() if moved and not -least < moved < least
        }
        return sorted(leading, key=lambda one: (-leading[one], one))[:most]


@dataclass(slots=True)
class _Group:
    """Accounts that did alike, one of them by its id."""

    account_id: str
    count: int = 0
    flow: Flow = field(default_factory=Flow)


class _Groups:
    """Accounts in groups of those that did alike, as they are added."""

    def __init__(self, words: Words, moved: Moved) -> None:
        self.grains: defaultdict[Did, dict[str, Grains]] = defaultdict(dict)
        self.several: dict[str, dict[Did, Grains]] = {}
        self.words = words
        self._moved = moved
        self._groups: dict[tuple[MovementKind, Carried], _Group] = {}

    def add(self, kind: MovementKind, carried: Carried, account_ids: Sequence[str]) -> Flow:
        """Put accounts into the group of those that did alike, whose flow they are to be counted in."""
        group = self._groups.get((kind, carried))
        if group is None:
            group = self._groups[kind, carried] = _Group(account_ids[0])
        group.count += len(account_ids)
        return group.flow

    def add_new(self, price_id: str, grains: Mapping[str, Grains]) -> None:
        """Put all accounts that simply came as new business at a price, with what each of them moved."""
        new = MovementKind.NEW
        self.grains[Did(new)] |= grains
        by_place: defaultdict[str | None, list[str]] = defaultdict(list)
        for account_id, place in zip(grains, map(self.words.places.get, grains), strict=True):
            by_place[place].append(account_id)
        for account_ids in by_place.values():
            flow = self.add(new, self.words.of(account_ids[0], price_id), account_ids)
            flow.amounts[new] += self._moved.amount(sum(map(grains.__getitem__, account_ids)))
            flow.accounts[new] += len(account_ids)

    def note(self, account_id: str, did: Sequence[Move]) -> None:
        """Note what an account did: one thing, or that it came and left, or nothing that counts."""
        if len(did) == 1:
            self.grains[did[0].did][account_id] = self._moved.of[account_id]
        else:
            self.several[account_id] = {one.did: self._moved.grains(one.amount) for one in did}

    def note_flow(self, account_id: str, flow: Flow) -> None:
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

    def told(self, session: Session) -> list[tuple[Carried, Roll]]:
        """The roll of each group; one account that is alone has its name."""
        names = behind.names(session, [one.account_id for one in self._groups.values() if one.count == 1])
        return [
            (carried._replace(name=names[one.account_id] if one.count == 1 else ""), Roll.moved(one.flow))
            for (_, carried), one in self._groups.items()
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
    moved = Moved(asked, view, staying)
    groups = _Groups(behind.words(session, plans, places, moved.of), moved)
    new: defaultdict[str, dict[str, Grains]] = defaultdict(dict)  # most of a long window
    others: list[str] = []
    for account_id, grains, price_id in zip(moved.of, moved.of.values(), map(came.get, moved.of), strict=True):
        if price_id is None:
            others.append(account_id)
        else:
            new[price_id][account_id] = grains
    for price_id, those in new.items():
        groups.add_new(price_id, those)
    unclear: dict[str, Flow] = {}
    for account_id in others:
        how: Sequence[Turned] = turns.get(account_id, ())
        if not (moved.of[account_id] or how or account_id in parted):
            continue  # it undid what it did
        worth = moved.worth(account_id)
        last = behind.telling(how) if how else None
        kind = last.kind if last else worth.kind
        carried = _carried(account_id, last, staying.get(account_id, ""), groups.words)
        flow = groups.add(kind, carried, [account_id])
        did = None if account_id in parted else moves(worth, how, asked.rates, rule)
        if did is None:
            unclear[account_id] = flow
        else:
            for move in did:
                flow.move(move)
            groups.note(account_id, did)
    for account_id, mine in by_rows(asked, window, unclear):
        unclear[account_id].add(mine)
        groups.note_flow(account_id, mine)
    return groups


def _of_parts(asked: Asked, window: Window, view: View, plans: Label, places: Label) -> _Groups:
    """Accounts that the slice may split, each by those of its rows that the slice sees; who has none is left out."""
    moved = Moved(asked, view)
    rows = windows.rows_of_seen(asked.session, asked.part, window.start, window.end)
    every = {account_id: list(same) for account_id, same in groupby(rows, attrgetter("account_id"))}
    groups = _Groups(behind.words(asked.session, plans, places, every), moved)
    for account_id, same in every.items():
        seen = [row for row in same if asked.part.seen(row.label) is not None]
        flow, turns = _of_rows(asked, same), [row for row in seen if row.kind in (*COMES, MovementKind.CHURN)]
        groups.note_flow(account_id, flow)
        if any(flow.amounts.values()) or any(flow.accounts.values()):  # else it only moved to another segment
            last = behind.telling(turns) if turns else None
            kind = last.kind if last else max(MovementKind, key=lambda one: abs(flow.amounts[one]))
            largest = max(seen, key=lambda row: (behind.size(row), row.day))
            carried = _carried(account_id, last, largest.price_id, groups.words)
            groups.add(kind, carried, [account_id]).add(flow)
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
