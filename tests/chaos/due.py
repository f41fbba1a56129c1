"""R2: replicas race for slots that are due at one moment; each is posted once."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from random import Random
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import owed
from tests.chaos.harness import (
    Child,
    Result,
    Slack,
    channel_id,
    forked,
    lines_of,
    opened,
    postgres,
    slack,
    sqlite,
    until,
)
from tests.chaos.replica import Replica

NOON = day_time(12)
EVERY_DAY = frozenset(range(1, 8))
RACERS = 4
OPEN = "select count(*) from outbox where state <> 'sent'"


def run(slots: int, seed: int) -> list[Result]:
    return [on_postgresql(slots), on_sqlite(slots, seed)]


def on_postgresql(count: int) -> Result:
    """Four replicas on one database."""
    with postgres() as server:
        return raced("R2 PostgreSQL, 4 replicas", server.url, count, lambda replica: [replica.serve] * RACERS)


def on_sqlite(count: int, seed: int) -> Result:
    """Four tasks of one process, which is killed and started again."""
    rng = Random(seed)

    def killing(again: Callable[[], Child]) -> None:
        child = again()
        for _ in range(3):
            time.sleep(rng.uniform(0.3, 1.0))
            child.kill()
            child = again()

    with sqlite() as url:
        return raced(
            f"R2 SQLite, 4 tasks, killed, seed {seed}",
            url,
            count,
            lambda replica: [lambda: replica.serve(ticks=RACERS)],
            killing=killing,
        )


def raced(
    name: str,
    url: str,
    count: int,
    racers: Callable[[Replica], list[Callable[[], None]]],
    killing: Callable[[Callable[[], Child]], None] | None = None,
) -> Result:
    began = time.monotonic()
    with slack(count) as server:
        write(url, lambda session: every_channel(session, count))
        works = racers(Replica(url, server))
        with forked(*works) as children:
            if killing:
                killing(lambda: _again(children, works[0]))
            with suppress(RuntimeError):  # the count tells
                until(
                    lambda: lines_of(url, SLOTS) == [(count,)] and lines_of(url, OPEN) == [(0,)], 30 + count / 5, "all"
                )
        wrong, figure = judged(url, server, count)
    return Result(name, f"{count} due slots", figure, wrong, time.monotonic() - began)


SLOTS = "select count(*) from slots"


def _again(children: list[Child], work: Callable[[], None]) -> Child:
    from tests.chaos.harness import fork

    if children[0].alive:
        return children[0]
    children[0] = fork(work)
    return children[0]


def every_channel(session: Session, count: int) -> None:
    """So many channels whose digest was due a minute ago."""
    now = datetime.now(UTC)
    due = now - timedelta(minutes=1)
    for number in range(count):
        owed.set_up(
            session,
            channel_id(number),
            at=day_time(due.hour, due.minute),
            zone=ZoneInfo("UTC"),
            weekdays=EVERY_DAY,
            alerts=False,
            user="U00000001",
            now=due - timedelta(minutes=5),
        )


def write(url: str, work: Callable[[Session], object]) -> None:
    with opened(url) as database, database.writing() as session:
        work(session)


def judged(url: str, server: Slack, count: int) -> tuple[list[str], str]:
    posts = Counter(message["channel"] for message in server.messages())
    doubles = sum(number - 1 for number in posts.values())
    lost = count - len(posts)
    wrong = [f"{doubles} doubled"] * bool(doubles) + [f"{lost} lost"] * bool(lost)
    return wrong, f"{sum(posts.values())} posts"
