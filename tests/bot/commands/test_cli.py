"""The command line as people use it: expected trouble is one line on stderr and exit code 1, never a traceback.

A process of its own is started where the process itself is asked about; else the console script's function is called,
which says the same in a twentieth of the time.
"""

import gc
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.cli import main
from bot.settings import VARIABLES
from storage import audit
from storage.audit import Entry
from storage.engine import Database
from tests.log_watch import put_back
from tests.waiting import HANGS

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "csv"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """What a command finds where nothing was done yet."""
    ours = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return ours | {
        "KAHVI_DATABASE_URL": f"sqlite:///{tmp_path}/kahvi.db",
        "KAHVI_SOURCE": "csv",
        "KAHVI_CSV_FOLDER": str(EXAMPLE),
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "COLUMNS": "120",
    }


@pytest.fixture
def surroundings(bare: dict[str, str], tmp_path: Path, sqlite_template: Path) -> dict[str, str]:
    """The same with an empty database, which each command would make."""
    shutil.copy(sqlite_template, tmp_path / "kahvi.db")
    return bare


def kahvi(surroundings: dict[str, str], *arguments: str) -> Done:
    code, thresholds = 0, gc.get_threshold()
    with (
        redirect_stdout(io.StringIO()) as stdout,
        redirect_stderr(io.StringIO()) as stderr,
        patch.dict(os.environ, surroundings, clear=True),
        patch.object(sys, "argv", ["kahvi", *arguments]),
        chdir(surroundings["HOME"]),
        put_back(),
    ):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            gc.set_threshold(*thresholds)
    return Done(code, stdout.getvalue(), stderr.getvalue())


def process(surroundings: dict[str, str], *arguments: str) -> Done:
    command = [sys.executable, "-m", "bot", *arguments]
    ran = subprocess.run(
        command, env=surroundings, cwd=surroundings["HOME"], capture_output=True, text=True, timeout=HANGS, check=False
    )
    return Done(ran.returncode, ran.stdout, ran.stderr)


def test_help_names_every_command(surroundings: dict[str, str]) -> None:
    done = kahvi(surroundings, "--help")

    named = {line.split()[0] for line in done.stdout.split("Commands:")[1].splitlines() if line.startswith("  ")}
    assert {"demo", "digest", "doctor", "import", "policy", "record", "run", "sync", "version"} <= named


def test_a_folder_of_few_bills_tells_the_past_that_its_subscriptions_had(surroundings: dict[str, str]) -> None:
    """Its oldest bill of さくら商事 is of November 2026; a new row of an item is the change that it makes."""
    kahvi(surroundings, "import", str(EXAMPLE))

    told = kahvi(surroundings, "explain", "mrr", "--on", "2025-07-31", "--period", "12m").stdout
    assert "1 Mar 2025  +$735 · Business · expansion: more seats" in told
    assert "1 Jul 2025  +$68.10 · Contacts, monthly · expansion: product added" in told
    assert "1 Jun 2025  +¥98,000 · Team · new: subscription started" in told


def test_figures_come_with_their_targets_and_what_is_wrong_is_named(surroundings: dict[str, str]) -> None:
    kahvi(surroundings, "import", str(EXAMPLE))
    month = f"{(datetime.now(UTC) - timedelta(days=1)):%Y-%m}"
    kahvi(surroundings, "record", "target", "net_new_mrr", "500", "--month", month)

    lines = kahvi(surroundings, "metrics", "net_new_mrr", "nrr").stdout.splitlines()
    assert [line for line in lines if "Plan for" in line] == [lines[-1]]
    assert lines[-1].startswith("  Net new MRR: Plan for ")
    assert "of $500 (" in lines[-1]

    wrong = kahvi(surroundings, "metrics", "mrr", "--period", "3x")
    assert wrong.stderr.startswith("--period: “3x” is no period; write one such as 30d, 12m")
    future = kahvi(surroundings, "explain", "mrr", "--on", f"{datetime.now(UTC):%Y-%m-%d}")
    assert future.stderr.startswith("--on: ")
    assert "is not over yet; the last day that is over is " in future.stderr
    assert (wrong.returncode, future.returncode) == (1, 1)


