"""What a bot costs that has nothing to do: its share of a core and its memory, once it has read its source."""

import json
import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.measure import MEGABYTE, ROOT, Line, Size, line_of, ready, serving

SETTLING = 1 / 6  # of the time that it is watched for
CPU_BOUND, MEMORY_BOUND = 1.0, 150
TICKS = os.sysconf("SC_CLK_TCK")


def measure(size: Size) -> list[Line]:
    with TemporaryDirectory(prefix="kahvi-bench-") as folder, serving(["-m", "tests.bench.slack_server"]) as slack:
        reached = json.loads(line_of(slack))
        given = {
            "SLACK_BOT_TOKEN": reached["bot_token"],
            "SLACK_APP_TOKEN": reached["app_token"],
            "KAHVI_SLACK_BASE_URL": reached["url"],
            "KAHVI_SOURCE": "csv",
            "KAHVI_CSV_FOLDER": str(ROOT / "docs" / "examples" / "csv"),
            "KAHVI_DATABASE_URL": f"sqlite:///{folder}/kahvi.db",
        }
        with serving(["-m", "bot", "run"], given, log=subprocess.PIPE) as bot:
            ready(bot, "everything was read")
            time.sleep(SETTLING * size.seconds)
            before = cpu(bot.pid)
            time.sleep(size.seconds)
            share = 100 * (cpu(bot.pid) - before) / size.seconds
            memory = resident(bot.pid)
    return [
        Line("idle bot, share of a core", share, "%", None, CPU_BOUND),
        Line("idle bot, memory", memory, "MB", None, MEMORY_BOUND),
    ]


def cpu(pid: int) -> float:
    """Seconds of a core that a process took so far; Linux only."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS


def resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE
