"""The ledger read from a company's billing history agrees with its own bookkeeping, every day and to the cent."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.ledger import LedgerRules
from bot.playground.company.company import Company
from bot.playground.company.truth import Level
from bot.playground.stripe.doors.server import StripeServer
from bot.sources.stripe.source import StripeSource
from bot.sync import Sync
from storage.engine import Database
from storage.ledger import movements

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
RULES = LedgerRules(ZoneInfo("UTC"), "usd")
Story = dict[str, dict[date, int]]


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_subscriptions_story_is_the_true_one(database: Database, seed: int) -> None:
    company = Company(seed, NOW, accounts=150, months=18)
    await read(database, company)

    assert read_story(database) == told(company.truth.levels)


async def test_the_same_of_accounts_that_are_computed_on_demand(database: Database) -> None:
    company = Company(3, NOW, accounts=400, months=36, detail="light")
    await read(database, company)

    assert read_story(database) == told(company.light.levels())


async def read(database: Database, company: Company) -> None:
    server = StripeServer(company.billing, lambda: NOW)
    await server.start()
    source = StripeSource(server.api_key, base_url=server.url, pace=None, clock=lambda: NOW)
    try:
        await Sync(database, source, RULES, lambda: NOW).run()
    finally:
        await source.aclose()
        await server.stop()


def told(levels: Iterable[Level]) -> Story:
    return story((level.subscription, level.day, level.mrr) for level in levels)


def story(levels: Iterable[tuple[str, date, int]]) -> Story:
    """The level of each subscription at the end of each day on which it changed."""
    last: defaultdict[str, dict[date, int]] = defaultdict(dict)
    for subscription, day, level in levels:
        last[subscription][day] = level
    changes = {subscription: dict(changed(days)) for subscription, days in last.items()}
    return {subscription: days for subscription, days in changes.items() if days}


def changed(days: dict[date, int]) -> Iterable[tuple[date, int]]:
    before = 0
    for day, level in sorted(days.items()):
        if level != before:
            yield day, level
        before = level


def read_story(database: Database) -> Story:
    totals: defaultdict[str, int] = defaultdict(int)
    levels = []
    with database.reading() as session:
        for row in session.connection().execute(select(movements).order_by(movements.c.day)):
            totals[row.subscription_id] += row.amount
            levels.append((row.subscription_id, row.day, totals[row.subscription_id]))
    return story(levels)
