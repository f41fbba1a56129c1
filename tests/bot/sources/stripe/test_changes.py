"""Changes by events, against a local Stripe in which things happen."""

from datetime import timedelta

import pytest

from bot.errors import SourceDown
from bot.playground.stripe.billing.billing import Card
from bot.sources.base import Changes, Page
from bot.sources.stripe import StripeSource
from bot.sources.stripe.cursor import EVENTS, Position
from storage.facts import Account, ExchangeRate, Fact, Invoice, InvoiceStatus, PaymentMethod, Price, Subscription
from tests.bot.sources.stripe.conftest import Open
from tests.bot.sources.stripe.kettle import START, Kettle, merged, of, walked


async def all_changes(source: StripeSource, cursor: str) -> tuple[list[Fact], str]:
    facts: list[Fact] = []
    more = True
    while more:
        changes = await source.changes(cursor)
        assert changes is not None
        assert list(changes.unread) == []
        facts += changes.facts
        cursor, more = changes.cursor, changes.more
    return facts, cursor


async def current(source: StripeSource, cursor: str) -> Changes:
    changes = await source.changes(cursor)
    assert changes is not None
    return changes


def living(kettle: Kettle) -> list[str]:
    """Customers with one active subscription on a card, oldest first."""
    subscriptions = kettle.company.store["subscriptions"]
    held = [subscriptions[own] for own in reversed(list(subscriptions.walk()))]
    return [
        one["customer"]
        for one in held
        if one["status"] == "active"
        and one["collection_method"] == "charge_automatically"
        and not one["cancel_at_period_end"]
        and len(kettle.company.billing.living(one["customer"])) == 1
    ]


