"""Figures that are loaded from facts: money that moved, trials, what is ahead, cohorts."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.figures import Asked, Grounds, load
from bot.metrics.axes import TrialBase
from bot.metrics.catalogue import METRICS
from bot.metrics.cohorts import Cohorts, Logos
from bot.metrics.metric import Grid, Missing, number
from bot.metrics.presets import BAREMETRICS
from bot.metrics.windows import Window
from storage import alerts
from storage import facts as f
from storage.alerts import Alert
from storage.engine import Database
from storage.movements import WHOLE
from storage.states import AlertState
from tests import factories
from tests.bot.digest.company import BACK, GREW, LEFT, MONDAY, NEW, movement
from tests.bot.november import BY_PRODUCT, NOVEMBER, OCTOBER, day, keep, payment, stored, values, whole


@pytest.fixture
def company(database: Database) -> Database:
    return stored(database)


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
    trial: dict[str, Any] = {"trial_start": day(1, 10), "started_at": day(1, 10)}
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
    trial: dict[str, Any] = {
        "trial_start": day(1, 11),
        "started_at": day(1, 11),
        "trial_end": day(29, 11),
        "status": f.Status.ENDED,
    }
    paid = factories.invoice("in1", account_id="a", subscription_id="sub", total=900, issued_at=day(29, 11))
    keep(
        database,
        (),
        [
            factories.account("a"),
            factories.subscription(account_id="a", ended_at=day(9, 11), **trial),
            paid,
        ],
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


def test_renewals_are_long_terms_that_end_soon_and_go_on(database: Database) -> None:
    """Thirty days from the 23rd of November reach to the 23rd of December, ninety to the 21st of February."""
    year, month = timedelta(days=365), timedelta(days=30)
    terms: dict[str, tuple[int, datetime, timedelta, dict[str, Any]]] = {
        "first day": (1, day(23, 11), year, {}),
        "soon": (20, day(22, 12), year, {}),
        "on the edge": (300, day(23, 12), year, {}),
        "later": (4_000, day(20, 2, 2027), year, {}),
        "too late": (50_000, day(21, 2, 2027), year, {}),
        "monthly": (600_000, day(1, 12), month, {}),
        "leaves": (7_000_000, day(1, 12), year, {"cancel_at": day(1, 12), "cancel_requested_at": day(2, 11)}),
        "over": (80_000_000, day(1, 12), year, {"status": f.Status.ENDED, "ended_at": day(2, 11)}),
    }
    keep(
        database,
        [movement(one, date(2026, 1, 5), NEW, amount) for one, (amount, *_) in terms.items()],
        [
            factories.subscription(
                f"sub-{one}", account_id=one, current_period_start=end - term, current_period_end=end, **more
            )
            for one, (_, end, term, more) in terms.items()
        ],
    )

    assert whole(database, "renewals_due", "renewals_ahead") == {"renewals_due": 21, "renewals_ahead": 4_321}


def test_mrr_at_risk_is_that_of_accounts_with_an_open_alert_on_the_day(company: Database) -> None:
    with company.writing() as session:
        for account_id, closed in (("acme", None), ("choo", day(1, 11)), ("bobs", day(12, 11))):
            state = AlertState.CLOSED if closed else AlertState.OPEN
            alerts.add(
                session,
                Alert(
                    id=account_id,
                    cause_key=account_id,
                    account_id=account_id,
                    state=state,
                    closed_at=closed,
                    rule="cancel",
                    object_id="x",
                    evidence={},
                    since=day(1),
                    opened_at=day(20, 10),
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
    tables = [METRICS[name].table for name in ("logo_retention", "revenue_retention")]
    grids = [table(period) for table in tables if table is not None]

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
