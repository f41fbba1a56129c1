"""items.csv with tiers.csv: what each subscription is made of, and was."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.clock import local_day, start_of_day
from bot.sources.csv.columns import ITEMS, TIERS
from bot.sources.csv.discounts import Discounts
from bot.sources.csv.prices import Catalogue, Offer, minor_price
from bot.sources.csv.problems import quoted
from bot.sources.csv.rows import Folder, Row
from storage.facts import Item, Scheme, Tier, Usage

FREE = Decimal(0)


class Items:
    """Every version of every item; `currencies` gives that of each sound subscription."""

    def __init__(
        self, folder: Folder, currencies: Mapping[str, str], catalogue: Catalogue, discounts: Discounts
    ) -> None:
        self.versions: dict[str, list[Item]] = {}
        self.by_subscription: dict[str, list[Item]] = defaultdict(list)
        self._zone = folder.zone
        self._catalogue = catalogue
        self._discounts = discounts
        self._tiers = _tiers(folder)
        self._tiers_are_sound = not folder.problems.by_file[TIERS.name]
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in folder.rows(ITEMS):
            rows[row["item_id"]].append(row)
        for item_id, history in rows.items():
            self._build(item_id, sorted(history, key=lambda row: row["started_at"]), currencies)
        self._reject_clashes(rows)
        if not folder.problems.by_file[ITEMS.name]:
            for unused in self._tiers.values():
                unused[0].reject("fits no row of items.csv; mend item_id or started_at", "started_at")

    def price_at(self, item_id: str | None, at: datetime) -> str | None:
        """The price of an item at an instant; its first one before that."""
        versions = self.versions.get(item_id or "", ())
        begun = [version for version in versions if version.started_at is not None and version.started_at <= at]
        return (begun or versions)[-1 if begun else 0].price_id if versions else None

    def _build(self, item_id: str, history: Sequence[Row], currencies: Mapping[str, str]) -> None:
        subscription = history[0]["subscription_id"]
        discounts = self._discounts.on("item", item_id)
        currency = currencies.get(subscription)
        versions = []
        for row, later in zip(history, [*history[1:], None], strict=True):
            if row["subscription_id"] != subscription:
                row.reject(
                    f"is another subscription than in line {history[0].line}; give it its own item_id", "item_id"
                )
            tiers = self._tiers.pop((item_id, row["started_at"]), [])
            if currency is None:
                continue  # the row of the subscription is wrong, which is told there
            versions.append(
                Item(
                    id=item_id if later is None else item_id + version_mark(row["started_at"], self._zone),
                    price_id=self._catalogue.price(self._offer(row, tiers, currency)),
                    quantity=1 if row["quantity"] is None else row["quantity"],
                    started_at=row["started_at"],
                    ended_at=_end(row, later),
                    trial_end=row["trial_end"],
                    discounts=discounts,
                )
            )
        self.versions[item_id] = versions
        self.by_subscription[subscription] += versions

    def _offer(self, row: Row, tiers: Sequence[Row], currency: str) -> Offer:
        scheme = row["scheme"] or Scheme.PER_UNIT
        usage = row["usage"] or Usage.LICENSED
        tax = row["tax_inclusive_percent"] or FREE
        _check_price(row, scheme, usage)
        if self._tiers_are_sound:
            _check_tiers(row, scheme, tiers)
        unit = row["unit_amount"]
        interval, times = row["interval"]
        return Offer(
            product=row["product"],
            plan=row["plan"],
            currency=currency,
            unit_amount=None if unit is None else minor_price(unit, currency, tax),
            interval=interval,
            interval_count=times * row["interval_count"],
            usage=usage,
            scheme=scheme,
            pack_size=row["pack_size"] or 1,
            tiers=[_tier(tier, currency, tax) for tier in tiers],
        )

    def _reject_clashes(self, rows: Mapping[str, Sequence[Row]]) -> None:
        for versions in self.versions.values():
            for version in versions[:-1]:
                if version.id in rows:
                    rows[version.id][0].reject(
                        "is what Kahvi calls an earlier row of another item; rename it", "item_id"
                    )


def version_mark(start: datetime, zone: ZoneInfo) -> str:
    """What tells an earlier version's id from the present one's: its first day, or instant."""
    day = local_day(start, zone)
    return f"@{day}" if start_of_day(day, zone) == start else f"@{start.isoformat().replace('+00:00', 'Z')}"


def _tiers(folder: Folder) -> dict[tuple[str, datetime], list[Row]]:
    """The rows of tiers.csv by item row, lowest first, the open one last."""
    found: dict[tuple[str, datetime], list[Row]] = defaultdict(list)
    for row in folder.rows(TIERS):
        found[row["item_id"], row["started_at"]].append(row)
    for tiers in found.values():
        tiers.sort(key=lambda row: (row["up_to"] is None, row["up_to"] or 0))
    return dict(found)


def _tier(row: Row, currency: str, tax: Decimal) -> Tier:
    unit, flat = row["unit_amount"] or FREE, row["flat_amount"] or FREE
    return Tier(row["up_to"], minor_price(unit, currency, tax), minor_price(flat, currency, tax))


def _check_price(row: Row, scheme: Scheme, usage: Usage) -> None:
    if scheme is not Scheme.PER_UNIT and row["unit_amount"] is not None:
        row.reject("is in tiers.csv for this scheme; leave it empty here", "unit_amount")
    if scheme is Scheme.PER_UNIT and row["unit_amount"] is None and usage is Usage.LICENSED:
        row.reject("is empty; write what one unit costs, 0 when it is free", "unit_amount")


def _check_tiers(row: Row, scheme: Scheme, tiers: Sequence[Row]) -> None:
    if scheme is Scheme.PER_UNIT:
        if tiers:
            row.reject("is per_unit, but tiers.csv has tiers for it; write graduated or volume", "scheme")
    elif not tiers:
        row.reject(f"is {quoted(scheme)}, but tiers.csv has no tiers for this item and started_at; add them", "scheme")
    elif tiers[-1]["up_to"] is not None:
        tiers[-1].reject("is the last tier and has an end; leave up_to empty in it", "up_to")


def _end(row: Row, later: Row | None) -> datetime | None:
    end: datetime | None = row["ended_at"]
    if later is None:
        return end
    start: datetime = later["started_at"]
    if end is not None and end > start:
        row.reject(f"is after the item's next row (line {later.line}) starts; mend or empty it", "ended_at")
    return start if end is None else end
