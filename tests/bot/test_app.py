"""The running bot: a real Slack connection, a real source, a real database; started, used and stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from bot import app as application
from bot import owed
from bot.errors import SettingsError, StorageBusy
from bot.playground.slack import ChannelSeed, CommandSeed, SlackConfig, SlackServer
from bot.playground.slack.faults.faults import Fault
from bot.settings import Settings, environment
from storage import channels, syncs
from tests.bot.playground.slack.helpers import Person, until
from tests.waiting import HANGS

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "csv"
CS = "C00000001"
COMMANDS = tuple(CommandSeed(command=name) for name in ("/coffee", "/account", "/exit-interview"))
MONDAY = datetime(2026, 11, 23, 7, 1, tzinfo=UTC)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    server = SlackServer(SlackConfig(channels=(ChannelSeed(name="cs", bot_is_member=True),), commands=COMMANDS))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def person(slack: SlackServer) -> AsyncIterator[Person]:
    async with aiohttp.ClientSession() as session:
        yield Person(slack, session)


@pytest.fixture
def settings(slack: SlackServer, tmp_path: Path) -> Settings:
    return Settings(
        slack_bot_token=slack.bot_token,
        slack_app_token=slack.app_token,
        slack_base_url=slack.api_url,
        source="csv",
        csv_folder=EXAMPLE,
        database_url=f"sqlite:///{tmp_path / 'kahvi.db'}",
        heartbeat_seconds=300,
        sync_seconds=3600,
        _env_file=None,
    )


@pytest.fixture
async def bot(settings: Settings) -> AsyncIterator[application.Bot]:
    """A bot on a Monday at 7:01 UTC that has read its source."""
    bot = application.build(settings, clock=lambda: MONDAY, child=False, pace=timedelta(0))
    await bot.start()
    try:
        await until_read(bot)
        yield bot
    finally:
        await bot.stop()


async def until_read(bot: application.Bot) -> None:
    async with asyncio.timeout(HANGS):
        while not (await bot.services.database.read(syncs.state, "csv")).succeeded_at:  # noqa: ASYNC110 - only the database tells
            await asyncio.sleep(0.01)


def texts(slack: SlackServer) -> list[str]:
    return [message.text for message in slack.state.messages.timeline(CS)]


async def test_a_due_digest_is_posted_with_its_thread_once(slack: SlackServer, bot: application.Bot) -> None:
    await bot.services.database.write(
        owed.set_up,
        CS,
        at=time(8),
        zone=ZoneInfo("Europe/Berlin"),
        weekdays=frozenset((1,)),
        alerts=False,
        user="U1",
        now=MONDAY - timedelta(hours=1),
    )

    assert await bot.beat() == 1
    await until(lambda: texts(slack))
    assert await bot.beat() == 0

    (digest,) = slack.state.messages.timeline(CS)
    assert "MRR is $" in digest.text
    await until(lambda: len(slack.state.messages.thread(CS, digest.ts)) > 1)


async def test_a_channel_that_is_no_longer_shared_goes_on_by_itself(
    slack: SlackServer, bot: application.Bot, person: Person
) -> None:
    write = bot.services.database.write
    wish: dict[str, Any] = {
        "at": time(8),
        "zone": ZoneInfo("Europe/Berlin"),
        "weekdays": frozenset((1,)),
        "alerts": False,
    }
    await write(owed.set_up, CS, **wish, user="U1", now=MONDAY - timedelta(hours=1))
    await person.post("/_ctl/channel", channel=CS, is_ext_shared=True)
    assert await bot.beat() == 1
    async with asyncio.timeout(HANGS):
        while not (await bot.services.database.read(channels.shared)):  # noqa: ASYNC110 - only the database tells
            await asyncio.sleep(0.01)
    assert texts(slack) == []
    await person.post("/_ctl/channel", channel=CS, is_ext_shared=False)
    bot.delivery._sharing._known.clear()  # as after a few minutes
    await bot.delivery.look_at_shared()
    found = await bot.services.database.read(channels.find, CS)

    assert found is not None
    assert (found.problem, found.shared) == (None, False)


async def test_a_command_is_answered_privately_over_the_socket(
    slack: SlackServer, bot: application.Bot, person: Person
) -> None:
    await until(lambda: slack.state.sockets.count == 1)
    await person.say("/account Acme", CS)
    await until(lambda: slack.state.messages.seen_by(CS, slack.state.me, None))

    (seen,) = await person.sees(CS)
    assert "MRR" in str(seen["blocks"])
    assert texts(slack) == []  # nobody else sees it


async def test_nothing_is_asked_of_slack_before_the_ack(
    slack: SlackServer, bot: application.Bot, person: Person
) -> None:
    """Bolt alone would call auth.test at the first request."""
    before = len(slack.state.calls.listed("auth.test"))
    await person.say("/coffee help", CS)

    assert len(slack.state.calls.listed("auth.test")) == before == 1


async def test_a_second_bot_on_the_same_file_is_refused(settings: Settings, bot: application.Bot) -> None:
    with pytest.raises(StorageBusy, match="Another kahvi runs on this database file"):
        await application.build(settings).start()


async def test_a_refused_token_ends_the_start_and_leaves_nothing_open(slack: SlackServer, settings: Settings) -> None:
    slack.state.faults.order(Fault("auth.test", "error", error="invalid_auth"))

    with pytest.raises(SettingsError, match=r"Slack refuses SLACK_BOT_TOKEN \(invalid_auth\)"):
        await application.build(settings).start()
    await asyncio.sleep(0)
    bot = application.build(settings, child=False)
    await bot.start()  # the file is free again
    await bot.stop()


async def test_missing_settings_are_all_named_at_once(settings: Settings) -> None:
    bare = settings.model_copy(update={"slack_bot_token": None, "slack_app_token": None, "csv_folder": None})

    with pytest.raises(SettingsError) as error:
        application.build(bare)
    assert [line.split()[0] for line in str(error.value).splitlines()] == [
        "KAHVI_CSV_FOLDER",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
    ]


async def test_the_start_waits_for_a_slack_that_is_down(
    slack: SlackServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def at_once(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(application, "sleep", at_once)
    slack.state.faults.order(Fault("auth.test", "500", times=3))
    bot = application.build(settings, child=False)
    await bot.start()
    await bot.stop()

    assert waits == [1, 2, 4]


async def test_the_whole_process_reads_in_a_child_serves_and_ends_cleanly(
    slack: SlackServer, settings: Settings, person: Person
) -> None:
    """`kahvi run` as an operator starts and stops it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        env={**os.environ, **environment(settings), "KAHVI_LOG_FORMAT": "json"},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    lines: list[bytes] = []
    try:
        async with asyncio.timeout(HANGS):
            while b"everything was read" not in (line := await process.stderr.readline()):
                assert line, lines
                lines.append(line)
            process.send_signal(signal.SIGTERM)
            rest = await process.stderr.read()
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert code == 0, rest
    assert b"kahvi is ready" in b"".join(lines)
    assert b"Traceback" not in b"".join(lines) + rest
    assert slack.bot_token.encode() not in b"".join(lines) + rest


STUCK = """
import asyncio, time
from bot import app, log, settings, shutdown

def stuck(session, *_):
    print("at work", flush=True)
    time.sleep(600)

app.life.run = stuck
shutdown.STOP_SECONDS = 2.0
loaded = settings.load()
log.configure("json")
asyncio.run(app.build(loaded, child=False).run())
"""


async def test_a_thread_that_goes_on_does_not_hold_up_the_end(settings: Settings) -> None:
    """It holds the only writing connection too; all there is to wait for it is the one deadline."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STUCK),
        env={**os.environ, **environment(settings)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(HANGS):
        assert await process.stdout.readline() == b"at work\n"
    async with asyncio.timeout(HANGS):  # the thread would take twice as long
        process.send_signal(signal.SIGTERM)
        rest = await process.stderr.read()
        code = await process.wait()

    assert code == 0, rest
    assert b"a thread is still at work; what it has not written is rolled back" in rest
    assert b"Traceback" not in rest
