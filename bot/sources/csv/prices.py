"""Products and prices: each distinct combination met in the files becomes one, with an id made from what it says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from hashlib import sha256

from bot.money import exponent
from storage.facts import Interval, Price, Product, Rate, Scheme, Tier, Usage

SOURCE = "csv"
PLACES = Decimal(1).scaleb(-12)
EXACT = Context(prec=60)


def made_id(*parts: object) -> str:
    """The same id for the same parts, in every read."""
    told = "\x1f".join("" if part is None else str(part) for part in parts)
    return f"{SOURCE}:{sha256(told.encode()).hexdigest()[:20]}"


def plain(number: Decimal) -> Decimal:
    """At most 12 places and no trailing zeros, so that 49 and 49.00 are one price."""
    fine = number.quantize(PLACES, context=EXACT)
    whole = fine.to_integral_value()
    return whole if whole == fine else fine.normalize(EXACT)


def minor_price(amount: Decimal, currency: str, tax_inclusive: Decimal = Decimal(0)) -> Decimal:
    """A unit price in minor units, with the tax inside it taken out (`tax_inclusive` 20 is 20 %)."""
    return plain(EXACT.divide(amount.scaleb(exponent(currency), EXACT), 1 + tax_inclusive / 100))


@dataclass(frozen=True, slots=True)
class Offer:
    """What is asked: amounts in minor units of the currency; either `unit_amount` or `tiers`."""

    product: str | None
    plan: str | None
    currency: str
    unit_amount: Decimal | None
    interval: Interval
    interval_count: int = 1
    usage: Usage = Usage.LICENSED
    scheme: Scheme = Scheme.PER_UNIT
    pack_size: int = 1
    tiers: Sequence[Tier] = ()


@dataclass(slots=True)
class Catalogue:
    products: dict[str, Product] = field(default_factory=dict)
    prices: dict[str, Price] = field(default_factory=dict)

    def product(self, name: str) -> str:
        """The id of a product, which exists from now on."""
        made = product_id(name)
        self.products.setdefault(made, Product(id=made, source=SOURCE, name=name))
        return made

    def price(self, offer: Offer) -> str:
        """The id of the price that asks this, which exists from now on."""
        tiers = "".join(f"{tier.up_to}:{tier.unit_amount:f}:{tier.flat_amount:f};" for tier in offer.tiers)
        unit = None if offer.unit_amount is None else f"{offer.unit_amount:f}"
        made = made_id(
            offer.product,
            offer.plan,
            offer.currency,
            unit,
            offer.interval,
            offer.interval_count,
            offer.usage,
            offer.scheme,
            offer.pack_size,
            tiers,
        )
        if made not in self.prices:
            self.prices[made] = Price(
                id=made,
                source=SOURCE,
                product_id=self.product(offer.product) if offer.product else None,
                nickname=offer.plan,
                interval=offer.interval,
                interval_count=offer.interval_count,
                usage=offer.usage,
                scheme=offer.scheme,
                rates={offer.currency: Rate(offer.unit_amount, tuple(offer.tiers))},
                pack_size=offer.pack_size,
            )
        return made


def product_id(name: str) -> str:
    return made_id("product", name)
