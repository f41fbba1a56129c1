"""Accounts with years of bills, written straight into the tables: what a ledger is made anew from.

Of ten accounts three pay yearly and seven monthly, for 3 to 36 months; one in five has left. Seats change every
fourth bill, for one account in eight in the middle of a period, by a credit and a charge. Nobody begins at midnight.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from storage import tables as t
from storage.engine import Database
from storage.facts import InvoiceStatus, LineKind, Status
from storage.upsert import Row, insert_all
from tests.bench import ledger_rows as made

MONTHS = (3, 6, 9, 12, 18, 36)  # that monthly accounts have paid
YEARS = (1, 2, 3)
MONTH, YEAR = timedelta(days=30), timedelta(days=360)
SEAT = made.SEAT


class Life(NamedTuple):
    """How one account pays: `bills` periods of a length from `start` on, at a price."""

    number: int
    start: datetime
    period: timedelta
    bills: int
    price: str
    seat: int

    @property
    def left(self) -> bool:
        return self.number % 5 == 2

    def seats(self, place: int) -> int:
        return 1 + (self.number + place // 4) % 7


def life(number: int) -> Life:
    yearly = number % 10 < 3
    bills = YEARS[number // 10 % 3] if yearly else MONTHS[number // 10 % 6]
    period, price = (YEAR, f"{made.PRODUCTS[number % 4]}-yearly") if yearly else (MONTH, made.PRODUCTS[number % 4])
    since = period * (bills - 1) + timedelta(seconds=number * 7919 % int(period.total_seconds()))
    return Life(number, made.NOW - since, period, bills, price, 12 * SEAT if yearly else SEAT)


def fill(database: Database, accounts: int) -> int:
    """Fill an empty database; the number of its invoice lines."""
    made.catalogue(database)
    with database.writing() as session:
        insert_all(session, t.PriceRow, [made.yearly_price(name) for name in made.PRODUCTS])
    lines = 0
    for start in range(0, accounts, made.PORTION):
        lives = [life(number) for number in range(start, min(start + made.PORTION, accounts))]
        billed = [row for one in lives for row in _lines(one)]
        lines += len(billed)
        with database.writing() as session:
            insert_all(session, t.AccountRow, [made.account(one.number) for one in lives])
            insert_all(session, t.SubscriptionRow, [_subscription(one) for one in lives])
            insert_all(session, t.ItemRow, [_item(one) for one in lives])
            insert_all(session, t.InvoiceRow, [_invoice(one, place) for one in lives for place in range(one.bills)])
            insert_all(session, t.InvoiceLineRow, billed)
    return lines


def _subscription(one: Life) -> Row:
    end = one.start + one.period * one.bills
    ended = end - one.period / 2 if one.left else None
    return {
        **made.subscription(one.number, 0),
        "status": Status.ENDED if ended else Status.ACTIVE,
        "started_at": one.start,
        "current_period_start": end - one.period,
        "current_period_end": end,
        "cancel_at": None,
        "cancel_requested_at": None,
        "ended_at": ended,
    }


def _item(one: Life) -> Row:
    return {**made.item(one.number, 1), "price_id": one.price, "quantity": one.seats(one.bills - 1)}


def _invoice(one: Life, place: int) -> Row:
    status = InvoiceStatus.VOID if (one.number + place) % 97 == 0 else InvoiceStatus.PAID
    at = one.start + one.period * place
    return {**made.invoice(one.number, place, paid=True), "status": status, "issued_at": at, "paid_at": at}


def _lines(one: Life) -> Iterator[Row]:
    for place in range(one.bills):
        seats = one.seats(place)
        prorated = one.number % 8 == 1 and place and seats != one.seats(place - 1)
        if prorated:
            yield from _changed(one, place)
        yield _line(one, place, one.start + one.period * place, seats * one.seat, seats)


def _changed(one: Life, place: int) -> Iterator[Row]:
    """The seats changed in the middle of the period before: the rest of it is credited and charged anew."""
    middle = one.start + one.period * place - one.period / 2
    for name, seats, sign in (("a", one.seats(place - 1), -1), ("b", one.seats(place), 1)):
        row = _line(one, place, middle, sign * seats * one.seat // 2, seats)
        yield {**row, "id": f"{row['id']}{name}", "period_end": middle + one.period / 2, "proration": True}


def _line(one: Life, place: int, start: datetime, amount: int, seats: int) -> Row:
    return {
        "id": f"il_{one.number:08}_{place:03}",
        "invoice_id": f"in_{one.number:08}_{place:03}",
        "account_id": f"cus_{one.number:08}",
        "kind": LineKind.RECURRING,
        "amount": amount,
        "quantity": seats,
        "period_start": start.astimezone(UTC),
        "period_end": start + one.period,
        "subscription_id": f"sub_{one.number:08}",
        "item_id": f"si_{one.number:08}",
        "price_id": one.price,
        "proration": False,
        "discount_once": 0,
        "discount_repeating": 0,
        "discount_forever": 0,
        "tax_inside": 0,
    }
