"""Movements of a replica that knows no cohorts get theirs, on both engines."""

from datetime import date

from sqlalchemy import select

from storage import ledger
from storage.cohorts import cohort_sums
from storage.engine import Database
from storage.ledger import movements
from storage.slices import EVERYTHING
from tests.company import ACME, OTHERS, PLAN, fill, running
from tests.factories import account, at


def test_what_the_release_before_left_empty_is_filled(database: Database) -> None:
    columns = select(movements.c.account_id, movements.c.day, movements.c.began, movements.c.cohort)
    with database.writing() as session:
        fill(session, [*PLAN, *ACME, *OTHERS, account("late"), running("late", 2, at(1, 9))], at(23, 11))
        whole = set(session.connection().execute(columns))
        assert not ledger.lacks_cohorts(session)
        theirs = movements.c.account_id.in_(("acme", "late"))
        session.connection().execute(movements.update().where(theirs).values(began=None, cohort=None))
        assert ledger.lacks_cohorts(session)

        ledger.fill_cohorts(session)

        assert not ledger.lacks_cohorts(session)
        assert set(session.connection().execute(columns)) == whole
        assert len({row.began for row in whole}) > 1


def test_what_is_not_filled_yet_is_in_no_cohort(database: Database) -> None:
    with database.writing() as session:
        fill(session, [*PLAN, *ACME, *OTHERS], at(23, 11))
        session.connection().execute(movements.update().values(began=None, cohort=None))

        assert cohort_sums(session, date(2000, 1, 1), date(2030, 1, 1), "usd", EVERYTHING) == []
