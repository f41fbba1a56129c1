"""What asks for attention, on both engines."""

from datetime import date, timedelta
from typing import Any

from storage import fact_store, ledger, upcoming
from storage import facts as f
from storage.engine import Database
from storage.movements import Movement
from storage.states import Cause, MovementKind
from tests.factories import account, at, subscription

DAY = date(2026, 3, 10)
START, END = at(10, 3, hour=0), at(24, 3, hour=0)
HALF_YEAR = timedelta(days=180)
YEAR_AGO = at(12, 3, year=2025)


def store(database: Database, *found: f.Fact) -> None:
    with database.writing() as session:
        fact_store.store(session, [account(), *found], START)


def grown(database: Database, subscription_id: str, amount: int, day: date, product: str = "product-pro") -> None:
    moved = Movement("acme", day, subscription_id, product, product, "usd", MovementKind.NEW, amount, 1, Cause.STARTED)
    with database.writing() as session:
        ledger.append(session, [moved])


def yearly(id_: str, **values: Any) -> f.Subscription:
    return subscription(id_, **{"current_period_start": YEAR_AGO, "current_period_end": at(12, 3), **values})


def test_renewals_are_of_long_terms_that_go_on(database: Database) -> None:
    monthly: dict[str, Any] = {"current_period_start": at(12, 2), "current_period_end": at(12, 3)}
    store(
        database,
        yearly("yes"),
        yearly("later", current_period_end=at(24, 3, hour=0)),
        yearly("before", current_period_end=at(9, 3)),
        yearly("leaves", cancel_at=at(12, 3)),
        yearly("leaves_next_year", cancel_at=at(12, 3, year=2027)),
        yearly("ended", ended_at=at(1, 3), status=f.Status.ENDED),
        subscription("monthly", **monthly),
    )
    grown(database, "yes", 4_200, date(2026, 1, 1))
    grown(database, "yes", 999, DAY, product="product-late")
    with database.reading() as session:
        found = upcoming.renewals(session, START, END, term=HALF_YEAR, before=DAY)
        all_terms = upcoming.renewals(session, START, END, term=timedelta(0), before=DAY)

    assert {("yes", 4_200), ("leaves_next_year", 0)} == {(one.subscription_id, one.mrr) for one in found}
    assert {"yes", "leaves_next_year", "monthly"} == {one.subscription_id for one in all_terms}


def test_trials_end_in_order_unless_cancelled(database: Database) -> None:
    store(
        database,
        subscription("second", status=f.Status.TRIALING, trial_end=at(20, 3)),
        subscription("first", status=f.Status.TRIALING, trial_end=at(11, 3)),
        subscription("cancelled", status=f.Status.TRIALING, trial_end=at(11, 3), cancel_at=at(11, 3)),
        subscription("converted", trial_end=at(11, 3)),
        subscription("later", status=f.Status.TRIALING, trial_end=at(25, 3)),
    )
    with database.reading() as session:
        found = upcoming.trials_ending(session, START, END, before=DAY)

    assert [one.subscription_id for one in found] == ["first", "second"]


def test_cancellations_carry_what_was_said(database: Database) -> None:
    store(
        database,
        subscription("soon", cancel_at=at(12, 3), cancel_requested_at=at(1, 3), cancel_reason="unused"),
        subscription("gone", cancel_at=at(12, 3), ended_at=at(9, 3)),
        subscription("much_later", cancel_at=at(12, 9), cancel_requested_at=at(1, 3)),
        subscription("asked_now", cancel_at=at(12, 9), cancel_requested_at=at(9, 3)),
    )
    with database.reading() as session:
        found = upcoming.cancellations(session, START, END, requested_since=at(8, 3), before=DAY)

    assert [("soon", at(12, 3), at(1, 3), "unused"), ("asked_now", at(12, 9), at(9, 3), None)] == [
        (one.due.subscription_id, one.due.at, one.requested_at, one.reason) for one in found
    ]


def test_cards_that_run_out_are_the_default_ones(database: Database) -> None:
    def card(id_: str, month: int) -> f.PaymentMethod:
        return f.PaymentMethod(
            id=id_, account_id="acme", source="test", kind="card", last4="4242", exp_month=month, exp_year=2026
        )

    store(database, account("acme", default_method_id="used"), card("used", 3), card("other", 4))
    with database.reading() as session:
        assert [(one.account_id, one.last4) for one in upcoming.expiring_cards(session, 2026, 3)] == [("acme", "4242")]
        assert upcoming.expiring_cards(session, 2026, 4) == []


def test_products_that_grew_are_named_largest_first(database: Database) -> None:
    store(
        database,
        f.Product(id="product-pro", source="test", name="Pro"),
        f.Product(id="product-seats", source="test", name="Seats"),
        f.Product(id="product-old", source="test", name="Old"),
    )
    grown(database, "sub", 100, DAY, "product-seats")
    grown(database, "sub", 900, DAY, "product-pro")
    grown(database, "sub", -300, DAY, "product-old")
    grown(database, "sub", 5_000, DAY + timedelta(days=1), "product-old")
    with database.reading() as session:
        found = upcoming.products_moved(session, ["acme"], DAY, DAY + timedelta(days=1))

    assert found == {"acme": ["Pro", "Seats"]}
