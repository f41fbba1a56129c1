"""Facts that cannot be valued: what is looked for, and what a person can do about it.

To look for another fault, name it in `storage.states.Fault`, give it its words in `WORDS`, and write one function with
`@check`. A subscription with a fault is kept out of all figures, its account's other subscriptions are not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from bot.metrics.mrr import DAYS, asked_amount
from bot.metrics.rates import Rates
from storage.facts import InvoiceLine, Item, Price, Status, Subscription, Usage
from storage.faults import SUBSCRIPTION, Held
from storage.states import Fault

LARGEST = 10**13  # minor units; sums of many still fit a database integer
LONGEST = 36_525  # days of one bill: a hundred years, of which a month's share rounds to nothing
NOTHING = Decimal(0)
NEVER = (Status.SCHEDULED, Status.NEVER_STARTED)


@dataclass(frozen=True, slots=True)
class Words:
    """`short` follows a number of facts ("2 without a known price"); `remedy` is one sentence.

    `keeps` says that the ledger keeps the movements, as figures leave them out by themselves.
    """

    short: str
    remedy: str
    keeps: bool = False


WORDS: Mapping[Fault, Words] = {
    Fault.UNREADABLE: Words(
        "that could not be read", "Look at the object in the billing system; if it is sound, report what is said of it."
    ),
    Fault.NO_CUSTOMER: Words("without a customer", "Give the subscription a customer in the billing system."),
    Fault.NO_PRICE: Words(
        "without a known price", "Give the price an amount in the subscription's currency, or import the missing price."
    ),
    Fault.NO_RATE: Words(
        "in a currency without a rate", "Set KAHVI_CURRENCY to one you bill in, or provide rates.", keeps=True
    ),
    Fault.UNKNOWN_INTERVAL: Words(
        "with an unknown interval", "Bill by days, weeks, months or years, or upgrade Kahvi if the interval is new."
    ),
    Fault.ENDLESS_INTERVAL: Words(
        "billed too rarely to be true", "Correct how many days, weeks, months or years of the price make a period."
    ),
    Fault.NEGATIVE_QUANTITY: Words(
        "with a negative quantity", "Set the quantity to zero or more; what lowers a bill is a discount or a credit."
    ),
    Fault.NEGATIVE_PRICE: Words(
        "with a negative price", "Set the price to zero or more; what lowers a bill is a discount or a credit."
    ),
    Fault.DATES_REVERSED: Words(
        "with dates in the wrong order", "Correct the dates, so that nothing ends before it starts."
    ),
    Fault.TOO_LARGE: Words("with an amount too large to be true", "Correct the amount, quantity or price."),
    Fault.UNFORESEEN: Words("that Kahvi fails at", "This is a fault of Kahvi's: report it with the lines of the log."),
}


class Suspect(NamedTuple):
    """A subscription with what it is valued by; `lines` are its recurring invoice lines."""

    subscription: Subscription
    lines: Sequence[InvoiceLine]
    prices: Mapping[str, Price]
    rates: Rates

    @property
    def billed(self) -> set[str | None]:
        """The items that bills tell the worth of."""
        return {line.item_id for line in self.lines}


Look = Callable[[Suspect], str | None]
CHECKS: dict[Fault, Look] = {}


def check(fault: Fault) -> Callable[[Look], Look]:
    """Register a function that says in words that follow "it" what is wrong, or None."""

    def register(look: Look) -> Look:
        CHECKS[fault] = look
        return look

    return register


def faults(suspect: Suspect) -> list[Held]:
    """What is wrong with a subscription; nothing for one that never was in force."""
    one = suspect.subscription
    if one.status in NEVER:
        return []
    return [
        Held(SUBSCRIPTION, one.id, fault, detail, one.account_id)
        for fault, look in CHECKS.items()
        if (detail := look(suspect))
    ]


def left_out(found: Sequence[Held]) -> bool:
    """Whether these faults keep a subscription out of the ledger."""
    return any(not WORDS[one.fault].keeps for one in found)


def unforeseen(kind: str, id_: str, account_id: str, error: Exception) -> Held:
    """What Kahvi itself fails at."""
    return Held(kind, id_, Fault.UNFORESEEN, f"makes Kahvi fail ({type(error).__name__})", account_id)


@check(Fault.NO_RATE)
def _no_rate(suspect: Suspect) -> str | None:
    currency = suspect.subscription.currency
    return None if currency in suspect.rates else f"is billed in {currency.upper()}, which has no exchange rate"


@check(Fault.NEGATIVE_QUANTITY)
def _negative_quantity(suspect: Suspect) -> str | None:
    for item in suspect.subscription.items:
        if item.quantity < 0:
            return f"has {item.quantity} of {item.price_id}"
    return None


@check(Fault.NEGATIVE_PRICE)
def _negative_price(suspect: Suspect) -> str | None:
    for item, price in _priced(suspect):
        if item.quantity > 0 and (_asked(item, price, suspect) or NOTHING) < 0:
            return f"asks less than nothing for {_called(price)}"
    return None


@check(Fault.ENDLESS_INTERVAL)
def _endless_interval(suspect: Suspect) -> str | None:
    for _, price in _priced(suspect):
        if price.interval and DAYS[price.interval] * price.interval_count > LONGEST:
            return f"is billed for {_called(price)} every {price.interval_count:,} {price.interval}s"
    return None


@check(Fault.NO_PRICE)
def _no_price(suspect: Suspect) -> str | None:
    """Of items whose bills do not tell their worth either."""
    for item in suspect.subscription.items:
        price = suspect.prices.get(item.price_id)
        if price and (price.usage is not Usage.LICENSED or price.interval is None):
            continue
        if (price is None or _asked(item, price, suspect) is None) and item.id not in suspect.billed:
            lacks = f"has no amount in {suspect.subscription.currency.upper()}" if price else "is not known"
            return f"names the price {item.price_id}, which {lacks}"
    return None


@check(Fault.DATES_REVERSED)
def _dates_reversed(suspect: Suspect) -> str | None:
    for name, start, end in _spans(suspect):
        if start and end and end < start:
            return f"has {name} that ends on {end:%Y-%m-%d}, before it starts on {start:%Y-%m-%d}"
    return None


@check(Fault.TOO_LARGE)
def _too_large(suspect: Suspect) -> str | None:
    for line in suspect.lines:
        if not -LARGEST <= line.amount <= LARGEST:
            return "was billed more than all reason"
    for item, price in _priced(suspect):
        if item.quantity > 0 and abs(_asked(item, price, suspect) or NOTHING) > LARGEST:
            return f"asks more than all reason for {_called(price)}"
    return None


def _priced(suspect: Suspect) -> Iterator[tuple[Item, Price]]:
    """The items whose price is known."""
    for item in suspect.subscription.items:
        if price := suspect.prices.get(item.price_id):
            yield item, price


def _called(price: Price) -> str:
    return price.nickname or price.id


def _asked(item: Item, price: Price, suspect: Suspect) -> Decimal | None:
    return asked_amount(price, Decimal(item.quantity), suspect.subscription.currency)


def _spans(suspect: Suspect) -> Iterator[tuple[str, datetime | None, datetime | None]]:
    one = suspect.subscription
    yield "a life", one.started_at, one.ended_at
    yield "a trial", one.trial_start, one.trial_end
    yield "a period", one.current_period_start, one.current_period_end
    for item in one.items:
        yield f"an item {item.id}", item.started_at, item.ended_at
    for line in suspect.lines:
        if line.period_end < line.period_start:  # few do: names are made for those alone
            yield f"a bill {line.id}", line.period_start, line.period_end
