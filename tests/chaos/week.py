"""R17: a week of three replicas on one PostgreSQL, with all that goes wrong in it, told by a seed.

Replicas are killed, frozen and started anew, PostgreSQL loses its power, Slack refuses, holds back, drops answers,
throws the bot out of channels and takes it in again; people move the time of a channel; the clock goes forth in
uneven steps and sometimes back. A replica is frozen between two sendings, not within one: what a frozen machine has
half sent when it thaws, no database can call back.
"""

import signal
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from random import Random
from zoneinfo import ZoneInfo

from bot import owed
from storage import outbox
from tests.chaos.due import EVERY_DAY
from tests.chaos.harness import (
    Postgres,
    Result,
    SharedClock,
    channel_id,
    fork,
    lines_of,
    opened,
    postgres,
    slack,
    until,
)
from tests.chaos.replica import ANSWER_SECONDS, LEASE, Replica

ZONES = ("America/St_Johns", "Asia/Kathmandu", "Europe/Berlin", "Pacific/Chatham", "America/New_York", "Asia/Tokyo")
CHANNELS, REPLICAS = 12, 3
REFUSED, LOST, BUSY = 0.03, 0.04, 0.03
STEPS = (timedelta(minutes=5), timedelta(minutes=90))
BACK = timedelta(minutes=20)
MENDING = 12  # times twenty minutes in which nothing goes wrong any more
LAST_DAY = 13  # times two hours
BEATS = 0.5  # seconds, in which every replica looks at what is due
QUIET = 0.15  # seconds without a message on its way, after which the clock may be moved
# Nobody may look into direct messages: one whose answer was lost stays in doubt, as every message without history does.
# What it tells of stands in /coffee too.
DIRECT = "select state from outbox where channel_id like 'U%'"
IN_CHANNELS = "select state from outbox where channel_id not like 'U%'"
SENDING = "select id, claims from outbox where state = 'sending' order by id"


def run(days: int, seeds: int, seed: int) -> list[Result]:
    began = time.monotonic()
    weeks = [Week(days, seed + number) for number in range(seeds)]
    for week in weeks:
        week.live()
    wrong = [f"seed {week.seed}: {one}" for week in weeks for one in week.wrong]
    names = ("posts", "missed", "faults", "direct")
    posts, missed, faults, direct = (sum(getattr(week, name) for week in weeks) for name in names)
    figure = f"{posts} digests posted once, {missed} told as missed, {len(wrong)} invariants broken"
    figure += f", {direct} direct messages shown as in doubt"
    amount = f"{seeds} x {days} days, {REPLICAS} replicas, {faults} faults, seeds {seed} to {seed + seeds - 1}"
    return [Result("R17", amount, figure, wrong[:5], time.monotonic() - began)]


