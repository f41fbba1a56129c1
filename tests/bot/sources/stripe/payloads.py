"""Objects as Stripe sends them: today's shapes, and under `old_` those from before 2025-03-31.basil."""

from typing import Any

JAN, FEB, MAR = 1_767_225_600, 1_769_904_000, 1_772_323_200  # 2026, midnight UTC

Object = dict[str, Any]


def listed(rows: list[Any], *, more: bool = False, url: str = "/v1/x") -> Object:
    return {"object": "list", "data": rows, "has_more": more, "url": url}


def coupon(own: str = "TWENTY", **over: Any) -> Object:
    return {
        "id": own,
        "object": "coupon",
        "amount_off": None,
        "applies_to": {"products": []},
        "created": JAN,
        "currency": None,
        "duration": "forever",
        "duration_in_months": None,
        "livemode": False,
        "metadata": {},
        "name": "Twenty off",
        "percent_off": 20.0,
        "times_redeemed": 3,
        "valid": True,
    } | over


def discount(own: str = "di_1", source: Any = "TWENTY", **over: Any) -> Object:
    return {
        "id": own,
        "object": "discount",
        "customer": "cus_1",
        "end": None,
        "promotion_code": None,
        "source": {"coupon": source, "type": "coupon"},
        "start": JAN,
        "subscription": "sub_1",
        "subscription_item": None,
    } | over


def price(own: str = "price_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": JAN,
        "currency": "usd",
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": "Team monthly",
        "product": "prod_1",
        "recurring": {"interval": "month", "interval_count": 1, "meter": None, "usage_type": "licensed"},
        "tax_behavior": "exclusive",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": 4900,
        "unit_amount_decimal": "4900",
    } | over


def method(own: str = "pm_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "payment_method",
        "billing_details": {"email": "pay@acme.example"},
        "card": {"brand": "visa", "exp_month": 4, "exp_year": 2027, "funding": "credit", "last4": "4242"},
        "created": JAN,
        "customer": "cus_1",
        "livemode": False,
        "metadata": {},
        "type": "card",
    } | over


def customer(own: str = "cus_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "customer",
        "address": {"city": "Oulu", "country": "FI", "line1": None, "postal_code": "90100", "state": None},
        "balance": 0,
        "created": JAN,
        "currency": "usd",
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": "billing@acme.example",
        "invoice_settings": {"custom_fields": None, "default_payment_method": method(), "footer": None},
        "livemode": False,
        "metadata": {"csm": "Mira@kahvi.example", "segment": "Enterprise", "region": "EMEA", "plan_owner": "x"},
        "name": "Acme Oy",
        "phone": None,
        "tax_exempt": "none",
    } | over


def item(own: str = "si_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": JAN,
        "current_period_end": MAR,
        "current_period_start": FEB,
        "discounts": [],
        "metadata": {},
        "price": price(),
        "quantity": 5,
        "subscription": "sub_1",
        "tax_rates": [],
    } | over


def subscription(own: str = "sub_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "subscription",
        "billing_cycle_anchor": JAN,
        "billing_mode": {"type": "flexible"},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "feedback_option": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": JAN,
        "currency": "usd",
        "customer": "cus_1",
        "default_payment_method": None,
        "discounts": [],
        "ended_at": None,
        "items": listed([item()], url=f"/v1/subscription_items?subscription={own}"),
        "latest_invoice": "in_1",
        "livemode": False,
        "metadata": {},
        "pause_collection": None,
        "start_date": JAN,
        "status": "active",
        "status_details": None,
        "trial_end": None,
        "trial_start": None,
    } | over


def line(own: str = "il_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "line_item",
        "amount": 24500,
        "currency": "usd",
        "description": "5 x Team (at $49.00 / month)",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": "in_1",
        "livemode": False,
        "metadata": {},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": "sub_1",
                "subscription_item": "si_1",
            },
            "type": "subscription_item_details",
        },
        "period": {"end": MAR, "start": FEB},
        "pricing": {
            "price_details": {"price": "price_1", "product": "prod_1"},
            "type": "price_details",
            "unit_amount_decimal": "4900",
        },
        "quantity": 5,
        "quantity_decimal": "5",
        "subtotal": 24500,
        "taxes": [],
    } | over


def invoice(own: str = "in_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "invoice",
        "amount_due": 24500,
        "amount_paid": 24500,
        "amount_remaining": 0,
        "attempt_count": 1,
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "created": FEB,
        "currency": "usd",
        "customer": "cus_1",
        "customer_email": "billing@acme.example",
        "customer_name": "Acme Oy",
        "discounts": [],
        "due_date": None,
        "effective_at": FEB + 3600,
        "hosted_invoice_url": "https://invoice.stripe.com/i/acct/live_x",
        "lines": listed([line()], url=f"/v1/invoices/{own}/lines"),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": "ACME-0002",
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": {}, "subscription": "sub_1"},
            "type": "subscription_details",
        },
        "payments": listed(
            [
                {
                    "id": "inpay_1",
                    "object": "invoice_payment",
                    "amount_paid": 24500,
                    "invoice": own,
                    "payment": {"payment_intent": "pi_1", "type": "payment_intent"},
                    "status": "paid",
                }
            ]
        ),
        "period_end": FEB,
        "period_start": JAN,
        "status": "paid",
        "status_transitions": {"finalized_at": FEB + 3600, "paid_at": FEB + 3700, "voided_at": None},
        "subtotal": 24500,
        "total": 24500,
        "total_discount_amounts": [],
        "total_taxes": [],
    } | over


