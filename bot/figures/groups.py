"""Who moved a figure: accounts in groups of those that did alike, by what they did, their plan and where they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from heapq import nlargest
from itertools import groupby
from operator import attrgetter

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


@dataclass(frozen=True, slots=True)
class Movers:
    """What each account moved in the base, by what it did in a window, and the roll of each group of those that did
    alike; the groups make up the whole roll.
    """

    amounts: Mapping[MovementKind, Mapping[str, Decimal]]
    groups: tuple[tuple[Carried, Roll], ...]

    def largest(self, kinds: Iterable[MovementKind], most: int) -> list[str]:
        """The accounts that moved most, of those that did one of these kinds."""
        of_kinds = [self.amounts.get(kind, {}) for kind in set(kinds)]
        least = min(nlargest(most, (abs(amount) for amounts in of_kinds for amount in amounts.values())), default=0)
        leading = {
            one: size
            for amounts in of_kinds
            for one, amount in amounts.items()
            if amount and not -least < amount < least
            for size in (abs(amount),)
        }
        return sorted(leading, key=lambda one: (-leading[one], one))[:most]


class _Groups:
    """Accounts in groups of those that did alike, as they are added."""

    def __init__(self, words: Words) -> None:
        self.flows: defaultdict[Kind, Flow] = defaultdict(Flow)
        self.amounts: defaultdict[MovementKind, dict[str, Decimal]] = defaultdict(dict)
        self.words = words
        self._alone: dict[Kind, str] = {}  # the one account of a group, empty where it has several

    def add(self, account_id: str, amount: Decimal, kind: MovementKind, carried: Carried) -> Flow:
        """Put an account into its group, whose flow it is to be counted in."""
        key = kind, carried
        self.amounts[kind][account_id] = amount
        self._alone[key] = "" if key in self._alone else account_id
        return self.flows[key]

    def add_new(self, came: Mapping[str, str], amounts: Mapping[str, Decimal]) -> None:
        """Put accounts that simply came as new business into groups, at once: they are most of a long window."""
        alike: defaultdict[tuple[str, str | None], list[Decimal]] = defaultdict(list)
        one_of: dict[tuple[str, str | None], str] = {}
        place_of = self.words.places.get
        for account_id, price_id in came.items():
            key = price_id, place_of(account_id)
            alike[key].append(amounts[account_id])
            one_of[key] = account_id
        for (price_id, place), same in alike.items():
            account_id = one_of[price_id, place]
            kind = MovementKind.NEW, self.words.of(account_id, price_id)
            self.flows[kind].amounts[MovementKind.NEW] += sum(same)
            self.flows[kind].accounts[MovementKind.NEW] += len(same)
            self._alone[kind] = "" if kind in self._alone or len(same) > 1 else account_id
        self.amounts[MovementKind.NEW].update(amounts)

    def told(self, session: Session) -> list[tuple[Carried, Roll]]:
        """The roll of each group; one account that is alone has its name."""
        names = behind.names(session, [one for one in self._alone.values() if one])
        return [
            (carried._replace(name=names.get(self._alone[kind, carried], "")), Roll.moved(flow))
            for (kind, carried), flow in self.flows.items()
        ]


def movers(asked: Asked, window: Window, whole: Roll, plans: Label, places: Label) -> Movers:
    """Who made the roll of a window what it is."""
    session, rule, split = asked.session, asked.rule, asked.part.splits_accounts
    first = min((one.day for one in asked.known.days), default=window.end)
    everything = window.start <= first < window.end
    view = View(None if everything else window.start, window.end, asked.part)
    came, turns = ({}, behind.turned(session, view)) if split or rule.parts_churn else behind.came(session, view)
    staying = behind.stayed(session, view)
    simply, worths = _moved(asked, view, came)
    groups = _Groups(behind.words(session, plans, places, simply.keys() | worths.keys()))
    groups.add_new(came, simply)
    parted = behind.parted(session, view) if rule.parts_churn else frozenset[str]()
    unclear: dict[str, Flow] = {}
    for account_id, worth in worths.items():
        how = turns.get(account_id, ())
        last = behind.telling(how) if how else None
        carried = _carried(account_id, last, staying.get(account_id, ""), groups.words)
        flow = groups.add(account_id, worth.amount, last.kind if last else worth.kind, carried)
        if split or account_id in parted or not counted(flow, worth, how, asked.rates, rule):
            unclear[account_id] = flow
    for account_id, flow in _by_rows(asked, window, unclear):
        unclear[account_id].add(flow)
    moved = Roll(transfer=whole.transfer, end=whole.transfer, customers_transferred=whole.customers_transferred)
    return Movers(groups.amounts, (*groups.told(session), (Carried(), moved)))


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


def _moved(asked: Asked, view: View, came: Iterable[str]) -> tuple[dict[str, Decimal], dict[str, Worth]]:
    """What each account moved in the base: by sums alone for those that `came`, by worths for all others."""
    base = asked.grounds.base
    simply = dict.fromkeys(came, ZERO)
    worths: dict[str, Worth] = {}
    for account_id, amount in behind.nets(asked.session, view, base):
        if account_id in simply:
            simply[account_id] = Decimal(amount)
        else:
            worths[account_id] = Worth(Decimal(amount), int(amount), base)
    for account_id, amount, own, currency in _foreign(asked, view):
        if account_id in simply:
            simply[account_id] += amount
        elif held := worths.get(account_id):
            held.add(amount, own, currency)
        else:
            worths[account_id] = Worth(amount, own, currency)
    return simply, worths


def _foreign(asked: Asked, view: View) -> Iterator[tuple[str, Decimal, int, str]]:
    """What each account moved in a currency other than the base, in the base by each day's rate and in its own.

    Rows are very many: they are added up in whole numbers, of so many places that all rates are whole.
    """
    days = {(one.day, one.currency) for one in asked.known.days if one.currency != asked.grounds.base}
    factors = {key: asked.rates.factor(key[1], key[0]) or ZERO for key in days}
    places = max((-int(one.as_tuple().exponent) for one in factors.values()), default=0)
    whole = {key: int(factor.scaleb(places)) for key, factor in factors.items()}
    sums: defaultdict[str, tuple[defaultdict[str, int], defaultdict[str, int]]]
    sums = defaultdict(lambda: (defaultdict(int), defaultdict(int)))
    for day, currency, rows in behind.foreign(asked.session, view, days):
        (worth, own), factor = sums[currency], whole[day, currency]
        for account_id, amount in rows:
            worth[account_id] += amount * factor
            own[account_id] += amount
    for currency, (worth, own) in sums.items():
        for account_id, total in worth.items():
            yield account_id, Decimal(total).scaleb(-places), own[account_id], currency


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
