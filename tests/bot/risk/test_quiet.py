"""How long quiet lasts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.business_days import BusinessDays
from bot.risk.quiet import CLAIMED_FOR, Snooze, has_lapsed, is_worse, snoozed
from bot.risk.routing import PAUSE_FOR_LEAD, PAUSE_FOR_OWNER
from tests.bot.messages.test_alert_cards import OPEN

DOCS = Path(__file__).parents[3] / "docs"
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "days", "lapsed"),
    [
        (0, 6, False),  # a Monday: the next Sunday
        (0, 7, True),
        (4, 6, False),  # a Friday: the Thursday after
        (4, 7, True),
        (5, 5, False),  # a Saturday
        (5, 6, True),
        (0, 0, False),
        (0, -3, False),  # a clock that was set back
    ],
)
def test_five_business_days(day: int, days: int, *, lapsed: bool) -> None:
    claimed = MONDAY + timedelta(days=day)

    assert has_lapsed(claimed, claimed + timedelta(days=days), BERLIN, BusinessDays()) is lapsed


def evidence(score: int, *rules: str) -> dict[str, object]:
    return {"risk": {"score": score, "reasons": [{"rule": rule} for rule in rules]}}


def test_worse_is_fifteen_points_or_a_hard_reason_that_was_not_there() -> None:
    then = {"score": 40, "hard": ["disputed"]}

    assert not is_worse(then, evidence(54, "disputed", "seats_cut"))
    assert is_worse(then, evidence(55, "disputed"))
    assert is_worse(then, evidence(30, "retries_exhausted"))
    assert not is_worse(then, {"risk": None})


@pytest.mark.parametrize(("worth", "worse"), [(125_000, False), (125_001, True), (0, False)])
def test_worse_is_a_quarter_more_mrr_at_risk(worth: int, *, worse: bool) -> None:
    now = {"risk": {"score": 40, "reasons": (), "worth": worth}}

    assert is_worse({"score": 40, "hard": [], "worth": 100_000}, now) is worse
    assert not is_worse({"score": 40, "hard": []}, now)  # as earlier versions kept it


@pytest.mark.parametrize(("days", "until"), [(9, 9), (50, 30), (None, 30)])
def test_a_snooze_until_the_renewal_is_no_longer_than_a_month(days: int | None, until: int) -> None:
    renewal = None if days is None else MONDAY + timedelta(days=days)
    found = snoozed(OPEN, Snooze("U1", "renewal"), renewal, MONDAY)

    assert found["until"] == (MONDAY + timedelta(days=until)).isoformat()


def test_the_documents_tell_the_days_that_hold() -> None:
    words = {2: "two", 4: "four", 5: "five"}
    alerts, install = (" ".join((DOCS / name).read_text("utf-8").split()) for name in ("alerts.md", "install.md"))
    claimed, owner, lead = words[CLAIMED_FOR], words[PAUSE_FOR_OWNER], words[PAUSE_FOR_LEAD]

    assert f"you have it; after {claimed} business days Kahvi asks" in alerts
    assert f"{claimed} business days" in install
    assert f"leaves alone for {owner} business days" in alerts
    assert f"What nobody takes on for {lead} is told" in alerts