def test_help_comes_at_once(surroundings: dict[str, str]) -> None:
    """Without any of what only a running bot needs."""
    code = "import sys, bot.cli; print([name for name in sys.modules if name.split('.')[0] in sys.argv])"
    heavy = ["slack_bolt", "slack_sdk", "sqlalchemy", "httpx", "pydantic", "rich", "apscheduler"]
    done = subprocess.run(
        [sys.executable, "-c", code, *heavy],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=True,
    )

    assert done.stdout.strip() == "[]"


def test_a_folder_is_read_and_its_digest_printed(bare: dict[str, str]) -> None:
    """By processes, as from a shell."""
    read = process(bare, "import", str(EXAMPLE))
    counts = {path.name: len(path.read_text().splitlines()) - 1 for path in EXAMPLE.glob("*.csv")}
    assert read.returncode == 0, read.stderr
    assert read.stdout.startswith(f"Imported {counts['accounts.csv']} accounts, ")
    assert f"{counts['subscriptions.csv']} subscriptions" in read.stdout
    assert len(read.stdout.splitlines()) == 1  # the settings name this folder
    assert read.stderr == ""
    again = process(bare, "import", str(EXAMPLE))
    assert again.stdout == "Nothing to import: the files are as they were at the last import.\n"
    synced = process(bare, "sync")
    assert (synced.returncode, synced.stdout) == (0, "The billing data is up to date.\n"), synced.stderr
    shown = process(bare, "digest", "--dry-run", "--day", "2026-11-23")

    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("Coffee stats · Monday 23 November\n\nMRR is $")


def test_a_policy_is_shown_tried_and_chosen(surroundings: dict[str, str]) -> None:
    kahvi(surroundings, "import", str(EXAMPLE))

    tried = kahvi(surroundings, "policy", "use", "stripe", "recurring_discounts=all", "--preview")
    before = kahvi(surroundings, "policy")
    used = kahvi(surroundings, "policy", "use", "stripe", "recurring_discounts=all")
    after = kahvi(surroundings, "policy")
    digest = kahvi(surroundings, "digest", "--dry-run", "--day", "2026-11-23")

    assert (tried.returncode, tried.stderr) == (0, "")
    assert "would change; nothing is kept:\n  MRR " in tried.stdout
    assert before.stdout.startswith("The policy in force is “kahvi”.\n")
    assert tried.stdout.replace("would change; nothing is kept:", "have changed:") == used.stdout
    assert "is “stripe+custom” (stripe recurring_discounts=all), chosen by " in after.stdout
    assert "Every discount that repeats lowers MRR while it lasts.\n    recurring_discounts=all\n" in after.stdout
    assert "policy “stripe+custom”" in digest.stdout


def test_a_policy_that_counts_bills_says_that_there_are_none(surroundings: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "without bills"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("invoice*", "payments.csv", "adjustments.csv"))
    read = kahvi(surroundings, "import", str(folder))
    paid = kahvi(surroundings, "policy", "use", "basis=payment", "--preview").stdout
    asked = kahvi(surroundings, "policy", "use", "recurring_discounts=all", "--preview").stdout
    kahvi(surroundings, "import", str(EXAMPLE))
    billed = kahvi(surroundings, "policy", "use", "basis=payment", "--preview").stdout

    assert (read.returncode, read.stderr) == (0, "")
    assert "No bill of a subscription is known" in paid.splitlines()[-1]
    assert "No bill" not in asked + billed


def test_a_figure_is_explained_and_a_short_past_not_carried_on(surroundings: dict[str, str]) -> None:
    kahvi(surroundings, "import", str(EXAMPLE))

    told = kahvi(surroundings, "explain", "mrr", "--on", "2026-10-31", "--period", "12m", "--accounts", "1")
    wrong = kahvi(surroundings, "explain", "mrr", "--where", "colour:red")
    ahead = kahvi(surroundings, "forecast")
    checked = kahvi(surroundings, "forecast", "--backtest")

    assert (told.returncode, told.stderr) == (0, "")
    first, second = told.stdout.splitlines()[:2]
    assert re.fullmatch(r"Why MRR is \$[\d,]+ · 1 Nov 2025 – 31 Oct 2026", first)
    assert re.match(r"MRR (rose|fell|is) ", second)
    assert "What the policy “kahvi” decided here\n  " in told.stdout
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "colour" in wrong.stderr
    assert (ahead.returncode, checked.returncode) == (0, 0)
    assert ahead.stdout.startswith("No forecast yet\nA forecast takes ")
    assert checked.stdout.startswith("A forecast ")


