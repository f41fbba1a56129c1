"""Figures of facts by segment and filter: each fact counts under one label, and segments add up to the whole."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import SQLModel

from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Unit
from storage import facts as f
from storage.engine import Database
from storage.movements import WHOLE, Movement
from storage.slices import OTHER, Kept, Slice, movements
from storage.tables import AccountRow, InvoiceLineRow, InvoiceRow, ItemRow, MovementRow, PaymentRow, SubscriptionRow
from storage.upsert import table_of
from tests import factories
from tests.bot.digest.company import BACK, GREW, LEFT, NEW, SHRANK, hold, movement, read
from tests.bot.november import BY_COUNTRY, BY_PRODUCT, COUNTRY, day, keep, payment, stored, values, whole
from tests.examples import tried


@pytest.fixture
def company(database: Database) -> Database:
    return stored(database)


NOT_ADDITIVE = ("arpa", "asp", "ltv", "retention_cost", "crc", "cac", "ltv_survival")
ADDITIVE = [one.id for one in METRICS.values() if one.unit in (Unit.MONEY, Unit.COUNT) and one.id not in NOT_ADDITIVE]


def test_facts_count_under_the_label_of_their_account(company: Database) -> None:
    by_country = values(company, ["gross_volume", "trial_starts"], BY_COUNTRY)
    by_product = values(company, ["gross_volume", "refunds"], BY_PRODUCT)

    assert {label: periods[0]["gross_volume"] for label, periods in by_country.items()} == {
        "FI": 17_000,
        "JP": 770,
        "unknown": 0,
    }
    assert {label: tuple(periods[0].values()) for label, periods in by_product.items()} == {
        "product-team": (17_000, 1_900),
        "two": (770, 0),
    }


def test_a_filter_keeps_what_is_inside(company: Database) -> None:
    two = Slice(rows=[Kept(movements.c.product_id, {"two"})])
    finns = Slice(accounts=[COUNTRY.among(["FI"])])

    assert whole(company, "gross_volume", "mrr", part=two) == {"gross_volume": 770, "mrr": 4_000}
    assert whole(company, "gross_volume", "mrr", "refunds", part=finns) == {
        "gross_volume": 17_000,
        "mrr": 12_000,
        "refunds": 1_900,
    }


def test_a_filter_and_a_division_together(company: Database) -> None:
    """Every figure of Finland by product, next to what is in one product, which a trial without a country is of."""
    finns = Slice(by=movements.c.product_id, rows=[Kept(COUNTRY, {"FI"})])
    team = Slice(by=COUNTRY, rows=[Kept(movements.c.product_id, {"product-team"})], named=())
    names = [
        "gross_volume",
        "mrr",
        "subscriptions",
        "asp",
        "concentration",
        "scheduled_churn",
        "refunds",
        "trial_starts",
    ]
    expected = dict(zip(names, (17_000, 12_000, 1, None, 1, 12_000, 1_900, 0), strict=True))

    assert values(company, expected, finns) == {"product-team": [expected]}
    assert values(company, expected, team) == {OTHER: [expected | {"trial_starts": 1}]}


def test_what_schedules_plan_is_told_apart_from_what_they_end(database: Database) -> None:
    until, later = factories.at(1, 12), factories.at(1, 1, 2027)

    def plan(of: str, *phases: f.Phase, cancels: bool = False) -> f.Schedule:
        return f.Schedule(
            id=f"plan-{of}",
            account_id=of,
            source="test",
            subscription_id=f"sub-{of}",
            currency="usd",
            live=True,
            cancels=cancels,
            phases=phases,
        )

    now = f.Phase(factories.at(1, 1), until, (("pro", 1),))
    subscriptions = [
        factories.subscription(f"sub-{of}", account_id=of, items=[factories.item("pro")]) for of in ("acme", "bobs")
    ]
    facts: list[f.Fact] = [
        *(factories.account(of, country=country) for of, country in (("acme", "FI"), ("bobs", "JP"))),
        factories.price("pro", "5000"),
        *subscriptions,
        plan("acme", now, f.Phase(until, later, (("pro", 3),))),
        plan("bobs", now, cancels=True),
    ]
    keep(database, [movement(of, date(2026, 10, 5), NEW, 5_000) for of in ("acme", "bobs")], facts)
    names = ("scheduled_changes", "scheduled_churn", "committed_mrr")

    assert whole(database, *names) == dict(zip(names, map(Decimal, (10_000, 5_000, 5_000)), strict=True))
    by_country = values(database, names, BY_COUNTRY)
    assert [tuple(by_country[one][0].values()) for one in ("FI", "JP")] == [(10_000, 0, 5_000), (0, 5_000, 0)]


def test_trials_count_under_what_is_tried(database: Database) -> None:
    """Who never paid has no rows in the ledger, and who pays for something else has none of this."""
    ended = {"trial_start": day(1, 11), "started_at": day(1, 11), "trial_end": day(15, 11)}
    runs = {"trial_start": day(20, 11), "started_at": day(20, 11), "trial_end": day(4, 12)}
    pro, desk = factories.item("pro", 3), factories.item("desk", 2, id="si_desk")
    facts: list[f.Fact] = [
        *map(factories.account, ("acme", "bolt", "city")),
        factories.price("pro", "5000", product_id="p-pro"),
        factories.price("desk", "700", product_id="p-desk"),
        factories.subscription("left", [pro], account_id="bolt", status=f.Status.ENDED, ended_at=day(15, 11), **ended),
        factories.subscription("kept", [factories.item("desk")], account_id="acme", **ended),
        factories.subscription(
            "runs", [pro, desk], account_id="city", currency="usd", status=f.Status.TRIALING, **runs
        ),
        factories.subscription("more", [desk], account_id="acme", status=f.Status.TRIALING, **runs),
        factories.invoice("in1", account_id="acme", subscription_id="kept", total=700, issued_at=day(15, 11)),
    ]
    keep(database, [movement("acme", date(2026, 10, 5), NEW, 9_900, product_id="p-team", price_id="team")], facts)
    names = ("trial_starts", "trial_conversion", "trial_mrr", "mrr")

    assert {label: tuple(periods[0].values()) for label, periods in values(database, names, BY_PRODUCT).items()} == {
        "p-desk": (2, 1, 2_800, 0),
        "p-pro": (2, 0, 15_000, 0),
        "p-team": (0, None, 0, 9_900),
    }


def test_facts_of_who_never_paid_count_under_what_they_subscribe_to(database: Database) -> None:
    """Their charge failed at once: the latest subscription tells of what it was, and nothing where there is none."""
    failed = f.PaymentStatus.FAILED
    first = factories.subscription(
        "s1", [factories.item("pro")], account_id="bolt", started_at=day(1, 10), ended_at=day(2, 10)
    )
    facts: list[f.Fact] = [
        *map(factories.account, ("acme", "bolt", "city")),
        factories.price("pro", "5000", product_id="p-pro"),
        factories.price("desk", "700", product_id="p-desk"),
        first,
        factories.subscription("s2", [factories.item("desk")], account_id="bolt", started_at=day(3, 11)),
        *(payment(id_, 5_000, 4, id_, status=failed) for id_ in ("acme", "bolt", "city")),
    ]
    keep(database, [movement("acme", date(2026, 10, 5), NEW, 9_900, product_id="p-team")], facts)

    found = values(database, ["failed_charges"], BY_PRODUCT)

    assert {label: periods[0]["failed_charges"] for label, periods in found.items()} == {
        "p-desk": 1,
        "p-team": 1,
        "unknown": 1,
    }


def test_money_counts_under_the_currency_that_it_is_in(database: Database) -> None:
    facts: list[f.Fact] = [
        factories.account("acme"),
        f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal("1.25")),
        payment("p1", 1_000, 4, currency="eur"),
        payment("p2", 300, 5, currency="usd"),
    ]
    keep(database, [movement("acme", date(2026, 10, 5), NEW, 9_900)], facts)

    found = values(database, ["gross_volume"], Slice(by=movements.c.currency))

    assert {label: periods[0]["gross_volume"] for label, periods in found.items()} == {"eur": 1_250, "usd": 300}


DIVISIONS = (BY_COUNTRY, BY_PRODUCT, Slice(by=movements.c.currency))
EMPTIED: tuple[type[SQLModel], ...] = (
    AccountRow,
    SubscriptionRow,
    ItemRow,
    InvoiceRow,
    InvoiceLineRow,
    PaymentRow,
    MovementRow,
)
MOVES = st.tuples(st.integers(1, 40), st.sampled_from((-300, 200, 500)), st.sampled_from(("p1", "p2")))
LIFE = st.tuples(
    st.sampled_from(("FI", "JP", None)),
    st.sampled_from(("usd", "eur", "sek")),
    st.lists(MOVES, max_size=6),
    st.lists(st.tuples(st.integers(1, 28), st.sampled_from(f.PaymentStatus)), max_size=4),
    st.booleans(),
)


@tried(0.2)  # each asks for every metric twice
@given(st.lists(LIFE, min_size=1, max_size=5), st.sampled_from(DIVISIONS))
def test_segments_add_up_to_the_total(
    database: Database,
    lives: list[tuple[Any, ...]],
    part: Slice,
) -> None:
    with database.writing() as session:
        for model in EMPTIED:
            session.connection().execute(table_of(model).delete())
        hold(session, *_company(lives))
        read(session)
    (total,) = values(database, ADDITIVE)[WHOLE]
    found = [periods[0] for periods in values(database, ADDITIVE, part).values()]
    sums = {name: sum((one[name] or Decimal(0) for one in found), Decimal(0)) for name in ADDITIVE}

    assert sums == {name: amount or 0 for name, amount in total.items()}


def _company(lives: list[tuple[Any, ...]]) -> tuple[list[Movement], list[f.Fact]]:
    moves: list[Movement] = []
    facts: list[f.Fact] = [
        f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal("1.25")),
        factories.price("team", "4900", product_id="product-team"),
    ]
    for place, (country, currency, steps, paid, trying) in enumerate(lives):
        id_ = f"a{place}"
        facts.append(factories.account(id_, country=country))
        moves += _life(id_, currency, steps)
        facts += [
            payment(f"{id_}-{n}", 100 + n, at, id_, status=status, currency=currency, intent_ref=id_)
            for n, (at, status) in enumerate(paid)
        ]
        trial = {"trial_start": day(2, 11), "started_at": day(2, 11), "trial_end": day(2, 12)} if trying else {}
        ends = {"cancel_at": day(9, 12)} if not trying else {"status": f.Status.TRIALING}
        item = [factories.item("team", 2)]
        facts.append(factories.subscription(f"sub-{id_}", item, account_id=id_, currency=currency, **trial, **ends))
        line = factories.line(f"l-{id_}", 900, day(3, 11), discount_once=90)
        facts.append(factories.invoice(f"in-{id_}", [line], account_id=id_, currency=currency, issued_at=day(9, 11)))
    return moves, facts


def _life(id_: str, currency: str, steps: Sequence[tuple[int, int, str]]) -> list[Movement]:
    """Levels of two products that never fall below zero."""
    levels = {"p1": 0, "p2": 0}
    told: list[Movement] = []
    at = date(2026, 10, 10)
    for gap, step, product in steps:
        at += timedelta(days=gap)
        before = sum(levels.values())
        amount = max(step, -levels[product])
        if not amount:
            continue
        levels[product] += amount
        after = sum(levels.values())
        kind = (BACK if told else NEW) if not before else LEFT if not after else GREW if amount > 0 else SHRANK
        told.append(movement(id_, at, kind, amount, product_id=product, price_id=product, currency=currency))
    return told
