"""What the company sells: products, prices (old ones archived after a price rise), coupons, tax rates."""

from dataclasses import dataclass, field
from decimal import Decimal

from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.shapes import catalogue as shapes
from bot.playground.stripe.store import Object

_IN_EURO, _IN_POUND = Decimal("0.92"), Decimal("0.80")


@dataclass
class Catalogue:
    """Ids by short name: `prices["team_monthly"]`, `coupons["partner"]`, `tax_rates["GB"]`."""

    prices: dict[str, str] = field(default_factory=dict)
    coupons: dict[str, str] = field(default_factory=dict)
    tax_rates: dict[str, str] = field(default_factory=dict)


def stock(books: Books, opened: int, raised: int) -> Catalogue:
    """Fill the shelves: everything from `opened` on, today's prices from `raised` on."""
    shelf = _Shelf(books, opened, raised)
    _seats(shelf)
    _tiers(shelf)
    _extras(shelf)
    _foreign(shelf)
    _coupons(shelf)
    for country, name, percentage in (("GB", "VAT", 20.0), ("DE", "MwSt", 19.0), ("FR", "TVA", 20.0)):
        rate = shapes.tax_rate(books.ids("txr"), opened, name, country, percentage)
        books.store.put("tax_rates", rate)
        shelf.made.tax_rates[country] = rate["id"]
    return shelf.made


class _Shelf:
    def __init__(self, books: Books, opened: int, raised: int) -> None:
        self.books, self.opened, self.raised = books, opened, raised
        self.made = Catalogue()
        self.products: dict[str, str] = {}

    def product(self, name: str, unit_label: str | None = None) -> str:
        if name not in self.products:
            made = shapes.product(self.books.ids("prod"), self.opened, name, unit_label)
            self.products[name] = self.books.store.put("products", made)["id"]
        return self.products[name]

    def price(
        self,
        short: str,
        product: str,
        nickname: str,
        amount: str | None,
        interval: str = "month",
        *,
        count: int = 1,
        currency: str = "usd",
        old: bool = False,
        new: bool = False,
        options: bool = True,
        unit_label: str | None = None,
        tiers_mode: str | None = None,
        transform: Object | None = None,
        meter: str | None = None,
    ) -> Object:
        """Amounts in minor units; US prices carry euro and pound options unless told otherwise."""
        made = shapes.price(
            self.books.ids("price"),
            self.raised if new else self.opened,
            self.product(product, unit_label),
            nickname=nickname,
            currency=currency,
            interval=interval,
            interval_count=count,
            amount=None if amount is None else Decimal(amount),
            active=not old,
            tiers_mode=tiers_mode,
            transform=transform,
            meter=meter,
        )
        self.books.store.put("prices", made)
        extras: Object = {}
        if amount is not None:
            extras["currency_options"] = _options(Decimal(amount), currency, foreign=options)
        self.books.store["prices"].includable[made["id"]] = extras
        self.made.prices[short] = made["id"]
        return made


def _options(amount: Decimal, currency: str, *, foreign: bool) -> Object:
    amounts = {currency: amount}
    if foreign and currency == "usd":
        amounts["eur"] = (amount * _IN_EURO).quantize(Decimal(1)) if amount >= 100 else amount * _IN_EURO
        amounts["gbp"] = (amount * _IN_POUND).quantize(Decimal(1)) if amount >= 100 else amount * _IN_POUND
    return {
        code: {"custom_unit_amount": None, "tax_behavior": "exclusive", **shapes.unit(value)}
        for code, value in sorted(amounts.items())
    }


def _seats(shelf: _Shelf) -> None:
    for short, product, month, month_old, label in (
        ("starter", "Starter", 4_900, 3_900, None),
        ("team", "Team", 1_500, 1_200, "seat"),
        ("business", "Business", 2_900, 2_600, "seat"),
    ):
        for era, amount in (("_old", month_old), ("", month)):
            rhythms = (("monthly", "month", product, 1), ("annual", "year", f"{product}, annual", 10))
            for rhythm, interval, nickname, factor in rhythms:
                shelf.price(
                    f"{short}_{rhythm}{era}",
                    product,
                    nickname,
                    str(amount * factor),
                    interval,
                    old=era != "",
                    new=era == "",
                    unit_label=label,
                )
    shelf.price("team_quarterly", "Team", "Team, quarterly", "4200", count=3)
    shelf.price("team_weekly", "Team", "Team, weekly pilot", "400", "week", options=False)
    shelf.price("free", "Starter", "Starter, free", "0")


