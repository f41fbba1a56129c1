"""All that happened to an account in one row, newest first, on both engines."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.accounts.standing import Change
from bot.accounts.timeline import Closed, Event, Timeline, timeline
from storage import alerts, journal, signals
from storage.engine import Database
from storage.facts import Payment
from storage.inputs import Signal
from storage.journal import Entry
from storage.states import NoteKind
from tests.company import ACME, PLAN, fill
from tests.factories import at

UTC_ZONE = ZoneInfo("UTC")
NOW = at(23, 11)


@pytest.fixture
def stored(database: Database) -> Database:
    """Acme with its bills, two notes of which one puts the other right, an alert that ended, and signals."""
    with database.writing() as session:
        fill(session, [*PLAN, *ACME], NOW)
        first = Entry("n1", "acme", NoteKind.CALL, "They call back", "U1", at(10, 11))
        journal.add(session, first)
        journal.add(session, Entry("n2", "acme", NoteKind.CALL, "We call them", "U1", at(11, 11), corrects="n1"))
        alerts.add(
            session,
            alerts.Alert(
                id="a1",
                cause_key="k1",
                account_id="acme",
                rule="payment_failed",
                object_id="in-acme",
                evidence={},
                since=at(12, 11),
                opened_at=at(12, 11),
            ),
        )
        alerts.close(session, "a1", {"ending": "voided"}, at(14, 11))
        told = [("nps", 9, 13), ("active_users", 40, 13), ("champion_left", 1, 15)]
        found = [Signal("acme", name, at(day, 11), Decimal(value)) for name, value, day in told]
        signals.store(session, [*found, Signal("globex", "nps", at(13, 11), Decimal(1))], NOW)
    return database


def read(database: Database, **asked: Any) -> Timeline:
    with database.reading() as session:
        found = timeline(session, "acme", UTC_ZONE, **asked)
    assert found is not None
    return found


def kinds(events: list[Event]) -> list[str]:
    return [type(one.what).__name__ for one in events]


def test_everything_stands_in_one_row_the_newest_first(stored: Database) -> None:
    found = read(stored, count=1000)
    days = [one.at for one in found.events]

    assert days == sorted(days, reverse=True)
    assert {type(one.what) for one in found.events} == {Change, Payment, alerts.Alert, Closed, Entry, Signal}
    assert [one.what.name for one in found.events if isinstance(one.what, Signal)] == ["champion_left", "nps"]
    assert found.corrected == {"n1"}
    assert not found.has_more


def test_pages_make_the_whole(stored: Database) -> None:
    whole = read(stored, count=1000).events
    pages = [read(stored, start=start, count=3) for start in range(0, len(whole), 3)]

    assert [event for one in pages for event in one.events] == list(whole)
    assert [one.has_more for one in pages] == [True] * (len(pages) - 1) + [False]


def test_what_people_wrote_is_left_out_for_whoever_may_not_read_it(stored: Database) -> None:
    assert "Entry" not in kinds(list(read(stored, count=1000, words=False).events))


def test_an_unknown_account_has_none(stored: Database) -> None:
    with stored.reading() as session:
        assert timeline(session, "nobody", UTC_ZONE) is None
        assert timeline(session, "acme", UTC_ZONE, start=10**9) is not None
    assert read(stored, start=10**9).events == []
