"""`kahvi demo --check`: the whole story over sockets, by the console script itself."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_demo_shows_the_whole_story(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--check"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    seen = [line for line in done.stdout.splitlines() if line.startswith("ok ")]
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(seen) == 4, done.stdout
    assert not list(tmp_path.iterdir())