def _tiers(shelf: _Shelf) -> None:
    for short, currency, interval, factor in (
        ("enterprise_monthly", "usd", "month", 1),
        ("enterprise_annual", "usd", "year", 10),
        ("enterprise_annual_eur", "eur", "year", 9),
    ):
        words = "Enterprise" if interval == "month" else "Enterprise, annual"
        made = shelf.price(
            short, "Enterprise", words, None, interval, currency=currency, tiers_mode="graduated", unit_label="seat"
        )
        shelf.books.store["prices"].includable[made["id"]] = {
            "tiers": [
                shapes.tier(50, Decimal(3_800 * factor), Decimal(50_000 * factor)),
                shapes.tier(200, Decimal(3_300 * factor), None),
                shapes.tier(None, Decimal(2_700 * factor), None),
            ]
        }
    made = shelf.price("business_volume", "Business", "Business, volume", None, tiers_mode="volume")
    shelf.books.store["prices"].includable[made["id"]] = {
        "tiers": [
            shapes.tier(25, Decimal(3_200), None),
            shapes.tier(100, Decimal(2_800), None),
            shapes.tier(None, Decimal(2_400), None),
        ]
    }


def _extras(shelf: _Shelf) -> None:
    pack: Object = {"divide_by": 1_000, "round": "up"}
    shelf.price("contacts_pack", "Contacts", "Contacts, per 1,000", "2000", transform=pack, unit_label="contact")
    shelf.price("storage", "Storage", "Storage", "12.5", unit_label="GB", options=False)
    shelf.price("support", "Priority support", "Priority support", "25000")
    shelf.price("support_annual", "Priority support", "Priority support, annual", "250000", "year")
    shelf.price("api_calls", "API calls", "API calls", "0.4", options=False, meter="mtr_kettle_api_calls")
    for number in range(1, 13):
        shelf.price(f"module_{number}", f"Module {number}", f"Module {number}", str(900 + 100 * number), options=False)


def _foreign(shelf: _Shelf) -> None:
    """A currency without minor units and one with a thousand of them have prices of their own."""
    shelf.price("team_jpy", "Team", "Team", "2200", currency="jpy")
    shelf.price("business_jpy", "Business", "Business", "4300", currency="jpy")
    shelf.price("team_kwd", "Team", "Team", "4500", currency="kwd")
    shelf.price("business_kwd", "Business", "Business", "8950", currency="kwd")
    shelf.price("business_kwd_annual", "Business", "Business, annual", "89500", "year", currency="kwd")


def _coupons(shelf: _Shelf) -> None:
    opened = shelf.opened
    support = shelf.product("Priority support")
    for key, made, products in (
        ("partner", shapes.coupon("PARTNER15", opened, "Partner", "forever", percent_off=15.0), None),
        ("nonprofit", shapes.coupon("NONPROFIT30", opened, "Non-profit", "forever", percent_off=30.0), None),
        ("loyal", shapes.coupon("LOYAL50", opened, "Loyalty", "forever", amount_off=5_000, currency="usd"), None),
        ("support", shapes.coupon("SUPPORT20", opened, "Support deal", "forever", percent_off=20.0), [support]),
        ("launch", shapes.coupon("LAUNCH25", opened, "Launch", "repeating", percent_off=25.0, months=3), None),
        ("halfyear", shapes.coupon("HALFYEAR10", opened, "Half year", "repeating", percent_off=10.0, months=6), None),
        ("welcome", shapes.coupon("WELCOME50", opened, "Welcome", "once", percent_off=50.0), None),
        ("sorry", shapes.coupon("SORRY20", opened, "Apology", "once", amount_off=2_000, currency="usd"), None),
    ):
        shelf.books.store.put("coupons", made)
        shelf.made.coupons[key] = made["id"]
        if products:
            shelf.books.store["coupons"].includable[made["id"]] = {"applies_to": {"products": products}}
    code = shapes.promotion_code(shelf.books.ids("promo"), opened, "LAUNCH25", "LAUNCH25")
    shelf.books.store.put("promotion_codes", code)
