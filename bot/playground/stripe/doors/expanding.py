"""`expand[]`: replacing ids by what they name, and adding the fields that Stripe sends only on request."""

from bot.playground.stripe.doors import errors
from bot.playground.stripe.shapes.subscriptions import inlined
from bot.playground.stripe.store import Object, Store

MAX_LEVELS = 4

# Where an object's field holds an id (or a list of ids), the collection it points into.
_REFERENCES = {
    "charge": {
        "balance_transaction": "balance_transactions",
        "customer": "customers",
        "payment_intent": "payment_intents",
        "payment_method": "payment_methods",
    },
    "credit_note": {"customer": "customers", "invoice": "invoices"},
    "customer": {"default_source": "payment_methods", "invoice_settings.default_payment_method": "payment_methods"},
    "discount": {"customer": "customers", "promotion_code": "promotion_codes", "source.coupon": "coupons"},
    "dispute": {"charge": "charges", "payment_intent": "payment_intents"},
    "invoice": {
        "customer": "customers",
        "default_payment_method": "payment_methods",
        "discounts": "discounts",
        "parent.subscription_details.subscription": "subscriptions",
        "total_discount_amounts.discount": "discounts",
    },
    "invoiceitem": {"customer": "customers", "invoice": "invoices"},
    "invoice_payment": {"invoice": "invoices", "payment.payment_intent": "payment_intents"},
    "line_item": {
        "discount_amounts.discount": "discounts",
        "discounts": "discounts",
        "pricing.price_details.price": "prices",
    },
    "payment_intent": {
        "customer": "customers",
        "latest_charge": "charges",
        "payment_method": "payment_methods",
    },
    "payment_method": {"customer": "customers"},
    "plan": {"product": "products"},
    "price": {"product": "products"},
    "promotion_code": {"customer": "customers", "promotion.coupon": "coupons"},
    "refund": {
        "balance_transaction": "balance_transactions",
        "charge": "charges",
        "payment_intent": "payment_intents",
    },
    "subscription": {
        "customer": "customers",
        "default_payment_method": "payment_methods",
        "discounts": "discounts",
        "latest_invoice": "invoices",
        "schedule": "subscription_schedules",
    },
    "subscription_item": {"discounts": "discounts"},
    "subscription_schedule": {"customer": "customers", "subscription": "subscriptions"},
}

# Fields that are absent until someone expands them.
INCLUDABLE = {
    "charge": ("refunds",),
    "coupon": ("applies_to", "currency_options"),
    "customer": ("subscriptions",),
    "invoice": ("payments",),
    "price": ("currency_options", "tiers"),
}


def check(paths: list[str]) -> None:
    for path in paths:
        if path.count(".") >= MAX_LEVELS:
            errors.too_deep()


def expand(store: Store, held: Object, paths: list[str], *, listed: bool = False) -> Object:
    """The object with each path expanded; the very same object when there was nothing to replace."""
    for path in paths:
        head, _, rest = path.partition(".")
        if listed and head != "data":
            errors.not_expandable(head, f"data.{path}")
        steps = (rest if listed else path).split(".")
        if steps != [""]:
            held = _object(store, held, steps)
    return held


def _object(store: Store, held: Object, steps: list[str]) -> Object:
    """Expand one path of an object that carries its kind in `object`."""
    kind = held.get("object", "")
    if steps[0] in INCLUDABLE.get(kind, ()):
        return _replace(held, steps[0], _deeper(store, _included(store, held, steps[0]), steps[1:]))
    return _hash(store, held, steps, _REFERENCES.get(kind, {}), "")


def _hash(store: Store, held: Object, steps: list[str], references: dict[str, str], prefix: str) -> Object:
    name, rest = steps[0], steps[1:]
    if name not in held:
        errors.not_expandable(name, None)
    value = held[name]
    if prefix + name in references:
        found = _follow(store, value, references[prefix + name])
        return held if found is value and not rest else _replace(held, name, _deeper(store, found, rest))
    if not rest:
        if isinstance(value, dict) and "object" in value:
            return held  # already there in full
        errors.not_expandable(name, None)
    return _replace(held, name, _nested(store, value, rest, references, f"{prefix}{name}."))


def _nested(store: Store, value: object, steps: list[str], references: dict[str, str], prefix: str) -> object:
    """Go down into a plain hash, a list of them, an embedded object, or an embedded list object."""
    if isinstance(value, list):
        return _same(value, [_nested(store, row, steps, references, prefix) for row in value])
    if not isinstance(value, dict):
        return value
    if "object" in value:
        return _deeper(store, value, steps)
    return _hash(store, value, steps, references, prefix)


def _deeper(store: Store, value: object, steps: list[str]) -> object:
    if not steps:
        return value
    if isinstance(value, list):
        return _same(value, [_deeper(store, row, steps) for row in value])
    if not isinstance(value, dict):
        return value
    if value.get("object") != "list":
        return _object(store, value, steps)
    if steps[0] != "data":
        errors.not_expandable(steps[0], f"data.{'.'.join(steps)}")
    return _replace(value, "data", _deeper(store, value["data"], steps[1:]))


def _same(old: list[object], new: list[object]) -> list[object]:
    """The old list when nothing in it was replaced."""
    return old if all(one is other for one, other in zip(new, old, strict=True)) else new


def _replace(held: Object, name: str, value: object) -> Object:
    """A copy with one field changed; the same object when the field is the same."""
    return held if name in held and held[name] is value else {**held, name: value}


def _follow(store: Store, value: object, collection: str) -> object:
    if isinstance(value, list):
        return [_follow(store, one, collection) for one in value] if value else value
    if not isinstance(value, str):
        return value
    held = store[collection]
    return held.get(value) or held.tombstones.get(value, value)


def _included(store: Store, held: Object, name: str) -> object:
    """A field that has no place in the stored object; null where it has no meaning for it."""
    key = held["id"]
    if (held["object"], name) in _JOINS:
        collection, field = _JOINS[held["object"], name]
        found = store[collection]
        rows = [found[one] for one in found.walk(narrow=(field, key)) if found[one].get("status") != "canceled"]
        return inlined(rows, f"/v1/{collection}?{field}={key}")
    return store[f"{held['object']}s"].includable.get(key, {}).get(name)


_JOINS = {
    ("charge", "refunds"): ("refunds", "charge"),
    ("customer", "subscriptions"): ("subscriptions", "customer"),
    ("invoice", "payments"): ("invoice_payments", "invoice"),
}
