"""Very many accounts that take no memory: each object is computed from its number whenever it is asked for.

Every account has one customer, one subscription with one item, and the invoice with which it began. The objects may
be changed (the changed ones are kept), but none can be added.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache, partial
from typing import Final

from bot.playground.company.lives import Life, life
from bot.playground.company.times import Times
from bot.playground.company.truth import Level
from bot.playground.stripe.billing import pricing
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.billing.dates import add_months, moment
from bot.playground.stripe.shapes import customers, invoices, subscriptions
from bot.playground.stripe.store import Collection, Object, dump

PLANS: Final = (
    "starter_monthly",
    "team_monthly",
    "team_annual",
    "business_monthly",
    "business_annual",
    "team_quarterly",
    "contacts_pack",
    "enterprise_monthly",
    "business_volume",
)
_WIDTH = 12
LATELY = 4_096  # lives at hand


class Computed(Collection):
    """`count` objects, the later the higher their number; `linked` names the fields that hold a sister's number."""

    def __init__(
        self, prefix: str, count: int, created: Callable[[int], int], make: Callable[[int], Object], *linked: str
    ) -> None:
        super().__init__()
        self._prefix, self._count, self._made_at, self._make = prefix, count, created, make
        self._linked = linked

    def key(self, number: int) -> str:
        return f"{self._prefix}_{number:0{_WIDTH}d}"

    def _number(self, key: str) -> int:
        return int(key[-_WIDTH:])

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str) or not key[-_WIDTH:].isdecimal():
            return False
        return key == self.key(self._number(key)) and self._number(key) < self._count

    def __getitem__(self, key: str) -> Object:
        if key not in self:
            raise KeyError(key)
        changed = self._objects.get(key)
        return self._make(self._number(key)) if changed is None else changed

    def put(self, held: Object) -> Object:
        """Keep the changed state of one of the objects."""
        if held["id"] not in self:
            raise ValueError("nothing can be added to a light company")
        self._objects[held["id"]] = held
        return held

    def text(self, key: str) -> str:
        return dump(self[key])

    def written(self, held: Object) -> str:
        return dump(held)

    def indexes(self, name: str) -> bool:
        return name in self._linked

    def walk(
        self,
        *,
        after: str | None = None,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
        narrow: tuple[str, str] | None = None,
    ) -> Iterator[str]:
        numbers = range(self._count)
        low = bisect_left(numbers, since, key=self._made_at) if since is not None else 0
        high = bisect_left(numbers, until, key=self._made_at) if until is not None else self._count
        if narrow:
            number = self._number(narrow[1])
            low, high = max(low, number), min(high, number + 1)
        if before is not None:
            return map(self.key, range(max(low, self._number(before) + 1), high))
        if after is not None:
            high = min(high, self._number(after))
        return map(self.key, range(high - 1, low - 1, -1))


