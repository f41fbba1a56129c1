"""What can be done to the local Stripe from Python, live or while a history is told."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.playground.stripe.billing import (
    adjusting,
    changing,
    collecting,
    dates,
    discounting,
    ending,
    scheduling,
    subscribing,
)
from bot.playground.stripe.billing.books import Books, Planned
from bot.playground.stripe.billing.subscribing import Order
from bot.playground.stripe.shapes import customers
from bot.playground.stripe.store import Object

_ACTS: dict[str, tuple[str, Callable[[Books, Object], None]]] = {
    "renew": ("subscriptions", subscribing.renew),
    "last_invoice": ("subscriptions", subscribing.last_invoice),
    "trial_will_end": ("subscriptions", subscribing.trial_will_end),
    "resume": ("subscriptions", subscribing.resume_collection),
    "expire": ("subscriptions", ending.expire),
    "finalize": ("invoices", subscribing.finalize),
    "retry": ("invoices", collecting.retry),
    "overdue": ("invoices", collecting.overdue),
    "pay": ("invoices", collecting.pay_by_transfer),
    "discount_end": ("discounts", changing.detach_ended),
}


@dataclass(frozen=True)
class Card:
    brand: str = "visa"
    last4: str = "4242"
    exp_month: int = 12
    exp_year: int = 2030


@dataclass(frozen=True)
class NewCustomer:
    name: str | None
    email: str | None
    address: Object
    metadata: dict[str, str] = field(default_factory=dict)
    card: Card | None = Card()


class Billing:
    """Acts on one account. Every act happens at `books.now`, which only `advance` moves.

    `customer` is the id of a customer, whose oldest living subscription is meant, or of a subscription.
    Wrong ids raise KeyError, acts that make no sense in the present state raise ValueError.
    """

    def __init__(self, books: Books) -> None:
        self.books = books
        self.store = books.store

    def today(self) -> datetime:
        """The moment at which acts happen, aware."""
        return dates.moment(self.books.now)

    def advance(self, until: int) -> None:
        """Let everything happen that the calendar holds up to and including `until`.

        What waits for a customer who was deleted meanwhile never happens: drafts stay drafts, open invoices open.
        """
        agenda = self.books.agenda
        while agenda and agenda[0].at <= until:
            due = heapq.heappop(agenda)
            self.books.now = due.at
            kind, act = _ACTS[due.act]
            held = self.store[kind].get(due.key)
            if held is not None and held["customer"] in self.store["customers"]:
                act(self.books, held)
        self.books.now = until

    # customers

    def new_customer(self, who: NewCustomer) -> str:
        made = customers.customer(
            self.books.ids("cus"),
            self.books.now,
            name=who.name,
            email=who.email,
            address=who.address,
            metadata=who.metadata,
        )
        self.store.put("customers", made)
        self.books.event("customer.created", made)
        if who.card:
            self.set_card(made["id"], who.card)
        return str(made["id"])

    def set_card(self, customer: str, card: Card) -> str:
        """Add a card and make it the one that is charged."""
        holder = self.store["customers"][customer]
        made = customers.payment_method(
            self.books.ids("pm"),
            self.books.now,
            holder,
            brand=card.brand,
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
        )
        self.store.put("payment_methods", made)
        holder["invoice_settings"]["default_payment_method"] = made["id"]
        self.store.put("customers", holder)
        self.books.event("payment_method.attached", made)
        return str(made["id"])

    def expire_card(self, customer: str) -> str:
        """The customer's card ended with the month before this one, and declines from now on. Its id."""
        method = self._card(customer)
        gone = dates.moment(dates.add_months(self.books.now, -1))
        before = dict(method["card"])
        method["card"].update(exp_month=gone.month, exp_year=gone.year)
        self.store.put("payment_methods", method)
        self.books.event("payment_method.updated", method, {"card": before})
        collecting.refuse(self.books, customer, "expired_card")
        return str(method["id"])

    def _card(self, customer: str) -> Object:
        """The one that is charged."""
        holder = self.store["customers"][customer]
        method = self.store["payment_methods"].get(holder["invoice_settings"]["default_payment_method"])
        if method is None:
            raise ValueError(f"{customer} has no card")
        return method

    def renew_card(self, customer: str) -> str:
        """A new card that is taken replaces the one that is charged; an open invoice is paid with it. Its id."""
        year = dates.moment(self.books.now).year
        made = self.set_card(customer, Card(last4="1881", exp_year=year + 4))
        collecting.accept(self.books, customer)
        for subscription in self.living(customer):
            invoice = self._open_invoice(subscription)
            if invoice is not None and subscription["days_until_due"] is None:
                collecting.attempt(self.books, invoice)
        return made

    def update_customer(self, customer: str, **fields: object) -> None:
        """Change name, email, address or metadata."""
        holder = self.store["customers"][customer]
        previous = {name: holder[name] for name in fields}
        holder.update(fields)
        self.store.put("customers", holder)
        self.books.event("customer.updated", holder, previous)

    def delete_customer(self, customer: str) -> None:
        """Its subscriptions end, lists forget it, its address answers with a tombstone."""
        for subscription in self.living(customer):
            ending.end(self.books, subscription, reason="cancellation_requested")
        held = self.store["customers"][customer]
        self.store["customers"].delete(customer)
        self.books.event("customer.deleted", held)

    def find_customer(self, name: str) -> str:
        """The id of the customer with exactly this id or name."""
        if name in self.store["customers"]:
            return name
        for held in self.store["customers"]:
            if held["name"] == name:
                return str(held["id"])
        raise KeyError(name)

    # subscriptions

    def subscribe(self, customer: str, order: Order) -> str:
        return str(subscribing.subscribe(self.books, self.store["customers"][customer], order)["id"])

    def living(self, customer: str) -> list[Object]:
        """The customer's subscriptions that have not ended, oldest first."""
        found = self.store["subscriptions"]
        held = [found[key] for key in found.walk(narrow=("customer", customer))]
        return [one for one in reversed(held) if one["status"] not in ending.OVER]

    def subscription(self, customer: str) -> Object:
        """The oldest living one of a customer, or the one with this id."""
        if customer in self.store["subscriptions"]:
            return self.store["subscriptions"][customer]
        living = self.living(customer)
        if not living:
            raise ValueError(f"{customer} has no living subscription")
        return living[0]

    def items(self, customer: str) -> list[Object]:
        return self.books.items(self.subscription(customer))

    def _item(self, subscription: Object, place: int) -> Object:
        items = self.books.items(subscription)
        if not 0 <= place < len(items):
            raise ValueError(f"item must be a place from 0 to {len(items) - 1}")
        return items[place]

    def change_quantity(self, customer: str, quantity: int, *, item: int = 0, invoice_now: bool = False) -> None:
        """Seats from now on, prorated; `item` is the place of the item in its subscription."""
        subscription = self.subscription(customer)
        held = self._item(subscription, item)
        changing.change_item(self.books, subscription, held, held["price"]["id"], quantity, invoice_now=invoice_now)

    def change_plan(
        self, customer: str, price: str, quantity: int | None = None, *, item: int = 0, at_renewal: bool = False
    ) -> None:
        """Another price, now (prorated; another interval starts a new period) or from the next renewal."""
        subscription = self.subscription(customer)
        held = self._item(subscription, item)
        count = held["quantity"] if quantity is None else quantity
        if at_renewal:
            scheduling.plan(self.books, subscription, Planned(held["id"], price, count))
        elif _rhythm(self.store["prices"][price]) == _rhythm(held["price"]):
            changing.change_item(self.books, subscription, held, price, count, invoice_now=True)
        else:
            subscribing.move_to_interval(self.books, subscription, held, price, count)

    def add_item(self, customer: str, price: str, quantity: int | None = 1, *, invoice_now: bool = False) -> None:
        subscribing.extend(self.books, self.subscription(customer), price, quantity, invoice_now=invoice_now)

    def remove_item(self, customer: str, item: int) -> None:
        subscription = self.subscription(customer)
        changing.remove_item(self.books, subscription, self._item(subscription, item))

    def discount(self, customer: str, coupon: str, *, item: int | None = None) -> None:
        """Put a coupon on a customer (by its id), a subscription, or one of its items."""
        if customer in self.store["customers"]:
            changing.attach(self.books, self.store["customers"][customer], coupon)
            for subscription in self.living(customer):
                self.books.updated(subscription, {})
            return
        subscription = self.subscription(customer)
        before = self.books.before(subscription)
        holder = subscription if item is None else self._item(subscription, item)
        changing.attach(self.books, holder, coupon)
        self.books.updated(subscription, before)

    def end_discount(self, customer: str) -> None:
        """Take every discount off a subscription, its items, and its customer."""
        subscription = self.subscription(customer)
        keys = [key for item in self.books.items(subscription) for key in item["discounts"]]
        keys += discounting.level_discounts(self.store, subscription)
        if not keys:
            raise ValueError(f"{customer} has no discount")
        before = self.books.before(subscription)
        for key in keys:
            changing.detach_ended(self.books, self.store["discounts"][key])
        self.books.updated(subscription, before)

    def schedule_cancel(self, customer: str, feedback: str | None = None, comment: str | None = None) -> None:
        ending.end_at_period_end(self.books, self.subscription(customer), feedback, comment)

    def keep(self, customer: str) -> None:
        ending.keep(self.books, self.subscription(customer))

    def cancel(
        self,
        customer: str,
        feedback: str | None = None,
        comment: str | None = None,
        *,
        reason: str = "cancellation_requested",
    ) -> None:
        ending.end(self.books, self.subscription(customer), reason=reason, feedback=feedback, comment=comment)
        self.advance(self.books.now)

    def pause_collection(self, customer: str, *, days: int | None = None, behavior: str = "void") -> None:
        until = None if days is None else self.books.now + days * dates.DAY
        subscribing.pause_collection(self.books, self.subscription(customer), until, behavior)

    def resume_collection(self, customer: str) -> None:
        subscribing.resume_collection(self.books, self.subscription(customer))

    # payments

    def fail_payment(self, customer: str, code: str = "insufficient_funds") -> str:
        """The card declines from now on; the open invoice fails again, or a new period's invoice fails. Its id."""
        subscription = self.subscription(customer)
        self._card(subscription["customer"])
        collecting.refuse(self.books, subscription["customer"], code)
        invoice = self._open_invoice(subscription)
        if invoice is None:
            return str(subscribing.renew_early(self.books, subscription)["id"])
        collecting.attempt(self.books, invoice)
        return str(invoice["id"])

    def recover_payment(self, customer: str) -> str:
        """The card works again and the open invoice is paid with it. Its id."""
        subscription = self.subscription(customer)
        invoice = self._open_invoice(subscription)
        if invoice is None:
            raise ValueError(f"{customer} has no open invoice to pay")
        collecting.accept(self.books, subscription["customer"])
        collecting.attempt(self.books, invoice)
        return str(invoice["id"])

    def _open_invoice(self, subscription: Object) -> Object | None:
        found = self.store["invoices"]
        keys = found.walk(narrow=("subscription", subscription["id"]))
        return next((found[key] for key in keys if found[key]["status"] == "open"), None)

    def declines(self, customer: str, begin: int, end: int, code: str = "insufficient_funds") -> None:
        """The customer's card declines in [begin, end)."""
        self.books.habits[customer].declines.append((begin, end, code))

    def last_charge(self, customer: str) -> Object:
        found = self.store["charges"]
        for key in found.walk(narrow=("customer", customer)):
            if found[key]["status"] == "succeeded" and not found[key]["disputed"]:
                return found[key]
        raise ValueError(f"{customer} has paid nothing yet")

    def refund(self, customer: str, amount: int | None = None) -> str:
        """Give back the customer's last payment, or a part of it."""
        charge = self.last_charge(customer)
        left = charge["amount"] - charge["amount_refunded"]
        return str(adjusting.refund(self.books, charge, left if amount is None else min(amount, left))["id"])

    def dispute(self, customer: str, reason: str = "fraudulent") -> str:
        return str(adjusting.dispute(self.books, self.last_charge(customer), reason)["id"])

    def close_dispute(self, dispute: str, *, won: bool) -> None:
        adjusting.close_dispute(self.books, self.store["disputes"][dispute], won=won)

    def credit_note(self, invoice: str, amount: int, reason: str = "order_change", memo: str | None = None) -> str:
        return str(adjusting.credit(self.books, self.store["invoices"][invoice], amount, reason, memo)["id"])

    def void(self, invoice: str) -> None:
        adjusting.void(self.books, self.store["invoices"][invoice])

    def write_off(self, invoice: str) -> None:
        adjusting.write_off(self.books, self.store["invoices"][invoice])

    def one_off(self, customer: str, amount: int, description: str, currency: str | None = None) -> str:
        holder = self.store["customers"][customer]
        own = currency or holder["currency"] or self.books.currency
        return str(adjusting.one_off(self.books, holder, own, amount, description)["id"])


def _rhythm(price: Object) -> tuple[str, int]:
    recurring = price["recurring"]
    return recurring["interval"], recurring["interval_count"]