class Week:
    def __init__(self, days: int, seed: int) -> None:
        self.seed, self._days, self._rng = seed, days, Random(seed)
        self._start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self._clock = SharedClock(self._start)
        self._out: dict[str, datetime] = {}  # channels that the bot was thrown out of, and until when
        self._frozen: dict[int, datetime] = {}
        self._changed: set[str] = set()
        self._left_behind: set[tuple[object, ...]] = set()  # sendings that ended without an answer
        self.posts = self.missed = self.faults = self.direct = 0
        self.wrong: list[str] = []

    def live(self) -> None:
        with postgres() as server, slack(CHANNELS) as there:
            self._server, self._slack = server, there
            self._replica = Replica(server.url, there, self._clock)
            self._move_to(self._start)
            self._set_up()
            for number, (kind, share) in enumerate((("503", REFUSED), ("drop_after_accept", LOST), ("429", BUSY))):
                there.fault("chat.postMessage", kind, share, self.seed * 10 + number)
            self._children = [fork(self._replica.serve) for _ in range(REPLICAS)]
            try:
                self._days_go_by(server)
                self._all_is_well()
                self._judge()
            finally:
                for child in self._children:
                    if child.alive:
                        child.kill()

    # --- what happens ------------------------------------------------------------------------------------------

    def _days_go_by(self, server: Postgres) -> None:
        end = self._start + timedelta(days=self._days)
        while self._clock() < end:
            if self._rng.random() < 0.4:
                self.faults += 1
                self._rng.choice(
                    (self._kill, self._kill, self._freeze, self._throw_out, self._change, self._power_cut)
                )()
            self._mend()
            back = self._rng.random() < 0.05
            step = STEPS[0] + (STEPS[1] - STEPS[0]) * self._rng.random()
            self._move_to(self._clock() - BACK if back else self._clock() + step)
            time.sleep(0.05)

    def _kill(self) -> None:
        number = self._rng.randrange(REPLICAS)
        self._frozen.pop(number, None)
        self._children[number].kill()
        self._children[number] = fork(self._replica.serve)

    def _freeze(self) -> None:
        number = self._rng.randrange(REPLICAS)
        self._rest()
        self._children[number].signal(signal.SIGSTOP)
        self._frozen[number] = self._clock() + timedelta(hours=self._rng.uniform(0.5, 8))

    def _throw_out(self) -> None:
        name = channel_id(self._rng.randrange(CHANNELS))
        self._slack.order("channel", channel=name, bot_is_member=False)
        self._out[name] = self._clock() + timedelta(hours=self._rng.uniform(0.5, 20))

    def _change(self) -> None:
        number = self._rng.randrange(CHANNELS)
        with suppress(Exception):  # PostgreSQL may be coming up
            self._set_up_one(number, day_time(self._rng.randrange(24), self._rng.randrange(4) * 15))
            self._changed.add(channel_id(number))

    def _power_cut(self) -> None:
        self._server.stop("immediate")
        self._server.start()

    def _mend(self) -> None:
        now = self._clock()
        for name in [name for name, end in self._out.items() if end <= now]:
            self._slack.order("channel", channel=name, bot_is_member=True)
            del self._out[name]
        for number in [number for number, end in self._frozen.items() if end <= now]:
            self._children[number].signal(signal.SIGCONT)
            del self._frozen[number]

    def _move_to(self, now: datetime) -> None:
        self._rest()
        self._slack.order("clock", set=now.isoformat())
        self._clock.set(now)

    def _rest(self) -> None:
        """Until no request can be on its way: none is being sent, or all that are have outlived their patience."""
        since, before = time.monotonic(), None
        while True:
            with suppress(Exception):  # PostgreSQL may be coming up
                now = set(lines_of(self._server.url, SENDING))
                if now != before:
                    since, before = time.monotonic(), now
                if time.monotonic() - since > (QUIET if now <= self._left_behind else 3 * ANSWER_SECONDS):
                    self._left_behind = now
                    return
            time.sleep(0.03)

    # --- the end -----------------------------------------------------------------------------------------------

    def _all_is_well(self) -> None:
        """Faults end; then nothing new is written, so that all that is left can be settled."""
        self._slack.order("reset_faults")
        self._out = dict.fromkeys(self._out, self._start)
        self._frozen = dict.fromkeys(self._frozen, self._start)
        self._mend()
        self._settle()
        for _ in range(LAST_DAY):  # one digest more for each channel, to tell what is known to be missed by now
            self._move_to(self._clock() + timedelta(hours=2))
            time.sleep(BEATS)
        self._settle()
        for child in self._children:
            child.kill()
        self._children = [fork(self._replica.deliver) for _ in range(REPLICAS)]
        self._settle()

    def _settle(self) -> None:
        left = "select count(*) from outbox where state in ('pending', 'sending')"
        for _ in range(MENDING):
            self._move_to(self._clock() + timedelta(minutes=20) + LEASE)
            with suppress(RuntimeError):
                until(lambda: lines_of(self._server.url, left) == [(0,)], 2, "the rest")
                return

    def _judge(self) -> None:
        messages = self._slack.messages()
        posts = Counter(
            (one["channel"], one["text"].split()[1]) for one in messages if one["text"].startswith("digest ")
        )
        slots = dict(lines_of(self._server.url, "select key, state from slots"))
        states = Counter(lines_of(self._server.url, IN_CHANNELS))
        self.direct = Counter(lines_of(self._server.url, DIRECT))["unconfirmed",]
        self.posts = len(posts)
        self.wrong += [f"{where} {day} posted {count} times" for (where, day), count in posts.items() if count > 1]
        for key, state in slots.items():
            _, where, day = key.split(":")
            self._judge_slot(where, day, state, posts[where, day])
        open_ = ("pending", "sending", "unconfirmed")
        self.wrong += [f"{states[state,]} {state}" for state in open_ if states[state,]]
        self._judge_days(slots)
        self._judge_told(slots, [(one["channel"], one["text"]) for one in messages])

    def _judge_slot(self, where: str, day: str, state: str, count: int) -> None:
        if state == "missed":
            self.missed += 1
        if count != (state == "done"):
            self.wrong.append(f"{where} {day} is {state} and posted {count} times")

    def _judge_days(self, slots: dict[str, str]) -> None:
        """No day in between is left out, where nobody moved the time."""
        for number in range(CHANNELS):
            where = channel_id(number)
            days = sorted(key.split(":")[2] for key in slots if key.split(":")[1] == where)
            if where in self._changed or not days:
                continue
            first, last = (datetime.fromisoformat(day) for day in (days[0], days[-1]))
            if (last - first).days + 1 != len(days):
                self.wrong.append(f"{where} skipped a day of {days[0]} to {days[-1]}")

    def _judge_told(self, slots: dict[str, str], messages: list[tuple[str, str]]) -> None:
        """A missed day is told by the next digest that came, if one came."""
        for key in (key for key, state in slots.items() if state == "missed"):
            _, where, day = key.split(":")
            later = [text for channel, text in messages if channel == where and text.startswith("digest ")]
            later = [text for text in later if text.split()[1] > day]
            if later and not any(day in text.split("missed [")[1] for text in later):
                self.wrong.append(f"{where} {day} was missed and never told")

    def _set_up(self) -> None:
        for number in range(CHANNELS):
            self._set_up_one(number, day_time(2 * number, 30))

    def _set_up_one(self, number: int, at: day_time) -> None:
        with opened(self._server.url) as database, database.writing() as session:
            owed.set_up(
                session,
                channel_id(number),
                at=at,
                zone=ZoneInfo(ZONES[number % len(ZONES)]),
                weekdays=EVERY_DAY,
                alerts=False,
                user="U00000001",
                now=self._clock(),
            )
            outbox.release(session, channel_id(number), now=self._clock())
