"""From slash command to acknowledgement, with a first read running, against a Bolt app that only acknowledges.

The local Slack, the local Stripe, the app and the read are processes of their own. The Slack takes the time.
"""

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.background_sync import CHILD
from tests.bench.measure import Line, Size, environment, line_of, median, percentile, serving
from tests.chaos.harness import until

BOUND = 1.5
GAP = 0.1  # seconds between two commands, for which the app is still at work on the answers
PATIENCE = 30.0  # seconds until the read has begun
NOTE = "a Bolt AsyncApp in its fastest mode that only acknowledges, while the same child reads beside it"
ALONE = "the same bare app with nothing beside it"

Server = dict[str, str]


def measure(size: Size) -> list[Line]:
    taken: dict[str, list[list[float]]] = {"alone": [], "bare": [], "kahvi": []}
    with serving(["-m", "tests.bench.stripe_server", "--accounts", str(2 * size.accounts)]) as server:
        stripe = json.loads(line_of(server))
        for _ in range(size.runs):
            taken["alone"].append(_alone(stripe, size.commands))
            taken["bare"].append(_bare(stripe, size.commands))
            taken["kahvi"].append(_kahvi(stripe, size.commands))
    return [line for share in (0.5, 0.99) for line in _lines(taken, share)]


def _lines(taken: dict[str, list[list[float]]], share: float) -> list[Line]:
    at = {name: median([percentile(run, share) for run in runs]) for name, runs in taken.items()}
    name = f"ack p{share * 100:.0f}, first sync running"
    return [
        Line(name, at["kahvi"], "ms", at["bare"], BOUND, NOTE if share == 0.5 else ""),
        Line("  against the app alone", at["kahvi"], "ms", at["alone"], None, ALONE if share == 0.5 else ""),
    ]


def _alone(stripe: Server, commands: int) -> list[float]:
    return _timed(stripe, commands, lambda given: serving(["-m", "tests.bench.bare_app"], given), reading=False)


def _bare(stripe: Server, commands: int) -> list[float]:
    @contextmanager
    def both(given: Server) -> Iterator[subprocess.Popen[str]]:
        with serving(["-m", "bot", "sync", CHILD], given), serving(["-m", "tests.bench.bare_app"], given) as app:
            yield app

    return _timed(stripe, commands, both)


def _kahvi(stripe: Server, commands: int) -> list[float]:
    return _timed(stripe, commands, lambda given: serving(["-m", "bot", "run"], given))


def _timed(
    stripe: Server,
    commands: int,
    app: Callable[[Server], AbstractContextManager[subprocess.Popen[str]]],
    *,
    reading: bool = True,
) -> list[float]:
    """Milliseconds to each acknowledgement; RuntimeError when the read was over too early."""
    with TemporaryDirectory(prefix="kahvi-bench-") as folder, serving(["-m", "tests.bench.slack_server"]) as slack:
        path = Path(folder) / "kahvi.db"
        given = environment(json.loads(line_of(slack)), stripe, path)
        with app(given):
            if reading:
                until(lambda: _is_reading(path), PATIENCE, "the first read")
            assert slack.stdin is not None
            slack.stdin.write(f"{commands} {GAP}\n")
            taken: list[float] = json.loads(line_of(slack))
            if reading and not _is_reading(path):
                raise RuntimeError("the first read ended before the commands did; give it more --accounts")
    return taken


def _is_reading(path: Path) -> bool:
    """Whether it has begun and goes on; there may be no table yet, nor a file."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return False
    with closing(connection):
        try:
            found = connection.execute("select objects, completed_at from syncs").fetchone()
        except sqlite3.OperationalError:
            return False
    return found is not None and found[0] > 0 and found[1] is None
