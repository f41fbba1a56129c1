"""The digest as it goes into the outbox: keys, thread, and what it says after a silence."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from bot import owed, parts, sources
from bot.digest.outgoing import EVERY_DAY, Coffee
from bot.messages.trouble import DIGEST_IN_DOUBT
from bot.settings import Settings
from storage import channels, slots, syncs
from storage.engine import Database
from storage.outbox import Outgoing
from storage.states import SlotState
from tests.bot.digest.company import MONDAY, NEW, hold, movement

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "csv"
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
    await parts.build_sync(settings, database, source, lambda: DUE).run()
    with database.writing() as session:
        set_up(session, BERLIN, now=DUE - 30 * DAY)
    return database


def set_up(session: Session, zone: ZoneInfo, *, now: datetime, at: time = time(8)) -> None:
    weekdays = frozenset(range(1, 6)) if zone == BERLIN else EVERY_DAY
    owed.set_up(session, "C1", at=at, zone=zone, weekdays=weekdays, alerts=False, user="U1", now=now)


def outgoing(database: Database, settings: Settings, late_by: timedelta = timedelta(0)) -> list[Outgoing]:
    with database.writing() as session:
        channel = channels.find(session, "C1")
        assert channel is not None
        slots.take(session, f"digest:C1:{THURSDAY}", due_at=DUE, state=SlotState.DONE, now=DUE + late_by)
        return Coffee(settings, "csv").outgoing(session, channel, THURSDAY, DUE, DUE + late_by)


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


async def test_one_says_that_the_last_may_be_lost(filled: Database, settings: Settings) -> None:
    with filled.writing() as session:
        channels.note_problem(session, "C1", DIGEST_IN_DOUBT)
    main, *_ = outgoing(filled, settings)

    assert "Slack gave no answer to the digest before this one: it may not have come through." in main.text


async def test_those_that_were_missed_are_named_once(filled: Database, settings: Settings) -> None:
    missed(filled, 24, 25)
    main, *_ = outgoing(filled, settings)

    assert "Not posted in time: Tuesday 24 November, Wednesday 25 November." in main.text


async def test_what_a_missed_one_would_have_told_is_told(filled: Database, settings: Settings) -> None:
    with filled.reading() as session:
        alone = Coffee(settings, "csv").digest(session, channels.find(session, "C1"), DUE)
    missed(filled, 24, 25)
    main, *_ = outgoing(filled, settings)

    assert alone.since == date(2026, 11, 25)
    assert "since Monday" in main.text or "Monday 23 November" in main.text


async def test_east_of_the_ledger_no_day_that_goes_on_is_told(database: Database, settings: Settings) -> None:
    """Tuesday at eight in Auckland is Monday 19:00 UTC: Monday is left to the digest of Wednesday, and told there."""
    tuesday, auckland = date(2026, 11, 24), ZoneInfo("Pacific/Auckland")
    due_at = datetime(2026, 11, 23, 19, tzinfo=UTC)
    with database.writing() as session:
        hold(session, [movement("acme", date(2026, 1, 5), NEW, 50_000), movement("late", MONDAY, NEW, 20_000)])
        syncs.note(session, "csv", completed_at=due_at, succeeded_at=due_at)
        set_up(session, auckland, now=DUE - 30 * DAY)
        channel = channels.find(session, "C1")
        assert channel is not None
        coffee = Coffee(settings, "csv")
        first, second = (
            coffee.outgoing(session, channel, tuesday + n * DAY, due_at + n * DAY, due_at + n * DAY)[0] for n in (0, 1)
        )
        typed = coffee.digest(session, channel, due_at)

    assert "Coffee stats · Tuesday 24 November." in first.text
    assert "MRR is $500, unchanged since Sunday. Nothing moved" in first.text
    assert "Whole days up to Sunday, UTC;" in first.text
    assert "MRR is $700, up $200 since Monday: Late joined (+$200)." in second.text
    assert "Whole days up to Monday, UTC;" in second.text
    assert (typed.day, typed.since, typed.until) == (tuesday, date(2026, 11, 22), MONDAY)


async def test_a_digest_without_a_further_day_says_so(database: Database, settings: Settings) -> None:
    """When clocks go forward in Auckland, half past twelve on Sunday is the same UTC day as on Saturday."""
    due_at = datetime(2026, 9, 26, 23, 30, tzinfo=UTC)
    with database.writing() as session:
        hold(session, [movement("acme", date(2026, 1, 5), NEW, 50_000)])
        syncs.note(session, "csv", completed_at=due_at, succeeded_at=due_at)
        set_up(session, ZoneInfo("Pacific/Auckland"), now=due_at - 30 * DAY, at=time(12, 30))
        channel = channels.find(session, "C1")
        assert channel is not None
        main, *_ = Coffee(settings, "csv").outgoing(session, channel, date(2026, 9, 27), due_at, due_at)

    assert "MRR is $500. No further day is over since the last coffee stats." in main.text


def test_a_digest_asked_for_ahead_covers_what_is_over(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        hold(session, [movement("acme", date(2026, 1, 5), NEW, 50_000)])
        syncs.note(session, "csv", completed_at=DUE, succeeded_at=DUE)
        digest = Coffee(settings, "csv").digest(session, None, DUE, THURSDAY + 3 * DAY)

    assert (digest.since, digest.until) == (THURSDAY, THURSDAY)


@pytest.mark.parametrize("name", sources.SOURCES)
async def test_a_source_is_noted_under_the_name_that_settings_give_it(name: str) -> None:
    """The terminal asks by the settings what the sync noted by the source."""
    settings = Settings(source=name, csv_folder=EXAMPLE, stripe_api_key="rk_test_1", _env_file=None)
    source = sources.build(settings, lambda: DUE)
    await source.aclose()

    assert name == source.name
