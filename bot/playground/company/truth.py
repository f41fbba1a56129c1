"""What the generator knows it simulated: the MRR of every subscription, written down when it changed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction

from bot.playground.stripe.billing import discounting, pricing
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.billing.dates import moment
from bot.playground.stripe.store import Object

COUNTED = frozenset(("active", "past_due"))


@dataclass(frozen=True)
class Level:
    """From `at` on the subscription is worth `mrr` minor units of `currency` a month."""

    at: datetime
    account: str
    subscription: str
    currency: str
    mrr: int

    @property
    def day(self) -> date:
        """The UTC day of the change."""
        return self.at.date()


@dataclass
class Truth:
    """Plain bookkeeping beside the objects.

    Licensed items only; discounts that last forever are subtracted, others ignored; a week is 12/52 of a month
    and a year 12; active and past due count, trials, unpaid, paused and ended are 0, a paused collection counts;
    taxes and currencies are left alone; each subscription's total is rounded half to even.
    """

    levels: list[Level] = field(default_factory=list)
    _latest: dict[str, Level] = field(default_factory=dict)

    def note(self, books: Books, subscription: Object, at: int) -> None:
        """Write down a level if it is not the one that stands."""
        key = subscription["id"]
        standing = self._latest.get(key)
        mrr = monthly(books, subscription)
        if mrr == (standing.mrr if standing else 0):
            return
        level = Level(moment(at), subscription["customer"], key, subscription["currency"], mrr)
        self._latest[key] = level
        self.levels.append(level)

    def current(self) -> dict[str, Level]:
        """The last level of each subscription that ever had one."""
        return dict(self._latest)

    def on(self, day: date) -> dict[str, Level]:
        """Levels above 0 at the end of a UTC day, by subscription."""
        standing: dict[str, Level] = {}
        for level in self.in_order():
            if level.day <= day:
                standing[level.subscription] = level
        return {key: level for key, level in standing.items() if level.mrr}

    def at(self, instant: datetime) -> dict[str, Level]:
        """Levels above 0 at an aware instant, by subscription."""
        standing: dict[str, Level] = {}
        for level in self.in_order():
            if level.at <= instant.astimezone(UTC):
                standing[level.subscription] = level
        return {key: level for key, level in standing.items() if level.mrr}

    def of(self, account: str) -> list[Level]:
        return [level for level in self.in_order() if level.account == account]

    def in_order(self) -> Iterator[Level]:
        """All levels by time; changes of one second keep the order in which they happened."""
        return iter(sorted(self.levels, key=lambda level: level.at))


def monthly(books: Books, subscription: Object) -> int:
    """MRR of the subscription as it stands, in minor units of its currency."""
    if subscription["status"] not in COUNTED:
        return 0
    items = [item for item in books.items(subscription) if item["price"]["recurring"]["usage_type"] == "licensed"]
    left = {item["id"]: _gross(books, item, subscription["currency"]) for item in items}
    products = {item["id"]: item["price"]["product"] for item in items}
    for item in items:
        own = {item["id"]: left[item["id"]]}
        left |= _after(books, item["discounts"], own, products, subscription["currency"])
    shared = discounting.level_discounts(books.store, subscription)
    left = _after(books, shared, left, products, subscription["currency"])
    total = sum((left[item["id"]] / pricing.months(item["price"]) for item in items), Fraction(0))
    return round(total)  # a Fraction rounds half to even


def _gross(books: Books, item: Object, currency: str) -> Fraction:
    price = item["price"]
    return Fraction(pricing.period_amount(price, books.extras(price), item["quantity"], currency))


def _after(
    books: Books, keys: list[str], amounts: dict[str, Fraction], products: dict[str, str], currency: str
) -> dict[str, Fraction]:
    """Amounts less the discounts that last forever."""
    left = dict(amounts)
    for discount in discounting.of(books.store, keys):
        if discount.coupon["duration"] == "forever":
            taken = discounting.taken(discount, left, products, currency)
            left = {key: amount - taken.get(key, Fraction(0)) for key, amount in left.items()}
    return left
