"""Who has left, and what those pay who are to leave, on both engines."""

from datetime import date
from typing import Any

from storage import departures, fact_store, ledger
from storage import facts as f
from storage.departures import Notice
from storage.engine import Database
from storage.movements import Movement
from storage.states import Cause, MovementKind
from tests.factories import account, at, subscription

NOW = at(10, 3)
SHRANK = MovementKind.CONTRACTION
CAME, LEFT = date(2026, 1, 5), date(2026, 3, 4)


def moved(account_id: str, day: date, amount: int, kind: MovementKind, sub: str = "") -> Movement:
    cause = Cause.STARTED if amount > 0 else Cause.CANCELLED
    return Movement(account_id, day, sub or f"sub-{account_id}", "pro", "p", "usd", kind, amount, 1, cause)


def stay(account_id: str, left: date | None = None) -> list[Movement]:
    end = [moved(account_id, left, -900, MovementKind.CHURN)] if left else []
    return [moved(account_id, CAME, 900, MovementKind.NEW), *end]


def hold(database: Database, movements: list[Movement], *found: f.Subscription) -> None:
    accounts = [
        account(one) for one in sorted({one.account_id for one in movements} | {one.account_id for one in found})
    ]
    with database.writing() as session:
        fact_store.store(session, [*accounts, *found], NOW)
        ledger.append(session, movements)


def sub(account_id: str, status: f.Status = f.Status.ACTIVE, **values: Any) -> f.Subscription:
    return subscription(f"sub-{account_id}", account_id=account_id, status=status, **values)


def test_an_account_has_left_by_the_ledger_or_when_its_last_subscription_ended(database: Database) -> None:
    back = [*stay("back", LEFT), moved("back", date(2026, 3, 6), 900, MovementKind.REACTIVATION)]
    empty = [moved("empty", CAME, 900, MovementKind.NEW), moved("empty", LEFT, -900, MovementKind.CONTRACTION)]
    hold(
        database,
        [*stay("unpaid", LEFT), *stay("pays"), *back, *empty, *stay("ended"), *stay("asked", LEFT)],
        sub("unpaid", f.Status.UNPAID, cancel_at=at(1, 4)),
        sub("pays"),
        sub("back"),
        sub("empty"),  # worth nothing, and still a customer by a policy
        sub("ended", f.Status.ENDED, ended_at=at(8, 3)),
        sub("trial", f.Status.TRIALING),
        sub("never", f.Status.NEVER_STARTED),
        sub("asked", cancel_at=at(1, 4)),  # counted out from the request on
    )
    ids = ["unpaid", "pays", "back", "empty", "ended", "trial", "never", "asked", "nobody"]

    with database.reading() as session:
        assert departures.gone(session, ids, NOW) == {"unpaid": LEFT, "ended": at(8, 3)}
        assert departures.gone(session, ["pays", "ended"], NOW) == {"ended": at(8, 3)}
        assert departures.gone(session, ["asked"], at(2, 4)) == {"asked": LEFT}


def test_who_is_to_leave_pays_until_then_what_the_ledger_counts_no_more(database: Database) -> None:
    two = [*stay("two"), moved("two", CAME, 300, MovementKind.NEW, "sub-b"), moved("two", LEFT, -300, SHRANK, "sub-b")]
    hold(
        database,
        [*stay("asked", LEFT), *two, *stay("later"), *stay("unpaid", LEFT)],
        sub("asked", cancel_at=at(1, 4)),
        sub("two"),
        subscription("sub-b", account_id="two", cancel_at=at(1, 4)),
        sub("later", cancel_at=at(1, 4)),  # a policy by which it counts until it ends
        sub("unpaid", f.Status.UNPAID, cancel_at=at(1, 4)),
    )

    with database.reading() as session:
        found = departures.on_notice(session, NOW)
        some = departures.on_notice(session, NOW, ["two"])
        levels = departures.levels(session, ["asked", "two", "later", "unpaid"], NOW)

    assert sorted(found, key=lambda one: one.account_id) == [
        Notice("asked", "sub-asked", "usd", 900),
        Notice("two", "sub-b", "usd", 300),
    ]
    assert some == [Notice("two", "sub-b", "usd", 300)]
    assert levels == {"asked": {"usd": 900}, "two": {"usd": 1_200}, "later": {"usd": 900}}
