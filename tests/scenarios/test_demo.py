"""`kahvi demo --check`: the whole story over sockets, by the console script itself."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from slack_sdk import WebClient

from tests.waiting import HANGS

DEMO = [sys.executable, "-m", "bot", "demo", "--check"]
ROOT = Path(__file__).parents[2]


def test_the_demo_shows_the_whole_story(tmp_path: Path) -> None:
    done = subprocess.run(
        DEMO,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )

    lines = [line for line in done.stdout.splitlines() if line]
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[0] for line in lines] == ["Ready", *["ok"] * 7]
    assert done.stderr == ""
    assert not list(tmp_path.iterdir())


def test_a_kept_demo_is_read_by_any_client_of_slack_and_ends_when_interrupted(tmp_path: Path) -> None:
    """Even when it was started with SIGINT ignored, as a background job of a shell is."""
    command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *DEMO, "--keep", "--port", "0"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = ""
            while "#general" not in told:
                line = process.stdout.readline()
                assert line, told
                told += line
            client = WebClient(token=_told(told, "bot token"), base_url=_told(told, "Slack Web API"))
            history = client.conversations_history(channel=_told(told, "channel +#customer-success"))["messages"]
            process.send_signal(signal.SIGINT)
            code = process.wait(HANGS)
        finally:
            process.kill()

    assert [message["text"].split(" ·")[0] for message in history] == ["Coffee stats"]
    assert code == 0
    assert not list(tmp_path.iterdir())


def _told(text: str, name: str) -> str:
    found = re.search(rf"^ *{name} +(\S+)$", text, re.MULTILINE)
    assert found, text
    return found[1]
