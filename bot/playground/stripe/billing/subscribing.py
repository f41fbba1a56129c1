"""How subscriptions begin and go on: start, trial, renewal, pause."""

from dataclasses import dataclass, field

from bot.playground.stripe.billing import changing, collecting, ending, invoicing, lines
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.billing.dates import DAY, period_end
from bot.playground.stripe.shapes import subscriptions
from bot.playground.stripe.store import Object


@dataclass(frozen=True)
class Order:
    """What a new subscription is made of: (price id, quantity) pairs, and how it is sold."""

    items: list[tuple[str, int | None]]
    currency: str
    trial_days: int = 0
    coupons: list[str] = field(default_factory=list)
    days_until_due: int | None = None
    tax_rates: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)


def subscribe(books: Books, customer: Object, order: Order) -> Object:
    """Start now; without a trial the first invoice is final and charged at once."""
    trial_end = books.now + order.trial_days * DAY if order.trial_days else None
    made = subscriptions.subscription(
        books.ids("sub"),
        books.now,
        customer["id"],
        currency=order.currency,
        anchor=trial_end or books.now,
        trial_end=trial_end,
        days_until_due=order.days_until_due,
        tax_rates=[books.store["tax_rates"][key] for key in order.tax_rates],
        metadata=order.metadata,
    )
    books.store.put("subscriptions", made)
    for price, quantity in order.items:
        add_item(books, made, price, quantity)
    for coupon in order.coupons:
        changing.attach(books, made, coupon)
    _set_period(books, made, books.now, trial_end or _next_end(books, made, books.now))
    _first_invoice(books, made, customer)
    return made


def add_item(books: Books, subscription: Object, price: str, quantity: int | None) -> Object:
    item = subscriptions.item(books.ids("si"), books.now, subscription["id"], books.store["prices"][price], quantity)
    books.store.put("subscription_items", item)
    books.embed_items(subscription)
    return item


def _first_invoice(books: Books, made: Object, customer: Object) -> None:
    start, end = books.now, ending.period_end(books, made)
    trialing = made["status"] == "trialing"
    rows = lines.trial_lines(books, made, (start, end)) if trialing else lines.period_lines(books, made, (start, end))
    invoice = invoicing.draft(
        books,
        customer,
        rows,
        reason="subscription_create",
        period=(start, start),
        currency=made["currency"],
        subscription=made,
    )
    made["latest_invoice"] = invoice["id"]
    books.event("customer.subscription.created", books.store.put("subscriptions", made))
    invoicing.finalize(books, invoice)
    if trialing:
        books.schedule(end - 3 * DAY, "trial_will_end", made["id"])
    if made["status"] != "incomplete":
        books.on_level(made, books.now)


def _set_period(books: Books, subscription: Object, start: int, end: int) -> None:
    for item in books.items(subscription):
        item.update(current_period_start=start, current_period_end=end)
        books.store.put("subscription_items", item)
    books.embed_items(subscription)
    books.store.put("subscriptions", subscription)
    books.schedule(end, "renew", subscription["id"])


def _next_end(books: Books, subscription: Object, start: int) -> int:
    recurring = books.items(subscription)[0]["price"]["recurring"]
    return period_end(subscription["billing_cycle_anchor"], start, recurring["interval"], recurring["interval_count"])


def trial_will_end(books: Books, subscription: Object) -> None:
    if subscription["status"] == "trialing" and subscription["trial_end"] == books.now + 3 * DAY:
        books.event("customer.subscription.trial_will_end", subscription)


def renew(books: Books, subscription: Object) -> None:
    """The period is over: end if that was asked for, pause a trial that left no card, or begin the next period."""
    if subscription["status"] in ending.OVER | {"paused", "incomplete"}:
        return
    if ending.period_end(books, subscription) != books.now:
        return  # the cycle was moved meanwhile; its new end is on the agenda
    if subscription["cancel_at_period_end"]:
        ending.end(books, subscription, reason="cancellation_requested")
    elif subscription["status"] == "trialing" and not _can_pay(books, subscription):
        _pause_trial(books, subscription)
    else:
        _begin_period(books, subscription)


def _can_pay(books: Books, subscription: Object) -> bool:
    holder = books.store["customers"][subscription["customer"]]
    return bool(subscription["days_until_due"] or holder["invoice_settings"]["default_payment_method"])


