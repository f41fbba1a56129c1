"""Changes in the middle of a subscription's life: seats, plans, items, discounts."""

from bot.playground.stripe.billing import invoicing, lines, pending_items, scheduling
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.billing.dates import add_months
from bot.playground.stripe.shapes import catalogue, subscriptions
from bot.playground.stripe.store import Object


def change_item(
    books: Books, subscription: Object, item: Object, price: str, quantity: int, *, invoice_now: bool
) -> None:
    """Set price and quantity at once, with a credit for the old and a charge for the new until the period ends."""
    before = books.before(subscription)
    rows = [lines.proration(books, subscription, item, -1)]
    replace(books, item, price, quantity)
    books.embed_items(subscription)
    rows.append(lines.proration(books, subscription, item, +1))
    _prorate(books, subscription, rows, invoice_now=invoice_now)
    books.updated(subscription, before)


def replace(books: Books, item: Object, price: str, quantity: int) -> None:
    item["price"] = books.store["prices"][price]
    item["plan"] = subscriptions.plan(item["price"])
    item["quantity"] = quantity
    books.store.put("subscription_items", item)


def _prorate(books: Books, subscription: Object, rows: list[Object | None], *, invoice_now: bool) -> None:
    due = [row for row in rows if row is not None]
    if subscription["status"] == "trialing" or not due:
        return
    if not invoice_now:
        pending_items.wait(books, subscription, due)
        return
    invoicing.bill_changes(books, subscription, due)


def charge_added(books: Books, subscription: Object, item: Object, *, invoice_now: bool) -> None:
    rows = [lines.proration(books, subscription, item, +1)]
    _prorate(books, subscription, rows, invoice_now=invoice_now)


def remove_item(books: Books, subscription: Object, item: Object) -> None:
    before = books.before(subscription)
    _prorate(books, subscription, [lines.proration(books, subscription, item, -1)], invoice_now=False)
    books.store["subscription_items"].delete(item["id"])
    books.embed_items(subscription)
    books.updated(subscription, before)


def apply_planned(books: Books, subscription: Object) -> None:
    for change in books.planned.pop(subscription["id"], []):
        replace(books, books.store["subscription_items"][change.item], change.price, change.quantity)
    scheduling.end(books, subscription, "released")


def attach(books: Books, holder: Object, coupon: str) -> Object:
    """Put a coupon to work on a customer, a subscription or a subscription item."""
    terms = books.store["coupons"][coupon]
    end = add_months(books.now, terms["duration_in_months"]) if terms["duration"] == "repeating" else None
    made = catalogue.discount(books.ids("di"), books.now, coupon, _customer_of(books, holder), end)
    if holder["object"] == "customer":
        holder["discount"] = made
    else:
        made[holder["object"]] = holder["id"]
        holder["discounts"] = [*holder["discounts"], made["id"]]
    books.store.put("discounts", made)
    books.store.put(f"{holder['object']}s", holder)
    terms["times_redeemed"] += 1
    books.store.put("coupons", terms)
    books.event("customer.discount.created", made)
    if end:
        books.schedule(end, "discount_end", made["id"])
    return made


def _customer_of(books: Books, holder: Object) -> str:
    if holder["object"] == "customer":
        return str(holder["id"])
    if holder["object"] == "subscription_item":
        holder = books.store["subscriptions"][holder["subscription"]]
    return str(holder["customer"])


def detach_ended(books: Books, discount: Object) -> None:
    """A repeating discount has run out: it leaves its holder, and the price is whole again."""
    kind = next((name for name in ("subscription_item", "subscription") if discount[name]), "customer")
    holder = books.store[f"{kind}s"].get(discount[kind])
    if holder is None:
        return
    if kind == "customer" and holder["discount"] and holder["discount"]["id"] == discount["id"]:
        holder["discount"] = None
    elif kind != "customer":
        holder["discounts"] = [key for key in holder["discounts"] if key != discount["id"]]
    books.store.put(f"{kind}s", holder)
    books.event("customer.discount.deleted", discount)
