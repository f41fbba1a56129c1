"""The kinds of objects that are read from Stripe, in the order of a full read; adding one is one entry here."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.sources.stripe.catalog import parse_price, parse_product
from bot.sources.stripe.client import Query
from bot.sources.stripe.customers import parse_customer, parse_method
from bot.sources.stripe.discounts import Known, coupon_ids, coupon_of
from bot.sources.stripe.fields import Raw, required_id
from bot.sources.stripe.invoices import invoice_coupons, parse_invoice
from bot.sources.stripe.lines import line_prices
from bot.sources.stripe.payments import parse_charge, parse_dispute, parse_refund
from bot.sources.stripe.pending import parse_pending
from bot.sources.stripe.schedules import parse_schedule
from bot.sources.stripe.subscriptions import parse_subscription, subscription_coupons
from storage.facts import Fact, Price, Product


@dataclass(frozen=True, slots=True)
class Inner:
    """A list inside an object that may go on: its key, where the rest is, and with which filter on the owner."""

    key: str
    path: str
    owner: str | None = None
    expand: tuple[str, ...] = ()


def _none(_raw: Raw) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is also the path. `expand` is asked for in lists and alone, `alone` only for single objects.

    Four levels is the deepest that Stripe expands, and the `data` of a list is one of them. `needed` says that
    nothing can be told without it; otherwise a server that lacks it is read without. `coupons` and `prices` name
    what must be known before `parse`.
    """

    name: str
    parse: Callable[[Raw, Known], Iterable[Fact]]
    expand: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    filters: Query = ()
    inner: Inner | None = None
    needed: bool = False
    coupons: Callable[[Raw], Iterable[str]] = _none
    prices: Callable[[Raw], Iterable[str]] = _none

    @property
    def one(self) -> str:
        """What one object of the list is called."""
        return self.name.removesuffix("s").replace("_", " ")


def _coupon(raw: Raw, known: Known) -> Iterable[Fact]:
    known.coupons[required_id(raw)] = coupon_of(raw)
    return ()


def _product(raw: Raw, _known: Known) -> Iterator[Product]:
    if raw.get("deleted") is not True:
        yield parse_product(raw)


def _price(raw: Raw, known: Known) -> Iterator[Price]:
    if raw.get("deleted") is not True:
        price = parse_price(raw)
        known.usages[price.id] = price.usage
        yield price


COUPONS = Kind("coupons", _coupon, expand=("applies_to", "currency_options"))
PRODUCTS = Kind("products", _product)
PRICES = Kind("prices", _price, expand=("tiers", "currency_options"))
PLANS = Kind("plans", _price, expand=("tiers",))
CUSTOMERS = Kind(
    "customers",
    parse_customer,
    expand=("invoice_settings.default_payment_method", "default_source", "discount.source.coupon"),
    needed=True,
    coupons=coupon_ids,
)
SUBSCRIPTIONS = Kind(
    "subscriptions",
    parse_subscription,
    expand=("discounts.source.coupon", "items.data.discounts", "default_payment_method"),
    alone=("customer",),
    filters=(("status", "all"),),
    inner=Inner("items", "subscription_items", owner="subscription", expand=("data.discounts",)),
    needed=True,
    coupons=subscription_coupons,
)
INVOICES = Kind(
    "invoices",
    parse_invoice,
    expand=("payments", "discounts.source.coupon", "total_discount_amounts.discount", "lines.data.discounts"),
    alone=("customer",),
    inner=Inner("lines", "invoices/{id}/lines", expand=("data.discounts",)),
    needed=True,
    coupons=invoice_coupons,
    prices=line_prices,
)
SCHEDULES = Kind("subscription_schedules", parse_schedule)
PENDING = Kind("invoiceitems", parse_pending, filters=(("pending", "true"),))
CHARGES = Kind("charges", lambda raw, _known: parse_charge(raw), expand=("balance_transaction",))
REFUNDS = Kind("refunds", lambda raw, _known: (parse_refund(raw),), expand=("charge",))
DISPUTES = Kind("disputes", lambda raw, _known: (parse_dispute(raw),), expand=("charge",))
ITEMS = Kind("subscription_items", lambda _raw, _known: ())
METHODS = Kind("payment_methods", lambda raw, _known: parse_method(raw))
BALANCE = Kind("balance_transactions", lambda _raw, _known: ())  # read inside of charges, with a permission of its own

WALK = (COUPONS, PRODUCTS, PRICES, CUSTOMERS, SUBSCRIPTIONS, SCHEDULES, PENDING, INVOICES, CHARGES, REFUNDS, DISPUTES)
BY_NAME = {kind.name: kind for kind in (*WALK, METHODS, ITEMS)}
EVENTS = Kind("events", lambda _raw, _known: (), needed=True)
