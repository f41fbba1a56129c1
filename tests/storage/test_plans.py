"""Spend and targets: a file's rows are exactly those of the file, what people recorded stays."""

from datetime import UTC, date, datetime
from decimal import Decimal

from storage import spend, targets
from storage.engine import Database
from storage.inputs import Spend, SpendKind, Target

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)


def spent(amount: int, start: date = OCTOBER, end: date = NOVEMBER, note: str = "", origin: str = "csv") -> Spend:
    return Spend(SpendKind.RETENTION, start, end, amount, "usd", note, origin)


def target(value: str, metric: str = "mrr", month: date = NOVEMBER, origin: str = "csv") -> Target:
    return Target(metric, month, Decimal(value), "usd", origin=origin)


def test_a_file_replaces_its_own_spend_only(database: Database) -> None:
    by_hand = spent(5_00, note="gifts", origin="record")
    with database.writing() as session:
        spend.store(session, [by_hand], NOW)
        spend.replace(session, "csv", [spent(100_00), spent(200_00, NOVEMBER, DECEMBER)], NOW)
        spend.replace(session, "csv", [spent(150_00)], NOW)

        assert spend.every(session) == [spent(150_00), by_hand]


def test_what_a_file_says_takes_the_place_of_what_was_recorded(database: Database) -> None:
    with database.writing() as session:
        spend.store(session, [spent(5_00, origin="record")], NOW)
        spend.replace(session, "csv", [spent(6_00)], NOW)
        targets.store(session, [target("100", origin="record")], NOW)
        targets.replace(session, "csv", [target("200")], NOW)

        assert spend.every(session) == [spent(6_00)]
        assert targets.every(session) == [target("200")]


def test_spend_of_a_window_is_all_that_meets_it(database: Database) -> None:
    won = Spend(SpendKind.ACQUISITION, OCTOBER, NOVEMBER, 900_00, "eur")
    with database.writing() as session:
        spend.store(session, [spent(1_00), spent(2_00, NOVEMBER, DECEMBER), won], NOW)
        last_day = spend.between(session, date(2026, 10, 31), NOVEMBER)
        both = spend.between(session, date(2026, 10, 31), date(2026, 11, 2), SpendKind.RETENTION)
        spend.forget(session, won)

        assert last_day == [won, spent(1_00)]
        assert both == [spent(1_00), spent(2_00, NOVEMBER, DECEMBER)]
        assert spend.between(session, DECEMBER, date(2027, 1, 1)) == []
        assert spend.every(session) == both


def test_targets_are_read_by_month_and_by_metric(database: Database) -> None:
    wanted = [target("20000000"), target("0.05", "customer_churn"), target("21000000", month=DECEMBER)]
    with database.writing() as session:
        targets.store(session, wanted, NOW)

        assert targets.of_month(session, NOVEMBER) == {"mrr": wanted[0], "customer_churn": wanted[1]}
        assert targets.of_metric(session, "mrr") == {NOVEMBER: wanted[0], DECEMBER: wanted[2]}
        assert targets.of_month(session, NOVEMBER, segment="region:EU") == {}
        targets.forget(session, target("0", month=DECEMBER))
        assert targets.of_metric(session, "mrr") == {NOVEMBER: wanted[0]}
