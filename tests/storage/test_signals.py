"""Observations of accounts: the same again changes nothing, another value replaces it, sums are exact."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from storage import fact_store, signals
from storage.dimensions import DIMENSIONS
from storage.engine import Database
from storage.inputs import COMPANY, Signal
from storage.movements import WHOLE
from storage.signals import Answers, Kept, Level
from storage.slices import Slice
from storage.worth import Moment
from tests import factories

START = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def signal(value: str, account_id: str = "acme", name: str = "nps", day: int = 0, who: str = "") -> Signal:
    return Signal(account_id, name, START + day * DAY, Decimal(value), who)


def test_the_same_observation_is_kept_once_and_learned_once(database: Database) -> None:
    first = signal("9", who="jane")
    with database.writing() as session:
        signals.store(session, [first, signal("3", who="tom"), first], NOW)
        signals.store(session, [first, signal("4", who="tom")], NOW + DAY)
        rows = session.connection().execute(select(signals.signals.c.respondent, signals.signals.c.read_at))
        learned = sorted(tuple(row) for row in rows)

        assert learned == [("jane", NOW), ("tom", NOW + DAY)]
        assert signals.find(session, signal("0", who="tom")) == signal("4", who="tom")
        assert signals.find(session, signal("0", who="ann")) is None


def test_an_observation_is_taken_back_by_its_key(database: Database) -> None:
    with database.writing() as session:
        signals.store(session, [signal("9", who="jane"), signal("9", who="tom")], NOW)
        signals.forget(session, signal("1", who="jane"))

        assert signals.course(session, "acme", "nps", START, NOW) == [signal("9", who="tom")]


def test_a_course_is_that_of_one_account_and_name_in_order(database: Database) -> None:
    wanted = [signal(str(day), name="logins", day=day) for day in (2, 3, 5)]
    others = [signal("9", day=3), signal("1", "beta", "logins", day=3), signal("7", name="logins", day=6)]
    with database.writing() as session:
        signals.store(session, [*reversed(wanted), *others], NOW)

        assert signals.course(session, "acme", "logins", START + 2 * DAY, START + 6 * DAY) == wanted


def test_answers_are_counted_by_label_and_value(database: Database) -> None:
    given = [
        signal("9", who="jane"),
        signal("9", who="tom"),
        signal("3", who="ann", day=1),
        signal("9", "beta", who="bob", day=2),
        signal("0", COMPANY, day=2),
        signal("9", who="late", day=3),
    ]
    end = START + 3 * DAY
    with database.writing() as session:
        fact_store.store(session, [factories.account(region="EU"), factories.account("beta", region="US")], NOW)
        signals.store(session, given, NOW)
        by_region = DIMENSIONS["region"].by(Moment(NOW.date(), {}))
        every = signals.answers(session, "nps", START, end)
        parted = signals.answers(session, "nps", START, end, Slice(by=by_region))
        some = signals.answers(session, "nps", START, end, Slice(accounts=[by_region.among(["US"])]))
        others = signals.answers(session, "nps", START, end, Slice(accounts=[by_region.among(["US"], but=True)]))

    nine, three, zero = Decimal(9), Decimal(3), Decimal(0)
    assert set(every) == {Answers(WHOLE, nine, 3), Answers(WHOLE, three, 1), Answers(WHOLE, zero, 1)}
    assert set(parted) == {Answers("EU", nine, 2), Answers("EU", three, 1), Answers("US", nine, 1)}
    assert some == [Answers(WHOLE, nine, 1)]
    assert set(others) == {Answers(WHOLE, nine, 2), Answers(WHOLE, three, 1)}


def test_levels_are_exact_sums(database: Database) -> None:
    given = [signal("0.1", name="depth", day=day) for day in range(3)] + [signal("1000000000", "beta", "depth")]
    with database.writing() as session:
        signals.store(session, given, NOW)
        found = signals.levels(session, ["depth", "other"], START, NOW)

    assert set(found) == {
        Level(WHOLE, "acme", "depth", Decimal("0.3"), 3),
        Level(WHOLE, "beta", "depth", Decimal(10**9), 1),
    }


def test_what_is_kept_is_told_by_name(database: Database) -> None:
    with database.writing() as session:
        signals.store(session, [signal("9"), signal("8", day=1), signal("41", name="active_users", day=2)], NOW)

        assert signals.kept(session) == [
            Kept("active_users", 1, START + 2 * DAY),
            Kept("nps", 2, START + DAY),
        ]
