"""Subscription schedules."""

from bot.playground.stripe.store import Object


def schedule(key: str, created: int, subscription: Object, phases: list[Object]) -> Object:
    """A schedule made from a subscription: its present phase, and the next."""
    first = phases[0]
    return {
        "id": key,
        "object": "subscription_schedule",
        "billing_mode": subscription["billing_mode"],
        "canceled_at": None,
        "completed_at": None,
        "created": created,
        "current_phase": {"end_date": first["end_date"], "start_date": first["start_date"]},
        "customer": subscription["customer"],
        "default_settings": {"collection_method": subscription["collection_method"], "description": None},
        "end_behavior": "release",
        "livemode": False,
        "metadata": {},
        "phases": phases,
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": None,
    }


def phase(items: list[Object], currency: str, start: int, end: int) -> Object:
    """A phase; `items` are a subscription's, or have `price` and `quantity` as they do."""
    return {
        "currency": currency,
        "discounts": [],
        "end_date": end,
        "items": [
            {"discounts": [], "metadata": {}, "price": item["price"]["id"], "quantity": item["quantity"]}
            for item in items
        ],
        "metadata": {},
        "proration_behavior": "create_prorations",
        "start_date": start,
        "trial_end": None,
    }
