"""invoices.csv with invoice_lines.csv."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.clock import local_day
from bot.sources.csv.columns import INVOICES, ITEMS, LINES, SUBSCRIPTIONS
from bot.sources.csv.derived import Charge, Derived
from bot.sources.csv.prices import SOURCE, Catalogue, Offer, plain
from bot.sources.csv.problems import quoted
from bot.sources.csv.rows import Folder, Row
from bot.sources.csv.subscriptions import Subscriptions
from storage.facts import Collection, Interval, Invoice, InvoiceLine, InvoiceStatus, LineKind

AVERAGE_MONTH = 30.4375
COUNTED = (InvoiceStatus.OPEN, InvoiceStatus.PAID, InvoiceStatus.UNCOLLECTIBLE, InvoiceStatus.UNKNOWN)


class Invoices:
    """The invoices of the folder with their lines; `charges` are the lines that subscriptions can be read off."""

    def __init__(self, folder: Folder, catalogue: Catalogue, subscriptions: Subscriptions) -> None:
        self.charges: list[Charge] = []
        self._rows: dict[str, Row] = {row["invoice_id"]: row for row in folder.rows(INVOICES)}
        self._lines: dict[str, list[InvoiceLine]] = defaultdict(list)
        self._catalogue = catalogue
        self._subscriptions = subscriptions
        self._zone = folder.zone
        self._derives = not folder.has(SUBSCRIPTIONS)
        self._check_items = not self._derives and not (
            folder.problems.by_file[SUBSCRIPTIONS.name] or folder.problems.by_file[ITEMS.name]
        )
        for row in folder.rows(LINES):
            if invoice := self._rows.get(row["invoice_id"]):
                self._add(row, invoice)

    def horizon(self, now: datetime) -> datetime:
        """When the newest invoice was issued that is not of the future; now when there is none."""
        issued = (row["issued_at"] for row in self._rows.values() if row["status"] in COUNTED)
        return max((at for at in issued if at <= now), default=now)

    def build(self, derived: Derived | None, payments: Mapping[str, Sequence[str]]) -> list[Invoice]:
        """The invoices; `payments` holds the ids of the payments tried for each."""
        names = frozenset(subscription.id for subscription in derived.subscriptions) if derived else frozenset()
        built = []
        for key, row in self._rows.items():
            lines = self._lines.get(key, [])
            if derived:
                lines = [_attached(line, derived, names) for line in lines]
            built.append(_invoice(row, lines, payments.get(key, ())))
        return built

    def _add(self, row: Row, invoice: Row) -> None:
        currency = invoice["currency"]
        discount, repeats = row.minor("discount", currency), row["discount_duration"] or "forever"
        start = row["period_start"] or invoice["issued_at"]
        line = InvoiceLine(
            id=row["line_id"],
            kind=row["kind"],
            amount=row.minor("amount", currency),
            quantity=row["quantity"],
            period_start=start,
            period_end=row["period_end"] or start,
            subscription_id=row["subscription_id"],
            item_id=self._item_id(row),
            proration=bool(row["proration"]),
            description=row["description"],
            discount_once=discount if repeats == "once" else 0,
            discount_repeating=discount if repeats == "repeating" else 0,
            discount_forever=discount if repeats == "forever" else 0,
        )
        if line.kind is LineKind.RECURRING and _period_is_known(row):
            line = self._priced(row, line, invoice)
        self._lines[row["invoice_id"]].append(line)

    def _item_id(self, row: Row) -> str | None:
        item_id: str | None = row["item_id"]
        if item_id is None:
            sole: str | None = row["subscription_id"]
            return sole if sole in self._subscriptions.offers else None
        if self._check_items and item_id not in self._subscriptions.item_ids:
            row.reject(f"{quoted(item_id)} is no item of these files; add it or mend the id", "item_id")
        return item_id

    def _priced(self, row: Row, line: InvoiceLine, invoice: Row) -> InvoiceLine:
        """The line with the price it was made by: that of its item's history, else what the line itself says."""
        price_id = self._subscriptions.items.price_at(line.item_id, line.period_start)
        quantity = int(line.quantity) if line.quantity and line.quantity > 0 and line.quantity % 1 == 0 else 1
        if price_id is None and not line.proration and line.amount >= 0:
            offer = self._offer(row, line, invoice["currency"], quantity)
            price_id = self._catalogue.price(offer)
            if self._derives and invoice["status"] in COUNTED:
                self.charges.append(Charge(row, invoice["account_id"], offer.currency, line, price_id, quantity))
        return line._replace(price_id=price_id)

    def _offer(self, row: Row, line: InvoiceLine, currency: str, quantity: int) -> Offer:
        sold = self._subscriptions.offers.get(line.item_id or "")
        interval, count = interval_of(line.period_start, line.period_end, self._zone)
        return Offer(
            product=row["product"] or (sold.product if sold else None),
            plan=row["plan"] or (sold.plan if sold else None),
            currency=currency,
            unit_amount=plain(Decimal(line.amount) / quantity),
            interval=interval,
            interval_count=count,
        )


def interval_of(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[Interval, int]:
    """The billing interval a service period stands for: months give or take a day, else whole weeks, else days."""
    first, last = local_day(start, zone), local_day(end, zone)
    days = max(1, (last - first).days)
    months = round(days / AVERAGE_MONTH)
    if months and abs((_months_later(first, months) - last).days) <= 1:
        return (Interval.MONTH, months) if months % 12 else (Interval.YEAR, months // 12)
    return (Interval.DAY, days) if days % 7 else (Interval.WEEK, days // 7)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _period_is_known(row: Row) -> bool:
    empty = [column for column in ("period_start", "period_end") if row[column] is None]
    for column in empty:
        row.reject("is empty; a recurring line needs it", column)
    if not empty and row["period_start"] == row["period_end"]:
        row.reject("is the same as period_start; write the first day not paid for", "period_end")
        return False
    return not empty


def _attached(line: InvoiceLine, derived: Derived, names: frozenset[str]) -> InvoiceLine:
    subscription, item = derived.of_line.get(line.id, (line.subscription_id, None))
    return line._replace(subscription_id=subscription if subscription in names else None, item_id=item)


def _invoice(row: Row, lines: Sequence[InvoiceLine], payments: Sequence[str]) -> Invoice:
    currency, status = row["currency"], row["status"]
    total = row.minor("total", currency)
    paid = total if status is InvoiceStatus.PAID else 0
    subscriptions = {line.subscription_id for line in lines if line.subscription_id}
    return Invoice(
        id=row["invoice_id"],
        account_id=row["account_id"],
        source=SOURCE,
        status=status,
        status_word=status.value,
        currency=currency,
        total=total,
        tax=row.minor("tax", currency),
        amount_due=total,
        amount_paid=paid if row["amount_paid"] is None else row.minor("amount_paid", currency),
        issued_at=row["issued_at"],
        number=row["number"],
        subscription_id=subscriptions.pop() if len(subscriptions) == 1 else None,
        due_at=row["due_at"],
        paid_at=row["paid_at"],
        attempt_count=row["attempt_count"] or 0,
        next_attempt_at=row["next_attempt_at"],
        collection=row["collection"] or Collection.CHARGE,
        payment_refs=tuple(payments),
        lines=tuple(lines),
    )
