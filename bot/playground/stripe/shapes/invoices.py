from decimal import Decimal

from bot.playground.stripe.shapes.subscriptions import inlined
from bot.playground.stripe.store import Object


def subscription_parent(
    subscription_key: str,
    item_key: str,
    invoice_item: str | None = None,
    *,
    proration: bool = False,
    credited: Object | None = None,
) -> Object:
    """`credited` names the invoice and the lines that a credit gives back, and tells credits from charges."""
    return {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": invoice_item,
            "proration": proration,
            "proration_details": {"credited_items": credited},
            "subscription": subscription_key,
            "subscription_item": item_key,
        },
        "type": "subscription_item_details",
    }


def extra_parent(invoice_item: str, subscription_key: str | None = None) -> Object:
    return {
        "invoice_item_details": {
            "invoice_item": invoice_item,
            "proration": False,
            "proration_details": {"credited_items": None},
            "subscription": subscription_key,
        },
        "subscription_item_details": None,
        "type": "invoice_item_details",
    }


def line(
    key: str,
    *,
    amount: int,
    currency: str,
    description: str,
    period: tuple[int, int],
    parent: Object,
    quantity: int,
    price: Object | None = None,
    unit_amount: Decimal | None = None,
    discountable: bool = True,
) -> Object:
    pricing = price and {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": None if unit_amount is None else f"{unit_amount.normalize():f}",
    }
    return {
        "id": key,
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": description,
        "discount_amounts": [],
        "discountable": discountable,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "parent": parent,
        "period": {"end": period[1], "start": period[0]},
        "pretax_credit_amounts": [],
        "pricing": pricing,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subtotal": amount,
        "taxes": [],
    }


def invoice(
    key: str,
    created: int,
    customer: Object,
    *,
    currency: str,
    reason: str,
    period: tuple[int, int],
    subscription: Object | None,
    discounts: list[str],
) -> Object:
    parent = subscription and {
        "quote_details": None,
        "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
        "type": "subscription_details",
    }
    return {
        "id": key,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Kettle",
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None, "status": None},
        "automatically_finalizes_at": None,
        "billing_reason": reason,
        "collection_method": subscription["collection_method"] if subscription else "charge_automatically",
        "created": created,
        "currency": currency,
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "default_payment_method": None,
        "default_tax_rates": subscription["default_tax_rates"] if subscription else [],
        "description": None,
        "discounts": discounts,
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": inlined([], f"/v1/invoices/{key}/lines"),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "parent": parent,
        "payment_settings": {"default_mandate": None, "payment_method_types": None},
        "period_end": period[1],
        "period_start": period[0],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "test_clock": None,
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_taxes": [],
        "webhooks_delivered_at": created,
    }
