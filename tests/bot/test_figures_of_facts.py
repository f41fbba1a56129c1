"""Figures that are loaded from facts: money that moved, trials, what is ahead, cohorts; and that segments add up."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.figures import Asked, Grounds, load
from bot.metrics.axes import TrialBase
from bot.metrics.catalogue import METRICS
from bot.metrics.cohorts import Cohorts, Logos
from bot.metrics.metric import Grid, Missing, Unit, number
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.presets import BAREMETRICS
from bot.metrics.windows import Window
from storage import alerts
from storage import facts as f
from storage.alerts import Alert
from storage.engine import Database
from storage.movements import WHOLE, Movement
from storage.slices import EVERYTHING, OTHER, Kept, Label, Slice, movements
from storage.states import AlertState
from storage.tables import AccountRow, InvoiceLineRow, InvoiceRow, ItemRow, MovementRow, PaymentRow, SubscriptionRow
from storage.upsert import table_of
from tests import factories
from tests.bot.digest.company import BACK, GREW, LEFT, MONDAY, NEW, SHRANK, hold, movement, read

OCTOBER, NOVEMBER = Window(date(2026, 10, 1), date(2026, 11, 1)), Window(date(2026, 11, 1), MONDAY)
day = factories.at
accounts = table_of(AccountRow)
COUNTRY = Label(
    movements.c.account_id,
    select(accounts.c.id.label("key"), accounts.c.country.label("label")).subquery(),
    "unknown",
)
BY_COUNTRY = Slice(by=COUNTRY)
BY_PRODUCT = Slice(by=movements.c.product_id)
NOT_ADDITIVE = ("arpa", "asp", "ltv", "retention_cost", "crc", "cac", "ltv_survival")
ADDITIVE = [one.id for one in METRICS.values() if one.unit in (Unit.MONEY, Unit.COUNT) and one.id not in NOT_ADDITIVE]


def values(
    database: Database,
    names: Iterable[str],
    part: Slice = EVERYTHING,
    *,
    windows: Sequence[Window] = (NOVEMBER,),
    policy: MetricsPolicy = KAHVI,
    zone: str = "UTC",
) -> dict[str, list[dict[str, Decimal | None]]]:
    """The values of metrics by label and window."""
    wanted = [METRICS[name] for name in names]
    with database.reading() as session:
        asked = Asked(session, windows, Grounds("usd", ZoneInfo(zone), policy), part)
        found = load(asked, [need for one in wanted for need in one.needs])
    return {
        label: [{one.id: number(one.value(period)) for one in wanted} for period in periods]
        for label, periods in found.items()
    }


def whole(database: Database, *names: str, **given: object) -> dict[str, Decimal | None]:
    return values(database, names, **given)[WHOLE][0]


def payment(id_: str, amount: int, at: int, account: str = "acme", **given: object) -> f.Payment:
    status = f.PaymentStatus.SUCCEEDED
    fixed = {"source": "test", "currency": "usd", "status": status, "at": day(at, 11), "amount": amount}
    return f.Payment(**{"id": id_, "account_id": account, **fixed, **given})


def keep(database: Database, moves: Sequence[Movement], facts: Sequence[f.Fact] = ()) -> None:
    with database.writing() as session:
        hold(session, moves, facts)
        read(session)


@pytest.fixture
def company(database: Database) -> Database:
    """Two customers in Finland, one in Japan with two products, one on trial; all kinds of money in November."""
    failed, half = f.PaymentStatus.FAILED, {"interval": f.Interval.YEAR, "product_id": "half"}
    moves = [
        movement("acme", date(2026, 10, 5), NEW, 10_000),
        movement("acme", date(2026, 11, 10), GREW, 2_000),
        movement("bobs", date(2026, 10, 9), NEW, 5_000),
        movement("bobs", date(2026, 11, 12), LEFT, -5_000),
        movement("choo", date(2026, 11, 3), NEW, 3_000, product_id="one"),
        movement("choo", date(2026, 11, 3), NEW, 4_000, product_id="two", price_id="two", accounts=0),
        movement("kron", date(2026, 11, 3), NEW, 90_000, currency="sek"),
    ]
    facts: list[f.Fact] = [
        factories.account("acme", country="FI"),
        factories.account("bobs", country="FI"),
        factories.account("choo", country="JP"),
        factories.account("kron", country="SE"),
        factories.account("tryo"),
        factories.price("team", "4900", product_id="product-team"),
        factories.price("half", "120000", **half),
        factories.subscription("sub-acme", account_id="acme", cancel_at=day(3, 12), cancel_requested_at=day(20, 11)),
        factories.subscription(
            "sub-choo", account_id="choo", current_period_start=day(5, 1), current_period_end=day(5, 1, 2027)
        ),
        factories.subscription(
            "sub-tryo",
            [factories.item("team", 2)],
            account_id="tryo",
            status=f.Status.TRIALING,
            started_at=day(12, 11),
            trial_start=day(12, 11),
            trial_end=day(26, 11),
        ),
        factories.subscription(
            "sub-bobs",
            account_id="bobs",
            status=f.Status.ENDED,
            started_at=day(25, 9),
            trial_start=day(25, 9),
            trial_end=day(9, 10),
            ended_at=day(12, 11),
        ),
        payment("p1", 12_000, 4),
        payment("p2", 5_000, 5, "bobs", status=failed, intent_ref="i2"),
        payment("p3", 5_000, 6, "bobs", intent_ref="i2"),
        payment("p4", 700, 7, "choo", currency="eur"),
        payment("p5", 90_000, 7, "kron", currency="sek"),
        payment("p6", 300, 8, "choo", status=failed),
        f.Refund(
            id="r1",
            account_id="acme",
            source="test",
            payment_id="p1",
            amount=1_500,
            currency="usd",
            status="succeeded",
            reason=None,
            created_at=day(9, 11),
        ),
        f.Refund(
            id="r2",
            account_id=None,
            source="test",
            payment_id="p3",
            amount=400,
            currency="usd",
            status="pending",
            reason=None,
            created_at=day(9, 11),
        ),
        f.Refund(
            id="r3",
            account_id="acme",
            source="test",
            payment_id="p1",
            amount=999,
            currency="usd",
            status="failed",
            reason=None,
            created_at=day(9, 11),
        ),
        f.Dispute(
            id="d1",
            account_id=None,
            source="test",
            payment_id="p4",
            amount=700,
            currency="eur",
            status="needs_response",
            reason=None,
            created_at=day(20, 11),
        ),
        f.Dispute(
            id="d2",
            account_id="acme",
            source="test",
            payment_id="p1",
            amount=12_000,
            currency="usd",
            status="warning_closed",
            reason=None,
            created_at=day(20, 11),
        ),
        factories.invoice(
            "in1",
            [factories.line("l1", 12_000, day(4, 11), discount_once=500, discount_forever=1_000)],
            account_id="acme",
            total=10_500,
            amount_paid=10_500,
            issued_at=day(3, 11),
            paid_at=day(4, 11),
        ),
        factories.invoice(
            "in2",
            [factories.line("l2", 5_000, day(1, 11), discount_repeating=250)],
            account_id="bobs",
            subscription_id="sub-bobs",
            issued_at=day(9, 10),
            paid_at=day(6, 11),
        ),
        factories.invoice(
            "in3",
            [factories.line("l3", 9_000, day(1, 11), discount_repeating=9_000)],
            account_id="choo",
            status=f.InvoiceStatus.VOID,
            issued_at=day(9, 11),
        ),
        f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal("1.10")),
        f.ExchangeRate(day=date(2026, 11, 20), currency="eur", base="usd", rate=Decimal("1.20")),
    ]
    keep(database, moves, facts)
    return database


def test_money_that_moved(company: Database) -> None:
    """What is in kronor is left out, euros count by the day's rate."""
    assert whole(
        company,
        "gross_volume",
        "net_revenue",
        "cash_collected",
        "failed_charges",
        "recovered_revenue",
        "refunds",
        "disputes",
        "disputes_opened",
        "discounts",
    ) == {
        "gross_volume": 17_770,
        "net_revenue": 15_870,
        "cash_collected": 15_500,
        "failed_charges": 2,
        "recovered_revenue": 5_000,
        "refunds": 1_900,
        "disputes": 840,
        "disputes_opened": 1,
        "discounts": 1_500,
    }


