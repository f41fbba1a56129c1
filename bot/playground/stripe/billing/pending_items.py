"""Invoice items: what was added to a subscription and waits for its next invoice."""

from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.store import Object


def wait(books: Books, subscription: Object, lines: list[Object]) -> None:
    """Keep the lines until the subscription is billed; they are listed as pending invoice items meanwhile."""
    books.pending[subscription["id"]] += lines
    for line in lines:
        item = books.store.put("invoiceitems", _item(books, subscription, line))
        books.event("invoiceitem.created", item)


def billed(books: Books, invoice: Object, lines: list[Object]) -> None:
    """Those of the lines that waited are on this invoice now."""
    for line in lines:
        details = line["parent"]["subscription_item_details"] or {}
        item = books.store["invoiceitems"].get(details.get("invoice_item"))
        if item is not None:
            item["invoice"] = invoice["id"]
            books.store.put("invoiceitems", item)


def _item(books: Books, subscription: Object, line: Object) -> Object:
    details = line["parent"]["subscription_item_details"]
    return {
        "id": details["invoice_item"],
        "object": "invoiceitem",
        "amount": line["amount"],
        "created": books.now,
        "currency": line["currency"],
        "customer": subscription["customer"],
        "date": books.now,
        "description": line["description"],
        "discountable": line["discountable"],
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "net_amount": line["amount"],
        "parent": {
            "subscription_details": {
                "subscription": details["subscription"],
                "subscription_item": details["subscription_item"],
            },
            "type": "subscription_details",
        },
        "period": line["period"],
        "pricing": line["pricing"],
        "proration": details["proration"],
        "proration_details": {"discount_amounts": []},
        "quantity": line["quantity"],
        "quantity_decimal": line["quantity_decimal"],
        "tax_rates": [],
    }
