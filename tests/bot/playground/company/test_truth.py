"""The truth is held against the live objects by a calculation of its own, written from Stripe's documentation."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise

from bot.playground.company import Company
from bot.playground.stripe.store import Object

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
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


def gross(company: Company, item: Object, currency: str) -> Decimal:
    price, quantity = item["price"], item["quantity"]
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


def mrr(company: Company, subscription: Object) -> int:
    """All items of one subscription share an interval, so that amounts off may be taken from the period's total."""
    if subscription["status"] not in {"active", "past_due"}:
        return 0
    keys = list(company.store["subscription_items"].walk(narrow=("subscription", subscription["id"])))
    items = [company.store["subscription_items"][key] for key in keys]
    licensed = [item for item in items if item["price"]["recurring"]["usage_type"] == "licensed"]
    shared = subscription["discounts"]
    inherited = company.store["customers"][subscription["customer"]]["discount"]
    if not shared and inherited:
        shared = [inherited["id"]]
    total = Decimal(0)
    for item in licensed:
        amount = gross(company, item, subscription["currency"])
        for coupon in forever(company, [*item["discounts"], *shared]):
            extras = company.store["coupons"].includable.get(coupon["id"], {})
            products = extras.get("applies_to", {}).get("products")
            if coupon["percent_off"] and (products is None or item["price"]["product"] in products):
                amount *= 1 - Decimal(str(coupon["percent_off"])) / 100
        total += amount
    for coupon in forever(company, shared):
        if coupon["amount_off"] and coupon["currency"] == subscription["currency"]:
            total = max(Decimal(0), total - coupon["amount_off"])
    recurring = items[0]["price"]["recurring"]
    monthly = total * PER_MONTH[recurring["interval"]] / recurring["interval_count"]
    return int(monthly.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def test_the_last_levels_are_what_the_live_subscriptions_say(company: Company) -> None:
    live = {held["id"]: mrr(company, held) for held in company.store["subscriptions"]}

    told = {key: level.mrr for key, level in company.truth.current().items()}

    assert {key: value for key, value in told.items() if value} == {key: value for key, value in live.items() if value}


def test_levels_end_when_subscriptions_do_and_are_never_negative(company: Company) -> None:
    by_subscription: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for level in company.truth.in_order():
        by_subscription[level.subscription].append((level.at, level.mrr))

    for key, levels in by_subscription.items():
        subscription = company.store["subscriptions"][key]
        assert all(value >= 0 for _, value in levels)
        assert all(old[1] != new[1] for old, new in pairwise(levels))
        assert levels[0][0].timestamp() >= (subscription["trial_end"] or subscription["start_date"])
        # An unpaid subscription lost its level before it ended.
        if subscription["ended_at"] and levels[-1][0].timestamp() != subscription["ended_at"]:
            assert company.books.habits[subscription["customer"]].when_exhausted == "unpaid"


def test_a_level_of_a_seat_change_stands_on_the_prorations_start(company: Company) -> None:
    """What a reader can know of the past: the moments of change are in the lines."""
    starts = {
        (details["subscription"], line["period"]["start"])
        for lines in company.store.lines.values()
        for line in lines
        if (details := line["parent"]["subscription_item_details"])
    }
    pending = {
        (line["parent"]["subscription_item_details"]["subscription"], line["period"]["start"])
        for lines in company.books.pending.values()
        for line in lines
    }
    known = starts | pending
    grown = [
        level
        for level in company.truth.in_order()
        if level.mrr and (level.subscription, int(level.at.timestamp())) in known
    ]

    assert len(grown) >= 0.85 * sum(1 for level in company.truth.levels if level.mrr)


def test_days_and_instants_agree(company: Company) -> None:
    for days in (0, 1, 30, 400):
        day = (NOW - timedelta(days=days)).date()
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
        assert company.truth.on(day) == company.truth.at(midnight)
