"""The files beside billing in the database: read when they change, kept by their rules, never half."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.errors import InputsRefused, SourceRefused
from bot.inputs.checks import checks
from bot.inputs.refresh import NAME, Inputs
from bot.settings import Settings, load
from bot.sources.base import Check
from storage import fact_store, signals, spend, syncs, targets
from storage.engine import Database
from tests import factories

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
SIGNALS = "account_id,at,name,value\n"
SPEND = "kind,period,amount,currency\nretention,2026-09,100,usd\n"
TARGETS = "metric,month,value\nmrr,2026-11,100\n"


class Case:
    """A folder beside billing, a database with the account acme, and a clock."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.now = NOW
        self.settings: Settings = load(csv_folder=folder)
        self.inputs = Inputs(database, folder, self.settings, lambda: self.now)
        self.know("acme")

    def know(self, account_id: str) -> None:
        with self.database.writing() as session:
            fact_store.store(session, [factories.account(account_id)], self.now)

    def write(self, files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            if text is None:
                (self.folder / name).unlink()
            else:
                (self.folder / name).write_text(text)

    def kept(self) -> tuple[int, int, int]:
        """How many signals, amounts and targets are kept."""
        with self.database.reading() as session:
            observed = sum(one.count for one in signals.kept(session))
            return observed, len(spend.every(session)), len(targets.every(session))


@pytest.fixture
def case(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    for name in ("KAHVI_CSV_FOLDER", "KAHVI_SOURCE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "beside"
    folder.mkdir()
    return Case(database, folder)


async def test_files_are_read_once_and_again_when_they_change(case: Case) -> None:
    case.write({"signals.csv": f"{SIGNALS}acme,2026-11-02,nps,9\n", "spend.csv": SPEND, "targets.csv": TARGETS})
    first = await case.inputs.refresh()
    second = await case.inputs.refresh(again=True)
    case.write({"spend.csv": f"{SPEND}retention,2026-10,100,usd\n"})
    third = await case.inputs.refresh()

    assert dict(first.counts) == {"signals.csv": 1, "spend.csv": 1, "targets.csv": 1}
    assert dict(second.counts) == {}
    assert dict(third.counts) == {"signals.csv": 1, "spend.csv": 2, "targets.csv": 1}
    assert case.kept() == (1, 2, 1)


async def test_signals_add_up_while_spend_and_targets_are_what_the_file_says(case: Case) -> None:
    case.write({"signals.csv": f"{SIGNALS}acme,2026-11-02,nps,9\n", "spend.csv": SPEND, "targets.csv": TARGETS})
    await case.inputs.refresh()
    case.write({"signals.csv": f"{SIGNALS}acme,2026-11-03,nps,9\n", "spend.csv": None, "targets.csv": None})
    await case.inputs.refresh()

    assert case.kept() == (2, 0, 0)


async def test_a_wrong_file_leaves_what_was_kept_and_stops_no_other(case: Case) -> None:
    case.write({"spend.csv": SPEND, "targets.csv": TARGETS})
    await case.inputs.refresh()
    case.write(
        {"signals.csv": f"{SIGNALS}acme,2026-11-02,nps,9\n", "spend.csv": "kind\n", "targets.csv": "metric;month"}
    )
    done = await case.inputs.refresh()

    assert case.kept() == (1, 1, 1)
    assert done.left_out == ["all of spend.csv", "all of targets.csv"]
    with pytest.raises(InputsRefused, match=r"^Left out: all of spend\.csv, all of targets\.csv; mend them and read "):
        done.demand_sound()


async def test_a_row_counts_once_its_account_is_known(case: Case) -> None:
    case.write({"signals.csv": f"{SIGNALS}acme,2026-11-02,nps,9\nbeta,2026-11-02,nps,9\n"})
    first = await case.inputs.refresh()
    idle = await case.inputs.refresh()
    told_again = await case.inputs.refresh(again=True)
    case.know("beta")
    later = await case.inputs.refresh()

    assert first.problems == told_again.problems
    assert (len(first.problems), idle.problems, later.problems) == (1, (), [])
    assert case.kept() == (2, 0, 0)


async def test_a_row_of_tomorrow_counts_tomorrow(case: Case) -> None:
    case.write({"signals.csv": f"{SIGNALS}acme,2026-11-24,nps,9\n"})
    first = await case.inputs.refresh()
    case.now += timedelta(days=1)
    await case.inputs.refresh()

    assert first.left_out == ["all of signals.csv"]
    assert case.kept() == (1, 0, 0)


async def test_many_rows_are_kept_in_portions(case: Case) -> None:
    rows = (f"acme,{START + timedelta(minutes=number):%Y-%m-%dT%H:%M}Z,logins,{number}\n" for number in range(12_000))
    case.write({"signals.csv": SIGNALS + "".join(rows)})
    await case.inputs.refresh()

    assert case.kept() == (12_000, 0, 0)


async def test_a_folder_that_is_gone_is_logged_and_changes_nothing(case: Case) -> None:
    case.write({"spend.csv": SPEND})
    await case.inputs.refresh()
    case.folder.rename(case.folder.with_name("elsewhere"))
    with pytest.raises(SourceRefused):
        await case.inputs.refresh()
    with capture_logs() as logs:
        await case.inputs.keep_fresh()

    assert [entry["event"] for entry in logs] == ["what is told beside billing could not be read"]
    assert case.kept() == (0, 1, 0)


async def test_left_out_rows_are_logged_once(case: Case) -> None:
    case.write({"signals.csv": f"{SIGNALS}gone,2026-11-02,nps,9\n"})
    with capture_logs() as logs:
        await case.inputs.keep_fresh()
        await case.inputs.keep_fresh()
    with case.database.reading() as session:
        error = syncs.state(session, NAME).error

    assert [(entry["event"], entry["first"]) for entry in logs] == [("rows were left out", error)]
    assert error == 'signals.csv line 2, column account_id: "gone" is not an account that billing knows; mend the id'


async def told(case: Case) -> list[Check]:
    return await checks(case.settings, case.database, lambda: case.now)


async def test_the_doctor_tells_each_file_and_what_is_kept(case: Case) -> None:
    rows = "acme,2026-11-02,nps,9\nacme,2026-11-02,activ_users,9\nacme,2026-11-02,foo,9\ngone,2026-11-02,nps,1\n"
    case.write({"signals.csv": SIGNALS + rows, "spend.csv": SPEND, "targets.csv": "metric;month"})
    await case.inputs.refresh()

    assert await told(case) == [
        Check(
            "signals.csv",
            ok=False,
            detail='left out 1 of 4 rows of signals.csv; line 5, column account_id: "gone" is not an account that'
            " billing knows; mend the id",
            remedy="Mend the rows; the others count.",
        ),
        Check(
            "targets.csv",
            ok=False,
            detail="left out all of targets.csv; line 1: its cells are split by semicolons; save it with commas",
            remedy="Mend the file.",
        ),
        Check("spend.csv", ok=True, detail="1 row"),
        Check(
            "beside billing",
            ok=True,
            detail="kept 1 of activ_users (not a known name: is it active_users?), 1 of foo (not a known name: shown,"
            " never counted), 1 of nps, 1 of spend",
        ),
    ]


async def test_the_doctor_says_nothing_where_nothing_was_told(case: Case) -> None:
    assert await told(case) == []


async def test_the_doctor_tells_of_a_folder_that_cannot_be_read(case: Case) -> None:
    case.folder.rmdir()
    (check,) = await told(case)

    assert (check.ok, check.name) == (False, "files beside billing")
