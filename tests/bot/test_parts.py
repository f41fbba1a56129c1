"""The database that every command stands on: brought up to date, held by one bot, and plain words when it is not."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot import parts
from bot.errors import KahviError, StorageBusy
from bot.settings import Settings
from storage.engine import Database


def of(url: str) -> Settings:
    return Settings(database_url=url, _env_file=None)


@pytest.fixture
def settings(database: Database) -> Settings:
    """Those of a database that is up to date, on each engine."""
    return of(database.url.render_as_string(hide_password=False))


@pytest.fixture
def new(tmp_path: Path) -> Settings:
    return of(f"sqlite:///{tmp_path}/folder/kahvi.db")


def test_a_new_file_gets_the_schema_of_this_version(new: Settings) -> None:
    looked, current = parts.inspect_database(new)
    looked.close()
    assert not current
    parts.open_database(new).close()
    looked, current = parts.inspect_database(new)
    looked.close()

    assert current


def test_a_database_that_is_up_to_date_opens_on_each_engine(settings: Settings) -> None:
    opened = parts.open_database(settings, hold=True)
    with opened.reading() as session:
        assert session.connection().execute(text("select count(*) from outbox")).scalar() == 0
    opened.close()


def test_a_file_has_one_bot_and_is_free_after_it(new: Settings) -> None:
    first = parts.open_database(new, hold=True)
    with pytest.raises(StorageBusy, match="Another kahvi runs on this database file: stop it first"):
        parts.open_database(new, hold=True)
    parts.open_database(new).close()  # a command of the admin comes in
    first.close()

    parts.open_database(new, hold=True).close()


@pytest.mark.parametrize("use", [parts.open_database, parts.inspect_database])
def test_a_server_that_is_not_there_is_told_without_its_password(use: object) -> None:
    assert callable(use)
    with pytest.raises(KahviError) as raised:
        use(of("postgresql://kahvi:canary@127.0.0.1:1/kahvi"))

    assert str(raised.value).startswith("The database cannot be used (")
    assert str(raised.value).endswith("); check KAHVI_DATABASE_URL.")
    assert "canary" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KahviError, match=r"The database cannot be used \(unable to open database file\)"):
        parts.open_database(of(f"sqlite:///{tmp_path}"))