async def test_nothing_new_costs_one_request(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    kettle.asked()

    changes = await current(source, cursor)

    assert (list(changes.facts), changes.more, kettle.asked()) == ([], False, {"events": 1})


async def test_nothing_new_still_costs_one_request_when_the_last_event_was_just_now(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    kettle.company.billing.update_customer(living(kettle)[0], name="Renamed Oy")
    cursor = (await current(source, cursor)).cursor
    kettle.asked()

    changes = await current(source, cursor)

    assert (list(changes.facts), kettle.asked()) == ([], {"events": 1})


async def test_one_changed_subscription_costs_two_requests_and_brings_its_account(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    customer = living(kettle)[0]
    own = kettle.company.billing.subscription(customer)["id"]
    kettle.later(minutes=1)
    cursor = (await current(source, cursor)).cursor
    kettle.asked()
    kettle.company.billing.schedule_cancel(customer, "too_expensive", "Budget cut")

    changes = await current(source, cursor)

    asked = kettle.asked()
    assert asked == {"events": 1, "subscriptions/:id": 1}
    facts = merged(list(changes.facts))
    assert facts[Subscription, own].cancel_reason == "too_expensive"
    assert facts[Account, customer].id == customer


async def test_everything_that_happens_ends_where_a_fresh_read_ends(opened: Open) -> None:
    kettle = await opened(60, 6)
    billing, store = kettle.company.billing, kettle.company.store
    source = kettle.source()
    pages = await walked(source)
    facts, cursor = of(pages), pages[-1].cursor
    customers = living(kettle)
    yearly = next(own for own in store["prices"].walk() if store["prices"][own]["recurring"]["interval"] == "year")
    coupon = next(iter(kettle.ids("coupons")))
    acts = [
        lambda: billing.change_quantity(customers[0], 9, invoice_now=True),
        lambda: billing.schedule_cancel(customers[1], "unused", "Nobody logs in"),
        lambda: billing.cancel(customers[2], "switched_service"),
        lambda: billing.pause_collection(customers[3], days=20),
        lambda: billing.fail_payment(customers[4], "expired_card"),
        lambda: billing.refund(customers[5]),
        lambda: billing.dispute(customers[6]),
        lambda: billing.discount(billing.subscription(customers[7])["id"], coupon),
        lambda: billing.discount(customers[8], coupon),
        lambda: billing.discount(billing.subscription(customers[9])["id"], coupon, item=0),
        lambda: billing.set_card(customers[10], Card("mastercard", "4444", 1, 2027)),
        lambda: billing.one_off(customers[11], 12300, "Workshop"),
        lambda: billing.update_customer(customers[12], name="New Name Oy", metadata={"segment": "SMB"}),
        lambda: billing.delete_customer(customers[13]),
        lambda: billing.change_plan(customers[14], yearly),
    ]

    for act in acts:
        kettle.later(hours=7)
        act()
        brought, cursor = await all_changes(source, cursor)
        facts |= merged(brought)
    kettle.later(days=25)
    brought, cursor = await all_changes(source, cursor)
    facts |= merged(brought)

    fresh = of(await walked(kettle.source()))
    gone = {key: fact for key, fact in facts.items() if key not in fresh}
    assert {key: fact for key, fact in facts.items() if key in fresh} == fresh
    assert {key for key in gone if key[0] is not PaymentMethod} == {(Account, customers[13])}
    assert gone[Account, customers[13]].deleted_at is not None
    assert gone[Account, customers[13]].name == first_name(customers[13], pages)


def first_name(customer: str, pages: list[Page]) -> str:
    """The name the first read had."""
    return str(of(pages)[Account, customer].name)


@pytest.mark.parametrize("told", [True, False])
async def test_what_waited_and_was_billed_waits_no_more(kettle: Kettle, *, told: bool) -> None:
    billing, source = kettle.company.billing, kettle.source()
    pages = await walked(source)
    customers = living(kettle)[:4]
    for customer in customers:
        billing.change_quantity(customer, 70)
    brought, cursor = await all_changes(source, pages[-1].cursor)
    facts = of(pages) | merged(brought)
    waiting = {own for (kind, own), fact in facts.items() if kind is Invoice and fact.status is InvoiceStatus.UPCOMING}
    kettle.later(days=29)
    for item in kettle.company.store["invoiceitems"] if told else ():
        kettle.company.books.event("invoiceitem.updated", item)

    brought, _ = await all_changes(source, cursor)

    facts |= merged(brought)
    fresh = of(await walked(kettle.source()))
    invoices = {key: fact for key, fact in facts.items() if key[0] is Invoice}
    assert invoices == {key: fact for key, fact in fresh.items() if key[0] is Invoice}
    assert InvoiceStatus.VOID in {facts[Invoice, own].status for own in waiting}


async def test_a_call_that_was_not_stored_can_be_made_again(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    kettle.company.billing.change_quantity(living(kettle)[0], 31)

    first, second = await current(source, cursor), await current(source, cursor)

    assert list(first.facts) == list(second.facts) != []
    assert first.cursor == second.cursor


async def test_a_backlog_comes_in_parts(opened: Open) -> None:
    kettle = await opened(200, 3)
    source = kettle.source()
    pages = await walked(source)
    facts, cursor = of(pages), pages[-1].cursor
    kettle.later(days=25)

    sizes = []
    more = True
    while more:
        kettle.asked()
        changes = await current(source, cursor)
        facts |= merged(list(changes.facts))
        cursor, more = changes.cursor, changes.more
        asked = kettle.asked()
        sizes.append(sum(count for address, count in asked.items() if address.endswith("/:id")))

    assert len(sizes) > 1
    assert max(sizes) <= 210
    fresh = of(await walked(kettle.source()))
    assert {key: fact for key, fact in facts.items() if key in fresh} == fresh


async def test_an_event_that_appears_late_is_met(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    kettle.later(hours=1)
    early, late = living(kettle)[:2]
    kettle.company.billing.update_customer(early, name="Early")
    at = kettle.company.books.now
    kettle.later(minutes=5)
    kettle.company.billing.update_customer(late, name="Late")
    events = kettle.company.store["events"]
    hidden = next(events[own] for own in events.walk() if events[own]["created"] == at)
    events.delete(hidden["id"])
    first = await current(source, cursor)
    events.put(hidden)

    second = await current(source, first.cursor)

    assert [fact.name for fact in first.facts if isinstance(fact, Account)] == ["Late"]
    assert [fact.name for fact in second.facts if isinstance(fact, Account)] == ["Early"]


async def test_more_events_than_a_cursor_remembers_lose_nothing(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    customers = sorted(kettle.ids("customers"))
    for number in range(900):
        kettle.company.billing.update_customer(customers[number % 7], name=f"Name {number}")

    facts, cursor = await all_changes(source, cursor)

    names = {fact.id: fact.name for fact in facts if isinstance(fact, Account)}
    assert names == {own: kettle.company.store["customers"][own]["name"] for own in customers[:7]}
    assert len(cursor) < 5000


async def test_an_idle_account_whose_last_event_expired_goes_on(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    events = kettle.company.store["events"]
    for own in kettle.ids("events"):
        events.delete(own)
    kettle.company.billing.update_customer(living(kettle)[0], name="Awake again")

    changes = await current(source, cursor)

    assert [fact.name for fact in changes.facts if isinstance(fact, Account)] == ["Awake again"]


async def test_a_cursor_older_than_the_events_asks_for_a_full_read(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    kettle.later(days=30)

    assert await source.changes(cursor) is None


@pytest.mark.parametrize("cursor", ["", "null", "[]", "{}", '{"v": 1, "stage": "events", "at": 1e400}', "\x00"])
async def test_an_unreadable_cursor_asks_for_a_full_read(kettle: Kettle, cursor: str) -> None:
    assert await kettle.source().changes(cursor) is None


async def test_a_walk_that_is_not_over_has_no_changes_yet(kettle: Kettle) -> None:
    source = kettle.source()
    pages = await walked(source)

    assert await source.changes(pages[2].cursor) is None


async def test_a_backlog_left_lying_counts_its_age_from_what_was_read(opened: Open) -> None:
    kettle = await opened(200, 3)
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    kettle.later(days=28)
    part = await current(source, cursor)
    assert part.more
    kettle.now += timedelta(days=28)

    assert await source.changes(part.cursor) is None


async def test_a_failure_in_the_middle_brings_nothing(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    for customer in living(kettle)[:5]:
        kettle.company.billing.change_quantity(customer, 12)
    kettle.fault("/v1/subscriptions/", "500", times=500)

    with pytest.raises(SourceDown, match="did not answer subscriptions/sub_"):
        await source.changes(cursor)


async def test_a_draft_that_is_thrown_away_becomes_void(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    store = kettle.company.store
    held = store["invoices"][next(iter(kettle.ids("invoices")))]
    draft = {**held, "id": "in_draft", "status": "draft"}
    kettle.later(seconds=1)
    kettle.company.books.event("invoice.deleted", draft)

    (fact,) = (await current(source, cursor)).facts

    assert isinstance(fact, Invoice)
    assert (fact.id, fact.status, fact.status_word) == ("in_draft", InvoiceStatus.VOID, "deleted")


async def test_a_new_price_is_read_with_its_tiers(kettle: Kettle) -> None:
    source = kettle.source()
    pages = await walked(source)
    store = kettle.company.store
    tiered = next(held for held in store["prices"] if held["billing_scheme"] == "tiered")
    kettle.company.books.event("price.updated", tiered)

    (fact,) = (await current(source, pages[-1].cursor)).facts

    assert isinstance(fact, Price)
    assert fact == of(pages)[Price, tiered["id"]]
    assert any(rate.tiers for rate in fact.rates.values())


def test_a_cursor_is_small() -> None:
    position = Position(stage=EVENTS, at=START, event="evt_" + "x" * 24)

    assert len(position.dumps()) < 120


async def test_a_refund_of_an_old_payment_does_not_rewrite_the_rate_of_its_day(opened: Open) -> None:
    kettle = await opened(60, 6)
    source = kettle.source()
    pages = await walked(source)
    foreign = next(one for one in kettle.company.store["charges"] if one["currency"] != "usd" and one["paid"])
    kettle.company.billing.refund(foreign["customer"])

    changes = await current(source, pages[-1].cursor)

    assert {type(fact).__name__ for fact in changes.facts} >= {"Payment", "Refund"}
    assert [fact for fact in changes.facts if isinstance(fact, ExchangeRate)] == []
    kettle.later(days=26)
    later, _ = await all_changes(source, changes.cursor)
    assert any(isinstance(fact, ExchangeRate) for fact in later)


@pytest.mark.parametrize("kind", ["invoice.upcoming", "invoice.updated"])
async def test_an_invoice_that_cannot_be_read_is_not_taken_for_a_deleted_one(kettle: Kettle, kind: str) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    held = kettle.company.store["invoices"][next(iter(kettle.ids("invoices")))]
    kettle.company.books.event(kind, {**held, "id": "upcoming_in_1"})

    assert list((await current(source, cursor)).facts) == []


async def test_a_change_that_was_read_late_is_dated_by_its_event(kettle: Kettle) -> None:
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    seats, ends, named = living(kettle)[:3]
    changed = kettle.now
    kettle.company.billing.change_quantity(seats, 33)
    kettle.company.billing.schedule_cancel(ends, "too_expensive", "")
    kettle.later(hours=30)  # while nobody read
    kettle.company.billing.update_customer(named, name="Renamed Oy")

    changes = await current(source, cursor)

    own = kettle.company.billing.subscription(seats)["id"]
    assert dict(changes.changed_at) == {own: changed}  # leaving changes neither items nor discounts


async def test_a_payment_that_was_refunded_before_it_was_read_tells_the_rate_of_its_day(opened: Open) -> None:
    kettle = await opened(accounts=60)
    source = kettle.source()
    cursor = (await walked(source))[-1].cursor
    foreign = next(one for one in kettle.company.store["subscriptions"] if one["currency"] == "eur")
    kettle.company.billing.one_off(foreign["customer"], 5000, "Training")
    kettle.later(minutes=1)
    kettle.company.billing.refund(foreign["customer"])

    changes = await current(source, cursor)

    assert [fact.day for fact in changes.facts if isinstance(fact, ExchangeRate)] == [START.date()]
