"""The first read of a billing source, against fetching the same pages and writing the same rows by hand.

The floor runs in a process of its own, as `kahvi sync` does: `http.client` over one connection, `json.loads`, and
`executemany` into tables of the same schema and settings, one transaction for the rows of each page.
"""

import argparse
import http.client
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.sources.stripe.kinds import WALK, Kind
from storage.engine import Database
from storage.migrate import migrate
from tests.bench.measure import Ended, Line, Size, environment, line_of, median, run, serving

BOUND = 3.0
MEGABYTES = 400.0
PAGE = 100
NO_SLACK = {"bot_token": "xoxb-none", "app_token": "xapp-none", "url": "http://127.0.0.1/"}
PRAGMAS = ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "cache_size=-65536", "secure_delete=fast")
NOTE = "the same pages by http.client and json.loads, the same rows by sqlite3 executemany, 100 a transaction"


def measure(size: Size) -> list[Line]:
    accounts = size.accounts // 4
    ours: list[Ended] = []
    floors: list[Ended] = []
    with serving(["-m", "tests.bench.stripe_server", "--accounts", str(accounts)]) as stripe:
        server = json.loads(line_of(stripe))
        for _ in range(size.runs):
            with TemporaryDirectory(prefix="kahvi-bench-") as folder:
                path = Path(folder) / "kahvi.db"
                ours.append(run(["-m", "bot", "sync"], environment(NO_SLACK, server, path)))
                floors.append(run(["-m", "tests.bench.first_sync", server["url"], server["key"], str(path)]))
    name = f"first sync of {accounts:,} subscriptions"
    return [
        Line(name, median([one.seconds for one in ours]), "s", median([one.seconds for one in floors]), BOUND, NOTE),
        Line("  its own processor time", median([one.cpu for one in ours]), "s", median([one.cpu for one in floors])),
        Line("  its peak memory", max(one.peak_mb for one in ours), "MB", bound=MEGABYTES),
    ]


# --- the floor -----------------------------------------------------------------------------------------------


def fetch(url: str, key: str) -> int:
    """Fetch and parse every page that a first read fetches; their number."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    return sum(1 for kind in WALK for _ in _pages(connection, key, kind))


def _pages(connection: http.client.HTTPConnection, key: str, kind: Kind) -> Iterator[Any]:
    after: list[tuple[str, str]] = []
    while True:
        query = [("limit", str(PAGE)), *kind.filters, *(("expand[]", f"data.{one}") for one in kind.expand), *after]
        connection.request("GET", f"/v1/{kind.name}?{urlencode(query)}", headers={"Authorization": f"Bearer {key}"})
        page = json.loads(connection.getresponse().read())
        yield page
        if not page["has_more"]:
            return
        after = [("starting_after", page["data"][-1]["id"])]


def copy(source: Path, target: Path) -> float:
    """Write all rows of one database into another that is empty; the seconds that the writing took."""
    old, new = sqlite3.connect(source), sqlite3.connect(target, isolation_level=None)
    for pragma in PRAGMAS:
        new.execute(f"pragma {pragma}")
    return sum(_copy_table(old, new, name) for (name,) in new.execute(TABLES).fetchall())


TABLES = "select name from sqlite_master where type = 'table' and name not in ('alembic_version') order by name"


def _copy_table(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> float:
    rows = old.execute(f"select * from {table}")
    taken = 0.0
    while part := rows.fetchmany(PAGE):
        places = ", ".join("?" * len(part[0]))
        started = time.perf_counter()
        new.execute("begin immediate")
        new.executemany(f"insert or replace into {table} values ({places})", part)
        new.execute("commit")
        taken += time.perf_counter() - started
    return taken


def floor(url: str, key: str, source: Path) -> None:
    target = source.with_name("floor.db")
    database = Database(f"sqlite:///{target}")
    migrate(database)
    database.close()
    pages = fetch(url, key)
    writing = copy(source, target)
    sys.stdout.write(f"floor: {pages:,} pages fetched, rows written in {writing:.1f} s\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("key")
    parser.add_argument("source", type=Path)
    given = parser.parse_args()
    floor(given.url, given.key, given.source)