def test_what_has_no_rate_is_named(company: Database) -> None:
    with company.reading() as session:
        asked = Asked(session, (NOVEMBER,), Grounds("usd", ZoneInfo("UTC")))
        load(asked, METRICS["gross_volume"].needs)

    assert asked.left_out == {"sek"}


def test_trials(company: Database) -> None:
    """One began; the other ended in October and was paid for in November, late."""
    november = {"trial_starts": 1, "trial_conversion": None, "trial_mrr": 9_800}

    assert whole(company, *november) == november
    assert whole(company, "trial_conversion", windows=[Window(date(2026, 10, 1), MONDAY)]) == {"trial_conversion": 1}
    assert whole(company, "trial_conversion", policy=BAREMETRICS) == {"trial_conversion": 1}
    assert BAREMETRICS.trial_conversion_base is TrialBase.SAME_WINDOW_NEW


def test_a_conversion_may_pass_a_hundred_percent(database: Database) -> None:
    """Two trials that ended last month pay in this one, in which one ends: 200 %, as Stripe says it may be."""
    trial = {"trial_start": day(1, 10), "started_at": day(1, 10)}
    ends = {"a": day(20, 10), "b": day(25, 10), "c": day(8, 11)}
    facts: list[f.Fact] = [
        *(factories.account(id_) for id_ in ends),
        *(factories.subscription(f"sub-{id_}", account_id=id_, trial_end=end, **trial) for id_, end in ends.items()),
        *(
            factories.invoice(
                f"in-{id_}",
                account_id=id_,
                subscription_id=f"sub-{id_}",
                total=900,
                issued_at=day(26, 10),
                paid_at=day(4, 11),
            )
            for id_ in ("a", "b")
        ),
    ]
    keep(database, (), facts)

    assert whole(database, "trial_conversion") == {"trial_conversion": 2}


