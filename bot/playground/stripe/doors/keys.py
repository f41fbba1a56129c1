"""Who may read what: one restricted key, whose permissions can be taken away one by one."""

import base64

from bot.playground.stripe.doors import errors

# What a restricted key needs to read each kind, by the word in Stripe's own message.
PERMISSIONS = {
    "account": "rak_accounts_kyc_basic_read",
    "balance_transactions": "rak_balance_transaction_read",
    "charges": "rak_charge_read",
    "coupons": "rak_coupon_read",
    "credit_notes": "rak_credit_note_read",
    "customers": "rak_customer_read",
    "disputes": "rak_dispute_read",
    "events": "rak_event_read",
    "invoice_payments": "rak_invoice_read",
    "invoiceitems": "rak_invoice_read",
    "invoices": "rak_invoice_read",
    "payment_intents": "rak_payment_intent_read",
    "payment_methods": "rak_payment_method_read",
    "prices": "rak_plan_read",
    "products": "rak_product_read",
    "promotion_codes": "rak_promotion_code_read",
    "refunds": "rak_charge_read",
    "subscription_items": "rak_subscription_read",
    "subscription_schedules": "rak_subscription_read",
    "subscriptions": "rak_subscription_read",
    "tax_rates": "rak_tax_rate_read",
}


class Keys:
    """The key of this server and what it may still read."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.revoked: set[str] = set()

    def admit(self, authorization: str | None) -> None:
        """Bearer, or Basic with the key as the user; StripeError 401 otherwise."""
        given = _given(authorization or "")
        if not given:
            errors.no_key()
        if given != self.key:
            errors.wrong_key(given)

    def permit(self, kind: str, account: str) -> None:
        permission = PERMISSIONS[kind]
        if permission in self.revoked:
            errors.not_permitted(self.key, account, permission)

    def revoke(self, kind: str) -> str:
        """Take away what reading a kind ("invoices") needs, or a permission by its own name; which one it was."""
        permission = PERMISSIONS.get(kind, kind)
        if permission not in PERMISSIONS.values():
            raise ValueError(f"permission: there is no {kind!r}")
        self.revoked.add(permission)
        return permission


def _given(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest).decode().partition(":")[0]
    except ValueError:
        return ""
