"""R1: messages while their poster is killed, and while Slack refuses or takes them without an answer."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random

from bot.clock import utc_now
from storage import outbox
from tests.chaos.harness import Result, Slack, channel_id, forked, lines_of, opened, slack, sqlite, until
from tests.chaos.replica import LEASE, Replica

CHANNELS = 40
REFUSED, LOST = 0.05, 0.07
SLOW, SECONDS = 0.5, 0.1  # how many posts Slack takes its time for: it accepts them though the poster is dead by then
ALIVE = (0.0, 0.4)  # seconds of work before a kill
SETTLED_WITHIN = 2 * LEASE
SENDING = "select count(*) from outbox where state = 'sending'"


def run(messages: int, kills: int, seed: int) -> list[Result]:
    return [_run(messages, kills, seed, history=history) for history in (True, False)]


def _run(messages: int, kills: int, seed: int, *, history: bool) -> Result:
    began, rng = time.monotonic(), Random(seed)
    with sqlite() as url, slack(CHANNELS, history=history) as server:
        server.fault("chat.postMessage", "503", REFUSED, seed)
        server.fault("chat.postMessage", "drop_after_accept", LOST, seed + 1)
        server.fault("chat.postMessage", "delay", SLOW, seed + 2, seconds=SECONDS)
        reading, writing = os.pipe()
        replica = Replica(url, server, ready=writing)
        caught = 0
        for kill, written in enumerate(_portions(messages, kills)):
            _write(url, rng, written, first=sum(_share(messages, kills, one) for one in range(kill)))
            with forked(replica.deliver):
                os.read(reading, 1)
                time.sleep(rng.uniform(*ALIVE))
            caught += lines_of(url, SENDING) != [(0,)]
        server.order("reset_faults")
        with forked(replica.deliver):
            _wait(url, messages)
        wrong, figure = _judged(url, server, messages, history=history)
    scope = "with history" if history else "without history"
    amount = f"{messages} messages, {kills} kills, {caught} of them with messages on their way, seed {seed}"
    return Result(f"R1 {scope}", amount, figure, wrong, time.monotonic() - began)


def _portions(messages: int, kills: int) -> Iterator[int]:
    return (_share(messages, kills, number) for number in range(kills))


def _share(messages: int, kills: int, number: int) -> int:
    """How many messages are written before the kill of this number, so that there is always something to send."""
    return messages * (number + 1) // kills - messages * number // kills


def _write(url: str, rng: Random, count: int, first: int) -> None:
    with opened(url) as database, database.writing() as session:
        for number in range(first, first + count):
            channel = channel_id(rng.randrange(CHANNELS))
            outbox.put(session, f"m{number}", channel, f"m{number}", [], now=utc_now())


def _wait(url: str, messages: int) -> None:
    """Until all is settled, or two leases and the time to post have passed."""
    open_states = "select count(*) from outbox where state in ('pending', 'sending')"
    posting = timedelta(seconds=5 + messages / 20)
    deadline = (SETTLED_WITHIN + posting).total_seconds()
    try:
        until(lambda: lines_of(url, open_states) == [(0,)], deadline, "settling")
    except RuntimeError:
        return  # the count tells


def _judged(url: str, server: Slack, messages: int, *, history: bool) -> tuple[list[str], str]:
    stands = Counter(message["text"] for message in server.messages())
    states = dict(lines_of(url, "select key, state from outbox"))
    doubles = sum(count - 1 for count in stands.values())
    missing = [key for key in (f"m{number}" for number in range(messages)) if not stands[key]]
    silently = [key for key in missing if states.get(key) != "unconfirmed"]
    open_ = [key for key, state in states.items() if state in ("pending", "sending")]
    doubtful = [key for key, state in states.items() if state == "unconfirmed"]
    lost = missing if history else silently
    wrong = [f"{doubles} doubled"] * (doubles > 0) + [f"{len(lost)} lost"] * bool(lost)
    wrong += [f"{len(open_)} unsettled"] * bool(open_) + [f"{len(doubtful)} in doubt"] * bool(history and doubtful)
    told = "" if history else f", {len(doubtful)} shown as unconfirmed"
    word = "lost" if history else "silently lost"
    return wrong, f"{doubles} doubled, {len(lost)} {word}, {len(open_)} unsettled{told}"
