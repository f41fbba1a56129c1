"""Which accounts a filter chooses: the same whether its keys are asked for once or by every query."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlmodel import Session

from storage import slices
from storage.dimensions import DIMENSIONS
from storage.engine import Database
from storage.fact_store import folded
from storage.slices import AccountTest, Chosen, Label, one_of
from storage.tables import AccountRow
from storage.upsert import table_of
from storage.worth import Moment, named, since, with_worth
from tests import factories
from tests.bot.digest.company import NEW, hold, movement

MOMENT = Moment(date(2026, 12, 1), {"usd": Decimal(1)})
ODD = "d'\"\\,{}\x1fü"
WORTH = {"a": 10_000, "b": 40_000, "c": 900_000, ODD: 40_000}
EVERYBODY = {*WORTH, "never"}
ids = table_of(AccountRow).c.id


@pytest.fixture
def company(database: Database) -> Database:
    """Four accounts that pay, of which one has no country, and one that never did."""
    told = [movement(one, date(2026, 1 + place, 5), NEW, amount) for place, (one, amount) in enumerate(WORTH.items())]
    people = [factories.account(one, country=None if one == "b" else "FI") for one in EVERYBODY]
    with database.writing() as session:
        hold(session, told, people)
    return database


def label(name: str) -> Label:
    found = DIMENSIONS[name].by(MOMENT)
    assert isinstance(found, Label)
    return found


CHOICES: dict[str, tuple[Chosen, set[str]]] = {
    "a country": (label("country").among(["FI"]), EVERYBODY - {"b"}),
    "no country": (label("country").among(["unknown"]), {"b"}),
    "all but a country": (label("country").among(["FI"], but=True), {"b"}),
    "any country or none": (label("country").among(["FI", "unknown"]), EVERYBODY),
    "neither a country nor none": (label("country").among(["FI", "unknown"], but=True), set()),
    "a size": (label("size").among(["100–499"]), {"a", "b", ODD}),
    "more than an amount": (with_worth(MOMENT, ">", 10_000), {"b", "c", ODD}),
    "less than an amount": (with_worth(MOMENT, "<", 40_000), {"a", "never"}),
    "some months": (since(date(2026, 2, 1), date(2026, 4, 1)), {"b", "c"}),
    "a name": (named([folded(ODD)]), {ODD}),
    "nobody": (named(["nobody is called so"]), set()),
}


@pytest.mark.parametrize("few", [0, 2, 5_000])
@pytest.mark.parametrize("choice", CHOICES)
def test_keys_that_are_asked_once_choose_the_same(
    company: Database, monkeypatch: pytest.MonkeyPatch, choice: str, few: int
) -> None:
    monkeypatch.setattr(slices, "FEW", few)
    condition, expected = CHOICES[choice]
    with company.reading() as session:
        assert chosen(session, condition) == expected
        assert chosen(session, condition.once(session)) == expected


def test_what_is_summed_is_asked_once_of_however_many(company: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "FEW", 0)
    with company.reading() as session:
        sums = [with_worth(MOMENT, ">", 0), since(None, None), label("size").among(["none"])]
        found = [one.once(session) for one in (*sums, label("country").among(["FI"]))]

    assert [isinstance(one, Chosen) for one in found] == [False, False, False, True]


@pytest.mark.parametrize(
    "values", [[], [""], ["a"], ["a", ODD, "gone"], [f"x{number}" for number in range(40_000)] + ["c"]]
)
def test_one_of_many_values(company: Database, values: list[str]) -> None:
    with company.reading() as session:
        assert chosen(session, lambda column: one_of(session, column, values)) == EVERYBODY & set(values)
        assert chosen(session, lambda column: ~one_of(session, column, values)) == EVERYBODY - set(values)


def chosen(session: Session, condition: AccountTest) -> set[str]:
    return set(session.connection().execute(select(ids).where(condition(ids))).scalars())