def test_a_wrong_policy_is_answered_in_one_sentence(surroundings: dict[str, str]) -> None:
    wrong = kahvi(surroundings, "policy", "use", "strype")

    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == (
        "'strype' is no preset; did you mean stripe? There are kahvi, stripe, chartmogul, profitwell, baremetrics.\n"
    )


def test_an_import_without_settings_says_what_to_set(bare: dict[str, str]) -> None:
    """From nothing to a digest, as docs/csv.md has it."""
    unset = {name: value for name, value in bare.items() if name not in ("KAHVI_SOURCE", "KAHVI_CSV_FOLDER")}
    before = kahvi(unset, "digest", "--dry-run")
    read = kahvi(unset, "import", str(EXAMPLE))
    without = kahvi(unset, "digest", "--dry-run")
    words = shlex.split(read.stdout.splitlines()[-1])
    advised = dict(word.split("=", 1) for word in words if word.startswith("KAHVI_"))
    shown = kahvi(unset | advised, "digest", "--dry-run")

    for unread in (before, without):
        assert unread.returncode == 1
        assert unread.stderr.startswith("Nothing has been read yet; run kahvi sync.\nSTRIPE_API_KEY is not set: ")
        assert "KAHVI_SOURCE=csv" in unread.stderr
    assert advised == {"KAHVI_SOURCE": "csv", "KAHVI_CSV_FOLDER": str(EXAMPLE)}
    assert "MRR is $" in shown.stdout


def test_a_digest_before_the_first_read_says_what_to_run(bare: dict[str, str]) -> None:
    done = kahvi(bare, "digest", "--dry-run")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Nothing has been read yet; run kahvi sync.\n"


def test_a_folder_with_a_wrong_row_is_not_imported_and_the_row_is_named(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    for file in EXAMPLE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "accounts.csv").open("a") as accounts:
        accounts.write("A-9\n")
    done = kahvi(surroundings, "import", str(tmp_path))

    assert done.returncode == 1
    problem, conclusion = done.stderr.splitlines()
    assert problem.startswith("accounts.csv line 6: number of cells")
    assert conclusion.endswith("mend them and import again.")


def test_a_folder_beside_billing_is_imported_but_for_its_wrong_rows(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    rows = "A-1,2026-11-02,nps,9\nA-9,2026-11-02,nps,9\n"
    (beside / "signals.csv").write_text(f"account_id,at,name,value\n{rows}")
    (beside / "spend.csv").write_text("kind,period,amount,currency\nretention,2026-10,12000,usd\n")
    kahvi(surroundings, "import", str(EXAMPLE))
    done = kahvi(surroundings, "import", str(beside))

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "Imported 2 signals, 1 amount spent.",
        f"The settings do not name this folder. So that run, digest and doctor use it, set KAHVI_CSV_FOLDER={beside}",
    ]
    problem, conclusion = done.stderr.splitlines()
    assert problem.startswith('signals.csv line 3, column account_id: "A-9" is not an account that billing knows')
    assert conclusion == "Left out: 1 of 2 rows of signals.csv; mend them and read again. The rest counts."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("spend retention 12000 --month 2026-10", "Recorded: retention spend in October 2026, $12,000.00.\n"),
        ("target mrr 200000 --month 2027-01", "Recorded: target for MRR in January 2027, $200,000.00.\n"),
        ("target net_new_mrr -500 --month 2026-12", "Recorded: target for Net new MRR in December 2026, −$500.00.\n"),
        (
            "nps 9 --account A-1 --on 2026-11-02 --from jane@acme.com",
            'Recorded: nps of "Acme, Inc." from "jane@acme.com" on 2 November 2026, 9.\n',
        ),
        ("csat 4 --company --on 2026-11-02", "Recorded: csat of the company on 2 November 2026, 4.\n"),
        (
            "usage active_users 41 --account björk --on 2026-11-02",
            'Recorded: active_users of "Björk & Søn" on 2 November 2026, 41.\n',
        ),
    ],
)
def test_a_value_beside_billing_is_recorded(surroundings: dict[str, str], words: str, said: str) -> None:
    kahvi(surroundings, "import", str(EXAMPLE.parent / "csv"))
    without_files = surroundings | {"KAHVI_CSV_FOLDER": ""}
    done = kahvi(without_files, "record", *words.split())

    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")


