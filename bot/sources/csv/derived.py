"""Subscriptions read off recurring invoice lines, for folders without subscriptions.csv.

One subscription per account and subscription_id, or product where no id is given. It has ended when the folder's
newest invoice is more than `GRACE` after its last paid period: measured against the folder, not the clock, so that an
export nobody renewed does not end every customer. Coming back after a longer gap begins a new subscription.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.sources.csv.items import version_mark
from bot.sources.csv.prices import SOURCE
from bot.sources.csv.problems import quoted
from bot.sources.csv.rows import Row
from storage.facts import InvoiceLine, Item, Status, Subscription

GRACE = timedelta(days=30)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Charge:
    """A recurring line with the account and currency of its invoice; its price is known already."""

    row: Row
    account_id: str
    currency: str
    line: InvoiceLine
    price_id: str
    quantity: int


@dataclass(slots=True)
class Slot:
    """The charges that follow one another as one item."""

    name: str
    charges: list[Charge] = field(default_factory=list)

    @property
    def last(self) -> Charge:
        return self.charges[-1]


@dataclass(frozen=True, slots=True)
class Derived:
    """The subscriptions, and for each line the ids of its subscription and item."""

    subscriptions: Sequence[Subscription]
    of_line: Mapping[str, tuple[str, str]]


def derive(charges: Iterable[Charge], horizon: datetime, zone: ZoneInfo) -> Derived:
    """Reads subscriptions off the charges as seen at `horizon`, when the newest invoice was issued."""
    subscriptions = []
    of_line: dict[str, tuple[str, str]] = {}
    for base, members in _groups(charges).items():
        runs = list(_runs(members))
        for run in runs:
            mark = "" if run is runs[-1] else version_mark(run[0].line.period_start, zone)
            slots = _slots(base, run)
            subscriptions.append(_subscription(base + mark, mark, slots, horizon))
            for slot in slots:
                of_line.update({charge.line.id: (base + mark, slot.name + mark) for charge in slot.charges})
    return Derived(subscriptions, of_line)


def _groups(charges: Iterable[Charge]) -> dict[str, list[Charge]]:
    """Charges by the id of the subscription they make."""
    accounts: dict[str, Charge] = {}
    currencies: dict[str, set[str]] = defaultdict(set)
    named = []
    for charge in charges:
        given = charge.row["subscription_id"]
        name = given or "/".join(filter(None, (charge.account_id, charge.row["product"])))
        first = accounts.setdefault(name, charge)
        if first.account_id != charge.account_id:
            owner = f"account {quoted(first.account_id)} in line {first.row.line}"
            charge.row.reject(f"{quoted(name)} belongs to {owner}; give it an id of its own", "subscription_id")
        currencies[name].add(charge.currency)
        named.append((name, charge))
    groups: dict[str, list[Charge]] = defaultdict(list)
    for name, charge in named:
        groups[f"{name}/{charge.currency}" if len(currencies[name]) > 1 else name].append(charge)
    return groups


def _runs(charges: Iterable[Charge]) -> Iterator[list[Charge]]:
    """Stretches without a gap longer than the grace, in order of time."""
    run: list[Charge] = []
    end: datetime | None = None
    for charge in sorted(charges, key=lambda charge: (charge.line.period_start, charge.line.id)):
        if end and charge.line.period_start > end + GRACE:
            yield run
            run, end = [], None
        end = max(end or charge.line.period_end, charge.line.period_end)
        run.append(charge)
    if run:
        yield run


def _slots(base: str, run: Iterable[Charge]) -> list[Slot]:
    """Which charges continue which: by item_id; else by product once the period before is over, same plan first."""
    slots: dict[tuple[str, str], list[Slot]] = defaultdict(list)
    for charge in run:
        item_id, product, plan = charge.row["item_id"], charge.row["product"], charge.row["plan"]
        key = ("item", item_id) if item_id else ("product", product or "")
        over = [slot for slot in slots[key] if item_id or slot.last.line.period_end < charge.line.period_start + DAY]
        same_plan = [slot for slot in over if slot.last.row["plan"] == plan]
        if not over:
            begun = len(slots[key])
            name = item_id or (f"{base}/{product}" if product and charge.row["subscription_id"] else base)
            over = [Slot(f"{name}#{begun + 1}" if begun else name)]
            slots[key].append(over[0])
        (same_plan or over)[0].charges.append(charge)
    return [slot for of_key in slots.values() for slot in of_key]


def _subscription(name: str, mark: str, slots: Sequence[Slot], horizon: datetime) -> Subscription:
    charges = [charge for slot in slots for charge in slot.charges]
    newest = max(charges, key=lambda charge: charge.line.period_end)
    end = newest.line.period_end
    ended = bool(mark) or horizon - end > GRACE
    status = Status.ENDED if ended else Status.ACTIVE
    return Subscription(
        id=name,
        account_id=newest.account_id,
        source=SOURCE,
        status=status,
        status_word=status.value,
        currency=newest.currency,
        started_at=min(charge.line.period_start for charge in charges),
        current_period_start=newest.line.period_start,
        current_period_end=end,
        ended_at=end if ended else None,
        items=tuple(_item(slot, mark, end, horizon, ended=ended) for slot in slots),
    )


def _item(slot: Slot, mark: str, end: datetime, horizon: datetime, *, ended: bool) -> Item:
    """The item as last invoiced; it ends before its subscription when its own periods stopped."""
    own_end = slot.last.line.period_end
    stopped = own_end < end and (ended or horizon - own_end > GRACE)
    return Item(
        id=slot.name + mark,
        price_id=slot.last.price_id,
        quantity=slot.last.quantity,
        ended_at=own_end if stopped else None,
    )