def test_a_trial_that_was_cancelled_ends_with_that_and_never_converts(database: Database) -> None:
    trial = {"trial_start": day(1, 11), "started_at": day(1, 11), "trial_end": day(29, 11), "status": f.Status.ENDED}
    paid = factories.invoice("in1", account_id="a", subscription_id="sub", total=900, issued_at=day(29, 11))
    keep(
        database,
        (),
        [factories.account("a"), factories.subscription(account_id="a", ended_at=day(9, 11), **trial), paid],
    )

    assert whole(database, "trial_conversion") == {"trial_conversion": 0}


def test_without_invoices_some_figures_say_what_to_provide(database: Database) -> None:
    keep(database, ())
    with database.reading() as session:
        asked = Asked(session, (NOVEMBER,), Grounds("usd", ZoneInfo("UTC")))
        metrics = [METRICS[name] for name in ("trial_conversion", "cash_collected", "discounts")]
        (month,) = load(asked, [need for one in metrics for need in one.needs])[WHOLE]
    found = [one.value(month) for one in metrics]

    assert all(isinstance(one, Missing) and "provide" in one.why for one in found)


def test_what_is_ahead_is_known_for_the_present_only(company: Database) -> None:
    names = ("committed_mrr", "scheduled_churn", "renewals_due", "renewals_ahead")
    past, present = values(company, names, windows=[OCTOBER, NOVEMBER])[WHOLE]

    assert past == dict.fromkeys(names)
    assert present == {
        "committed_mrr": 7_000,
        "scheduled_churn": 12_000,
        "renewals_due": 0,
        "renewals_ahead": 7_000,
    }


def test_mrr_at_risk_is_that_of_accounts_with_an_open_alert_on_the_day(company: Database) -> None:
    with company.writing() as session:
        for account_id, closed in (("acme", None), ("choo", day(1, 11)), ("bobs", day(12, 11))):
            state = AlertState.CLOSED if closed else AlertState.OPEN
            values_ = {"rule": "cancel", "object_id": "x", "evidence": {}, "since": day(1), "opened_at": day(20, 10)}
            alerts.add(
                session,
                Alert(
                    id=account_id, cause_key=account_id, account_id=account_id, state=state, closed_at=closed, **values_
                ),
            )
    october, november = values(company, ["mrr_at_risk"], windows=[OCTOBER, NOVEMBER])[WHOLE]

    assert (october["mrr_at_risk"], november["mrr_at_risk"]) == (15_000, 12_000)


def test_subscriptions_prices_and_the_largest(company: Database) -> None:
    names = ("subscriptions", "asp", "concentration")
    assert whole(company, *names) == {"subscriptions": 2, "asp": 7_000, "concentration": 1}
    by_product = values(company, ["subscriptions", "asp"], BY_PRODUCT)
    assert {label: tuple(periods[0].values()) for label, periods in by_product.items()} == {
        "one": (0, 3_000),
        "two": (1, 4_000),
        "product-team": (1, None),
    }


