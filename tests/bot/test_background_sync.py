"""Reading while the bot runs: in a child first, then in the loop; a source that fails is logged, and tried again."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import parts, sources
from bot.background_sync import Reading
from bot.clock import utc_now
from bot.settings import Settings
from storage import syncs
from storage.engine import Database
from storage.syncs import SyncState
from tests.waiting import HANGS

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "csv"


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    folder = tmp_path / "billing"
    folder.mkdir()
    for file in EXAMPLE.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    url = database.url.render_as_string(hide_password=False)
    return Settings(source="csv", csv_folder=folder, database_url=url, _env_file=None)


@pytest.fixture
def reading(database: Database, settings: Settings) -> Reading:
    source = sources.build(settings, utc_now)
    return Reading(settings, parts.build_sync(settings, database, source, utc_now))


def state(database: Database) -> SyncState:
    with database.reading() as session:
        return syncs.state(session, "csv")


async def test_a_child_reads_everything_and_the_loop_reads_on(
    database: Database, settings: Settings, reading: Reading
) -> None:
    assert await reading.poll()
    first = state(database)
    assert first.completed_at is not None
    assert settings.csv_folder is not None
    accounts = settings.csv_folder / "accounts.csv"
    accounts.write_text(accounts.read_text().replace("Al Noor Trading", "Al Noor Trading & Sons"))
    assert await reading.poll()

    second = state(database)
    assert second.cursor != first.cursor
    assert second.completed_at == first.completed_at


async def test_a_source_that_cannot_be_read_is_logged_and_noted(
    database: Database, settings: Settings, reading: Reading
) -> None:
    await reading.poll()
    assert settings.csv_folder is not None
    (settings.csv_folder / "accounts.csv").unlink()
    with capture_logs() as logged:
        assert not await reading.poll()

    assert [entry["event"] for entry in logged] == ["the billing source could not be read"]
    assert state(database).failing


async def test_a_child_that_fails_is_told_by_its_code(database: Database, settings: Settings, reading: Reading) -> None:
    assert settings.csv_folder is not None
    (settings.csv_folder / "accounts.csv").unlink()
    with capture_logs() as logged:
        assert not await reading.poll()

    assert logged[-1]["event"] == "reading everything ended early"
    assert logged[-1]["reason"] == state(database).error
    assert state(database).failing


async def test_any_failure_is_told_and_the_next_poll_goes_on(database: Database, settings: Settings) -> None:
    """A fault of ours, in place of one of the source."""
    source = sources.build(settings, utc_now)
    reading = Reading(settings, parts.build_sync(settings, database, source, utc_now), in_child=False)
    with pytest.MonkeyPatch.context() as patch, capture_logs() as logged:
        patch.setattr(source, "walk", lambda _cursor: 1 / 0)
        assert not await reading.poll()
    assert (logged[-1]["log_level"], logged[-1]["reason"]) == ("error", "ZeroDivisionError: division by zero")
    assert logged[-1]["event"] == "the billing data could not be brought up to date; it is tried again"

    assert await reading.poll()


async def test_polls_at_the_same_time_wait_for_each_other(database: Database, settings: Settings) -> None:
    source = sources.build(settings, utc_now)
    reading = Reading(settings, parts.build_sync(settings, database, source, utc_now), in_child=False)
    with capture_logs() as logged:
        assert await asyncio.gather(*(reading.poll() for _ in range(3))) == [True] * 3

    assert [entry["event"] for entry in logged].count(
        "everything is read from the billing source; this can take minutes"
    ) == 1


async def test_what_another_process_is_reading_is_no_failure(database: Database, settings: Settings) -> None:
    source = sources.build(settings, utc_now)
    reading = Reading(settings, parts.build_sync(settings, database, source, utc_now), in_child=False)
    await database.write(syncs.take_lease, "csv", "another", utc_now())
    assert not await reading.poll()  # nothing was read whole yet
    await database.write(syncs.end_lease, "csv", "another")
    assert await reading.poll()
    await database.write(syncs.take_lease, "csv", "another", utc_now())
    with capture_logs() as logged:
        assert await reading.poll()

    assert {entry["log_level"] for entry in logged} == {"debug"}
    assert not state(database).failing


async def test_a_child_that_finds_another_reading_ends_quietly(database: Database, reading: Reading) -> None:
    await database.write(syncs.take_lease, "csv", "another", utc_now())
    with capture_logs() as logged:
        assert not await reading.poll()

    assert [entry["event"] for entry in logged if entry["log_level"] != "info"] == ["the billing source is being read"]
    assert not state(database).failing


async def test_a_stop_ends_the_child(database: Database, reading: Reading) -> None:
    polling = asyncio.create_task(reading.poll())
    while reading._child is None:  # noqa: ASYNC110 - the child is started by the task
        await asyncio.sleep(0)
    async with asyncio.timeout(HANGS):
        await reading.stop()
        assert not await polling

    assert state(database).completed_at is None
