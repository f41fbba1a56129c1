"""`kahvi erase` and `kahvi export` as the admin types them: only who is named is meant, whatever is typed."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.commands import held
from bot.errors import KahviError
from bot.settings import Settings
from storage import engine, journal
from storage.engine import Database
from storage.journal import Entry
from storage.states import NoteKind
from tests.bot.test_erasing import NOW, everything, told
from tests.company import ACME, OTHERS, PLAN, fill
from tests.factories import account

LIKE = [account("cus_V1", name="Vanishing Ltd", email="Vi@vanish.example"), account("cus_V2", name="Vanished & Co")]


@pytest.fixture
def settings(tmp_path: Path, sqlite_template: Path) -> Settings:
    file = tmp_path / "kahvi.db"
    file.write_bytes(sqlite_template.read_bytes())
    with closing(Database(f"sqlite:///{file}")) as database, database.writing() as session:
        fill(session, [*PLAN, *ACME, *OTHERS, *LIKE], NOW)
        told(session)
    return Settings(database_url=f"sqlite:///{file}", _env_file=None)


def erase(settings: Settings, whom: str) -> str:
    return held.erase(settings, whom, lambda _: True)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "*",
            "%",
            "_",
            " ",
            "cus_V%",
            "cus_V",
            "CUS\u200b_V1",
            "Vanish",
            "Vanishing",
            "Vanishing Ltf",
            "Vanishing GmbH",
        ),
        *("vanish.example", "cus_V1\ncus_V2", "x' or '1'='1", "../kahvi.db", "\u202e1V_suc", "v" * 100_000),
    ],
)
def test_what_is_only_alike_is_not_taken_for_it(settings: Settings, typed: str) -> None:
    for work in (erase, held.export):
        with pytest.raises(KahviError, match=r"is not clearly one account; (did you mean|write its id)") as refused:
            work(settings, typed)
        assert len(str(refused.value)) < 300
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("typed", ["cus_V1", "vanishing  LTD", "vi@Vanish.example"])
def test_its_id_name_or_address_names_it(settings: Settings, typed: str) -> None:
    assert set(json.loads(held.export(settings, typed))) == {"accounts", "name_changes"}
    assert erase(settings, typed).startswith("Vanishing Ltd (cus_V1) is erased; sums stay what they were.")


def test_asked_again_it_erases_nobody_else(settings: Settings) -> None:
    """After an interruption, or by a program that tries again."""
    erase(settings, "cus_V1")
    assert erase(settings, "cus_V1") == "cus_V1 is erased; sums stay what they were."
    with pytest.raises(KahviError, match=r"cus_V1 is erased\."):
        held.export(settings, "cus_V1")
    with pytest.raises(KahviError, match=r"did you mean cus_V2 \(Vanished & Co\)"):
        erase(settings, "Vanishing Ltd")
    assert "Vanished" in held.export(settings, "cus_V2")


def test_nobody_is_said_to_be_erased_whom_nothing_names(settings: Settings) -> None:
    """A slip in the address, a letter of another alphabet, and signs that stand for others elsewhere."""
    for typed in ("an@we.com", "\u0430nn@we.com", "*@*", "%@%", "U0NOBODY1"):
        with pytest.raises(KahviError, match="Nothing that is stored names "):
            held.erase_person(settings, typed, lambda _: True)
    assert held.erase_person(settings, "Ann@we.com", lambda _: True).startswith("Ann@we.com is erased")
    with pytest.raises(KahviError, match="erase --files"):
        held.erase_person(settings, "ann@we.com", lambda _: True)


def test_who_thinks_better_of_it_erases_nobody(settings: Settings) -> None:
    before = held.export(settings, "cus_V1")
    with pytest.raises(KahviError, match="Nothing was erased"):
        held.erase(settings, "cus_V1", lambda _: False)
    assert held.export(settings, "cus_V1") == before


def test_files_that_others_write_to_are_scrubbed_later(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 0)
    scrub = Database.scrub
    file = settings.database_url.removeprefix("sqlite:///")

    def hindered(database: Database) -> bool:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("begin immediate")
            return scrub(database)

    monkeypatch.setattr(Database, "scrub", hindered)
    assert erase(settings, "cus_V1").endswith(held.HELD_UP)
    assert held.scrub(settings) == held.HELD_UP
    monkeypatch.setattr(Database, "scrub", scrub)
    assert held.scrub(settings) == "The files are written anew."
    assert b"anishing" not in Path(file).read_bytes()


def test_what_an_interruption_left_goes_when_it_is_erased_once_more(settings: Settings) -> None:
    erase(settings, "cus_V1")
    with closing(Database(settings.database_url)) as database, database.writing() as session:
        journal.add(session, Entry("late", "cus_V1", NoteKind.CALL, "They vanish", "U0ANN", NOW))
    assert erase(settings, "cus_V1") == "cus_V1 is erased; sums stay what they were."
    with closing(Database(settings.database_url)) as database, database.reading() as session:
        assert "cus_V1" not in everything(session)
        assert "They vanish" not in everything(session)