def test_concentration_is_the_share_of_ten(database: Database) -> None:
    euros = [movement(f"e{n}", date(2026, 1, 5), NEW, 1_000, currency="eur") for n in range(6)]
    dollars = [movement(f"d{n}", date(2026, 1, 5), NEW, 1_000 + n) for n in range(6)]
    keep(
        database,
        [*euros, *dollars],
        [f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal(2))],
    )

    assert whole(database, "concentration") == {"concentration": Decimal(12_000 + 4_014) / Decimal(12_000 + 6_015)}


def test_cohorts(database: Database) -> None:
    """Two come in September for 100 and 50; one grows by 15, the other leaves and is back. One comes in October."""
    moves = [
        movement("a", date(2026, 9, 2), NEW, 10_000),
        movement("a", date(2026, 10, 2), GREW, 1_500),
        movement("b", date(2026, 9, 20), NEW, 5_000),
        movement("b", date(2026, 10, 20), LEFT, -5_000),
        movement("b", date(2026, 11, 20), BACK, 4_000),
        movement("c", date(2026, 10, 20), NEW, 1_000, currency="eur"),
        movement("old", date(2026, 8, 20), NEW, 9_000),
    ]
    keep(database, moves, [f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal("1.5"))])
    autumn = Window(date(2026, 9, 1), MONDAY)
    with database.reading() as session:
        (period,) = load(Asked(session, [autumn], Grounds("usd", ZoneInfo("UTC"))), [Cohorts, Logos])[WHOLE]
    grids = [METRICS[name].table(period) for name in ("logo_retention", "revenue_retention")]

    assert [_plain(grid) for grid in grids] == [
        [("2026-09", 2, ["1", "0.5", "1"]), ("2026-10", 1, ["1", "1"])],
        [("2026-09", 15_000, ["1", "0.767", "1.033"]), ("2026-10", 1_500, ["1", "1"])],
    ]
    assert number(METRICS["logo_retention"].value(period)) == 1
    assert number(METRICS["revenue_retention"].value(period)) == Decimal(17_000) / 16_500


def _plain(grid: Grid) -> list[tuple[str, Decimal, list[str]]]:
    return [
        (f"{row.start:%Y-%m}", row.size, [f"{one.quantize(Decimal('0.001')).normalize():f}" for one in row.shares])
        for row in grid.rows
    ]


def test_a_window_begins_with_the_local_day(database: Database) -> None:
    """Midnight in Helsinki is 22:00 UTC: what was paid at 23:00 UTC on the last of October is November's."""
    keep(database, (), [factories.account(), replace(payment("p1", 700, 1), at=day(31, 10, hour=23))])

    assert whole(database, "gross_volume", zone="Europe/Helsinki") == {"gross_volume": 700}
    assert whole(database, "gross_volume") == {"gross_volume": 0}


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
    """Every figure of Finland by product, next to what of it is in one product."""
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
    assert values(company, expected, team) == {OTHER: [expected]}


DIVISIONS = (BY_COUNTRY, BY_PRODUCT, Slice(by=movements.c.currency))
FEWER = settings.default.max_examples // 5 if settings.default else 10  # each asks for every metric twice
EMPTIED = (AccountRow, SubscriptionRow, ItemRow, InvoiceRow, InvoiceLineRow, PaymentRow, MovementRow)
MOVES = st.tuples(st.integers(1, 40), st.sampled_from((-300, 200, 500)), st.sampled_from(("p1", "p2")))
LIFE = st.tuples(
    st.sampled_from(("FI", "JP", None)),
    st.sampled_from(("usd", "eur", "sek")),
    st.lists(MOVES, max_size=6),
    st.lists(st.tuples(st.integers(1, 28), st.sampled_from(f.PaymentStatus)), max_size=4),
    st.booleans(),
)


@settings(max_examples=FEWER)
@given(st.lists(LIFE, min_size=1, max_size=5), st.sampled_from(DIVISIONS))
def test_segments_add_up_to_the_total(
    database: Database,
    lives: list[tuple],
    part: Slice,
) -> None:
    with database.writing() as session:
        for table in map(table_of, EMPTIED):
            session.connection().execute(table.delete())
        hold(session, *_company(lives))
        read(session)
    (total,) = values(database, ADDITIVE)[WHOLE]
    found = [periods[0] for periods in values(database, ADDITIVE, part).values()]
    sums = {name: sum((one[name] or Decimal(0) for one in found), Decimal(0)) for name in ADDITIVE}

    assert sums == {name: amount or 0 for name, amount in total.items()}


def _company(lives: list[tuple]) -> tuple[list[Movement], list[f.Fact]]:
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
    facts = [
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