@pytest.mark.parametrize(
    ("change", "arguments", "code", "said"),
    [
        ({}, ["run"], 1, "SLACK_BOT_TOKEN is not set"),
        ({"KAHVI_CURRENCY": "dollars"}, ["sync"], 1, "KAHVI_CURRENCY is wrong"),
        ({"KAHVI_SOURCE": "stripe"}, ["sync"], 1, "STRIPE_API_KEY is not set"),
        ({"KAHVI_CSV_FOLDER": "/nowhere"}, ["sync"], 1, "/nowhere"),
        ({"KAHVI_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, ["sync"], 1, "The database cannot be used"),
        ({}, ["digest", "--dry-run", "--channel", "C9"], 1, "C9 was not set up"),
        ({}, ["digest"], 2, "--dry-run"),
        ({}, ["import", "/nowhere"], 2, "/nowhere"),
        (
            {},
            ["record", "spend", "retention", "-5", "--month", "2026-10"],
            1,
            'AMOUNT: "-5" is too small; the least is 0',
        ),
        ({}, ["record", "nps", "-1", "--company"], 1, 'VALUE: "-1" is too small; the least is 0.'),
        ({}, ["record", "nps", "9"], 1, "--account: name one account, or say --company"),
        ({}, ["record", "target", "mmr", "9", "--month", "2026-12"], 1, 'METRIC: "mmr" is not a metric; did you mean'),
        ({}, ["record", "target", "mrr", "9"], 2, "--month"),
        ({}, ["record", "spend", "other", "9", "--month", "2026-10"], 2, "retention"),
        ({}, ["brew"], 2, "brew"),
    ],
)
def test_expected_trouble_is_told_in_a_line(
    surroundings: dict[str, str], change: dict[str, str], arguments: list[str], code: int, said: str
) -> None:
    done = kahvi(surroundings | change, *arguments)

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_ends_with_one_when_something_is_wrong(bare: dict[str, str]) -> None:
    done = process(bare, "doctor")

    assert done.returncode == 1
    assert "FAIL  settings: SLACK_BOT_TOKEN is not set" in done.stdout
    assert "ok    database: sqlite" in done.stdout


def test_a_child_ends_when_its_parent_does(surroundings: dict[str, str]) -> None:
    """A read of everything must not outlive the bot that started it: standard input ends at once here."""
    command = [
        sys.executable,
        "-c",
        "from bot.commands.reading import end_with_parent as e; e(); import time; time.sleep(600)",
    ]
    done = subprocess.run(command, env=surroundings, stdin=subprocess.DEVNULL, timeout=HANGS, check=False)

    assert done.returncode == 1


def test_a_past_that_is_too_short_teaches_nothing(surroundings: dict[str, str]) -> None:
    assert kahvi(surroundings, "risk", "backtest").stdout.startswith("There is no past to replay yet")
    assert kahvi(surroundings, "risk", "backtest", "--json").stdout == "null\n"
    assert kahvi(surroundings, "risk", "model").stdout.startswith("There is no past to replay yet")


def test_the_example_is_replayed_and_its_few_losses_make_no_likelihood(surroundings: dict[str, str]) -> None:
    kahvi(surroundings, "import", str(EXAMPLE))

    told = kahvi(surroundings, "risk", "backtest")
    assert "precision" in told.stdout
    assert "Not replayed, for their past is not kept: card_expires" in told.stdout
    assert "Scores stay points." in kahvi(surroundings, "risk", "model", "--use").stdout
    found = json.loads(kahvi(surroundings, "risk", "backtest", "--json").stdout)
    assert found["whole"].keys() >= {"alarms", "right", "precision", "recall"}


def test_roles_are_given_listed_and_taken_away(surroundings: dict[str, str]) -> None:
    assert "Nobody was given a role" in kahvi(surroundings, "access").stdout
    assert kahvi(surroundings, "access", "give", "everyone", "csm", "--of", "own").stdout == (
        "everyone: CSM, their own accounts\n"
    )
    assert kahvi(surroundings, "access", "give", "u012", "admin").stdout.splitlines() == [
        "everyone: CSM, their own accounts",
        "U012: admin, all accounts",
    ]
    narrow = ["give", "U1", "lead", "--of", "own"]
    for wrong in (["give", "X1", "csm"], ["give", "U1", "csm", "--of", "team"], narrow, ["take", "U404"]):
        refused = kahvi(surroundings, "access", *wrong)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.count("\n") == 1
    assert kahvi(surroundings, "access", "take", "everyone").stdout == "U012: admin, all accounts\n"


def test_all_that_is_stored_of_an_account_is_printed(surroundings: dict[str, str]) -> None:
    kahvi(surroundings, "import", str(EXAMPLE))
    head, row = (EXAMPLE / "accounts.csv").read_text().splitlines()[:2]
    account_id = row.split(",")[head.split(",").index("account_id")]

    found = json.loads(kahvi(surroundings, "export", account_id).stdout)
    assert [one["id"] for one in found["accounts"]] == [account_id]
    assert found["subscriptions"]
    unclear = kahvi(surroundings, "export", "zzzz")
    assert (unclear.returncode, unclear.stdout) == (1, "")
    assert unclear.stderr == '"zzzz" is not clearly one account; write its id.\n'
    alike = kahvi(surroundings, "export", "bjork and sonn")
    assert (alike.returncode, alike.stdout) == (1, "")
    assert alike.stderr == '"bjork and sonn" is not clearly one account; did you mean A-2 (Björk & Søn)?\n'
    assert kahvi(surroundings, "erase", "--yes", "bjork and sonn").returncode == 1
    assert json.loads(kahvi(surroundings, "export", "björk & søn").stdout)["accounts"][0]["id"] == "A-2"


def test_looks_at_an_account_are_found_by_its_name(surroundings: dict[str, str], tmp_path: Path) -> None:
    kahvi(surroundings, "import", str(EXAMPLE))
    database = Database(f"sqlite:///{tmp_path}/kahvi.db")
    with database.writing() as session:
        day = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
        audit.record(session, Entry(day, "U1", "look at account", "A-2", granted=True))
    database.close()

    assert "U1            look at account A-2" in kahvi(surroundings, "audit", "--about", "björk & søn").stdout
    assert kahvi(surroundings, "audit", "--about", "bjork sonn").stdout == "Nothing was asked for that fits.\n"


def test_who_looked_is_listed(surroundings: dict[str, str], tmp_path: Path) -> None:
    assert kahvi(surroundings, "audit").stdout == "Nothing was asked for that fits.\n"
    database = Database(f"sqlite:///{tmp_path}/kahvi.db")
    day = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    looks = [
        Entry(day, "U1", "look at account", "acme", granted=True),
        Entry(day + timedelta(days=1), "U2", "look at account", "acme", granted=False),
        Entry(day + timedelta(days=2), "U1", "log note", "globex", granted=True),
    ]
    with database.writing() as session:
        for one in looks:
            audit.record(session, one)
    database.close()

    def listed(*options: str) -> list[tuple[str, str]]:
        rows = json.loads(kahvi(surroundings, "audit", "--json", *options).stdout)
        return [(row["user"], row["subject"]) for row in rows]

    assert listed() == [("U1", "globex"), ("U2", "acme"), ("U1", "acme")]
    assert listed("--user", "U1", "--about", "acme") == [("U1", "acme")]
    assert listed("--refused") == [("U2", "acme")]
    assert listed("--since", "2026-11-24", "--until", "2026-11-24") == [("U2", "acme")]
    assert listed("--action", "log note", "--most", "1") == [("U1", "globex")]
    assert kahvi(surroundings, "audit", "--refused").stdout == (
        "2026-11-24 08:30:00  U2            look at account acme  refused\n"
    )
