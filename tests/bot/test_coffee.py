"""The digest as it goes into the outbox: keys, thread, and what it says after a silence."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import foundation, sources
from bot.coffee import Coffee
from bot.settings import Settings
from storage import channels, slots
from storage.engine import Database
from storage.outbox import Outgoing
from storage.states import SlotState

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "csv"
BERLIN = ZoneInfo("Europe/Berlin")
THURSDAY = date(2026, 11, 26)
DUE = datetime(2026, 11, 26, 7, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def settings() -> Settings:
    return Settings(source="csv", csv_folder=EXAMPLE, _env_file=None)


@pytest.fixture
async def filled(database: Database, settings: Settings) -> Database:
    """The example company, read; one channel with a digest at eight on workdays."""
    source = sources.build(settings, lambda: DUE)
    await foundation.build_sync(settings, database, source, lambda: DUE).run()
    with database.writing() as session:
        channels.set_up(
            session,
            "C1",
            at=time(8),
            zone=BERLIN,
            weekdays=frozenset(range(1, 6)),
            alerts=False,
            user="U1",
            now=DUE - 30 * DAY,
        )
    return database


def outgoing(database: Database, settings: Settings, late_by: timedelta = timedelta(0)) -> list[Outgoing]:
    with database.writing() as session:
        channel = channels.find(session, "C1")
        assert channel is not None
        slots.take(session, f"digest:C1:{THURSDAY}", due_at=DUE, state=SlotState.DONE, now=DUE + late_by)
        return Coffee(settings).outgoing(session, channel, THURSDAY, DUE, DUE + late_by)


def missed(database: Database, *days: int) -> None:
    with database.writing() as session:
        for day in days:
            due_at = DUE - (26 - day) * DAY
            slots.take(session, f"digest:C1:2026-11-{day}", due_at=due_at, state=SlotState.MISSED, now=DUE)


async def test_its_thread_replies_to_it(filled: Database, settings: Settings) -> None:
    main, *thread = outgoing(filled, settings)

    assert (main.key, main.channel_id, main.reply_to) == ("digest:C1:2026-11-26", "C1", None)
    assert thread
    assert {reply.reply_to for reply in thread} == {main.key}
    assert len({message.key for message in (main, *thread)}) == 1 + len(thread)


async def test_one_in_time_says_nothing_of_time(filled: Database, settings: Settings) -> None:
    main, *_ = outgoing(filled, settings, timedelta(minutes=14))

    assert "late" not in main.text
    assert "Missed" not in main.text


async def test_a_late_one_says_so(filled: Database, settings: Settings) -> None:
    main, *_ = outgoing(filled, settings, timedelta(hours=2))

    assert "This digest is 2 h late: Kahvi was not running." in main.text


async def test_those_that_were_missed_are_named_once(filled: Database, settings: Settings) -> None:
    missed(filled, 24, 25)
    main, *_ = outgoing(filled, settings)

    assert "Missed while Kahvi was not running: Tuesday 24 November, Wednesday 25 November." in main.text


async def test_what_a_missed_one_would_have_told_is_told(filled: Database, settings: Settings) -> None:
    with filled.reading() as session:
        alone = Coffee(settings).digest(session, THURSDAY, DUE, frozenset(range(1, 6)))
    missed(filled, 24, 25)
    main, *_ = outgoing(filled, settings)

    assert alone.since == date(2026, 11, 25)
    assert "since Monday" in main.text or "Monday 23 November" in main.text