def schedule(own: str = "sub_sched_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "subscription_schedule",
        "canceled_at": None,
        "completed_at": None,
        "created": JAN,
        "current_phase": {"end_date": FEB, "start_date": JAN},
        "customer": "cus_1",
        "end_behavior": "release",
        "livemode": False,
        "phases": [
            {"currency": "usd", "end_date": FEB, "items": [{"price": "price_1", "quantity": 2}], "start_date": JAN},
            {"currency": "usd", "end_date": MAR, "items": [{"price": "price_2"}], "start_date": FEB, "trial_end": None},
        ],
        "released_subscription": None,
        "status": "active",
        "subscription": "sub_1",
        **over,
    }


def pending(own: str = "ii_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "invoiceitem",
        "amount": 9800,
        "currency": "usd",
        "customer": "cus_1",
        "date": FEB,
        "description": "2 x Team after 1 Feb 2026",
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "net_amount": 9800,
        "parent": {
            "subscription_details": {"subscription": "sub_1", "subscription_item": "si_1"},
            "type": "subscription_details",
        },
        "period": {"end": MAR, "start": FEB},
        "pricing": {
            "price_details": {"price": "price_1", "product": "prod_1"},
            "type": "price_details",
            "unit_amount_decimal": "4900",
        },
        "proration": True,
        "quantity": 2,
        "quantity_decimal": "2",
    } | over


def charge(own: str = "ch_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "charge",
        "amount": 24500,
        "amount_refunded": 0,
        "balance_transaction": balance_transaction(),
        "created": FEB + 3700,
        "currency": "usd",
        "customer": "cus_1",
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "outcome": {"network_status": "approved_by_network", "reason": None, "type": "authorized"},
        "paid": True,
        "payment_intent": "pi_1",
        "payment_method": "pm_1",
        "payment_method_details": {"card": {"brand": "visa", "last4": "4242"}, "type": "card"},
        "refunded": False,
        "status": "succeeded",
    } | over


def balance_transaction(**over: Any) -> Object:
    return {
        "id": "txn_1",
        "object": "balance_transaction",
        "amount": 24500,
        "created": FEB + 3700,
        "currency": "usd",
        "exchange_rate": None,
        "fee": 700,
        "net": 23800,
        "source": "ch_1",
        "type": "charge",
    } | over


def refund(own: str = "re_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "refund",
        "amount": 4900,
        "charge": charge(),
        "created": FEB + 9000,
        "currency": "usd",
        "metadata": {},
        "payment_intent": "pi_1",
        "reason": "requested_by_customer",
        "status": "succeeded",
    } | over


def dispute(own: str = "dp_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "dispute",
        "amount": 24500,
        "charge": charge(),
        "created": FEB + 9000,
        "currency": "usd",
        "evidence_details": {"due_by": MAR, "has_evidence": False, "past_due": False, "submission_count": 0},
        "metadata": {},
        "reason": "product_not_received",
        "status": "needs_response",
    } | over


def event(own: str, kind: str, shown: Object, created: int = FEB) -> Object:
    return {
        "id": own,
        "object": "event",
        "api_version": "2022-11-15",
        "created": created,
        "data": {"object": shown},
        "livemode": False,
        "type": kind,
    }


def old_plan(own: str = "plan_gold", **over: Any) -> Object:
    return {
        "id": own,
        "object": "plan",
        "active": True,
        "amount": 9900,
        "billing_scheme": "per_unit",
        "currency": "eur",
        "interval": "year",
        "interval_count": 1,
        "nickname": "Gold",
        "product": "prod_gold",
        "tiers": None,
        "tiers_mode": None,
        "transform_usage": None,
        "usage_type": "licensed",
    } | over


def old_discount(**over: Any) -> Object:
    return {
        "object": "discount",
        "coupon": coupon("OLD", duration="repeating", percent_off=None, amount_off=500, currency="eur"),
        "customer": "cus_1",
        "end": MAR,
        "start": JAN,
        "subscription": "sub_old",
    } | over


def old_subscription(own: str = "sub_old", **over: Any) -> Object:
    return {
        "id": own,
        "object": "subscription",
        "cancel_at": None,
        "cancel_at_period_end": True,
        "canceled_at": FEB,
        "collection_method": "send_invoice",
        "created": JAN,
        "current_period_end": MAR,
        "current_period_start": FEB,
        "customer": "cus_1",
        "discount": old_discount(),
        "ended_at": None,
        "items": listed([{"id": "si_old", "object": "subscription_item", "plan": old_plan(), "quantity": 2}]),
        "start": JAN,
        "status": "active",
        "trial_end": None,
        "trial_start": None,
    } | over


def old_line(own: str = "sli_1", **over: Any) -> Object:
    return {
        "id": own,
        "object": "line_item",
        "amount": 19800,
        "currency": "eur",
        "description": None,
        "discount_amounts": [{"amount": 500, "discount": "di_old"}],
        "period": {"end": MAR, "start": FEB},
        "plan": old_plan(),
        "proration": False,
        "quantity": 2,
        "subscription": "sub_old",
        "subscription_item": "si_old",
        "tax_amounts": [{"amount": 3828, "inclusive": True, "tax_rate": "txr_1"}],
        "type": "subscription",
    } | over


def old_invoice(own: str = "in_old", **over: Any) -> Object:
    return {
        "id": own,
        "object": "invoice",
        "amount_due": 19300,
        "amount_paid": 0,
        "attempt_count": 2,
        "charge": "ch_old",
        "collection_method": "send_invoice",
        "currency": "eur",
        "customer": "cus_1",
        "date": FEB,
        "discount": old_discount(id="di_old"),
        "due_date": MAR,
        "lines": listed([old_line()]),
        "next_payment_attempt": FEB + 86400,
        "number": "OLD-1",
        "paid": False,
        "payment_intent": "pi_old",
        "status": "open",
        "subscription": "sub_old",
        "tax": 3828,
        "total": 19300,
    } | over
