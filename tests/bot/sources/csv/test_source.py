"""The folder as a billing source: cursors, snapshots, checks."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ImportRejected, SourceRefused
from bot.sources.base import BillingSource, Check, Page
from bot.sources.csv import CsvSource, read, reading
from bot.sources.csv.columns import FILES

ZONE = ZoneInfo("Europe/Helsinki")
Folder = Callable[..., Path]


async def walked(source: BillingSource, cursor: str | None = None) -> list[Page]:
    return [page async for page in source.walk(cursor)]


def many(count: int) -> dict[str, str]:
    return {"accounts.csv": "account_id,name\n" + "".join(f"{n},n\n" for n in range(count)) + "A,Acme\n"}


async def test_walk_gives_every_fact_and_a_cursor_that_changes_accepts(example: Path) -> None:
    source = CsvSource(example, zone=ZONE)
    pages = await walked(source)

    assert read(example, zone=ZONE) == [fact for page in pages for fact in page.facts]
    assert {page.stage for page in pages} <= set(source.stages)
    changes = await source.changes(pages[-1].cursor)
    assert ((), pages[-1].cursor, False) == (changes.facts, changes.cursor, changes.snapshot)


async def test_killed_walk_goes_on_where_it_was(folder: Folder) -> None:
    source = CsvSource(folder(many(2_500)), zone=ZONE)
    pages = await walked(source)

    assert pages[2:] == await walked(source, pages[1].cursor)


async def test_walk_over_files_that_changed_begins_again_and_asks_for_a_snapshot(folder: Folder) -> None:
    path = folder(many(2_500))
    source = CsvSource(path, zone=ZONE)
    half = (await walked(source))[0].cursor
    folder(many(1_500))
    pages = await walked(source, half)

    assert read(path, zone=ZONE) == [fact for page in pages for fact in page.facts]
    assert (await source.changes(pages[-1].cursor)).snapshot


async def test_changed_files_are_one_snapshot(folder: Folder) -> None:
    path = folder({})
    source = CsvSource(path, zone=ZONE)
    cursor = (await walked(source))[-1].cursor
    folder({"accounts.csv": "account_id,name\nA,Acme\n"})
    changes = await source.changes(cursor)

    assert (read(path, zone=ZONE), True, False) == (list(changes.facts), changes.snapshot, changes.more)
    assert not (await source.changes(changes.cursor)).facts


async def test_new_date_on_a_file_is_no_change_and_another_zone_is(folder: Folder) -> None:
    path = folder({})
    cursor = (await walked(CsvSource(path, zone=ZONE)))[-1].cursor
    os.utime(path / "accounts.csv", (1, 1))

    assert not (await CsvSource(path, zone=ZONE).changes(cursor)).snapshot
    assert (await CsvSource(path, zone=ZoneInfo("UTC")).changes(cursor)).snapshot


@pytest.mark.parametrize(("subscriptions", "again"), [(True, False), (False, True)])
async def test_next_day_counts_only_where_subscriptions_are_read_off_lines(
    folder: Folder, subscriptions: bool, again: bool
) -> None:
    files = {
        "invoices.csv": "invoice_id,account_id,status,currency,total,issued_at\n",
        "invoice_lines.csv": "line_id,invoice_id,kind,amount\n",
    }
    path = folder(files if subscriptions else {**files, "subscriptions.csv": None})
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    cursor = (await walked(CsvSource(path, zone=ZONE, clock=lambda: now)))[-1].cursor
    later = CsvSource(path, zone=ZONE, clock=lambda: now + timedelta(days=1))

    assert again == (await later.changes(cursor)).snapshot


async def test_bad_files_give_nothing(folder: Folder) -> None:
    source = CsvSource(folder({"rates.csv": "date,from,to,rate\n2026-01-01,eur,usd,-1\n"}), zone=ZONE)

    with pytest.raises(ImportRejected):
        await walked(source)
    with pytest.raises(ImportRejected):
        await source.changes("anything")


async def test_check_has_a_line_for_each_file(folder: Folder) -> None:
    source = CsvSource(folder({"rates.csv": "date,from,to,rate\n2026-01-01,eur,usd,-1\n"}), zone=ZONE)
    bad, accounts, subscriptions, absent = await source.check()

    assert (bad.ok, bad.name) == (False, "rates.csv")
    assert bad.detail.startswith("line 2, column rate: ")
    assert bad.remedy
    assert [(line.name, line.detail) for line in (accounts, subscriptions)] == [
        ("accounts.csv", "2 rows"),
        ("subscriptions.csv", "1 row"),
    ]
    assert set(absent.detail.split(", ")) == {file.name for file in FILES} - {
        bad.name,
        accounts.name,
        subscriptions.name,
    }


async def test_check_of_files_that_change_meanwhile_says_so(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    prints = iter(("before", "after"))
    monkeypatch.setattr(reading, "fingerprint", lambda _path: next(prints))
    (line,) = await CsvSource(folder({}), zone=ZONE).check()

    assert not line.ok
    assert line.detail.startswith("the files changed while they were read")


async def test_check_of_a_whole_folder_is_all_well(example: Path) -> None:
    checks = await CsvSource(example, zone=ZONE).check()

    assert [Check(line.name, ok=True, detail=line.detail) for line in checks] == list(checks)


async def test_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    source: BillingSource = CsvSource(tmp_path / "nowhere", zone=ZONE)

    with pytest.raises(SourceRefused):
        await walked(source)
    (line,) = await source.check()
    assert not line.ok
    assert source.account_url("A") is None
    await source.aclose()
