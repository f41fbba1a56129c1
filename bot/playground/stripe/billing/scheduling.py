"""Schedules: what a subscription will be made of from its next renewal on."""

from bot.playground.stripe.billing.books import Books, Planned
from bot.playground.stripe.billing.dates import period_end as next_end
from bot.playground.stripe.shapes import schedules
from bot.playground.stripe.store import Object


def plan(books: Books, subscription: Object, change: Planned) -> None:
    """Plan a change of an item for the next renewal."""
    before = books.before(subscription)
    books.planned[subscription["id"]].append(change)
    key = subscription["schedule"] or f"sub_sched_{subscription['id'].removeprefix('sub_')}{books.now}"
    known = books.store["subscription_schedules"].get(key)
    made = schedules.schedule(key, books.now, subscription, _phases(books, subscription))
    books.store.put("subscription_schedules", made)
    subscription["schedule"] = key
    books.event(f"subscription_schedule.{'updated' if known else 'created'}", made)
    books.updated(subscription, before)


def end(books: Books, subscription: Object, status: str) -> None:
    """Let the subscription go on without its schedule, or take both away: "released" or "canceled"."""
    books.planned.pop(subscription["id"], None)
    made = books.store["subscription_schedules"].get(subscription["schedule"])
    subscription["schedule"] = None
    if made is None:
        return
    made.update(status=status, current_phase=None)
    made["released_at" if status == "released" else "canceled_at"] = books.now
    if status == "released":
        made.update(subscription=None, released_subscription=subscription["id"])
    books.store.put("subscription_schedules", made)
    books.event(f"subscription_schedule.{status}", made)


def _phases(books: Books, subscription: Object) -> list[Object]:
    items = books.items(subscription)
    start, turn = items[0]["current_period_start"], items[0]["current_period_end"]
    planned = {change.item: change for change in books.planned[subscription["id"]]}
    later = [_as_planned(books, item, planned.get(item["id"])) for item in items]
    end = next_end(turn, turn, *_rhythm(later[0]))
    code = subscription["currency"]
    return [schedules.phase(items, code, start, turn), schedules.phase(later, code, turn, end)]


def _as_planned(books: Books, item: Object, change: Planned | None) -> Object:
    if change is None:
        return item
    return {**item, "price": books.store["prices"][change.price], "quantity": change.quantity}


def _rhythm(item: Object) -> tuple[str, int]:
    recurring = item["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]
