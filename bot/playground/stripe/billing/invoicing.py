"""From lines to an invoice: totals, the draft's hour, finalisation, the customer's balance."""

from collections import defaultdict
from collections.abc import Iterable

from bot.playground.stripe.billing import collecting, pending_items
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.billing.dates import DAY, HOUR
from bot.playground.stripe.billing.lines import Period, discount_lines, tax_lines
from bot.playground.stripe.shapes import invoices
from bot.playground.stripe.shapes.subscriptions import inlined
from bot.playground.stripe.store import Object


def draft(
    books: Books,
    customer: Object,
    lines: list[Object],
    *,
    reason: str,
    period: Period,
    currency: str,
    subscription: Object | None = None,
) -> Object:
    """A new draft with its totals; `period` is when its items were gathered, not what they pay for."""
    overall = discount_lines(books, subscription, lines) if subscription else []
    if subscription:
        tax_lines(lines, subscription["default_tax_rates"])
    made = invoices.invoice(
        books.ids("in"),
        books.now,
        customer,
        currency=currency,
        reason=reason,
        period=period,
        subscription=subscription,
        discounts=overall,
    )
    for line in lines:
        line["invoice"] = made["id"]
    books.store.lines[made["id"]] = lines
    pending_items.billed(books, made, lines)
    made["lines"] = inlined(lines, f"/v1/invoices/{made['id']}/lines")
    _total(made, lines, overall)
    customer["currency"] = customer["currency"] or currency
    books.store.put("invoices", made)
    books.event("invoice.created", made)
    _use_up(books, subscription, made)
    return made


def bill_changes(books: Books, subscription: Object, lines: list[Object]) -> None:
    """Ask at once for what changes of a subscription cost or give back."""
    made = draft(
        books,
        books.store["customers"][subscription["customer"]],
        lines,
        reason="subscription_update",
        period=(books.now, books.now),
        currency=subscription["currency"],
        subscription=subscription,
    )
    subscription["latest_invoice"] = made["id"]
    books.store.put("subscriptions", subscription)
    finalize(books, made)


def _total(made: Object, lines: list[Object], overall: list[str]) -> None:
    per_discount = _sums((taken["discount"], taken["amount"]) for line in lines for taken in line["discount_amounts"])
    per_rate: dict[str, Object] = {}
    for tax in (tax for line in lines for tax in line["taxes"]):
        known = per_rate.setdefault(tax["tax_rate_details"]["tax_rate"], {**tax, "amount": 0, "taxable_amount": 0})
        known["amount"] += tax["amount"]
        known["taxable_amount"] += tax["taxable_amount"]
    on_items = sum(amount for key, amount in per_discount.items() if key not in overall)
    gross = sum(line["amount"] for line in lines)
    net = gross - sum(per_discount.values())
    made["subtotal"] = made["subtotal_excluding_tax"] = gross - on_items
    made["total_excluding_tax"] = net
    made["total"] = net + sum(tax["amount"] for tax in per_rate.values())
    made["total_discount_amounts"] = [{"amount": amount, "discount": key} for key, amount in per_discount.items()]
    made["total_taxes"] = list(per_rate.values())
    made["amount_due"] = made["amount_remaining"] = max(0, made["total"])


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for key, amount in pairs:
        sums[key] += amount
    return dict(sums)


def _use_up(books: Books, subscription: Object | None, made: Object) -> None:
    """A coupon that works once leaves the subscription with the first invoice it took something off."""
    if subscription is None:
        return
    used = {taken["discount"] for taken in made["total_discount_amounts"]}
    for holder in (subscription, *books.items(subscription)):
        holder["discounts"] = [key for key in holder["discounts"] if key not in used or not _once(books, key)]
    customer = books.store["customers"][subscription["customer"]]
    inherited = customer["discount"]
    if inherited and inherited["id"] in used and _once(books, inherited["id"]):
        customer["discount"] = None
        books.store.put("customers", customer)


def _once(books: Books, key: str) -> bool:
    coupon = books.store["coupons"][books.store["discounts"][key]["source"]["coupon"]]
    return bool(coupon["duration"] == "once")


def finalize_later(books: Books, made: Object) -> None:
    """Renewals stay drafts for an hour, so that usage and corrections can still join them."""
    made["automatically_finalizes_at"] = made["next_payment_attempt"] = books.now + HOUR
    books.store.put("invoices", made)
    books.schedule(books.now + HOUR, "finalize", made["id"])


def finalize(books: Books, made: Object) -> None:
    """Number the invoice, use the customer's balance, and ask for the money."""
    customer = books.store["customers"][made["customer"]]
    _number(customer, made)
    made["status"], made["automatically_finalizes_at"], made["next_payment_attempt"] = "open", None, None
    made["status_transitions"]["finalized_at"] = made["effective_at"] = books.now
    _apply_balance(customer, made)
    books.store.put("customers", customer)
    books.store.put("invoices", made)
    books.event("invoice.finalized", made)
    if made["amount_due"] == 0:
        collecting.settle(books, made)
    elif made["collection_method"] == "send_invoice":
        _send(books, made)
    else:
        collecting.attempt(books, made)


def _number(customer: Object, made: Object) -> None:
    made["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    made["hosted_invoice_url"] = f"https://invoice.stripe.com/i/acct_kettle/test_{made['id']}"
    made["invoice_pdf"] = f"https://pay.stripe.com/invoice/acct_kettle/test_{made['id']}/pdf"


def _apply_balance(customer: Object, made: Object) -> None:
    """A negative balance is money the customer has with us; a negative total adds to it."""
    made["starting_balance"] = customer["balance"]
    left = made["total"] + customer["balance"]
    made["amount_due"] = made["amount_remaining"] = max(0, left)
    customer["balance"] = made["ending_balance"] = min(0, left)


def _send(books: Books, made: Object) -> None:
    days = books.store["subscriptions"][_subscription(made)]["days_until_due"]
    made["due_date"] = books.now + days * DAY
    books.store.put("invoices", made)
    books.event("invoice.sent", made)
    books.schedule(made["due_date"], "overdue", made["id"])
    books.schedule(books.now + books.habits[made["customer"]].pays_after, "pay", made["id"])


def _subscription(made: Object) -> str:
    key: str = made["parent"]["subscription_details"]["subscription"]
    return key
