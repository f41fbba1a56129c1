"""Dimensions give every account, or every row, one label: segments add up, and a filter is the segment it names."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from bot.figures import Asked, Grounds, load
from bot.figures.segments import moment
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from storage import dimensions, ledger
from storage import facts as f
from storage.days import months_before
from storage.dimensions import DIMENSIONS, Dimension, tag
from storage.engine import Database
from storage.movements import WHOLE, Movement
from storage.slices import Kept, Label, Slice
from storage.standing import labels_of
from tests import factories
from tests.bot.digest.company import BACK, GREW, LEFT, NEW, SHRANK, hold, movement
from tests.examples import tried

QUARTER = Window(date(2026, 7, 1), date(2026, 10, 1))
GROUNDS = Grounds("usd", ZoneInfo("UTC"))
RATE = f.ExchangeRate(day=date(2025, 1, 1), currency="eur", base="usd", rate=Decimal("1.10"))
PEOPLE = (
    factories.account(
        "acme",
        country="fi",
        region="EU",
        segment="enterprise",
        owner_email="Ann@we.com",
        attributes={"tier": "gold", "utm_source": "ads", 'what\'s "up"': "x"},
    ),
    factories.account("bolt", country="US", region=" ", owner_email="bo@we.com", attributes={"tier": "gold"}),
    factories.account("city", country="US", attributes={"tier": "iron", "acquisition": "event"}),
)
PRODUCTS = (f.Product(id="pro", source="test", name="Pro"), f.Product(id="pro-2", source="test", name="Pro"))


def story() -> list[Movement]:
    """Acme pays 600 for Pro in euros and adds 70 of Team, Bolt left with 90, City came in August with 5,000."""
    return [
        movement("acme", date(2025, 2, 3), NEW, 60_000, currency="eur", product_id="pro"),
        movement("acme", date(2026, 8, 3), GREW, 7_000, currency="eur", product_id="product-team"),
        movement("bolt", date(2025, 11, 30), NEW, 10_000, product_id="pro-2"),
        movement("bolt", date(2026, 8, 4), SHRANK, -1_000, product_id="pro-2"),
        movement("bolt", date(2026, 9, 4), LEFT, -9_000, product_id="pro-2"),
        movement("city", date(2026, 8, 9), NEW, 500_000, product_id="lost"),
    ]


@pytest.fixture
def company(database: Database) -> Database:
    with database.writing() as session:
        hold(session, story(), [*PEOPLE, *PRODUCTS, RATE])
    return database


def every(session: Session) -> list[Dimension]:
    return [*DIMENSIONS.values(), tag("tier"), tag("nobody's")]


def by(session: Session, dimension: Dimension) -> Slice:
    rates = Asked(session, (QUARTER,), GROUNDS).rates
    return Slice(by=dimension.by(moment(session, rates, QUARTER.end)))


def asked(session: Session, part: Slice) -> dict[str, Roll]:
    periods = load(Asked(session, (QUARTER,), GROUNDS, part), (Roll,))
    return {label: found[0].of(Roll) for label, found in periods.items()}


def ends(database: Database, dimension: Dimension) -> dict[str, tuple[int, int]]:
    """MRR and customers at the end, by label."""
    with database.reading() as session:
        found = asked(session, by(session, dimension))
    return {label: (int(roll.end), roll.customers_end) for label, roll in found.items()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("product", {"Pro": (66_000, 1), "Team": (7_700, 0), "unknown": (500_000, 1)}),
        ("currency", {"EUR": (73_700, 1), "USD": (500_000, 1)}),
        ("country", {"FI": (73_700, 1), "US": (500_000, 1)}),
        ("region", {"EU": (73_700, 1), "unknown": (500_000, 1)}),
        ("segment", {"enterprise": (73_700, 1), "unknown": (500_000, 1)}),
        ("owner", {"ann@we.com": (73_700, 1), "bo@we.com": (0, 0), "none": (500_000, 1)}),
        ("acquisition", {"ads": (73_700, 1), "event": (500_000, 1), "unknown": (0, 0)}),
        ("cohort", {"2025-02": (73_700, 1), "2025-11": (0, 0), "2026-08": (500_000, 1)}),
        ("cohort_quarter", {"2025 Q1": (73_700, 1), "2025 Q4": (0, 0), "2026 Q3": (500_000, 1)}),
        ("size", {"under 100": (0, 0), "500–999": (73_700, 1), "5,000–9,999": (500_000, 1)}),
        ("tenure_band", {"under 3 months": (500_000, 1), "6–11 months": (0, 0), "1 year": (73_700, 1)}),
    ],
)
def test_each_dimension_gives_its_labels(company: Database, name: str, expected: dict[str, tuple[int, int]]) -> None:
    assert ends(company, DIMENSIONS[name]) == expected


def test_a_price_without_name_and_product_is_called_by_its_interval(company: Database) -> None:
    nameless = [
        factories.price(one, product_id=None, nickname=None, interval=interval)
        for one, interval in (("a-b-c", f.Interval.MONTH), ("d-e-f", f.Interval.MONTH), ("once", None))
    ]
    with company.writing() as session:
        told = [movement(f"of-{one.id}", date(2026, 8, 9), NEW, 300, price_id=one.id) for one in nameless]
        hold(session, told, nameless)
    found = ends(company, DIMENSIONS["plan"])

    assert (found["monthly"], found["once"]) == ((600, 2), (300, 1))


def test_billing_is_by_the_interval_of_the_price(company: Database) -> None:
    quarterly = factories.price("quarterly", interval=f.Interval.MONTH, interval_count=3)
    with company.writing() as session:
        told = [
            movement("dora", date(2026, 8, 9), NEW, 300, price_id="quarterly"),
            movement("emil", date(2026, 8, 9), NEW, 40, price_id="gone"),
        ]
        hold(session, told, [factories.price("team", interval=f.Interval.YEAR), quarterly])

    assert ends(company, DIMENSIONS["billing"]) == {
        "every 3 months": (300, 1),
        "unknown": (40, 1),
        "yearly": (573_700, 2),
    }


def test_an_attribute_is_a_dimension(company: Database) -> None:
    assert ends(company, tag("tier")) == {"gold": (73_700, 1), "iron": (500_000, 1)}
    assert ends(company, tag("nobody's")) == {"none": (573_700, 2)}
    with company.reading() as session:
        assert dimensions.tags(session) == ["acquisition", "tier", "utm_source"]


def test_every_dimension_is_described_and_knows_its_labels(company: Database) -> None:
    with company.reading() as session:
        for dimension in every(session):
            assert all((dimension.name, dimension.what))
            label = by(session, dimension).by
            assert label is not None
            assert set(asked(session, by(session, dimension))) <= set(dimensions.labels(session, label))
    names = [name for one in DIMENSIONS.values() for name in (one.id, *one.aliases)]
    assert len(names) == len(set(names))


def test_one_label_for_each_account_for_what_is_not_in_the_ledger(company: Database) -> None:
    with company.reading() as session:
        found = labels_of(session, ("acme", "bolt", "city"), by(session, DIMENSIONS["product"]))

        assert found == {"acme": "Pro", "bolt": "Pro", "city": "unknown"}


def test_months_back_end_with_their_month() -> None:
    assert months_before(date(2026, 5, 31), 3) == date(2026, 2, 28)
    assert months_before(date(2024, 5, 31), 3) == date(2024, 2, 29)
    assert months_before(date(3, 1, 1), 100) == date(1, 1, 1)


STEPS = st.lists(
    st.tuples(
        st.integers(1, 60),
        st.dictionaries(st.sampled_from(("pro", "pro-2", "product-team", "lost")), st.integers(1, 9), max_size=3),
    ),
    max_size=5,
)


@given(st.tuples(STEPS, STEPS, STEPS, STEPS))
@tried(0.08)
def test_segments_add_up_and_a_filter_is_its_segments(
    database: Database, stories: tuple[list[tuple[int, dict[str, int]]], ...]
) -> None:
    with database.writing() as session:
        ledger.clear(session)
        found = [
            one
            for name, steps in zip(("acme", "bolt", "city", "dark"), stories, strict=True)
            for one in lived(name, steps)
        ]
        hold(session, found, [*PEOPLE, *PRODUCTS, RATE])
    with database.reading() as session:
        whole = asked(session, Slice()).get(WHOLE, Roll())
        for name in ("product", "currency", "owner", "size"):
            part = by(session, DIMENSIONS[name])
            split = asked(session, part)
            assert total(split.values()) == whole
            for label, roll in split.items():
                assert asked(session, filtered(part, label)).get(WHOLE, Roll()) == roll
                rest = asked(session, filtered(part, label, but=True)).get(WHOLE, Roll())
                assert total((roll, rest)) == whole


def lived(account_id: str, steps: list[tuple[int, dict[str, int]]]) -> list[Movement]:
    """Movements of an account that pays so much for each product from some days on."""
    day = date(2026, 5, 1).toordinal()
    told: list[Movement] = []
    level: dict[str, int] = {}
    for gap, wanted in steps:
        day += gap
        deltas = {key: 1000 * (wanted.get(key, 0) - level.get(key, 0)) for key in level.keys() | wanted.keys()}
        deltas = {key: amount for key, amount in sorted(deltas.items()) if amount}
        net = sum(deltas.values())
        coming = BACK if told else NEW
        kind = coming if not level else LEFT if not wanted else GREW if net >= 0 else SHRANK
        for place, (key, amount) in enumerate(deltas.items()):
            values: dict[str, Any] = {"product_id": key, "price_id": key, "accounts": int(place == 0)}
            told.append(movement(account_id, date.fromordinal(day), kind, amount, **values))
        level = wanted
    return told


def filtered(part: Slice, label: str, *, but: bool = False) -> Slice:
    """The slice that keeps one label of another, or all others."""
    assert part.by is not None
    if isinstance(part.by, Label) and part.by.of_account:
        return Slice(accounts=(part.by.among((label,), but=but),))
    return Slice(rows=(Kept(part.by, (label,), but),))


def total(found: Iterable[Roll]) -> Roll:
    values = list(found)
    sums: dict[str, Any] = {one.name: sum(getattr(roll, one.name) for roll in values) for one in fields(Roll)}
    return Roll(**sums)
