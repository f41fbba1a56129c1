"""A large ledger is made by processes beside this one, and is what it would be without them."""

import asyncio
import pickle
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import making
from bot.ledger import LedgerMaker, Made
from storage import fact_reader, fact_store
from storage.engine import Database
from storage.migrate import migrate
from tests.bot.test_ledger import NOW, RULES, company

PORTION = 3


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """The processes that are started, for portions of a few accounts."""
    found: list[Process] = []
    start = asyncio.create_subprocess_exec

    async def noted(*arguments: Any, **options: Any) -> Process:
        found.append(await start(*arguments, **options))
        return found[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    monkeypatch.setattr(making, "PORTION", PORTION)
    return found


@pytest.fixture
def ids(database: Database) -> Sequence[str]:
    """Those of a company of as many accounts as make several portions."""
    with database.writing() as session:
        fact_store.store(session, company(PORTION * 4 + 1), NOW)
        return fact_reader.ids_with_subscriptions(session)


async def made(database: Database, ids: Sequence[str]) -> list[Made]:
    async with making.making(database, RULES, NOW, ids) as portions:
        return [one async for one in portions]


def rows(found: Sequence[Made]) -> list[tuple[Any, ...]]:
    return sorted(row for one in found for row in one.rows)


def alone(database: Database, ids: Sequence[str]) -> Made:
    with database.reading() as session:
        return LedgerMaker(session, RULES, NOW).make(session, ids)


async def test_processes_make_what_one_thread_makes(
    database: Database, ids: Sequence[str], started: list[Process]
) -> None:
    found = await made(database, ids)

    assert sorted(id_ for one in found for id_ in one.account_ids) == sorted(ids)
    assert rows(found) == rows([alone(database, ids)])
    assert len(started) == making.MOST
    assert all(process.returncode is not None for process in started)


async def test_a_few_accounts_are_made_without(database: Database, ids: Sequence[str], started: list[Process]) -> None:
    few = ids[:PORTION]

    assert rows(await made(database, few)) == rows([alone(database, few)])
    assert not started


@pytest.mark.parametrize("script", ["exit 1", "exec head -c 100000000 /dev/zero", ""])
async def test_a_process_that_fails_is_gone_on_without(
    database: Database, ids: Sequence[str], script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that ends at once, one that says nonsense and more than is read, and one that cannot be started."""
    python = tmp_path / "python"
    if script:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o700)
    monkeypatch.setattr(making, "PORTION", PORTION)
    monkeypatch.setattr(sys, "executable", str(python))

    with capture_logs() as logs:
        assert rows(await made(database, ids)) == rows([alone(database, ids)])
    assert [one["log_level"] for one in logs] == ["warning"] * making.MOST


async def test_one_that_is_killed_at_work_is_gone_on_without(
    database: Database, ids: Sequence[str], started: list[Process]
) -> None:
    found: list[Made] = []
    with capture_logs() as logs:
        async with making.making(database, RULES, NOW, ids) as portions:
            async for one in portions:
                found.append(one)
                if len(found) == 1:
                    for process in started:
                        with suppress(ProcessLookupError):
                            process.kill()

    assert rows(found) == rows([alone(database, ids)])
    assert logs


async def test_processes_end_with_whoever_stops_early(
    database: Database, ids: Sequence[str], started: list[Process]
) -> None:
    async def first() -> None:
        async with making.making(database, RULES, NOW, ids) as portions:
            async for _ in portions:
                raise LookupError

    with pytest.raises(LookupError):
        await first()

    assert started
    assert all(process.returncode is not None for process in started)


@pytest.mark.parametrize("early", [True, False])
def test_a_process_ends_when_the_one_that_started_it_does(early: bool, tmp_path: Path) -> None:
    """Before it was told anything, or after what it is to work on."""
    url = f"sqlite:///{tmp_path / 'kahvi.db'}"
    with closing(Database(url)) as database:
        migrate(database)
    orphan = subprocess.run(
        [sys.executable, "-m", "bot.making"],
        check=True,
        input=b"" if early else pickle.dumps((url, RULES, NOW, "json")),
        capture_output=True,
    )

    assert not orphan.stdout + orphan.stderr
