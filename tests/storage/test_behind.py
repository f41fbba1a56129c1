"""What stands behind a window: what each account's largest movement tells, who moved most, and the bills."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.figures import Asked, Grounds
from bot.figures.groups import movers, plans_and_places, told_apart
from bot.metrics.netting import Did
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from storage import behind, fact_store, slices
from storage import facts as f
from storage.engine import Database
from storage.movements import Carried, Turned
from storage.slices import Label
from storage.states import Cause, MovementKind
from storage.worth import Moment
from tests import factories
from tests.bot.digest.company import GREW, LEFT, NEW, NOW, hold, movement

START, END = date(2026, 11, 1), date(2026, 12, 1)
LONG_AGO = date(2026, 1, 5)
AT = Moment(END, {"usd": Decimal(1)})
TENTH = date(2026, 11, 10)


@pytest.fixture
def company(database: Database) -> Database:
    """Two Pro customers in the EU grow by 10 and 20 dollars, Acme leaves, Nova joins; Old did so before."""
    people = [factories.account(one, region="EU") for one in ("a1", "a2", "nova")]
    told = [
        *(movement(one, LONG_AGO, NEW, 10_000, price_id="pro") for one in ("a1", "a2", "acme")),
        movement("old", LONG_AGO, NEW, 500),
        movement("old", date(2026, 10, 31), LEFT, -500),
        movement("a1", TENTH, GREW, 1_000, price_id="pro"),
        movement("a2", TENTH, GREW, 2_000, price_id="pro"),
        movement("acme", date(2026, 11, 12), GREW, 100, price_id="lite"),
        movement("acme", date(2026, 11, 20), LEFT, -10_000, price_id="pro", cause=Cause.CANCELLED),
        movement("acme", date(2026, 11, 20), LEFT, -100, price_id="lite", accounts=0, cause=Cause.CANCELLED),
        movement("nova", date(2026, 11, 30), NEW, 700, price_id="lite"),
        movement("nova", END, GREW, 99_000, price_id="pro"),
    ]
    ended = factories.subscription("sub-acme", account_id="acme", cancel_reason="too_expensive")
    acme = factories.account("acme", name="Acme, Inc.", region="US")
    with database.writing() as session:
        hold(
            session,
            told,
            [
                *people,
                acme,
                ended,
                factories.price("pro", nickname="Pro"),
                factories.price("lite", nickname="Lite"),
                *billed(),
            ],
        )
    return database


def billed() -> list[f.Fact]:
    """A bill of the tenth for a1, and one that begins when November is over."""
    starts = {"A-11": factories.at(10, 11), "A-12": factories.at(1, 12)}
    return [
        factories.invoice(
            number,
            [factories.line(f"line-{number}", 2_000, start, subscription_id="sub-a1")],
            account_id="a1",
            number=number,
        )
        for number, start in starts.items()
    ]


def labels(database: Database) -> tuple[Label, Label]:
    with database.reading() as session:
        return plans_and_places(session, AT)


def test_each_account_tells_by_its_largest_movement(company: Database) -> None:
    plans, places = labels(company)
    with company.reading() as session:
        found = told_apart(session, Window(START, END), ["a1", "a2", "acme", "nova"], plans, places)

    assert found == {
        "a1": Carried("Pro", "EU", "", "A1"),
        "a2": Carried("Pro", "EU", "", "A2"),
        "acme": Carried("Pro", "US", "too_expensive", "Acme, Inc."),
        "nova": Carried("Lite", "EU", "", "Nova"),
    }


@pytest.mark.parametrize("few", [0, slices.FEW])
def test_many_accounts_are_told_apart_like_few(company: Database, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind, "FEW", few)
    plans, places = labels(company)
    with company.reading() as session:
        words = behind.words(session, plans, places, ["a1", "acme"])
        names = behind.names(session, ["acme", "ghost"])

    assert words.of("acme", "lite", "sub-acme") == Carried("Lite", "US", "too_expensive")
    assert words.of("ghost", "gone") == Carried(plans.otherwise, places.otherwise)
    assert names == {"acme": "Acme, Inc.", "ghost": "ghost"}


def test_a_failed_payment_is_no_reason_that_anybody_stated(company: Database) -> None:
    failed = movement("p9", TENTH, LEFT, -100, cause=Cause.PAYMENT_FAILED)
    ended = factories.subscription(failed.subscription_id, account_id="p9", cancel_reason="payment_failed")
    with company.writing() as session:
        hold(session, [failed], [factories.account("p9"), ended])
    plans, places = labels(company)
    with company.reading() as session:
        assert not told_apart(session, Window(START, END), ["p9"], plans, places)["p9"].reason


def test_places_are_countries_where_regions_are_hardly_known(database: Database) -> None:
    people = [factories.account(f"a{n}", region="EU" if n < 2 else None, country="FI") for n in range(5)]
    with database.writing() as session:
        hold(session, [movement("a0", TENTH, NEW, 100)], people)
    plans, places = labels(database)
    with database.reading() as session:
        assert told_apart(session, Window(START, END), ["a0"], plans, places)["a0"].place == "FI"


@pytest.mark.parametrize(
    ("count", "kinds", "ids"),
    [
        (1, list(MovementKind), ["acme"]),
        (2, [GREW], ["a2", "a1"]),
        (1, [NEW], ["nova"]),
    ],
)
def test_who_moved_most(company: Database, count: int, kinds: list[MovementKind], ids: list[str]) -> None:
    plans, places = labels(company)
    with company.reading() as session:
        asked = Asked(session, (Window(START, END),), Grounds("usd", ZoneInfo("UTC")))
        found = movers(asked, Window(START, END), Roll(), plans, places)

    assert found.largest([*map(Did, kinds)], count) == ids


def test_steps_are_in_order_with_names_and_plans(company: Database) -> None:
    plans, _ = labels(company)
    with company.reading() as session:
        found = behind.steps(session, START, END, ["acme", "a1"], plans)

    assert [(one.name, one.day.day, one.plan, one.kind, one.amount) for one in found] == [
        ("A1", 10, "Pro", GREW, 1_000),
        ("Acme, Inc.", 12, "Lite", GREW, 100),
        ("Acme, Inc.", 20, "Lite", LEFT, -100),
        ("Acme, Inc.", 20, "Pro", LEFT, -10_000),
    ]


def test_bills_are_those_that_begin_inside(company: Database) -> None:
    plans, _ = labels(company)
    with company.reading() as session:
        steps = behind.steps(session, START, END, ["a1", "a2"], plans)
        found = behind.bills(session, steps, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))

    assert {key: [(bill.number, bill.amount) for bill in same] for key, same in found.items()} == {
        "sub-a1": [("A-11", 2_000)]
    }


def test_a_bill_that_was_taken_back_is_none(company: Database) -> None:
    void = factories.invoice(
        "A-0",
        [factories.line("line-A-0", 2_000, factories.at(10, 11), subscription_id="sub-a1")],
        account_id="a1",
        number="A-0",
        status=f.InvoiceStatus.VOID,
    )
    with company.writing() as session:
        fact_store.store(session, [void], NOW)
    plans, _ = labels(company)
    with company.reading() as session:
        steps = behind.steps(session, START, END, ["a1"], plans)
        found = behind.bills(session, steps, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))

    assert [bill.number for same in found.values() for bill in same] == ["A-11"]


@pytest.mark.parametrize("turn", [1, -1])
def test_of_rows_that_are_equal_the_same_one_tells_however_they_come(turn: int) -> None:
    rows = [Turned("acme", TENTH, NEW, "usd", 900, Cause.STARTED, price, "sub") for price in ("a", "b")][::turn]

    assert behind.telling(rows).price_id == "b"
