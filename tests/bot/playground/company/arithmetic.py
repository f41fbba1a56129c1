"""MRR arithmetic of the tests' own, written from Stripe's documentation."""

from decimal import ROUND_HALF_EVEN, Decimal

from bot.playground.company import Company
from bot.playground.stripe.store import Object

PER_MONTH = {"month": Decimal(1), "year": Decimal(1) / 12, "week": Decimal(52) / 12}


def tiered(tiers: list[Object], mode: str, quantity: int) -> Decimal:
    if mode == "volume":
        tier = next(tier for tier in tiers if tier["up_to"] is None or quantity <= tier["up_to"])
        return Decimal(tier["unit_amount_decimal"]) * quantity + Decimal(tier["flat_amount"] or 0)
    total, floor = Decimal(0), 0
    for tier in tiers:
        top = min(quantity, tier["up_to"] or quantity)
        if top > floor:
            total += Decimal(tier["unit_amount_decimal"]) * (top - floor) + Decimal(tier["flat_amount"] or 0)
            floor = top
    return total


def gross(company: Company, price: Object, quantity: int, currency: str) -> Decimal:
    extras = company.store["prices"].includable[price["id"]]
    if price["tiers_mode"]:
        return tiered(extras["tiers"], price["tiers_mode"], quantity)
    if price["transform_quantity"]:
        quantity = -(-quantity // price["transform_quantity"]["divide_by"])
    unit = price if price["currency"] == currency else extras["currency_options"][currency]
    return Decimal(unit["unit_amount_decimal"]) * quantity


def forever(company: Company, keys: list[str]) -> list[Object]:
    coupons = [company.store["coupons"][company.store["discounts"][key]["source"]["coupon"]] for key in keys]
    return [coupon for coupon in coupons if coupon["duration"] == "forever"]


Bought = tuple[Object, int]


def monthly(company: Company, currency: str, bought: list[tuple[Bought, list[str]]], shared: list[str]) -> int:
    """Of ((price, quantity), own discounts) pairs that share an interval, and discounts on all of them."""
    total = Decimal(0)
    for (price, quantity), own in bought:
        amount = gross(company, price, quantity, currency)
        for coupon in forever(company, [*own, *shared]):
            products = company.store["coupons"].includable.get(coupon["id"], {}).get("applies_to", {}).get("products")
            if coupon["percent_off"] and (products is None or price["product"] in products):
                amount *= 1 - Decimal(str(coupon["percent_off"])) / 100
        total += amount
    for coupon in forever(company, shared):
        if coupon["amount_off"] and coupon["currency"] == currency:
            total = max(Decimal(0), total - coupon["amount_off"])
    if not bought:
        return 0
    recurring = bought[0][0][0]["recurring"]
    exact = total * PER_MONTH[recurring["interval"]] / recurring["interval_count"]
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def shared_discounts(company: Company, subscription: Object) -> list[str]:
    """The subscription's own, or else its customer's."""
    customer = company.store["customers"].get(subscription["customer"])
    inherited = customer["discount"] if customer else None
    return list(subscription["discounts"]) or ([inherited["id"]] if inherited else [])


def items_of(company: Company, subscription: Object) -> list[Object]:
    """The licensed items."""
    held = company.store["subscription_items"]
    found = [held[key] for key in held.walk(narrow=("subscription", subscription["id"]))]
    return [item for item in found if item["price"]["recurring"]["usage_type"] == "licensed"]
