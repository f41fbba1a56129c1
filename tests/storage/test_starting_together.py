"""Several replicas may start at once on an empty database: one makes the schema, the others find it made."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from storage.engine import Database
from storage.migrate import is_current
from tests.postgresql import temporary_database

ROOT = Path(__file__).parents[2]
START = """
import sys
from storage.engine import Database
from storage.migrate import migrate

database = Database(sys.argv[1])
print("at the line", flush=True)
sys.stdin.readline()
migrate(database)
database.close()
"""


def started_together(url: str, count: int = 4) -> list[tuple[int, str]]:
    """How each of so many processes ended that migrate the same database at the same moment."""
    pipes: dict[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }
    begun = [subprocess.Popen([sys.executable, "-c", START, url], cwd=ROOT, **pipes) for _ in range(count)]
    for process in begun:
        assert process.stdout is not None
        assert process.stdout.readline() == "at the line\n"
    for process in begun:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [(process.returncode, errors) for process in begun for _, errors in [process.communicate()]]


def test_on_postgresql(postgresql_server: str) -> None:
    with temporary_database(postgresql_server) as url:
        assert started_together(url) == [(0, "")] * 4
        database = Database(url)
        assert is_current(database)
        database.close()


def test_on_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kahvi.db'}"

    assert started_together(url) == [(0, "")] * 4
    database = Database(url)
    assert is_current(database)
    database.close()
