"""R4: a bot that stands still, or is down, while a digest is due: once within the grace, else told as missed."""

import math
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from random import Random
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import owed
from storage import channels
from tests.chaos.due import EVERY_DAY, write
from tests.chaos.harness import (
    Child,
    Result,
    SharedClock,
    Slack,
    channel_id,
    fork,
    forked,
    lines_of,
    slack,
    sqlite,
    until,
)
from tests.chaos.replica import GRACE, Replica

DUE = day_time(8)
SHORTEST, LONGEST = 1.0, 24 * 3600.0  # seconds of silence


def run(cases: int, seed: int) -> list[Result]:
    began, rng = time.monotonic(), Random(seed)
    today = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
    wrong: list[str] = []
    posted = missed = 0
    with sqlite() as url, slack(cases) as server:
        clock = SharedClock(today - timedelta(hours=1))
        server.order("clock", set=clock().isoformat())
        replica = Replica(url, server, clock)
        with forked(replica.serve) as children:
            stage = Stage(url, server, clock, replica, children)
            for number in range(cases):
                silence = _seconds(rng)
                case = Case(stage, number, today + timedelta(days=2 * number))
                found = case.lived(
                    timedelta(seconds=silence), before=rng.uniform(0, silence / 2), frozen=rng.random() < 0.5
                )
                posted, missed = posted + found.posted, missed + found.missed
                wrong += found.wrong
    figure = f"{posted} posted once, {missed} told as missed, {len(wrong)} wrong"
    amount = f"{cases} silences of 1 s to 24 h, seed {seed}"
    return [Result("R4", amount, figure, wrong[:3], time.monotonic() - began)]


def _seconds(rng: Random) -> float:
    """As many short silences as long ones."""
    if rng.random() < 0.5:
        return rng.uniform(SHORTEST, LONGEST)
    return math.exp(rng.uniform(math.log(SHORTEST), math.log(LONGEST)))


class Found:
    def __init__(self) -> None:
        self.posted = self.missed = 0
        self.wrong: list[str] = []


@dataclass(frozen=True, slots=True)
class Stage:
    url: str
    server: Slack
    clock: SharedClock
    replica: Replica
    children: list[Child]


class Case:
    """One channel of its own, whose digest is due in the middle of a silence."""

    def __init__(self, stage: "Stage", number: int, due_at: datetime) -> None:
        self._url, self._server, self._clock = stage.url, stage.server, stage.clock
        self._replica, self._children = stage.replica, stage.children
        self._channel, self._due_at = channel_id(number), due_at

    def lived(self, silence: timedelta, before: float, *, frozen: bool) -> Found:
        """The silence begins `before` seconds before the digest is due."""
        start = self._due_at - timedelta(seconds=before)
        self._to(start)
        write(self._url, self._set_up)
        self._stop(frozen=frozen)
        self._to(start + silence)
        self._go_on(frozen=frozen)
        late = silence - timedelta(seconds=before)
        self._wait_for(self._due_at)
        self._to(max(self._clock(), self._due_at + timedelta(days=1)))
        self._wait_for(self._due_at + timedelta(days=1))
        found = self._judged(late)
        write(self._url, lambda session: channels.pause(session, self._channel))
        return found

    def _set_up(self, session: Session) -> None:
        owed.set_up(
            session,
            self._channel,
            at=DUE,
            zone=ZoneInfo("UTC"),
            weekdays=EVERY_DAY,
            alerts=False,
            user="U00000001",
            now=self._due_at - timedelta(days=1) + timedelta(seconds=1),
        )

    def _to(self, now: datetime) -> None:
        self._server.order("clock", set=now.isoformat())
        self._clock.set(now)

    def _stop(self, *, frozen: bool) -> None:
        if frozen:
            self._children[0].signal(signal.SIGSTOP)
        else:
            self._children[0].kill()

    def _go_on(self, *, frozen: bool) -> None:
        if frozen:
            self._children[0].signal(signal.SIGCONT)
        else:
            self._children[0] = fork(self._replica.serve)

    def _wait_for(self, due_at: datetime) -> None:
        """Until the slot is taken, and what was written for it is settled."""
        key = f"digest:{self._channel}:{due_at.date()}"
        taken = f"select count(*) from slots where key = '{key}'"
        waiting = f"select count(*) from outbox where key = '{key}' and state in ('pending', 'sending')"
        until(lambda: lines_of(self._url, taken) == [(1,)], 20, key)
        until(lambda: lines_of(self._url, waiting) == [(0,)], 20, key)

    def _judged(self, late: timedelta) -> Found:
        found, day = Found(), self._due_at.date()
        texts = [message["text"] for message in self._server.messages() if message["channel"] == self._channel]
        today = [text for text in texts if text.startswith(f"digest {day} ")]
        told = any(f"missed [{day}]" in text for text in texts)
        in_time = late < GRACE
        found.posted, found.missed = int(len(today) == 1), int(not today and told)
        if (found.posted, found.missed) != (int(in_time), int(not in_time)):
            found.wrong.append(f"{self._channel}: late by {late}, {len(today)} posts, told {told}")
        return found
