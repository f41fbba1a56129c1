"""Taking the money: attempts, retries, what a paid or a hopeless invoice does to its subscription."""

from decimal import Decimal
from fractions import Fraction

from bot.money import exponent
from bot.playground.stripe.billing import ending
from bot.playground.stripe.billing.books import NEVER, Books
from bot.playground.stripe.billing.dates import DAY
from bot.playground.stripe.billing.lines import whole
from bot.playground.stripe.shapes import payments
from bot.playground.stripe.store import Object

RETRIES = (3 * DAY, 5 * DAY, 7 * DAY)  # after the first, second and third failure; the fourth is the last
_ADVICE = {
    "insufficient_funds": "try_again_later",
    "do_not_honor": "try_again_later",
    "generic_decline": "try_again_later",
    "expired_card": "confirm_card_data",
    "incorrect_cvc": "confirm_card_data",
    "lost_card": "do_not_try_again",
}


def attempt(books: Books, invoice: Object) -> Object:
    """Charge the card once for what remains; the charge, succeeded or failed."""
    holder = books.store["customers"][invoice["customer"]]
    method = books.store["payment_methods"].get(holder["invoice_settings"]["default_payment_method"])
    intent, record = _intent(books, invoice, method)
    decline = books.habits[holder["id"]].decline(books.now) if method else None
    advice = _ADVICE.get(decline or "")
    charge = payments.charge(books.ids("ch"), books.now, intent, holder, method=method, decline=decline, advice=advice)
    intent["latest_charge"] = charge["id"]
    invoice["attempt_count"] += 1
    invoice["attempted"] = True
    if decline:
        _failed(books, invoice, intent, charge)
    else:
        _succeeded(books, invoice, intent, record, charge)
    return charge


def _intent(books: Books, invoice: Object, method: Object | None) -> tuple[Object, Object]:
    """The intent that all attempts at this invoice share, and its link to the invoice."""
    links = books.store["invoice_payments"]
    for key in links.walk(narrow=("invoice", invoice["id"])):
        link = links[key]
        return books.store["payment_intents"][link["payment"]["payment_intent"]], link
    intent = payments.payment_intent(books.ids("pi"), books.now, invoice, method["id"] if method else None)
    link = payments.invoice_payment(books.ids("inpay"), books.now, invoice, intent["id"])
    books.event("payment_intent.created", books.store.put("payment_intents", intent))
    return intent, links.put(link)


def _succeeded(books: Books, invoice: Object, intent: Object, link: Object, charge: Object) -> None:
    transaction = move(books, charge["amount"], charge["currency"], charge["id"], "charge")
    charge["balance_transaction"] = transaction["id"]
    intent.update(status="succeeded", amount_received=charge["amount"], last_payment_error=None)
    link.update(status="paid", amount_paid=charge["amount"])
    link["status_transitions"]["paid_at"] = books.now
    invoice["amount_paid"] += charge["amount"]
    invoice["amount_remaining"] -= charge["amount"]
    books.event("charge.succeeded", books.store.put("charges", charge))
    books.event("payment_intent.succeeded", books.store.put("payment_intents", intent))
    books.event("invoice_payment.paid", books.store.put("invoice_payments", link))
    settle(books, invoice)


def settle(books: Books, invoice: Object) -> None:
    """Mark an invoice paid, with money or because nothing was due, and let its subscription recover."""
    invoice.update(status="paid", next_payment_attempt=None, auto_advance=False)
    invoice["status_transitions"]["paid_at"] = books.now
    books.store.put("invoices", invoice)
    books.event("invoice.paid", invoice)
    books.event("invoice.payment_succeeded", invoice)
    _delinquent(books, invoice["customer"], late=False)
    subscription = subscription_of(books, invoice)
    if subscription and subscription["status"] in {"past_due", "unpaid", "incomplete"}:
        before = books.before(subscription)
        subscription["status"] = "active"
        books.updated(subscription, before)


