"""Where stories are told: days counted from today, names instead of ids, one account at a time."""

import random
from dataclasses import dataclass

from bot.playground.company.catalogue import Catalogue
from bot.playground.company.profiles import Profile
from bot.playground.stripe.billing.billing import Billing
from bot.playground.stripe.billing.dates import DAY, HOUR, add_months, moment
from bot.playground.stripe.billing.subscribing import Order
from bot.playground.stripe.store import Object

_TAXED = {"GB": "GB", "DE": "DE", "FR": "FR"}


@dataclass
class Stage:
    """`today` is the second at which the present UTC day began, `raised` when the prices went up."""

    billing: Billing
    catalogue: Catalogue
    rng: random.Random
    today: int
    now: int
    raised: int

    def at(self, days: float, hour: float | None = None) -> int:
        """The second `days` from today (negative: past).

        Without an hour it falls between 8:12 and 12:48 UTC, which is the same calendar day from California to Sydney.
        """
        spot = self.rng.uniform(8.2, 12.8) if hour is None else hour
        return self.today + int(days * DAY) + int(spot * HOUR)

    def months_ago(self, months: int, days: float = 0, hour: float = 9.5) -> int:
        """A second `months` before a day, on a date that exists in every month between, so that cycles hit the day."""
        target = self.at(days, hour)
        while moment(add_months(target, -months)).day != moment(target).day:
            months += 1
        return add_months(target, -months)

    def go(self, at: int) -> None:
        self.billing.advance(at)

    def price(self, plan: str) -> str:
        """The price that a plan is sold at on this day: before the price rise, the older one."""
        old = f"{plan}_old"
        known = self.catalogue.prices
        return known[old] if old in known and self.billing.books.now < self.raised else known[plan]

    def join(self, profile: Profile, at: int) -> str:
        self.go(at)
        return self.billing.new_customer(profile.customer())

    def order(
        self,
        profile: Profile,
        *items: tuple[str, int | None],
        trial: int = 0,
        coupons: tuple[str, ...] = (),
        due: int | None = None,
    ) -> Order:
        """An order of (plan, seats) items; without any, of what the profile buys first."""
        bought = items or ((profile.plan, profile.seats),)
        taxed = _TAXED.get(profile.place.country)
        return Order(
            items=[(self.price(plan), seats) for plan, seats in bought],
            currency=profile.place.currency,
            trial_days=trial,
            coupons=[self.catalogue.coupons[coupon] for coupon in coupons],
            days_until_due=due,
            tax_rates=[self.catalogue.tax_rates[taxed]] if taxed else [],
        )

    def buy(self, customer: str, order: Order) -> str:
        return self.billing.subscribe(customer, order)

    def plan(self, subscription: str) -> str:
        """What the subscription's first item is: "starter", "team", "business", "enterprise", ..."""
        nickname: str = self.billing.items(subscription)[0]["price"]["nickname"]
        return nickname.partition(",")[0].lower()

    def seats(self, subscription: str) -> int:
        first: Object = self.billing.items(subscription)[0]
        quantity: int = first["quantity"] or 1
        return quantity
