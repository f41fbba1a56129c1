"""A key of another account: refused before anything of it is told, without a request more while nothing happens."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import SourceRefused
from bot.playground.company import Company
from bot.playground.stripe.doors.server import StripeServer
from bot.sources.stripe.cursor import loads
from bot.sources.stripe.identity import remember
from bot.sources.stripe.source import StripeSource
from storage.facts import Account, Product, Subscription
from tests.bot.sources.stripe.kettle import START, Kettle, of, walked

OTHERS = "another account than the data in this database; use the old key, or a new database"


@pytest.fixture
async def other(kettle: Kettle) -> AsyncIterator[Kettle]:
    """Another company at another key, at the same time."""
    async with AsyncExitStack() as stack:
        company = Company(9, START, 20, 4)
        found = Kettle(company, StripeServer(company.billing, lambda: kettle.now))
        await found.server.start()
        stack.push_async_callback(found.server.stop)
        yield found
        for source in found.sources:
            await source.aclose()


async def cursor_of(kettle: Kettle) -> str:
    return (await walked(kettle.source()))[-1].cursor


@pytest.mark.parametrize("days", [0, 3, 30])
async def test_changes_of_another_account_are_refused(kettle: Kettle, other: Kettle, days: int) -> None:
    cursor = await cursor_of(kettle)
    kettle.later(days=days)
    other.server.advance()

    with pytest.raises(SourceRefused, match=OTHERS):
        await other.source().changes(cursor)


async def test_changes_of_another_account_are_refused_where_no_event_was_known(kettle: Kettle, other: Kettle) -> None:
    for own in kettle.ids("events"):
        kettle.company.store["events"].delete(own)
    cursor = await cursor_of(kettle)
    kettle.later(days=1)
    other.company.billing.update_customer(next(iter(other.ids("customers"))), name="Elsewhere Oy")

    with pytest.raises(SourceRefused, match=OTHERS):
        await other.source().changes(cursor)


async def test_a_full_read_of_another_account_is_refused_from_every_page(kettle: Kettle, other: Kettle) -> None:
    pages = await walked(kettle.source())
    begun = [page for page in pages if page.stage != "coupons"]
    kettle.now += timedelta(hours=1)
    source = other.source()

    for page in begun:
        with pytest.raises(SourceRefused, match=OTHERS):
            await walked(source, page.cursor)
        with pytest.raises(SourceRefused, match=OTHERS):
            await source.confirm(page.cursor)


async def test_one_left_lying_for_a_month_is_refused_too(kettle: Kettle, other: Kettle) -> None:
    pages = await walked(kettle.source())
    kettle.later(days=31)

    with pytest.raises(SourceRefused, match=OTHERS):
        await walked(other.source(), pages[5].cursor)


async def test_the_same_account_is_known_again_whatever_was_deleted(kettle: Kettle) -> None:
    cursor = await cursor_of(kettle)
    for customer in kettle.ids("customers"):
        kettle.company.billing.delete_customer(customer)
    for own in kettle.ids("events"):
        kettle.company.store["events"].delete(own)

    await kettle.source().confirm(cursor)
    assert await kettle.source().changes(cursor) is not None


async def test_an_expired_event_is_looked_into_once(kettle: Kettle) -> None:
    source, cursor = kettle.source(), await cursor_of(kettle)
    for own in kettle.ids("events"):
        kettle.company.store["events"].delete(own)
    kettle.asked()

    first = await source.changes(cursor)
    assert first is not None
    asked = kettle.asked()
    second = await source.changes(first.cursor)

    assert asked == {"events": 2, "charges/:id": 1}
    assert second is not None
    assert kettle.asked() == {"events": 1}


async def test_an_account_that_was_empty_is_known_from_its_first_changes_on(kettle: Kettle, other: Kettle) -> None:
    source, whole = kettle.source(), await cursor_of(kettle)
    fields = json.loads(whole)
    del fields["marks"]
    kettle.later(minutes=1)
    kettle.company.billing.update_customer(next(iter(kettle.ids("customers"))), name="First Oy")

    changes = await source.changes(json.dumps(fields))

    assert changes is not None
    kettle.now += timedelta(minutes=1)
    with pytest.raises(SourceRefused, match=OTHERS):
        await other.source().changes(changes.cursor)


async def test_the_surest_landmarks_are_kept(kettle: Kettle) -> None:
    pages = await walked(kettle.source())

    position = loads(pages[-1].cursor, StripeSource.stages)

    assert position is not None
    assert set(position.landmarks) == {"charges", "subscriptions"}
    facts = of(pages)
    account, product, subscription = (
        next(fact for (kind, _), fact in facts.items() if kind is wanted) for wanted in (Account, Product, Subscription)
    )
    gone = replace(account, deleted_at=START)
    assert remember({}, [gone, product]) == {"products": product.id}
    assert remember({}, [product, account, subscription]) == {
        "subscriptions": subscription.id,
        "customers": account.id,
    }
