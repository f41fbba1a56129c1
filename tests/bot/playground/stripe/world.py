"""An empty billing account whose clock a test moves by hand."""

from datetime import UTC, datetime, timedelta

from bot.playground.company import Company
from bot.playground.stripe.billing.billing import Billing, Card, NewCustomer
from bot.playground.stripe.billing.dates import DAY, seconds
from bot.playground.stripe.billing.subscribing import Order
from bot.playground.stripe.store import Object

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ADDRESS = {
    "city": "Turku",
    "country": "FI",
    "line1": "Aurakatu 1",
    "line2": None,
    "postal_code": "20100",
    "state": None,
}


class World:
    """An empty account with a stocked catalogue, whose clock the test moves by hand."""

    def __init__(self) -> None:
        self.company = Company(1, NOW, accounts=0, months=12)
        self.billing: Billing = self.company.billing
        self.store, self.books, self.truth = self.company.store, self.company.books, self.company.truth
        self.prices, self.coupons = self.company.catalogue.prices, self.company.catalogue.coupons
        self.start = seconds(NOW)
        self.moved = 0.0

    def clock(self) -> datetime:
        return NOW + timedelta(days=self.moved)

    def go(self, days: float) -> None:
        """To so many days after NOW."""
        self.moved = days
        self.billing.advance(self.start + int(days * DAY))

    def customer(self, name: str = "Kahvila Oy", card: Card | None = Card()) -> str:  # noqa: B008 - frozen
        return self.billing.new_customer(NewCustomer(name, "laskut@kahvila.example", ADDRESS, card=card))

    def subscribe(
        self,
        customer: str,
        plan: str = "team_monthly",
        seats: int | None = 10,
        *more: tuple[str, int | None],
        currency: str = "usd",
        trial: int = 0,
        coupons: tuple[str, ...] = (),
        due: int | None = None,
        tax: str = "",
    ) -> str:
        items = [(self.prices[name], count) for name, count in ((plan, seats), *more)]
        taxes = [self.company.catalogue.tax_rates[tax]] if tax else []
        chosen = [self.coupons[coupon] for coupon in coupons]
        order = Order(items, currency, trial_days=trial, coupons=chosen, days_until_due=due, tax_rates=taxes)
        return self.billing.subscribe(customer, order)

    def subscription(self, key: str) -> Object:
        return self.store["subscriptions"][key]

    def invoices(self, key: str) -> list[Object]:
        """Of a subscription, oldest first."""
        found = self.store["invoices"]
        return [found[one] for one in reversed(list(found.walk(narrow=("subscription", key))))]

    def invoice(self, key: str) -> Object:
        return self.invoices(key)[-1]

    def events(self) -> list[str]:
        return [event["type"] for event in reversed(list(self.store["events"]))]

    def levels(self, key: str) -> list[tuple[float, int]]:
        """(days after NOW, MRR) of a subscription."""
        return [
            ((seconds(level.at) - self.start) / DAY, level.mrr)
            for level in self.truth.in_order()
            if level.subscription == key
        ]
