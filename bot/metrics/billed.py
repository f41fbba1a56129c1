"""What invoice lines prove about one subscription item: from when on it was worth how much."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from bot.metrics.axes import Proration, Trials, ZeroMrr
from bot.metrics.known import HALF, MONTH_SECONDS, SHORTEST, TERMS, WHOLE, Known, Says, seconds_in
from bot.metrics.mrr import Level, asked_amount, months
from storage.facts import InvoiceLine, Price, in_turn

PLACE = InvoiceLine._fields.index
START, END = itemgetter(PLACE("period_start")), itemgetter(PLACE("period_end"))
MOMENT = itemgetter(PLACE("period_start"), PLACE("proration"))  # a proration at a period's start follows its own line


class Bill(NamedTuple):
    """The lines that bill an item together for one period (a tiered price has a line for each tier)."""

    start: datetime
    end: datetime
    says: Says


BILL = partial(tuple.__new__, Bill)  # as `_make` does, without a call for each


class ItemPast:
    """The levels of one item, read from its lines.

    `live` is its present level, where it has one. `discounted_at` are the instants at which its present discounts
    began: a discount shows on the next bill only, but holds from then.
    """

    def __init__(
        self,
        lines: Sequence[InvoiceLine],
        known: Known,
        currency: str,
        *,
        live: Level | None = None,
        discounted_at: Sequence[datetime] = (),
        trial_end: datetime | None = None,
    ) -> None:
        self._known = known
        self._currency = currency
        self._live = live
        self._discounted_at = discounted_at
        self._trial_end = trial_end
        self._bills = _bills([line for line in lines if line.amount >= 0], known)
        self._removed = {line.period_start for line in lines if line.amount < 0}
        if self._removed:
            self._removed.difference_update(bill.start for bill in self._bills)

    def events(self, *, ends: bool, gaps: timedelta | None = None) -> list[tuple[datetime, Level | None]]:
        """From when on the item was at which level, None for gone; with `ends` it is gone after its last period.

        A credit without a charge at the same instant says that the item was taken away then. Where `gaps` is given,
        it is gone between two periods that are further apart.
        """
        found: list[tuple[datetime, Level | None]] = [(at, None) for at in self._removed]
        simply = not self._removed and not self._discounted_at and gaps is None
        told, level = None, None
        for bill in self._bills:
            if bill.says is not told:
                level = self._level(bill)
                level = level if level.amount > 0 or self._free(bill) else None
                told = bill.says if bill.says.steady and not self._trial_end else None
            elif simply and bill is not self._bills[-1]:
                continue  # most bills say what the one before said, and nothing came in between
            found.append((bill.start, level))
        if ends and self._bills:
            found.append((max(bill.end for bill in self._bills), None))
        if gaps is not None:
            found.extend((end, None) for end in self._gaps(gaps))
        found.sort(key=itemgetter(0))
        if self._discounted_at:
            found = sorted([*found, *self._discounted(found)], key=itemgetter(0))
        return self._settled(found)

    def _gaps(self, longest: timedelta) -> Iterator[datetime]:
        """Where a period ends and none begins for longer than this."""
        reach = None
        for bill in self._bills:
            if reach and bill.start > reach + longest:
                yield reach
            reach = max(reach or bill.end, bill.end)

    def _discounted(self, events: Sequence[tuple[datetime, Level | None]]) -> list[tuple[datetime, Level | None]]:
        """What the item was worth from the beginning of a discount to the bill that shows it."""
        found: list[tuple[datetime, Level | None]] = []
        for at in self._discounted_at:
            before = [level for since, level in events if since <= at]
            billed = [bill for bill in self._bills if bill.start <= at]
            if not billed or not before[-1:] or before[-1] is None:
                continue
            price = self._known.prices.get(before[-1].price_id)
            old, new = self._share_before(billed[-1]), self._share_after(billed[-1], price)
            if old and new < old:
                found.append((at, before[-1]._replace(amount=before[-1].amount * new / old)))
        return found

    def _settled(self, events: list[tuple[datetime, Level | None]]) -> list[tuple[datetime, Level | None]]:
        """The events with equal levels equal to the last digit: those of the present, or of the latest bill.

        Billed amounts are rounded to minor units, and what they prove about a month is a little off.
        """
        settled: list[tuple[datetime, Level | None]] = []
        later, told = self._live, None
        for at, level in reversed(events):
            if level is None or level is not told:  # else it is settled already
                later = later if level and later and same_level(level, later) else level
            settled.append((at, later))
            told = level
        return settled[::-1]

    def _level(self, bill: Bill) -> Level:
        level = self._known.worth(bill.says, bill.end - bill.start)
        price = self._known.prices.get(bill.says.price_id)
        if price is None or price.interval is None:
            return level
        if bill.says.proration:
            return level._replace(amount=self._unprorated(bill, price) / months(price, self._known.policy))
        if self._on_trial(bill) and self._known.policy.trials is Trials.IN and not bill.says.gross:
            asked = asked_amount(price, bill.says.quantity, self._currency) or Decimal(0)
            share = self._share_after(bill, price)
            return level._replace(amount=asked * share / months(price, self._known.policy))
        return level

    def _on_trial(self, bill: Bill) -> bool:
        return self._trial_end is not None and bill.start < self._trial_end

    def _free(self, bill: Bill) -> bool:
        """Whether an item that asks for nothing keeps its customer."""
        return self._known.policy.zero_mrr_customer is ZeroMrr.STAYS_ACTIVE and not self._on_trial(bill)

    def _unprorated(self, bill: Bill, price: Price) -> Decimal:
        """What the price asks for a whole interval of a prorated quantity, after the discounts that count.

        Stripe takes a subscription's discounts off a proration's amount without naming them on its line. So they
        are those of the item's periods before and after; where these differ, the amount tells which.
        """
        asked = asked_amount(price, bill.says.quantity, self._currency)
        part = self._part(bill, price)
        if asked is None:
            return bill.says.net / part
        if self._known.policy.proration is Proration.FACTOR:
            return self._scaled(bill, price, asked, part)
        if bill.says.net != bill.says.gross:
            return asked * bill.says.share
        shares = {self._share_before(bill), self._share_after(bill, price)}
        return asked * min(shares, key=lambda share: abs(asked * share * part - bill.says.gross))

    def _scaled(self, bill: Bill, price: Price, asked: Decimal, part: Decimal) -> Decimal:
        """The amount scaled up to the whole interval: what the price asks, where its part rounds to that amount."""
        for share in (bill.says.share, self._share_before(bill), self._share_after(bill, price)):
            if abs(asked * share * part - bill.says.net) <= HALF:
                return asked * share
        return bill.says.net / part

    def _part(self, bill: Bill, price: Price) -> Decimal:
        """Which part of a whole interval a prorated bill covers."""
        seconds = seconds_in(bill.end - bill.start)
        for one in self._bills:
            if one.end == bill.end and one.start < one.end and not one.says.proration:
                return max(seconds, WHOLE) / seconds_in(one.end - one.start)
        return max(seconds / MONTH_SECONDS, SHORTEST) / months(price, self._known.policy)

    def _share_before(self, bill: Bill) -> Decimal:
        for one in reversed(self._bills):
            if one.start <= bill.start and one.says.gross and not one.says.proration:
                return one.says.share
        return WHOLE

    def _share_after(self, bill: Bill, price: Price | None) -> Decimal:
        for one in self._bills:
            if one.start > bill.start and one.says.gross and not one.says.proration:
                return one.says.share
        if self._live and price and self._live.price_id == price.id:
            asked = asked_amount(price, self._live.quantity, self._currency)
            return self._live.amount * months(price, self._known.policy) / asked if asked else WHOLE
        return self._share_before(bill)


def same_level(one: Level, other: Level) -> bool:
    """Whether two levels differ by no more than the rounding of a billed amount."""
    unchanged = one.price_id == other.price_id and one.quantity == other.quantity
    return unchanged and abs(one.amount - other.amount) <= 1


def _bills(charges: Sequence[InvoiceLine], known: Known) -> list[Bill]:
    """The bills of charges in order of their moments; those that say the same share what they say."""
    if not in_turn(charges):
        charges = sorted(charges, key=MOMENT)
        if not in_turn(charges):
            return [_bill(list(together), known) for _, together in groupby(charges, key=MOMENT)]
    said: list[Says] = []
    before = None
    for terms in map(TERMS, charges):
        if terms != before:
            before, says = terms, known.said(terms)
        said.append(says)
    return [*map(BILL, zip(map(START, charges), map(END, charges), said, strict=True))]


def _bill(together: Sequence[InvoiceLine], known: Known) -> Bill:
    # Leaving a free plan credits nothing: beside a charge, a line without an amount tells nothing.
    lines = [line for line in together if line.amount] or together
    return Bill(lines[0].period_start, max(line.period_end for line in lines), known.said(*map(TERMS, lines)))
