from bot.playground.stripe.shapes.customers import billing_details
from bot.playground.stripe.store import Object


def payment_intent(key: str, created: int, invoice: Object, method: str | None) -> Object:
    return {
        "id": key,
        "object": "payment_intent",
        "amount": invoice["amount_remaining"],
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "created": created,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "description": "Subscription update" if invoice["parent"] else "Payment for Invoice",
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "payment_method": method,
        "payment_method_types": ["card"],
        "receipt_email": None,
        "setup_future_usage": "off_session",
        "status": "requires_payment_method",
    }


def invoice_payment(key: str, created: int, invoice: Object, intent: str) -> Object:
    return {
        "id": key,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_remaining"],
        "created": created,
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def outcome(decline: str | None, advice: str | None) -> Object:
    """How the card network answered; `advice` tells whether another try makes sense."""
    if decline is None:
        return {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 17,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "advice_code": advice,
        "network_advice_code": None,
        "network_decline_code": "51" if decline == "insufficient_funds" else "05",
        "network_status": "declined_by_network",
        "reason": decline,
        "risk_level": "normal",
        "risk_score": 17,
        "seller_message": f"The bank returned the decline code `{decline}`.",
        "type": "issuer_declined",
    }


def charge(
    key: str,
    created: int,
    intent: Object,
    holder: Object,
    *,
    method: Object | None,
    decline: str | None,
    advice: str | None,
) -> Object:
    """One attempt to take money: succeeded, or failed with the bank's decline code."""
    failed = decline is not None
    code = {"expired_card": "expired_card", "incorrect_cvc": "incorrect_cvc"}.get(decline or "", "card_declined")
    details = method and {"card": method["card"], "type": "card"}
    return {
        "id": key,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0 if failed else intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": billing_details(holder),
        "calculated_statement_descriptor": "KETTLE.EXAMPLE",
        "captured": not failed,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": code if failed else None,
        "failure_message": DECLINES.get(decline or "", "Your card was declined.") if failed else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "outcome": outcome(decline, advice),
        "paid": not failed,
        "payment_intent": intent["id"],
        "payment_method": method["id"] if method else None,
        "payment_method_details": details or {"type": "customer_balance", "customer_balance": {}},
        "receipt_email": None,
        "receipt_number": None,
        "refunded": False,
        "review": None,
        "status": "failed" if failed else "succeeded",
    }


DECLINES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "generic_decline": "Your card was declined.",
    "lost_card": "Your card was declined.",
    "do_not_honor": "Your card was declined.",
}


def balance_transaction(
    key: str, created: int, *, amount: int, fee: int, currency: str, rate: float | None, source: str, kind: str
) -> Object:
    """What a charge, refund or dispute did to the account's own balance, in its own currency."""
    return {
        "id": key,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": created + 2 * 86_400,
        "balance_type": "payments",
        "created": created,
        "currency": currency,
        "description": None,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": [{"amount": fee, "currency": currency, "type": "stripe_fee"}] if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source,
        "status": "available",
        "type": "adjustment" if kind == "dispute" else kind,
    }
