"""Very many accounts as billing knows them, each computed from its number whenever it is asked for (`computed`).

Every account has one customer, one subscription with one item, and the bills of `bills`: renewals at which nothing
changed are left out, and so are charges and events. All pay in dollars.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache, partial

from bot.playground.company import bills
from bot.playground.company.bills import Bill, Charge
from bot.playground.company.computed import OnePerAccount, SomePerAccount, key_of, month_key
from bot.playground.company.lives import MONTHS_PAID_FOR_A_YEAR, PLANS, Life, Step, life, period
from bot.playground.company.seen import Owed, owed
from bot.playground.company.times import Times
from bot.playground.company.truth import Level
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.billing.dates import add_months, moment
from bot.playground.stripe.shapes import catalogue, customers, invoices, subscriptions
from bot.playground.stripe.store import INDEXED, Object

LATELY = 4_096  # lives at hand
DOLLARS = "usd"  # of all: only charges tell what another currency is worth


@dataclass(frozen=True)
class Light:
    """The accounts by number. Who they are, what they pay for, when they came and why they left is as in `lives`."""

    books: Books
    times: Times

    @cached_property
    def _months(self) -> "array[int]":  # quoted, as arrays take no subscript before Python 3.12
        return array("Q", bytes(8 * self.times.accounts))

    @cached_property
    def life(self) -> Callable[[int], Life]:
        """By number; those that were asked for lately are at hand, as each is asked for several times."""
        return lru_cache(LATELY)(partial(life, self.times))

    @cached_property
    def bills(self) -> Callable[[int], Sequence[Bill]]:
        """By number, likewise."""
        return lru_cache(LATELY)(self._read_bills)

    def fill(self) -> None:
        store, times = self.books.store, self.times
        for price in self.prices.values():
            store.put("prices", price)
        count, began = times.accounts, times.began
        store.replace("customers", OnePerAccount("cus", count, began, self.customer, {}))
        store.replace("subscriptions", OnePerAccount("sub", count, began, self.subscription, INDEXED["subscriptions"]))
        store.replace("subscription_items", OnePerAccount("si", count, began, self.item, INDEXED["subscription_items"]))
        billed = SomePerAccount(
            "in",
            count,
            today=times.today,
            made=self._billed,
            had=self.months,
            make=self.invoice,
            indexed=INDEXED["invoices"],
        )
        store.replace("invoices", billed)

    def levels(self) -> Iterator[Level]:
        """What each subscription is worth from each of its steps on, and 0 from its end, account by account."""
        for number in range(self.times.accounts):
            who = self.life(number)
            key, account = key_of("sub", number), key_of("cus", number)
            for step in who.steps:
                monthly = round(Fraction(step.price * step.seats, 12 if who.yearly else 1))
                yield Level(moment(step.at), account, key, DOLLARS, monthly)
            if who.left:
                yield Level(moment(who.left.at), account, key, DOLLARS, 0)

    @cached_property
    def prices(self) -> dict[tuple[str, bool, int], Object]:
        """By plan, whether it is paid for a year, and what a seat costs a period."""
        opened, found = self.times.opened, {}
        for plan, whole in PLANS.items():
            product = catalogue.product(f"prod_light_{plan}", opened, plan.title())
            self.books.store.put("products", product)
            for yearly in (False, True):
                for raised in (False, True):
                    amount = whole * (100 + (self.times.rise if raised else 0))
                    amount *= MONTHS_PAID_FOR_A_YEAR if yearly else 1
                    found[plan, yearly, amount] = catalogue.price(
                        f"price_light_{plan}_{'year' if yearly else 'month'}_{amount}",
                        self.times.raised if raised else opened,
                        product["id"],
                        nickname=f"{plan.title()}, annual" if yearly else plan.title(),
                        currency=DOLLARS,
                        interval="year" if yearly else "month",
                        amount=Decimal(amount),
                    )
        return found

    def months(self, number: int) -> Sequence[int]:
        """The months after its beginning in which an account has a bill; eight bytes of each are remembered."""
        mask = self._months[number]
        if not mask:
            mask = sum(1 << month for month in bills.months(self.life(number), self.times.today))
            self._months[number] = mask
        return [month for month in range(mask.bit_length()) if mask >> month & 1]

    def _billed(self, number: int, month: int) -> int:
        return add_months(self.times.began(number), month)

    def _price(self, who: Life, step: Step) -> Object:
        return self.prices[step.plan, who.yearly, step.price]

    def customer(self, number: int) -> Object:
        who = self.life(number)
        made = customers.customer(
            key_of("cus", number),
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
        made["currency"] = DOLLARS
        made["balance"] = -self.bills(who.number)[-1].after
        return made

    def item(self, number: int) -> Object:
        who = self.life(number)
        now = who.steps[-1]
        made = subscriptions.item(
            key_of("si", number), who.began, key_of("sub", number), self._price(who, now), now.seats
        )
        at = who.left.at - 1 if who.left else self.times.today
        start, end = period(who.began, at, yearly=who.yearly)
        made.update(current_period_start=start, current_period_end=end)
        return made

    def subscription(self, number: int) -> Object:
        who, key = self.life(number), key_of("sub", number)
        made = subscriptions.subscription(
            key,
            who.began,
            key_of("cus", number),
            currency=DOLLARS,
            anchor=who.began,
            trial_end=None,
            days_until_due=None,
            tax_rates=[],
            metadata={},
        )
        made["items"] = subscriptions.inlined([self.item(number)], f"/v1/subscription_items?subscription={key}")
        made["latest_invoice"] = month_key("in", number, self.months(number)[-1])
        made["status"] = "canceled" if who.left else "past_due" if self._missing(who) else "active"
        leaving = who.left or who.to_leave
        if leaving:
            said = {"reason": "cancellation_requested", "feedback": leaving.feedback, "comment": leaving.comment}
            made["cancellation_details"].update(said)
            made["canceled_at"] = leaving.asked
        if who.left:
            made["ended_at"] = who.left.at
        elif leaving:
            made.update(cancel_at=leaving.at, cancel_at_period_end=True)
        return made

    def invoice(self, number: int, month: int) -> Object:
        """Paid when it was made, but for the present one of an account that fails to pay."""
        who = self.life(number)
        told = next(one for one in self.bills(who.number) if one.month == month)
        reason = "subscription_update" if told.charges[0].prorated else "subscription_cycle"
        key = month_key("in", number, month)
        made = invoices.invoice(
            key,
            told.at,
            self.customer(number),
            currency=DOLLARS,
            reason=reason if month else "subscription_create",
            period=(told.at, told.at),
            subscription=self.subscription(number),
            discounts=[],
        )
        rows = [self._line(who, told, place) for place in range(len(told.charges))]
        made["lines"] = subscriptions.inlined(rows, f"/v1/invoices/{key}/lines")
        for name in ("subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax"):
            made[name] = told.total
        made.update(
            number=f"LIGHT-{number}-{month}",
            auto_advance=False,
            starting_balance=-told.before,
            ending_balance=-told.after,
            amount_due=told.due,
            effective_at=told.at,
        )
        made["status_transitions"]["finalized_at"] = told.at
        missing = self._missing(who) if month == self.months(number)[-1] else None
        if missing:
            made.update(status="open", amount_remaining=told.due, attempt_count=missing.tries, attempted=True)
            made["next_payment_attempt"] = missing.next_try
        else:
            made.update(status="paid", amount_paid=told.due, attempt_count=1 if told.due else 0, attempted=True)
            made["status_transitions"]["paid_at"] = told.at
        return made

    def _missing(self, who: Life) -> Owed | None:
        """What fails to be paid of the present bill; nothing where credit pays for it."""
        return owed(self.times, who) if self.bills(who.number)[-1].due else None

    def _line(self, who: Life, told: Bill, place: int) -> Object:
        charge = told.charges[place]
        price, number = self._price(who, charge.step), who.number
        credited = None
        if charge.credits is not None:
            invoice = month_key("in", number, charge.credits)
            charged = len(next(one for one in self.bills(who.number) if one.month == charge.credits).charges) - 1
            credited = {"invoice": invoice, "invoice_line_items": [_line_key(number, charge.credits, charged)]}
        made = invoices.line(
            _line_key(number, told.month, place),
            amount=charge.amount,
            currency=DOLLARS,
            description=_description(charge, price),
            period=(charge.start, charge.end),
            parent=invoices.subscription_parent(
                key_of("sub", number),
                key_of("si", number),
                f"ii_{number:012d}_{told.month:02d}_{place}" if charge.prorated else None,
                proration=charge.prorated,
                credited=credited,
            ),
            quantity=charge.step.seats,
            price=price,
            unit_amount=None if charge.prorated else Decimal(charge.step.price),
            discountable=not charge.prorated,
        )
        made["invoice"] = month_key("in", number, told.month)
        return made

    def _read_bills(self, number: int) -> Sequence[Bill]:
        return tuple(bills.bills(self.life(number), self.times.today))


def _line_key(number: int, month: int, place: int) -> str:
    return f"{month_key('il', number, month)}_{place}"


def _description(charge: Charge, price: Object) -> str:
    what = f"{charge.step.seats} × {price['nickname']}"
    if not charge.prorated:
        return what
    words = "Remaining time" if charge.credits is None else "Unused time"
    return f"{words} on {what} after {moment(charge.start):%d %b %Y}"
