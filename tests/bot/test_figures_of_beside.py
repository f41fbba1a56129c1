"""Figures that are loaded from what is told beside billing, whole and by segment, and plans of a month."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.figures import Asked, Grounds, load
from bot.figures.plans import plans, segments_with_plans
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Missing, number
from bot.metrics.plan import Progress
from bot.metrics.windows import Window
from storage import facts as f
from storage import signals, spend, targets
from storage.dimensions import DIMENSIONS
from storage.engine import Database
from storage.inputs import COMPANY, Signal, Spend, SpendKind, Target
from storage.movements import WHOLE
from storage.slices import EVERYTHING, Slice
from storage.worth import Moment
from tests import factories
from tests.bot.digest.company import NEW, hold, movement, steady

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
OCTOBER, NOVEMBER, MONDAY = date(2026, 10, 1), date(2026, 11, 1), date(2026, 11, 23)
GROUNDS = Grounds("usd", ZoneInfo("Europe/Helsinki"))
MIDNIGHT = datetime(2026, 10, 31, 22, tzinfo=UTC)  # at which November begins in Helsinki
DAY = timedelta(days=1)


def seen(value: str, name: str, account_id: str = "acme", at: datetime = MIDNIGHT, who: str = "") -> Signal:
    return Signal(account_id, name, at, Decimal(value), who)


@pytest.fixture
def company(database: Database) -> Database:
    """Two accounts in two regions, one more that came in November, and what was told of them."""
    told = [
        seen("9", "nps", who="jane"),
        seen("10", "nps", "beta"),
        seen("3", "nps", "beta", who="tom"),
        seen("0", "nps", COMPANY),
        seen("10", "nps", at=MIDNIGHT - timedelta(seconds=1), who="october"),
        seen("5", "csat"),
        seen("2", "csat", "beta"),
        *(seen(str(4 + number), "active_users", at=MIDNIGHT + number * DAY) for number in range(3)),
        seen("20", "monthly_active_users"),
        seen("8", "active_users", "beta"),
    ]
    with database.writing() as session:
        accounts = [factories.account(region="EU"), factories.account("beta", region="US")]
        moved = [movement("acme", date(2026, 1, 5), NEW, 100_00), movement("beta", date(2026, 1, 5), NEW, 50_00)]
        hold(session, [*moved, movement("late", date(2026, 11, 2), NEW, 30_00)], accounts)
        signals.store(session, told, NOW)
    return database


def values(database: Database, names: tuple[str, ...], part: Slice = EVERYTHING) -> Mapping[str, list[Decimal | None]]:
    with database.reading() as session:
        asked = Asked(session, [Window(NOVEMBER, MONDAY)], GROUNDS, part)
        found = load(asked, [need for name in names for need in METRICS[name].needs])
    return {label: [number(METRICS[name].value(period)) for name in names] for label, (period,) in found.items()}


def test_answers_and_use_are_those_of_the_window_and_the_segment(company: Database) -> None:
    names = ("nps", "csat", "stickiness")
    by_region = DIMENSIONS["region"].by(Moment(MONDAY, {}))

    assert values(company, names) == {WHOLE: [0, Decimal("0.5"), Decimal("0.25")]}
    assert values(company, names, Slice(by=by_region)) == {
        "EU": [100, 1, Decimal("0.25")],
        "US": [0, 0, None],
    }
    assert values(company, names, Slice(accounts=[by_region.among(["US"])])) == {WHOLE: [0, 0, None]}


def test_costs_are_those_of_the_window_and_never_of_a_segment(company: Database) -> None:
    told = [
        Spend(SpendKind.RETENTION, OCTOBER, date(2026, 12, 1), 6100_00, "usd"),
        Spend(SpendKind.ACQUISITION, NOVEMBER, date(2026, 12, 1), 3000_00, "usd"),
    ]
    with company.writing() as session:
        spend.store(session, told, NOW)
    names = ("retention_cost", "crc", "cac")
    by_region = DIMENSIONS["region"].by(Moment(MONDAY, {}))

    assert values(company, names) == {WHOLE: [2200_00, 1100_00, 2200_00]}
    assert set(map(tuple, values(company, names, Slice(by=by_region)).values())) == {(None, None, None)}


def plan(database: Database, until: date = MONDAY, **told: tuple[str, str | None]) -> Mapping[str, Progress | Missing]:
    """The plans of the month up to a day, with targets by metric as value and currency."""
    month = until.replace(day=1) if until.day > 1 else NOVEMBER
    with database.writing() as session:
        aims = [Target(metric, month, Decimal(value), code) for metric, (value, code) in told.items()]
        targets.store(session, aims, NOW)
        return plans(session, GROUNDS, until)


def test_a_plan_is_told_by_metric_in_the_order_of_the_catalogue(company: Database) -> None:
    found = plan(company, customers=("6", None), nps=("40", None), mrr=("20000", "usd"), new_mrr=("6000", "usd"))

    assert list(found) == ["mrr", "new_mrr", "customers", "nps"]
    mrr, new, customers, nps = found.values()
    assert isinstance(mrr, Progress)
    assert isinstance(new, Progress)
    assert isinstance(customers, Progress)
    assert isinstance(nps, Progress)
    assert (mrr.month, mrr.actual, mrr.target, mrr.share) == (NOVEMBER, 180_00, 200_00, Decimal("0.9"))
    assert mrr.at_pace == Decimal(150_00) + Decimal(30_00) * 30 / 22
    assert (new.actual, new.at_pace) == (30_00, Decimal(30_00) * 30 / 22)
    assert (customers.actual, customers.at_pace, customers.kept) == (3, 2 + Decimal(30) / 22, False)
    assert (nps.actual, nps.at_pace, nps.gap) == (0, 0, -40)


def test_on_the_first_of_a_month_the_one_before_is_told_whole(company: Database) -> None:
    (found,) = plan(company, date(2026, 12, 1), mrr=("17000", "usd")).values()

    assert isinstance(found, Progress)
    assert (found.month, found.at_pace, found.kept) == (NOVEMBER, found.actual, True)


def test_without_targets_nothing_is_read(company: Database) -> None:
    with company.reading() as session:
        assert plans(session, GROUNDS, MONDAY) == {}


def test_a_target_in_another_currency_takes_the_rate_of_the_last_day(company: Database) -> None:
    with company.writing() as session:
        rate = f.ExchangeRate(day=MONDAY - DAY, currency="eur", base="usd", rate=Decimal("1.2"))
        hold(session, [], [rate])
    found = plan(company, mrr=("10000", "eur"), arr=("10000", "sek"))

    assert isinstance(found["mrr"], Progress)
    assert found["mrr"].target == 120_00
    assert found["arr"] == Missing("The target is in SEK, which has no rate; provide one (docs/csv.md).")


def test_a_metric_that_is_not_known_says_why(company: Database) -> None:
    (found,) = plan(company, crc=("10000", "usd")).values()

    assert isinstance(found, Missing)
    assert found.why.startswith("No retention spend is told for 2026-11")


def test_only_the_metrics_asked_for_are_told(company: Database) -> None:
    plan(company, customers=("6", None), mrr=("20000", "usd"))
    with company.reading() as session:
        assert list(plans(session, GROUNDS, MONDAY, only=["customers", "arr"])) == ["customers"]


def test_a_segment_has_a_plan_of_its_own(company: Database) -> None:
    aims = [Target("mrr", NOVEMBER, Decimal(value), "usd", one) for one, value in (("region:EU", 80_00), ("", 200_00))]
    with company.writing() as session:
        targets.store(session, [*aims, Target("mrr", NOVEMBER, Decimal(1), "usd", "region:Mars")], NOW)
        parts = segments_with_plans(session, MONDAY)
        found = {one: plans(session, GROUNDS, MONDAY, segment=one)["mrr"] for one in ("", *parts)}

    assert parts == ["region:EU", "region:Mars"]
    told = [(one.actual, one.target) for one in found.values() if isinstance(one, Progress)]
    assert told == [(180_00, 200_00), (100_00, 80_00)]
    assert isinstance(found["region:Mars"], Missing)
    assert found["region:Mars"].why.startswith("“Mars” (character 1 of the filter) is no region I know")


def test_a_plan_of_many_accounts_is_quick_to_tell(company: Database) -> None:
    """One pass for all targets, whatever the number of accounts."""
    with company.writing() as session:
        hold(session, steady(300))
    told: dict[str, Any] = dict.fromkeys(("customers", "customer_churn", "nrr", "grr"), ("1", None))
    found = plan(company, **told)

    assert all(isinstance(one, Progress) for one in found.values())
