"""Actual against plan in the coffee stats: there only where targets are told, and calm."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from bot.digest.sections.plan import AgainstPlan
from bot.messages.digest import outgoing, plain_text
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Missing
from bot.metrics.plan import Progress
from storage import targets
from storage.engine import Database
from storage.inputs import Target
from tests.bot.digest.company import MONDAY, NOW, busy, morning, read

NOVEMBER = date(2026, 11, 1)


def against(metric: str, target: str, actual: str, at_pace: str | None) -> Progress:
    pace = None if at_pace is None else Decimal(at_pace)
    return Progress(METRICS[metric], NOVEMBER, Decimal(target), Decimal(actual), pace)


def lines(found: Mapping[str, Progress | Missing], until: date = MONDAY) -> list[str]:
    told = AgainstPlan(until, "usd", found).told()
    return ["".join(str(getattr(part, "said", part)) for part in line) for line in told.lines]


def test_each_target_is_one_line_with_what_the_pace_makes_of_it() -> None:
    found = {
        "mrr": against("mrr", "20000000", "19000000", "19640000"),
        "customers": against("customers", "1200", "1190", "1201"),
        "customer_churn": against("customer_churn", "0.025", "0.014", "0.0267"),
        "fx": against("fx", "100", "-2000", "-3000"),
        "nps": against("nps", "40", "38", "38"),
    }

    assert lines(found) == [
        "MRR: $190,000 of $200,000 (95.0%); at this pace $196,400 by 30 November, $3,600 short",
        "Customers: 1,190 of 1,200 (99.2%); at this pace 1,201 by 30 November, on plan",
        "Customer churn: 1.4%, planned at most 2.5%; at this pace 2.7% by 30 November, 0.2 points too much",
        "Exchange rate effect: −$20, planned $1; at this pace −$30 by 30 November",
        "NPS: 38, planned 40, 2 short",
    ]


def test_early_and_unknown_values_promise_nothing() -> None:
    found: dict[str, Progress | Missing] = {
        "net_new_mrr": against("net_new_mrr", "-500000", "-12345", None),
        "quick_ratio": against("quick_ratio", "4", "3.456", "3.456"),
        "time_to_churn": against("time_to_churn", "20", "22.46", "22.46"),
        "crc": Missing("No retention spend is told."),
    }

    assert lines(found) == [
        "Net new MRR: −$123, planned −$5,000",
        "Quick ratio: 3.46, planned 4.00, 0.54 short",
        "Time to churn: 22.5 months, planned 20.0 months, on plan",
        "Retention cost per customer: No retention spend is told.",
    ]


def test_more_than_a_handful_goes_into_the_thread() -> None:
    names = ("mrr", "arr", "new_mrr", "customers", "arpa", "nrr", "grr")
    told = AgainstPlan(MONDAY, "usd", {name: against(name, "1", "1", None) for name in names}).told()

    assert len(told.lines) == 5
    assert [len(detail.lines) for detail in told.details] == [2]


def test_segments_follow_the_company() -> None:
    aim = {"mrr": against("mrr", "100000", "99000", None)}
    told = AgainstPlan(MONDAY, "usd", aim, {"region:EU": aim, "plan:pro": {}}).told()

    assert ["".join(str(getattr(part, "said", part)) for part in line) for line in told.lines] == [
        "MRR: $990 of $1,000 (99.0%)",
        "MRR of region:EU: $990 of $1,000 (99.0%)",
    ]


def test_the_digest_has_the_section_only_where_targets_are_told(database: Database) -> None:
    with database.writing() as session:
        busy(session)
        read(session)
        without = plain_text(morning(session))
        aims = [Target("mrr", NOVEMBER, Decimal(700_000_00), "usd")]
        targets.store(session, [*aims, Target("mrr", NOVEMBER, Decimal(5), "usd", "plan:team")], NOW)
        digest = morning(session)
        with_targets = plain_text(digest)

    assert "against plan" not in without
    assert "November against plan, so far\n  MRR: $" in with_targets
    assert " of $700,000 (" in with_targets
    assert "MRR of plan:team: $" in with_targets
    assert any("against plan" in str(block) for block in outgoing(digest)[0].blocks or ())


def test_on_the_first_the_month_is_over() -> None:
    told = AgainstPlan(date(2026, 12, 1), "usd", {"mrr": against("mrr", "100000", "99000", "99000")}).told()

    assert told.heading == "November against plan"
    assert lines({"mrr": against("mrr", "100000", "99000", "99000")}, date(2026, 12, 1)) == [
        "MRR: $990 of $1,000 (99.0%), $10 short"
    ]