def _failed(books: Books, invoice: Object, intent: Object, charge: Object) -> None:
    intent["status"] = "requires_payment_method"
    intent["last_payment_error"] = {
        "code": charge["failure_code"],
        "decline_code": charge["outcome"]["reason"],
        "message": charge["failure_message"],
        "type": "card_error",
    }
    again = len(RETRIES) >= invoice["attempt_count"]
    first = invoice["billing_reason"] == "subscription_create"
    wait = RETRIES[invoice["attempt_count"] - 1] if again and not first else None
    invoice["next_payment_attempt"] = books.now + wait if wait else None
    books.event("charge.failed", books.store.put("charges", charge))
    books.event("payment_intent.payment_failed", books.store.put("payment_intents", intent))
    books.event("invoice.payment_failed", books.store.put("invoices", invoice))
    _delinquent(books, invoice["customer"], late=True)
    if wait:
        books.schedule(books.now + wait, "retry", invoice["id"])
    _shake(books, invoice, first=first, hopeless=not again)


def _shake(books: Books, invoice: Object, *, first: bool, hopeless: bool) -> None:
    """What a failed payment does to the subscription behind the invoice."""
    subscription = subscription_of(books, invoice)
    if subscription is None or subscription["status"] not in {"active", "past_due"}:
        return
    exhausted = books.habits[invoice["customer"]].when_exhausted
    before = books.before(subscription)
    if first:
        subscription["status"] = "incomplete"
        books.schedule(books.now + 23 * 3_600, "expire", subscription["id"])
    elif hopeless and exhausted == "cancel":
        invoice["auto_advance"] = False
        books.store.put("invoices", invoice)
        ending.end(books, subscription, reason="payment_failed")
        return
    else:
        subscription["status"] = "unpaid" if hopeless and exhausted == "unpaid" else "past_due"
    books.updated(subscription, before)


def retry(books: Books, invoice: Object) -> None:
    if invoice["status"] == "open" and invoice["next_payment_attempt"] == books.now:
        subscription = subscription_of(books, invoice)
        if subscription is None or subscription["status"] != "canceled":
            attempt(books, invoice)


def overdue(books: Books, invoice: Object) -> None:
    """A sent invoice whose due date passes unpaid."""
    if invoice["status"] != "open":
        return
    books.event("invoice.overdue", invoice)
    subscription = subscription_of(books, invoice)
    if subscription and subscription["status"] == "active":
        before = books.before(subscription)
        subscription["status"] = "past_due"
        books.updated(subscription, before)


def pay_by_transfer(books: Books, invoice: Object) -> None:
    if invoice["status"] == "open":
        attempt(books, invoice)


def subscription_of(books: Books, invoice: Object) -> Object | None:
    parent = invoice["parent"]
    return books.store["subscriptions"][parent["subscription_details"]["subscription"]] if parent else None


def accept(books: Books, customer: str) -> None:
    """From now on the customer's card works."""
    habit = books.habits[customer]
    habit.declines = [(begin, min(end, books.now), code) for begin, end, code in habit.declines if begin < books.now]


def refuse(books: Books, customer: str, code: str) -> None:
    """From now on the customer's card declines."""
    books.habits[customer].declines.append((books.now, NEVER, code))


def _delinquent(books: Books, customer: str, *, late: bool) -> None:
    holder = books.store["customers"][customer]
    if holder["delinquent"] != late:
        holder["delinquent"] = late
        books.store.put("customers", holder)
        books.event("customer.updated", holder, {"delinquent": not late})


def move(books: Books, amount: int, currency: str, source: str, kind: str) -> Object:
    """Book money into (or, negative, out of) the account's balance at the day's exchange rate."""
    rate = None if currency == books.currency else books.rate(currency, books.now)
    own = amount if rate is None else _convert(amount, currency, books.currency, rate)
    fee = whole(Fraction(own) * Fraction(29, 1000)) + 30 if kind == "charge" else 0
    made = payments.balance_transaction(
        books.ids("txn"),
        books.now,
        amount=own,
        fee=fee,
        currency=books.currency,
        rate=None if rate is None else float(rate),
        source=source,
        kind=kind,
    )
    return books.store.put("balance_transactions", made)


def _convert(amount: int, currency: str, own: str, rate: Decimal) -> int:
    """The rate is between major units, so that 1000 JPY at 0.0066 are 6.60 USD."""
    return whole(Decimal(amount).scaleb(exponent(own) - exponent(currency)) * rate)