@dataclass(frozen=True)
class Light:
    """The accounts by number; `prices` are the ids of PLANS in their order.

    Who an account is, when it came and why it left is as in its life (`lives`); of what it paid for there is the end.
    """

    books: Books
    times: Times
    prices: list[str]

    @property
    def seed(self) -> int:
        return self.times.seed

    @property
    def accounts(self) -> int:
        return self.times.accounts

    @property
    def today(self) -> int:
        return self.times.today

    @cached_property
    def life(self) -> Callable[[int], Life]:
        """By number; those that were asked for lately are at hand, as each is asked for several times."""
        return lru_cache(LATELY)(partial(life, self.times))

    def fill(self) -> None:
        store = self.books.store
        store.replace("customers", Computed("cus", self.accounts, self.joined, self.customer))
        store.replace("subscriptions", Computed("sub", self.accounts, self.joined, self.subscription, "customer"))
        store.replace("subscription_items", Computed("si", self.accounts, self.joined, self.item, "subscription"))
        store.replace("invoices", Computed("in", self.accounts, self.joined, self.invoice, "customer", "subscription"))

    def levels(self) -> Iterator[Level]:
        """What each subscription is worth from its start, and 0 from its end, account by account."""
        for number in range(self.accounts):
            price, seats = self._bought(number)
            exact = pricing.period_amount(price, self.books.extras(price), seats, "usd")
            joined, ended = self.joined(number), self.ended(number)
            key, account = f"sub_{number:0{_WIDTH}d}", f"cus_{number:0{_WIDTH}d}"
            yield Level(moment(joined), account, key, "usd", round(Fraction(exact) / pricing.months(price)))
            if ended:
                yield Level(moment(ended), account, key, "usd", 0)

    def joined(self, number: int) -> int:
        return self.times.began(number)

    def ended(self, number: int) -> int | None:
        left = self.life(number).left
        return left.at if left else None

    def _luck(self, number: int) -> int:
        mixed = (number * 0x9E3779B97F4A7C15 + self.seed * 0xC2B2AE3D27D4EB4F + 1) & 0xFFFFFFFFFFFFFFFF
        mixed ^= mixed >> 29
        return mixed * 0xBF58476D1CE4E5B9 >> 16 & 0xFFFFFFFFFFFF

    def _bought(self, number: int) -> tuple[Object, int]:
        luck = self._luck(number) >> 16
        place = luck % len(PLANS)
        price = self.books.store["prices"][self.prices[place]]
        seats = {"starter_monthly": 1, "contacts_pack": 1 + luck % 20_000}.get(PLANS[place], 1 + (luck >> 4) % 60)
        return price, seats

    def customer(self, number: int) -> Object:
        who = self.life(number)
        made = customers.customer(
            f"cus_{number:0{_WIDTH}d}",
            who.began,
            name=who.name,
            email=f"billing@{who.domain}",
            address={
                "city": who.place.city,
                "country": who.place.country,
                "line1": f"{number % 180 + 1} Market Street",
                "line2": None,
                "postal_code": "10000",
                "state": None,
            },
            metadata={
                **({"csm": who.owner} if who.owner else {}),
                "region": who.place.region,
                "segment": who.segment,
                "source": who.source,
            },
        )
        made["currency"] = "usd"
        return made

    def item(self, number: int) -> Object:
        price, seats = self._bought(number)
        start, end = self._period(number, price)
        made = subscriptions.item(
            f"si_{number:0{_WIDTH}d}", self.joined(number), f"sub_{number:0{_WIDTH}d}", price, seats
        )
        made.update(current_period_start=start, current_period_end=end)
        return made

    def _period(self, number: int, price: Object) -> tuple[int, int]:
        """The billing period that holds today, or the one in which the subscription ended."""
        anchor, step = self.joined(number), int(pricing.months(price))
        last = moment(self.ended(number) or self.today)
        first = moment(anchor)
        months = ((last.year - first.year) * 12 + last.month - first.month) // step * step
        start = add_months(anchor, months)
        if start > int(last.timestamp()):
            months -= step
            start = add_months(anchor, months)
        return start, add_months(anchor, months + step)

    def subscription(self, number: int) -> Object:
        key, joined = f"sub_{number:0{_WIDTH}d}", self.joined(number)
        made = subscriptions.subscription(
            key,
            joined,
            f"cus_{number:0{_WIDTH}d}",
            currency="usd",
            anchor=joined,
            trial_end=None,
            days_until_due=None,
            tax_rates=[],
            metadata={},
        )
        made["items"] = subscriptions.inlined([self.item(number)], f"/v1/subscription_items?subscription={key}")
        made["latest_invoice"] = f"in_{number:0{_WIDTH}d}"
        left = self.life(number).left
        if left:
            made.update(status="canceled", canceled_at=left.asked, ended_at=left.at)
            said = {"reason": "cancellation_requested", "feedback": left.feedback, "comment": left.comment}
            made["cancellation_details"].update(said)
        return made

    def invoice(self, number: int) -> Object:
        """The first invoice, paid when it was made."""
        price, seats = self._bought(number)
        joined, key = self.joined(number), f"in_{number:0{_WIDTH}d}"
        period = (joined, add_months(joined, int(pricing.months(price))))
        parent = invoices.subscription_parent(f"sub_{number:0{_WIDTH}d}", f"si_{number:0{_WIDTH}d}")
        parts = pricing.parts(price, self.books.extras(price), seats, "usd")
        rows = [
            invoices.line(
                f"il_{number:0{_WIDTH}d}_{place}",
                amount=int(part.amount),
                currency="usd",
                description=f"{part.quantity} × {price['nickname']}",
                period=period,
                parent=parent,
                quantity=part.quantity,
                price=price,
                unit_amount=part.unit_amount,
            )
            for place, part in enumerate(parts)
        ]
        made = invoices.invoice(
            key,
            joined,
            self.customer(number),
            currency="usd",
            reason="subscription_create",
            period=(joined, joined),
            subscription=self.subscription(number),
            discounts=[],
        )
        for row in rows:
            row["invoice"] = key
        made["lines"] = subscriptions.inlined(rows, f"/v1/invoices/{key}/lines")
        self._pay(made, sum(row["amount"] for row in rows), number)
        return made

    def _pay(self, made: Object, total: int, number: int) -> None:
        made.update(status="paid", number=f"LIGHT-{number}", attempt_count=1, attempted=True, auto_advance=False)
        for name in ("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax", "amount_due", "amount_paid"):
            made[name] = total
        made["effective_at"] = made["created"]
        made["status_transitions"].update(finalized_at=made["created"], paid_at=made["created"])
