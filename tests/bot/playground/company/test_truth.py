"""The truth is held against the live objects, and against a past rebuilt from what a client can read."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bot.playground.company import Company
from bot.playground.stripe.store import Object
from tests.bot.playground.company.arithmetic import Bought, items_of, monthly, shared_discounts

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def live(company: Company, subscription: Object) -> int:
    if subscription["status"] not in {"active", "past_due"}:
        return 0
    bought = [((item["price"], item["quantity"]), list(item["discounts"])) for item in items_of(company, subscription)]
    return monthly(company, subscription["currency"], bought, shared_discounts(company, subscription))


def test_the_last_levels_are_what_the_live_subscriptions_say(company: Company) -> None:
    now = {held["id"]: live(company, held) for held in company.store["subscriptions"]}

    told = {key: level.mrr for key, level in company.truth.current().items()}

    assert {key: value for key, value in told.items() if value} == {key: value for key, value in now.items() if value}


def test_levels_end_when_subscriptions_do_and_are_never_negative(company: Company) -> None:
    by_subscription: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for level in company.truth.in_order():
        by_subscription[level.subscription].append((level.at, level.mrr))

    for key, levels in by_subscription.items():
        subscription = company.store["subscriptions"][key]
        assert all(value >= 0 for _, value in levels)
        assert all(old[1] != new[1] for old, new in pairwise(levels))
        assert levels[0][0].timestamp() >= (subscription["trial_end"] or subscription["start_date"])
        # An unpaid subscription lost its level before it ended.
        if subscription["ended_at"] and levels[-1][0].timestamp() != subscription["ended_at"]:
            assert company.books.habits[subscription["customer"]].when_exhausted == "unpaid"


def seats_billed(company: Company, subscription: Object) -> Iterator[tuple[int, int, str, Bought | None]]:
    """(second, order within it, item, what was bought or None for given back) of every licensed line ever billed."""
    found = company.store["invoices"]
    for key in reversed(list(found.walk(narrow=("subscription", subscription["id"])))):
        periods: defaultdict[tuple[int, str, str], int] = defaultdict(int)
        for line in company.store.lines[key]:
            details, price = line["parent"]["subscription_item_details"], line["pricing"]["price_details"]["price"]
            start, item = line["period"]["start"], details["subscription_item"]
            terms = company.store["prices"][price]
            if terms["recurring"]["usage_type"] == "metered" or start < (subscription["trial_end"] or 0):
                continue
            if details["proration_details"]["credited_items"]:
                yield start, 0, item, None
            elif details["proration"]:
                yield start, 1, item, (terms, line["quantity"])
            else:
                periods[start, item, price] += line["quantity"]  # tiers come as a line each
        for (start, item, price), quantity in periods.items():
            yield start, 1, item, (company.store["prices"][price], quantity)


def seats_waiting(company: Company, subscription: Object) -> Iterator[tuple[int, int, str, Bought | None]]:
    """The same of the changes that wait for their invoice."""
    for item in company.store["invoiceitems"]:
        parent, credit = item["parent"]["subscription_details"], item["amount"] < 0
        if item["invoice"] is None and parent["subscription"] == subscription["id"]:
            price = company.store["prices"][item["pricing"]["price_details"]["price"]]
            bought = None if credit else (price, item["quantity"])
            yield item["period"]["start"], 0 if credit else 1, parent["subscription_item"], bought


def last_attempt(company: Company, subscription: Object) -> int:
    """When the last attempt at an unpaid subscription's invoice failed."""
    store, failed = company.store, []
    for invoice in store["invoices"].walk(narrow=("subscription", subscription["id"])):
        for link in store["invoice_payments"].walk(narrow=("invoice", invoice)):
            intent = store["invoice_payments"][link]["payment"]["payment_intent"]
            failed += [
                store["charges"][key]["created"]
                for key in store["charges"].walk(narrow=("payment_intent", intent))
                if store["charges"][key]["status"] == "failed"
            ]
    return max(failed)


def end_of(company: Company, subscription: Object) -> int | None:
    if subscription["status"] == "unpaid":
        return last_attempt(company, subscription)
    ended: int | None = subscription["ended_at"]
    failed = subscription["cancellation_details"]["reason"] == "payment_failed"
    if failed and subscription["collection_method"] == "charge_automatically":
        return last_attempt(company, subscription)  # given up at once, or after a time unpaid
    return ended


def rebuilt(company: Company, subscription: Object) -> list[tuple[int, int]]:
    """(second, MRR) of a subscription from invoices, pending items, charges and live discounts."""
    seats = sorted(
        [*seats_billed(company, subscription), *seats_waiting(company, subscription)], key=lambda row: row[:2]
    )
    discounts = company.store["discounts"]
    own = {item["id"]: item["discounts"] for item in items_of(company, subscription)}
    shared = shared_discounts(company, subscription)
    begun = [discounts[key]["start"] for keys in (shared, *own.values()) for key in keys]
    first = seats[0][0] if seats else 0
    end = end_of(company, subscription) or 1 << 60
    bought: dict[str, Bought] = {}
    levels: list[tuple[int, int]] = []
    for second in sorted({row[0] for row in seats} | {max(start, first) for start in begun}):
        if second >= end:
            break
        for _, _, item, what in (row for row in seats if row[0] == second):
            bought.pop(item, None) if what is None else bought.update({item: what})
        at_work = {key: [one for one in keys if discounts[one]["start"] <= second] for key, keys in own.items()}
        rows = [(what, at_work.get(item, [])) for item, what in bought.items()]
        overall = [key for key in shared if discounts[key]["start"] <= second]
        levels.append((second, monthly(company, subscription["currency"], rows, overall)))
    levels.append((end, 0))
    return [new for old, new in pairwise([(0, 0), *levels]) if new[1] != old[1] and new[0] < 1 << 60]


def test_the_past_can_be_rebuilt_from_what_a_client_can_read(company: Company) -> None:
    """Each level change is dated by a line, an item that waits for its invoice, a discount, or an end."""
    told: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for level in company.truth.in_order():
        told[level.subscription].append((int(level.at.timestamp()), level.mrr))

    for subscription in company.store["subscriptions"]:
        if subscription["status"] != "incomplete_expired":
            assert told[subscription["id"]] == rebuilt(company, subscription)


def test_days_and_instants_agree(company: Company) -> None:
    for days in (0, 1, 30, 400):
        day = (NOW - timedelta(days=days)).date()
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
        assert company.truth.on(day) == company.truth.at(midnight)
