"""Which discounts work on a subscription, and what they take off each of its items."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bot.playground.stripe.store import Object, Store


@dataclass(frozen=True)
class Discount:
    key: str
    coupon: Object
    products: frozenset[str] | None

    def covers(self, product: str) -> bool:
        return self.products is None or product in self.products


def of(store: Store, keys: list[str]) -> list[Discount]:
    """Discounts with their coupons; `applies_to` is one of the fields that Stripe sends only on request."""
    found = []
    for key in keys:
        coupon = store["coupons"][store["discounts"][key]["source"]["coupon"]]
        applies = store["coupons"].includable.get(coupon["id"], {}).get("applies_to")
        found.append(Discount(key, coupon, frozenset(applies["products"]) if applies else None))
    return found


def level_discounts(store: Store, subscription: Object) -> list[str]:
    """The subscription's own discounts, or else its customer's."""
    if subscription["discounts"]:
        return list(subscription["discounts"])
    inherited = store["customers"][subscription["customer"]]["discount"]
    return [inherited["id"]] if inherited else []


def live(store: Store, keys: list[str], at: int) -> list[str]:
    return [key for key in keys if (end := store["discounts"][key]["end"]) is None or end > at]


def taken(
    discount: Discount, amounts: Mapping[str, Fraction], products: Mapping[str, str], currency: str
) -> dict[str, Fraction]:
    """What one discount takes off each amount; an amount off is spread in proportion to what is left."""
    covered = {key: amount for key, amount in amounts.items() if amount > 0 and discount.covers(products[key])}
    coupon = discount.coupon
    if coupon["percent_off"] is not None:
        share = Fraction(str(coupon["percent_off"])) / 100
        return {key: amount * share for key, amount in covered.items()}
    total = sum(covered.values(), Fraction(0))
    if coupon["currency"] != currency or not total:
        return {}
    share = min(Fraction(coupon["amount_off"]), total) / total
    return {key: amount * share for key, amount in covered.items()}