def _pause_trial(books: Books, subscription: Object) -> None:
    before = books.before(subscription)
    subscription["status"] = "paused"
    subscription["status_details"] = {
        "paused": {
            "subscription": {"type": "trial_end_without_payment_method"},
            "transitioned_at": books.now,
            "type": "subscription",
        }
    }
    books.updated(subscription, before)
    books.event("customer.subscription.paused", subscription)


def _begin_period(books: Books, subscription: Object) -> None:
    before = books.before(subscription)
    ended = (books.items(subscription)[0]["current_period_start"], books.now)
    rows = [] if subscription["status"] == "trialing" else lines.usage_lines(books, subscription, ended)
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    changing.apply_planned(books, subscription)
    period = (books.now, _next_end(books, subscription, books.now))
    _set_period(books, subscription, *period)
    rows += books.pending.pop(subscription["id"], [])
    rows += lines.period_lines(books, subscription, period)
    invoice = invoicing.draft(
        books,
        books.store["customers"][subscription["customer"]],
        rows,
        reason="subscription_cycle",
        period=ended,
        currency=subscription["currency"],
        subscription=subscription,
    )
    subscription["latest_invoice"] = invoice["id"]
    books.updated(subscription, before)
    if subscription["status"] != "unpaid":
        invoicing.finalize_later(books, invoice)


def restart_cycle(books: Books, subscription: Object, credit: list[Object]) -> Object:
    """Begin a new period now instead of at the end of the old one, and charge for it at once."""
    before = books.before(subscription)
    subscription["billing_cycle_anchor"] = books.now
    period = (books.now, _next_end(books, subscription, books.now))
    _set_period(books, subscription, *period)
    invoice = invoicing.draft(
        books,
        books.store["customers"][subscription["customer"]],
        [*credit, *books.pending.pop(subscription["id"], []), *lines.period_lines(books, subscription, period)],
        reason="subscription_update",
        period=(books.now, books.now),
        currency=subscription["currency"],
        subscription=subscription,
    )
    subscription["latest_invoice"] = invoice["id"]
    books.updated(subscription, before)
    invoicing.finalize(books, invoice)
    return invoice


def last_invoice(books: Books, subscription: Object) -> None:
    """Prorations that were waiting for a renewal which will not come."""
    rows = books.pending.pop(subscription["id"], [])
    if rows and subscription["customer"] in books.store["customers"]:
        invoicing.bill_changes(books, subscription, rows)


def finalize(books: Books, invoice: Object) -> None:
    """The draft's hour is over; a paused collection drops the invoice instead of asking for money."""
    if invoice["status"] != "draft":
        return
    subscription = collecting.subscription_of(books, invoice)
    paused = subscription["pause_collection"] if subscription else None
    if paused and paused["behavior"] == "keep_as_draft":
        return
    if paused:
        ending.void(books, invoice)
    else:
        invoicing.finalize(books, invoice)


def pause_collection(books: Books, subscription: Object, resumes_at: int | None, behavior: str) -> None:
    before = books.before(subscription)
    subscription["pause_collection"] = {"behavior": behavior, "resumes_at": resumes_at}
    books.updated(subscription, before)
    if resumes_at:
        books.schedule(resumes_at, "resume", subscription["id"])


def resume_collection(books: Books, subscription: Object) -> None:
    if subscription["pause_collection"] and subscription["status"] not in ending.OVER:
        before = books.before(subscription)
        subscription["pause_collection"] = None
        books.updated(subscription, before)


def extend(books: Books, subscription: Object, price: str, quantity: int | None, *, invoice_now: bool) -> None:
    """One more item, on the cycle of those that are there."""
    before = books.before(subscription)
    first = books.items(subscription)[0]
    item = add_item(books, subscription, price, quantity)
    item.update(current_period_start=first["current_period_start"], current_period_end=first["current_period_end"])
    books.store.put("subscription_items", item)
    changing.charge_added(books, subscription, item, invoice_now=invoice_now)
    books.updated(subscription, before)


def move_to_interval(books: Books, subscription: Object, item: Object, price: str, quantity: int) -> None:
    """Monthly to annual or back: credit what is unused and start the new interval's period now."""
    credit = lines.proration(books, subscription, item, -1)
    trialing = subscription["status"] == "trialing"
    changing.replace(books, item, price, quantity)
    if trialing:
        books.updated(subscription, {})
    else:
        restart_cycle(books, subscription, [credit] if credit else [])


def renew_early(books: Books, subscription: Object) -> Object:
    """Move the billing date to now without proration, as on request; the level stays as it is."""
    return restart_cycle(books, subscription, [])
