"""Coffee stats of very many channels due at the same minute: how long until Slack has them all.

Time is simulated and stands while anything can be done, so that only waiting counts; the sockets are real, and the
local Slack refuses what comes faster than one message a second in a channel. The posting process is one of its own.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import owed
from bot.digest.outgoing import Coffee
from bot.schedule import tick
from bot.settings import Settings
from bot.slack.connection import open_client
from bot.slack.delivery import Delivery
from storage.engine import Database
from tests.bench.measure import MEGABYTE, ROOT, Line, Size
from tests.chaos.harness import Slack, channel_id, lines_of, slack
from tests.chaos.replica import quiet

BOUND, MEMORY_BOUND = 1.1, 300
OPEN = "select count(*) from outbox where state in ('pending', 'sending')"
PER_CHANNEL = "select max(n) from (select count(*) as n from outbox group by channel_id) as each"
NOTE = "Slack's own limit: one message a second in each channel, for the longest thread of a digest"


def measure(size: Size) -> list[Line]:
    count = size.channels
    with TemporaryDirectory(prefix="kahvi-bench-") as folder, slack(count) as server:
        url = f"sqlite:///{folder}/kahvi.db"
        given = {**os.environ, "KAHVI_DATABASE_URL": url}
        example = str(ROOT / "docs" / "examples" / "csv")
        subprocess.run([sys.executable, "-m", "bot", "import", example], cwd=ROOT, env=given, check=True)
        server.order("pace", per_second=1, burst=1)
        reached = json.dumps([url, server.bot_token, server.app_token, server.url, server.api_url, count])
        worker = [sys.executable, "-m", "tests.bench.storm", reached]
        told = json.loads(subprocess.run(worker, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        posts = len(server.messages())
    if posts != told["messages"]:
        raise RuntimeError(f"Slack holds {posts} messages, {told['messages']} were written")
    name = f"{count:,} channels due at once, {posts:,} messages"
    return [
        Line(name, told["simulated"], "s, simulated", told["forced"], BOUND, NOTE),
        Line("  of them handed over in", told["wall"], "s"),
        Line("  memory of the process", told["memory"], "MB", None, MEMORY_BOUND),
    ]


class Still:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def posted(url: str, server: Slack, count: int) -> dict[str, float]:
    """Everything from the tick to the last message in Slack."""
    quiet()
    database = Database(url)
    clock = Still(datetime.now(UTC).replace(second=0, microsecond=0))
    settings = Settings(
        slack_bot_token=server.bot_token,
        slack_app_token=server.app_token,
        slack_base_url=server.api_url,
        source="csv",
        _env_file=None,
    )
    await database.write(_set_up, count, clock.now)
    delivery = Delivery(database, open_client(settings, 10), clock)
    start, began = clock.now, time.perf_counter()
    server.order("clock", set=start.isoformat(), still=True)
    await tick(database, start, timedelta(hours=6), Coffee(settings, "csv").outgoing)
    while lines_of(url, OPEN) != [(0,)]:
        before = lines_of(url, OPEN)
        await delivery.round()
        await delivery.idle()
        if lines_of(url, OPEN) == before:  # nothing more can be done at this moment
            clock.now += timedelta(seconds=1)
            server.order("clock", set=clock.now.isoformat())
    (messages,), (longest,) = lines_of(url, "select count(*) from outbox")[0], lines_of(url, PER_CHANNEL)[0]
    return {
        "messages": messages,
        "simulated": (clock.now - start).total_seconds(),
        "forced": longest - 1.0,
        "wall": time.perf_counter() - began,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE,
    }


def _set_up(session: Session, count: int, now: datetime) -> None:
    for number in range(count):
        owed.set_up(
            session,
            channel_id(number),
            at=day_time(now.hour, now.minute),
            zone=ZoneInfo("UTC"),
            weekdays=frozenset(range(1, 8)),
            alerts=False,
            user="U00000001",
            now=now - timedelta(minutes=1),
        )


if __name__ == "__main__":
    url_, bot_token, app_token, base, api, channels_ = json.loads(sys.argv[1])
    reached_ = Slack(bot_token=bot_token, app_token=app_token, url=base, api_url=api)
    print(json.dumps(asyncio.run(posted(url_, reached_, channels_))))  # noqa: T201 - the answer
