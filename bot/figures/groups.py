"""Who moved a figure: accounts in groups of those that did alike, by what they did, their plan and where they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from heapq import nsmallest
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlmodel import Session

from bot.figures.asked import Asked
from bot.metrics.netting import ZERO, Flow, Worth, counted, stays
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from storage import behind, windows
from storage.behind import View, Words, told_of_most
from storage.dimensions import DIMENSIONS
from storage.movements import Carried, LabelledRow, Turned
from storage.slices import Label
from storage.states import MovementKind
from storage.worth import Moment

PLACES = ("region", "country")  # the first that is known of half of the accounts or more
Kind = tuple[MovementKind, Carried]


class Mover(NamedTuple):
    """What an account did over a window and what it moved in the base."""

    account_id: str
    kind: MovementKind
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Movers:
    """The accounts that moved in a window, and the roll of each group of them; the groups make up the whole roll."""

    accounts: tuple[Mover, ...]
    groups: tuple[tuple[Carried, Roll], ...]

    def largest(self, kinds: Iterable[MovementKind], most: int) -> list[str]:
        """The accounts that moved most, of those that did one of these kinds."""
        wanted = set(kinds)
        found = [one for one in self.accounts if one.kind in wanted and one.amount]
        return [one.account_id for one in nsmallest(most, found, key=lambda one: (-abs(one.amount), one.account_id))]


def movers(asked: Asked, window: Window, whole: Roll, plans: Label, places: Label) -> Movers:
    """Who made the roll of a window what it is."""
    session, split = asked.session, asked.part.splits_accounts
    first = min((one.day for one in asked.known.days), default=window.end)
    everything = window.start <= first < window.end
    view = View(None if everything else window.start, window.end, asked.part)
    turns, staying, worths = behind.turned(session, view), behind.stayed(session, view), _worths(asked, view)
    words = behind.words(session, plans, places, worths)
    rule = asked.rule
    parted = behind.parted(session, view) if rule.parts_churn else frozenset[str]()
    flows: defaultdict[Kind, Flow] = defaultdict(Flow)
    alone: dict[Kind, str] = {}
    accounts: list[Mover] = []
    unclear: dict[str, Kind] = {}
    for account_id, worth in worths.items():
        how = turns.get(account_id, ())
        last = behind.telling(how) if how else None
        key = (last.kind if last else worth.kind, _carried(account_id, last, staying.get(account_id, ""), words))
        accounts.append(Mover(account_id, key[0], worth.amount))
        alone[key] = "" if key in alone else account_id
        if split or account_id in parted or not counted(flows[key], worth, how, asked.rates, rule):
            unclear[account_id] = key
    for account_id, flow in _by_rows(asked, window, unclear):
        flows[unclear[account_id]].add(flow)
    names = behind.names(session, [account_id for account_id in alone.values() if account_id])
    groups = [(key[1]._replace(name=names.get(alone[key], "")), Roll.moved(flow)) for key, flow in flows.items()]
    moved = Roll(transfer=whole.transfer, end=whole.transfer, customers_transferred=whole.customers_transferred)
    return Movers(tuple(accounts), (*groups, (Carried(), moved)))


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
    for account_id, turns in behind.turned(asked.session, View(window.start, window.end, asked.part)).items():
        days = [turn.day for turn in turns if turn.kind is MovementKind.CHURN]
        if days and account_id not in left:
            left[account_id] = max(days)
    found = []
    for account_id, flow in _by_rows(asked, window, left):
        if times := flow.accounts[MovementKind.CHURN]:
            found.append(Leaver(account_id, left[account_id], times, -flow.amounts[MovementKind.CHURN]))
    return found


def told_apart(
    session: Session, window: Window, account_ids: Collection[str], plans: Label, places: Label
) -> dict[str, Carried]:
    """What tells some accounts apart that moved in a window, with their names."""
    view = View(window.start, window.end)
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


def _carried(account_id: str, last: Turned | None, price_id: str, words: Words) -> Carried:
    """By how it last came or left; by the price of its largest movement where it did neither."""
    if last is None:
        return words.of(account_id, price_id)
    stated = last.kind is MovementKind.CHURN and not last.involuntary
    return words.of(account_id, last.price_id, last.subscription_id if stated else "")


def _worths(asked: Asked, view: View) -> dict[str, Worth]:
    """What each account moved."""
    base, convert = asked.grounds.base, asked.rates.convert
    found = {one: Worth(Decimal(amount), amount, base) for one, amount in behind.nets(asked.session, view, base)}
    for account_id, currency, day, amount in behind.foreign(asked.session, view, base):
        worth = convert(amount, currency, day) or ZERO
        if held := found.get(account_id):
            held.add(worth, amount, currency)
        else:
            found[account_id] = Worth(worth, amount, currency)
    return found


def _by_rows(asked: Asked, window: Window, account_ids: Mapping[str, object]) -> Iterator[tuple[str, Flow]]:
    """What accounts did whose sums do not tell it, from their rows in the window."""
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
