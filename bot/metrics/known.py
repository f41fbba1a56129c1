"""What a bill says and what that is worth, whoever is billed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, NamedTuple, assert_never
from zoneinfo import ZoneInfo

from bot.clock import local_day
from bot.metrics.axes import Annual, OnceDiscounts, RecurringDiscounts, Tax
from bot.metrics.mrr import Level, months
from bot.metrics.policy import MetricsPolicy
from storage.facts import Interval, InvoiceLine, Price

KEPT = 8192  # wordings that are remembered, and what they are worth
MONTH_SECONDS = Decimal(365 * 86400) / 12
SHORTEST = Decimal(1) / 31  # of a month; a period of no length must not divide by zero
ZERO, WHOLE = Decimal(0), Decimal(1)
HALF = Decimal("0.5")


class Terms(NamedTuple):
    """All that a line says of what it bills, but for its period and its item."""

    amount: int
    quantity: Decimal | None
    price_id: str | None
    proration: bool
    discount_once: int
    discount_repeating: int
    discount_forever: int
    tax_inside: int


# Plain, and by place: they are taken of every line.
TERMS: Callable[[InvoiceLine], tuple[object, ...]] = itemgetter(*map(InvoiceLine._fields.index, Terms._fields))


@dataclass(frozen=True, slots=True, eq=False)  # compared as the one object that it is: `Known` makes each once
class Says:
    """What a bill says, but for its period.

    `share` is what discounts left of the amount, `steady` that it is worth the same however long the period is.
    """

    proration: bool
    price_id: str
    quantity: Decimal
    gross: Decimal
    net: Decimal
    share: Decimal
    steady: bool


class Known:
    """What the past of subscriptions is told by; `today` is the last day that may hold a step.

    Bills of one price mostly say what many others do, so both answers are remembered: what a bill `said`, by the
    `TERMS` of its lines, and what that is `worth` in a period of some length.
    """

    def __init__(self, prices: Mapping[str, Price], policy: MetricsPolicy, zone: ZoneInfo, now: datetime) -> None:
        self.prices, self.policy, self.zone, self.now = prices, policy, zone, now
        self.needs_fates = policy.needs_fates
        self.today = local_day(now, zone)
        self.said = lru_cache(KEPT)(partial(_said, prices, policy))
        self.worth = lru_cache(KEPT)(partial(_worth, prices, policy))


def _said(prices: Mapping[str, Price], policy: MetricsPolicy, *lines: tuple[Any, ...]) -> Says:
    parts = [Terms(*terms) for terms in lines]
    quantity, gross, off = ZERO, 0, 0
    for part in parts:
        quantity += WHOLE if part.quantity is None else part.quantity
        gross += part.amount if policy.tax is Tax.IN else part.amount - part.tax_inside
        off += counted_discount(part, policy)
    price_id, proration = parts[0].price_id or "", parts[0].proration
    price, net = prices.get(price_id), Decimal(gross - off)
    steady = not proration and price is not None and price.interval not in (None, Interval.YEAR)
    return Says(proration, price_id, quantity, Decimal(gross), net, _share(Decimal(gross), net), steady)


def _share(gross: Decimal, net: Decimal) -> Decimal:
    """The roundest fraction that explains the rounded net."""
    if not gross or net == gross:
        return WHOLE
    exact = net / gross
    for places in (Decimal("0.01"), Decimal("0.0001")):
        round_share = exact.quantize(places)
        if abs(gross * round_share - net) <= HALF:
            return round_share
    return exact


def _worth(prices: Mapping[str, Price], policy: MetricsPolicy, says: Says, length: timedelta) -> Level:
    """What a bill makes of its item, per month, by nothing but its amount and period."""
    price = prices.get(says.price_id)
    if price is None or price.interval is None:
        product = (price and price.product_id) or says.price_id
        return Level(product, says.price_id, says.quantity, says.net / months_in(length))
    whole = months(price, policy)
    if price.interval is Interval.YEAR and policy.annual is Annual.MONTHS_IN_PERIOD and length > timedelta(0):
        whole = _months_like(length, whole)
    return Level(price.product_id or price.id, price.id, says.quantity, says.net / whole)


def counted_discount(line: InvoiceLine | Terms, policy: MetricsPolicy) -> int:
    """What the discounts that count take off a line."""
    if not (line.discount_once or line.discount_repeating or line.discount_forever):
        return 0
    once = line.discount_once if policy.once_discounts is OnceDiscounts.SUBTRACT else 0
    match policy.recurring_discounts:
        case RecurringDiscounts.IGNORE:
            return once
        case RecurringDiscounts.FOREVER_ONLY:
            return once + line.discount_forever
        case RecurringDiscounts.ALL:
            return once + line.discount_forever + line.discount_repeating
        case _:
            assert_never(policy.recurring_discounts)


def _months_like(length: timedelta, whole: Decimal) -> Decimal:
    """The months of a period: those of its price, unless the period is clearly another one."""
    exact = months_in(length)
    return whole if abs(exact - whole) * 10 < whole else exact


def seconds_in(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(seconds=1))


def months_in(length: timedelta) -> Decimal:
    """Months of a period of some length, whole where it is about whole."""
    exact = seconds_in(length) / MONTH_SECONDS
    nearest = exact.to_integral_value()
    if nearest >= 1 and abs(exact - nearest) < nearest / 10:
        return nearest
    return max(exact, SHORTEST)
