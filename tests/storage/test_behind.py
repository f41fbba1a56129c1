"""What stands behind a window: what each account's largest movement tells, who moved most, and the bills."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.figures.groups import plans_and_places
from storage import behind
from storage import facts as f
from storage.engine import Database
from storage.movements import Carried
from storage.slices import Label, Slice
from storage.states import Cause, MovementKind
from storage.worth import Moment
from tests import factories
from tests.bot.digest.company import GREW, LEFT, NEW, hold, movement

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
        found = behind.carried(session, START, END, plans, places)

    assert found == {
        "a1": Carried("Pro", "EU", Cause.SEATS, "", "A1"),
        "a2": Carried("Pro", "EU", Cause.SEATS, "", "A2"),
        "acme": Carried("Pro", "US", Cause.CANCELLED, "too_expensive", "Acme, Inc."),
        "nova": Carried("Lite", "EU", Cause.STARTED, "", "Nova"),
    }


def test_only_one_of_a_kind_has_its_name_in_the_label(company: Database) -> None:
    plans, places = labels(company)
    with company.reading() as session:
        every = session.connection().execute(behind.carrying(START, END, plans, places).names.select()).all()
        only = Slice(accounts=(lambda column: column != "a2",))
        fewer = session.connection().execute(behind.carrying(START, END, plans, places, only).names.select()).all()

    assert {key: behind.parsed(label).name for key, label in every} == {
        "a1": "",
        "a2": "",
        "acme": "Acme, Inc.",
        "nova": "Nova",
    }
    assert {key: behind.parsed(label).name for key, label in fewer} == {
        "a1": "A1",
        "acme": "Acme, Inc.",
        "nova": "Nova",
    }


def test_places_are_countries_where_regions_are_hardly_known(database: Database) -> None:
    people = [factories.account(f"a{n}", region="EU" if n < 2 else None, country="FI") for n in range(5)]
    with database.writing() as session:
        hold(session, [movement("a0", TENTH, NEW, 100)], people)
    plans, places = labels(database)
    with database.reading() as session:
        assert behind.carried(session, START, END, plans, places)["a0"].place == "FI"


@pytest.mark.parametrize(
    ("count", "kinds", "ids"),
    [
        (1, list(MovementKind), ["acme"]),
        (2, [GREW], ["a2", "a1"]),
        (1, [NEW], ["nova"]),
    ],
)
def test_who_moved_most(company: Database, count: int, kinds: list[MovementKind], ids: list[str]) -> None:
    with company.reading() as session:
        assert behind.largest(session, (START, END), count, kinds)[: len(ids)] == ids


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
        ("sub-a1", "pro"): [("A-11", 2_000)]
    }


def test_a_name_may_hold_anything() -> None:
    name = f"a{behind.BETWEEN}b"

    assert behind.parsed(behind.BETWEEN.join(("Pro", "EU", "seats", "", name))).name == name
