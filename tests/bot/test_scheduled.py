"""What is planned for later days: phases of schedules and planned ends, from facts through both databases."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.figures.scheduled import scheduled_changes
from bot.ledger import LedgerRules
from bot.metrics.scheduled import Scheduled
from storage import facts as f
from storage.engine import Database
from storage.fact_reader import differing
from storage.fact_store import store
from storage.states import Cause
from tests.factories import account, at, item, price, subscription

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)
RULES = LedgerRules(ZoneInfo("UTC"), "usd")
PRICES = [price(), price("team", "8000")]


def schedule(id_: str = "schedule", **values: Any) -> f.Schedule:
    given = {
        "id": id_,
        "account_id": "acme",
        "source": "test",
        "subscription_id": "sub",
        "currency": "usd",
        "live": True,
        "cancels": False,
        "phases": (f.Phase(at(1, month=4), at(1, month=5), (("pro", 1),)),),
    }
    return f.Schedule(**{**given, **values})


def planned(database: Database, *found: f.Fact) -> list[tuple[str, date, int, Cause]]:
    with database.writing() as session:
        store(session, [*PRICES, account(), *found], NOW)
    with database.reading() as session:
        assert differing(session, found) == []
        changes = scheduled_changes(session, RULES, NOW)
    assert all(isinstance(one, Scheduled) and one.currency == "usd" for one in changes)
    return [(one.subscription_id, one.day, one.amount, one.cause) for one in changes]


def test_a_phase_to_come_is_a_change_of_its_first_day(database: Database) -> None:
    later = f.Phase(at(1, month=5), at(1, month=6), (("team", 2),))
    own = schedule(phases=(*schedule().phases, later))

    assert planned(database, subscription(items=[item()]), own) == [("sub", date(2026, 5, 1), 11_000, Cause.PLAN)]


def test_a_schedule_that_cancels_ends_with_its_last_phase(database: Database) -> None:
    assert planned(database, subscription(items=[item()]), schedule(cancels=True)) == [
        ("sub", date(2026, 5, 1), -5000, Cause.CANCELLED)
    ]


def test_a_planned_end_takes_away_what_is_there_then(database: Database) -> None:
    later = f.Phase(at(1, month=5), at(1, month=7), (("team", 1),))
    leaving = subscription(items=[item()], cancel_at=at(1, month=6))

    assert planned(database, leaving, schedule(phases=(later,))) == [
        ("sub", date(2026, 5, 1), 3000, Cause.PLAN),
        ("sub", date(2026, 6, 1), -8000, Cause.CANCELLED),
    ]


def test_a_schedule_may_begin_a_subscription(database: Database) -> None:
    later = f.Phase(at(1, month=6), None, (("pro", 3),))

    assert planned(database, schedule(subscription_id=None, phases=(later,))) == [
        ("schedule", date(2026, 6, 1), 15_000, Cause.STARTED)
    ]


def test_what_is_over_plans_nothing(database: Database) -> None:
    ended = subscription(items=[item()], status=f.Status.ENDED, cancel_at=at(1, month=6), ended_at=at(1, month=4))

    assert planned(database, ended, schedule(live=False, phases=())) == []
