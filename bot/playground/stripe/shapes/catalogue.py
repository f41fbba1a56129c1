from decimal import Decimal

from bot.playground.stripe.store import Object


def product(key: str, created: int, name: str, unit_label: str | None = None, *, active: bool = True) -> Object:
    return {
        "id": key,
        "object": "product",
        "active": active,
        "created": created,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": "txcd_10103001",
        "type": "service",
        "unit_label": unit_label,
        "updated": created,
        "url": None,
    }


def unit(amount: Decimal | None) -> Object:
    """The pair in which Stripe states a unit amount: whole minor units where possible, and always a decimal."""
    if amount is None:
        return {"unit_amount": None, "unit_amount_decimal": None}
    whole = int(amount) if amount == amount.to_integral_value() else None
    return {"unit_amount": whole, "unit_amount_decimal": f"{amount.normalize():f}"}


def flat(amount: Decimal | None) -> Object:
    if amount is None:
        return {"flat_amount": None, "flat_amount_decimal": None}
    return {"flat_amount": int(amount), "flat_amount_decimal": f"{amount.normalize():f}"}


def tier(up_to: int | None, per_unit: Decimal | None, once: Decimal | None) -> Object:
    return {**flat(once), **unit(per_unit), "up_to": up_to}


def price(
    key: str,
    created: int,
    product_key: str,
    *,
    nickname: str,
    currency: str,
    interval: str,
    interval_count: int = 1,
    amount: Decimal | None = None,
    tiers_mode: str | None = None,
    transform: Object | None = None,
    meter: str | None = None,
    active: bool = True,
) -> Object:
    """A recurring price; `tiers` and `currency_options` are sent only when a client expands them."""
    return {
        "id": key,
        "object": "price",
        "active": active,
        "billing_scheme": "tiered" if tiers_mode else "per_unit",
        "created": created,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": nickname,
        "product": product_key,
        "recurring": {
            "interval": interval,
            "interval_count": interval_count,
            "meter": meter,
            "trial_period_days": None,
            "usage_type": "metered" if meter else "licensed",
        },
        "tax_behavior": "exclusive",
        "tiers_mode": tiers_mode,
        "transform_quantity": transform,
        "type": "recurring",
        **unit(amount),
    }


def coupon(
    key: str,
    created: int,
    name: str,
    duration: str,
    *,
    percent_off: float | None = None,
    amount_off: int | None = None,
    currency: str | None = None,
    months: int | None = None,
) -> Object:
    return {
        "id": key,
        "object": "coupon",
        "amount_off": amount_off,
        "created": created,
        "currency": currency,
        "duration": duration,
        "duration_in_months": months,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "name": name,
        "percent_off": percent_off,
        "redeem_by": None,
        "times_redeemed": 0,
        "valid": True,
    }


def promotion_code(key: str, created: int, code: str, coupon_key: str) -> Object:
    return {
        "id": key,
        "object": "promotion_code",
        "active": True,
        "code": code,
        "created": created,
        "customer": None,
        "expires_at": None,
        "livemode": False,
        "max_redemptions": None,
        "metadata": {},
        "promotion": {"coupon": coupon_key, "type": "coupon"},
        "restrictions": {
            "first_time_transaction": False,
            "minimum_amount": None,
            "minimum_amount_currency": None,
        },
        "times_redeemed": 0,
    }


def discount(key: str, start: int, coupon_key: str, customer_key: str, end: int | None) -> Object:
    """A coupon at work. Not listable: clients see it by expanding what carries it."""
    return {
        "id": key,
        "object": "discount",
        "checkout_session": None,
        "created": start,
        "customer": customer_key,
        "end": end,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": coupon_key, "type": "coupon"},
        "start": start,
        "subscription": None,
        "subscription_item": None,
    }


def tax_rate(key: str, created: int, name: str, country: str, percentage: float) -> Object:
    return {
        "id": key,
        "object": "tax_rate",
        "active": True,
        "country": country,
        "created": created,
        "description": None,
        "display_name": name,
        "effective_percentage": percentage,
        "inclusive": False,
        "jurisdiction": country,
        "livemode": False,
        "metadata": {},
        "percentage": percentage,
        "rate_type": "percentage",
        "state": None,
        "tax_type": "vat",
    }
