"""How subscriptions end, at once or at the end of their period, and how an end is called off."""

from bot.playground.stripe.billing import scheduling
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.store import Object

OVER = frozenset(("canceled", "incomplete_expired"))


def end(
    books: Books, subscription: Object, *, reason: str, feedback: str | None = None, comment: str | None = None
) -> None:
    """End it now. An end that was asked for earlier keeps the time and the words of the request."""
    before = books.before(subscription)
    asked = subscription["cancel_at_period_end"]
    subscription["status"] = "canceled"
    subscription["ended_at"] = books.now
    if not asked:
        subscription["canceled_at"] = books.now
        subscription["cancellation_details"] = _details(reason, feedback, comment)
    if books.pending.get(subscription["id"]):
        books.schedule(books.now, "last_invoice", subscription["id"])
    scheduling.end(books, subscription, "canceled")
    books.store.put("subscriptions", subscription)
    changed = {name: value for name, value in before.items() if value != subscription[name]}
    books.event("customer.subscription.deleted", subscription, changed)
    books.on_level(subscription, books.now)


def _details(reason: str | None, feedback: str | None, comment: str | None) -> Object:
    return {"comment": comment, "feedback": feedback, "feedback_option": None, "reason": reason}


def end_at_period_end(
    books: Books, subscription: Object, feedback: str | None = None, comment: str | None = None
) -> None:
    before = books.before(subscription)
    subscription["cancel_at_period_end"] = True
    subscription["cancel_at"] = period_end(books, subscription)
    subscription["canceled_at"] = books.now
    subscription["cancellation_details"] = _details("cancellation_requested", feedback, comment)
    books.updated(subscription, before)


def keep(books: Books, subscription: Object) -> None:
    """The customer changed their mind before the period ended."""
    before = books.before(subscription)
    subscription.update(cancel_at_period_end=False, cancel_at=None, canceled_at=None)
    subscription["cancellation_details"] = _details(None, None, None)
    books.updated(subscription, before)


def expire(books: Books, subscription: Object) -> None:
    """A first payment that never came: the subscription was never alive."""
    if subscription["status"] != "incomplete":
        return
    before = books.before(subscription)
    subscription.update(status="incomplete_expired", ended_at=books.now)
    books.updated(subscription, before)
    void_open(books, subscription)


def void_open(books: Books, subscription: Object) -> None:
    invoices = books.store["invoices"]
    for key in invoices.walk(narrow=("subscription", subscription["id"])):
        if invoices[key]["status"] == "open":
            void(books, invoices[key])


def void(books: Books, invoice: Object) -> None:
    invoice.update(status="void", next_payment_attempt=None, auto_advance=False)
    invoice["status_transitions"]["voided_at"] = books.now
    books.store.put("invoices", invoice)
    books.event("invoice.voided", invoice)


def period_end(books: Books, subscription: Object) -> int:
    ends: int = books.items(subscription)[0]["current_period_end"]
    return ends
