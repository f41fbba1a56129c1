"""Risks are kept by account, ranked by what is at stake, and remembered from one day to the next."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from storage import risks
from storage.engine import Database
from storage.fact_store import store
from storage.risks import Assessed
from tests.factories import account

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def risk(account_id: str = "acme", **values: Any) -> Assessed:
    given = {"score": 40, "hard": False, "worth": 100, "committed": 0, "overdue": 0, "stake": 4000, "likely": None}
    return Assessed(account_id=account_id, reasons=[], stale=[], **{**given, **values})


def find(session: Session, account_id: str) -> Assessed | None:
    """What is kept of an account that was looked at."""
    return risks.with_ids(session, [account_id]).get(account_id)


def keep(database: Database, *found: Assessed, days: int = 0) -> None:
    now = NOW + timedelta(days=days)
    with database.writing() as session:
        risks.store(session, found, risks.due(session), now, now.date())


def test_who_is_touched_is_due_until_assessed(database: Database) -> None:
    with database.writing() as session:
        risks.touch(session, ["acme", "globex"])
        risks.touch(session, ["acme"])
        assert risks.due(session) == {"acme": 2, "globex": 1}
        assert find(session, "acme") is None  # nobody has looked yet
    keep(database, risk())

    with database.reading() as session:
        assert risks.due(session) == {"globex": 1}
        assert find(session, "acme") == risk(assessed_at=NOW)


def test_a_score_remembers_what_it_was_and_since_when_it_is_another(database: Database) -> None:
    def told() -> tuple[int, int | None, int | None]:
        with database.reading() as session:
            found = find(session, "acme")
            assert found is not None
            return found.score, found.before, (found.day - NOW.date()).days if found.day else None

    keep(database, risk(score=10))
    assert told() == (10, None, None)
    keep(database, risk(score=30), days=1)
    keep(database, risk(score=50), days=1)
    assert told() == (50, 10, 1)  # two changes of one day are one
    keep(database, risk(score=50), days=2)
    keep(database, risk(score=50, worth=7), days=3)
    assert told() == (50, 10, 1)
    keep(database, risk(score=20), days=4)
    assert told() == (20, 50, 4)


def test_those_near_to_leaving_are_ranked_by_what_is_at_stake(database: Database) -> None:
    names = ("low", "calm", "high", "hard")
    with database.writing() as session:
        store(session, [account(name) for name in names], NOW)
    keep(
        database,
        risk("low", stake=10, committed=60),
        risk("high", stake=99, worth=None),
        risk("calm", score=29),
        risk("hard", score=0, hard=True, stake=50, overdue=100),
    )

    with database.reading() as session:
        assert [one.risk.account_id for one in risks.ranked(session, 30, 0, 9)] == ["high", "hard", "low"]
        assert [one.risk.account_id for one in risks.ranked(session, 30, 1, 1)] == ["hard"]
        assert [one.name for one in risks.ranked(session, 30, 0, 9, ["low"])] == ["Low"]
        assert risks.ranked(session, 30, 0, 9, []) == []
        totals = risks.totals(session, 30)
        assert (totals.accounts, totals.worth, totals.committed, totals.overdue, totals.unrated) == (3, 200, 60, 100, 1)
        assert risks.totals(session, 30, []).accounts == 0
        assert sorted(risks.near(session, 30)) == ["hard", "high", "low"]


def test_who_left_is_forgotten(database: Database) -> None:
    keep(database, risk("a"), risk("b"))
    with database.writing() as session:
        risks.touch(session, ["a", "b"])
        risks.leave_out(session, ["a", "b"], {"a": 1})  # b was asked for once more meanwhile
        assert risks.due(session) == {"b": 1}
        risks.touch_all(session)
        assert risks.due(session) == {"b": 2}


def test_an_older_assessment_does_not_replace_a_newer_one(database: Database) -> None:
    """The run of a day began before an account changed, and is done only after that was assessed."""
    with database.writing() as session:
        before = risks.due(session)
        risks.touch(session, ["acme"])
        risks.store(session, [risk(score=70)], risks.due(session), NOW + timedelta(minutes=2), NOW.date())
        risks.store(session, [risk(score=10)], before, NOW, NOW.date())
        found = find(session, "acme")

    assert found is not None
    assert found.score == 70


def test_what_is_asked_for_meanwhile_is_not_settled_by_an_older_look(database: Database) -> None:
    with database.writing() as session:
        risks.touch(session, ["acme"])
        seen = risks.due(session)
        risks.touch(session, ["acme"])
        risks.store(session, [risk(score=10)], seen, NOW, NOW.date())
        assert risks.due(session) == {"acme": 2}
        assert find(session, "acme") is None
