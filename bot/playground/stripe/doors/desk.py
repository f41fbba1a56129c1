"""What the page of the local Stripe shows of the company: its customers, what may happen to each, what happened."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from bot.money import display, to_major
from bot.playground.company.truth import monthly
from bot.playground.stripe.billing import discounting
from bot.playground.stripe.billing.billing import Billing
from bot.playground.stripe.store import Object

MOST_CUSTOMERS, MOST_EVENTS = 40, 25
OTHERS: Final = ("Starter",)  # a plan without seats

# In the order in which the page offers them.
_CHOICES: Final[dict[str, Callable[["_Seen"], bool]]] = {
    "fail_payment": lambda seen: seen.running and seen.card is not None,
    "recover_payment": lambda seen: seen.open_invoice is not None and seen.card is not None,
    "change_plan": lambda seen: seen.running,
    "change_quantity": lambda seen: seen.running and seen.seats is not None,
    "schedule_cancel": lambda seen: seen.running and not seen.leaving,
    "cancel": lambda seen: seen.living is not None,
    "keep": lambda seen: seen.leaving,
    "expire_card": lambda seen: seen.card is not None and not seen.card_over,
    "renew_card": lambda seen: seen.card is not None,
    "discount": lambda seen: seen.running and not seen.discounts,
    "end_discount": lambda seen: seen.living is not None and bool(seen.discounts),
}


class Desk:
    def __init__(self, billing: Billing) -> None:
        self._billing = billing
        self._store = billing.store

    def customers(self, query: str) -> Object:
        """A page of those whose name, e-mail address or id holds all words of `query`, the most valuable first."""
        words = query.casefold().split()
        found = [_Seen(self._billing, held) for held in self._store["customers"] if _matches(held, words)]
        found.sort(key=lambda seen: (-seen.rank, seen.name.casefold()))
        return {"total": len(found), "customers": [seen.row() for seen in found[:MOST_CUSTOMERS]]}

    def customer(self, key: str) -> Object:
        """One customer with what may happen to it; KeyError when there is none of this id."""
        seen = _Seen(self._billing, self._store["customers"][key])
        return seen.row() | seen.details() | {"choices": [name for name, may in _CHOICES.items() if may(seen)]}

    def happened(self) -> Object:
        """The newest events, each with the customer that it is about."""
        found = []
        for held in self._store["events"]:
            told = held["data"]["object"]
            own = told["id"] if told["object"] == "customer" else told.get("customer")
            customer = self._store["customers"].get(own if isinstance(own, str) else None)
            name = customer["name"] if customer else None
            found.append({"id": held["id"], "at": held["created"], "type": held["type"], "customer": own, "name": name})
            if len(found) == MOST_EVENTS:
                break
        return {"events": found, "now": self._billing.books.now}


def _matches(customer: Object, words: list[str]) -> bool:
    text = f"{customer['name']} {customer['email']} {customer['id']}".casefold()
    return all(word in text for word in words)


class _Seen:
    """A customer as a person at the page sees it."""

    def __init__(self, billing: Billing, customer: Object) -> None:
        self._billing, self._books, self._store = billing, billing.books, billing.store
        self._customer = customer
        self.id, self.name = str(customer["id"]), str(customer["name"] or customer["email"] or customer["id"])
        living = billing.living(self.id)
        self.living: Object | None = living[0] if living else None
        self.items = self._books.items(self.living) if self.living else []
        self.card: Object | None = self._store["payment_methods"].get(
            customer["invoice_settings"]["default_payment_method"]
        )

    @property
    def running(self) -> bool:
        return self.living is not None and self.living["status"] in ("active", "past_due", "trialing", "unpaid")

    @property
    def leaving(self) -> bool:
        return self.living is not None and bool(self.living["cancel_at_period_end"])

    @property
    def seats(self) -> int | None:
        return self.items[0]["quantity"] if self.items else None

    @property
    def rank(self) -> Decimal:
        """MRR in whole units of the account's own currency."""
        if self.living is None:
            return Decimal(0)
        currency = self.living["currency"]
        worth = to_major(monthly(self._books, self.living), currency)
        return worth if currency == self._books.currency else worth * self._books.rate(currency, self._books.now)

    @property
    def card_over(self) -> bool:
        if self.card is None:
            return False
        now = self._billing.today()
        return (self.card["card"]["exp_year"], self.card["card"]["exp_month"]) < (now.year, now.month)

    @property
    def open_invoice(self) -> Object | None:
        found = self._store["invoices"]
        if self.living is None:
            return None
        keys = found.walk(narrow=("subscription", self.living["id"]))
        return next((found[key] for key in keys if found[key]["status"] == "open"), None)

    @property
    def discounts(self) -> list[str]:
        if self.living is None:
            return []
        own = [key for item in self.items for key in item["discounts"]]
        return [*own, *discounting.level_discounts(self._store, self.living)]

    def row(self) -> Object:
        status = self.living["status"] if self.living else "canceled"
        worth = monthly(self._books, self.living) if self.living else 0
        currency = self.living["currency"] if self.living else self._customer["currency"] or self._books.currency
        return {
            "id": self.id,
            "name": self.name,
            "email": self._customer["email"],
            "plan": self._plan(),
            "mrr": display(worth, currency) if self.living else "",
            "status": "canceled" if self.living is None else status,
            "ends": self.living["cancel_at"] if self.living else None,
        }

    def _plan(self) -> str:
        names = []
        for item in self.items:
            count = item["quantity"]
            names.append(item["price"]["nickname"] + (f" × {count:,}" if count and count > 1 else ""))
        return "; ".join(names[:2]) + (f"; {len(names) - 2} more" if len(names) > 2 else "")

    def details(self) -> Object:
        invoice = self.open_invoice
        return {
            "region": self._customer["metadata"].get("region"),
            "owner": self._customer["metadata"].get("csm"),
            "seats": self.seats,
            "renews": self.items[0]["current_period_end"] if self.items else None,
            "owes": display(invoice["amount_remaining"], invoice["currency"]) if invoice else None,
            "retries": invoice["next_payment_attempt"] if invoice else None,
            "card": self._card(),
            "discounts": [self._discount(key) for key in self.discounts],
            "plans": self._plans(),
            "coupons": [
                {"id": held["id"], "name": _terms(held)}
                for held in self._store["coupons"]
                if held["currency"] in (None, self.living["currency"] if self.living else None)
            ],
        }

    def _card(self) -> Object | None:
        if self.card is None:
            return None
        card = self.card["card"]
        words = f"{card['brand'].title()} ending in {card['last4']}"
        return {
            "words": words,
            "expires": f"{card['exp_month']:02}/{card['exp_year']}",
            "over": self.card_over,
            "declines": self._books.habits[self.id].decline(self._books.now),
        }

    def _discount(self, key: str) -> Object:
        held = self._store["discounts"][key]
        return {"name": _terms(self._store["coupons"][held["source"]["coupon"]]), "ends": held["end"]}

    def _plans(self) -> list[Object]:
        """The plans that the first item may move to, by name."""
        if not self.items:
            return []
        present = self.items[0]["price"]["id"]
        found = [held for held in self._store["prices"] if held["id"] != present and self._fits(held)]
        return [{"id": held["id"], "name": held["nickname"]} for held in sorted(found, key=lambda one: one["nickname"])]

    def _fits(self, price: Object) -> bool:
        product = self._store["products"][price["product"]]
        is_plan = product["unit_label"] == "seat" or product["name"] in OTHERS
        currencies = {price["currency"], *self._books.extras(price).get("currency_options", ())}
        assert self.living is not None  # noqa: S101 - it has items
        return bool(price["active"] and is_plan and price["unit_amount"] != 0 and self.living["currency"] in currencies)


def _terms(coupon: Object) -> str:
    """A coupon in words: "Partner: 15 % off", "Launch: 25 % off for 3 months"."""
    off = (
        f"{coupon['percent_off']:g} % off"
        if coupon["percent_off"] is not None
        else f"{display(coupon['amount_off'], coupon['currency'])} off"
    )
    lasts = {"forever": "", "once": " once", "repeating": f" for {coupon['duration_in_months']} months"}
    return f"{coupon['name']}: {off}{lasts[coupon['duration']]}"
