"""The same company as files that Kahvi imports, and as facts: one ledger, which is what the lives say."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.inputs.reading import read as read_inputs
from bot.inputs.rules import Terms
from bot.ledger import LedgerRules
from bot.playground.company.files import write
from bot.playground.company.lives import Life, lives
from bot.playground.company.times import Times
from bot.sources.csv import CsvSource
from bot.sync import Sync
from storage import ledger, signals
from storage.engine import Database
from storage.tables import AccountRow
from storage.upsert import table_of
from tests.bench.whole_company import fill

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
RULES = LedgerRules(zone=UTC_ZONE, base="usd")
SIZE = 150


def mrr(life: Life) -> int:
    if life.left:
        return 0
    now = life.steps[-1]
    return round(Fraction(now.price * now.seats, 12 if life.yearly else 1))


def levels(database: Database) -> dict[str, int]:
    with database.reading() as session:
        found = ledger.levels(session, [f"acc_{number:07d}" for number in range(SIZE)])
    return {account_id: sum(by_currency.values()) for account_id, by_currency in found.items()}


async def test_both_ways_give_the_ledger_that_the_lives_tell(database: Database, tmp_path: Path) -> None:
    times = Times(11, NOW, SIZE, 24)
    expected = {f"acc_{one.key}": mrr(one) for one in lives(times) if mrr(one)}

    write(times, tmp_path / "made")
    await Sync(database, CsvSource(tmp_path / "made", zone=UTC_ZONE), RULES, lambda: NOW).run()

    assert {key: level for key, level in levels(database).items() if level} == expected
    terms, known = Terms(UTC_ZONE, "usd", NOW), [f"acc_{one.key}" for one in lives(times)]
    beside = read_inputs(tmp_path / "made", terms, known, ({}, ()))
    assert beside.left_out == []
    assert len(beside.signals) > SIZE


async def test_facts_give_it_too(database: Database) -> None:
    times = Times(11, NOW, SIZE, 24)

    assert fill(database, times, NOW, RULES) == SIZE

    assert {key: level for key, level in levels(database).items() if level} == {
        f"acc_{one.key}": mrr(one) for one in lives(times) if mrr(one)
    }
    with database.reading() as session:
        count = session.connection().execute(select(func.count()).select_from(table_of(AccountRow))).scalar_one()
        kept = {one.name for one in signals.kept(session)}
    assert count == SIZE
    assert kept == {"champion_left", "monthly_active_users"}
