"""Money that goes back or is given up: refunds, disputes, credit notes, write-offs; and one-off invoices."""

from bot.playground.stripe.billing import collecting, ending, invoicing, lines
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.billing.dates import DAY
from bot.playground.stripe.shapes import adjustments
from bot.playground.stripe.store import Object


def refund(books: Books, charge: Object, amount: int, reason: str = "requested_by_customer") -> Object:
    key = books.ids("re")
    transaction = collecting.move(books, -amount, charge["currency"], key, "refund")
    made = adjustments.refund(key, books.now, charge, amount, reason=reason, transaction=transaction["id"])
    books.store.put("refunds", made)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    books.store.put("charges", charge)
    books.event("refund.created", made)
    books.event("charge.refunded", charge)
    return made


def dispute(books: Books, charge: Object, reason: str = "fraudulent") -> Object:
    """The bank takes the money back at once and asks for evidence."""
    key = books.ids("du")
    taken = collecting.move(books, -charge["amount"], charge["currency"], key, "dispute")
    made = adjustments.dispute(key, books.now, charge, reason=reason, due_by=books.now + 9 * DAY, transactions=[taken])
    books.store.put("disputes", made)
    charge["disputed"] = True
    books.store.put("charges", charge)
    books.event("charge.dispute.created", made)
    books.event("charge.dispute.funds_withdrawn", made)
    return made


def close_dispute(books: Books, made: Object, *, won: bool) -> None:
    made["status"] = "won" if won else "lost"
    made["evidence_details"].update(has_evidence=won, submission_count=int(won))
    if won:
        back = collecting.move(books, made["amount"], made["currency"], made["id"], "dispute")
        made["balance_transactions"].append(back)
    books.store.put("disputes", made)
    books.event("charge.dispute.closed", made)
    if won:
        books.event("charge.dispute.funds_reinstated", made)


def credit(books: Books, invoice: Object, amount: int, reason: str, memo: str | None = None) -> Object:
    """A credit note: an open invoice owes less, a paid one is refunded through its charge."""
    refunds = []
    if invoice["status"] == "paid":
        given = refund(books, charge_of(books, invoice), amount)
        refunds = [{"amount_refunded": amount, "refund": given["id"], "type": "refund"}]
    made = adjustments.credit_note(
        books.ids("cn"),
        books.now,
        invoice,
        amount=amount,
        number=f"{invoice['number']}-CN-01",
        reason=reason,
        memo=memo,
        refunds=refunds,
    )
    books.store.put("credit_notes", made)
    books.event("credit_note.created", made)
    if invoice["status"] == "open":
        invoice["pre_payment_credit_notes_amount"] += amount
        invoice["amount_due"] -= amount
        invoice["amount_remaining"] -= amount
    else:
        invoice["post_payment_credit_notes_amount"] += amount
    books.store.put("invoices", invoice)
    if invoice["status"] == "open" and invoice["amount_remaining"] == 0:
        collecting.settle(books, invoice)
    return made


def charge_of(books: Books, invoice: Object) -> Object:
    """The charge that paid an invoice."""
    links = books.store["invoice_payments"]
    intent = links[next(links.walk(narrow=("invoice", invoice["id"])))]["payment"]["payment_intent"]
    return books.store["charges"][books.store["payment_intents"][intent]["latest_charge"]]


def write_off(books: Books, invoice: Object) -> None:
    invoice.update(status="uncollectible", next_payment_attempt=None, auto_advance=False)
    invoice["status_transitions"]["marked_uncollectible_at"] = books.now
    books.store.put("invoices", invoice)
    books.event("invoice.marked_uncollectible", invoice)


def void(books: Books, invoice: Object) -> None:
    ending.void(books, invoice)


def one_off(books: Books, customer: Object, currency: str, amount: int, description: str) -> Object:
    """An invoice of its own for work that repeats nothing."""
    made = invoicing.draft(
        books,
        customer,
        [lines.one_off(books, currency, amount, description, None)],
        reason="manual",
        period=(books.now, books.now),
        currency=currency,
    )
    invoicing.finalize(books, made)
    return made
