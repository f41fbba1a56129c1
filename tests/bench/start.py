"""From `kahvi run` to "kahvi is ready", against importing the four large libraries that it stands on.

The database is there and has been read into; the local Slack and the local Stripe are processes of their own.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.measure import ROOT, Line, Size, environment, line_of, median, ready, run, seconds, serving

BOUND = 2.0
READY = "kahvi is ready"
LIBRARIES = "import slack_bolt.async_app, aiohttp, sqlmodel, httpx"
NOTE = f'python -c "{LIBRARIES}"'


def measure(size: Size) -> list[Line]:
    ours: list[float] = []
    floors: list[float] = []
    with (
        TemporaryDirectory(prefix="kahvi-bench-") as folder,
        serving(["-m", "tests.bench.stripe_server", "--accounts", "100"]) as stripe,
        serving(["-m", "tests.bench.slack_server"]) as slack,
    ):
        given = environment(json.loads(line_of(slack)), json.loads(line_of(stripe)), Path(folder) / "kahvi.db")
        run(["-m", "bot", "sync"], given)
        for _ in range(size.starts):
            floors.append(seconds(lambda: subprocess.run([sys.executable, "-c", LIBRARIES], cwd=ROOT, check=True)))
            ours.append(started(given))
    return [Line("kahvi run until ready", median(ours), "s", median(floors), BOUND, NOTE)]


def started(given: dict[str, str]) -> float:
    """Seconds until the bot says that it is ready; it is stopped then."""
    began = time.perf_counter()
    with serving(["-m", "bot", "run"], given, log=subprocess.PIPE) as bot:
        ready(bot, READY)
        return time.perf_counter() - began
