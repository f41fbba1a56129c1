"""An alert's card in each state, for any content."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import alerts as messages
from bot.messages import risk_words
from bot.messages.blocks import Message
from bot.playground.slack.validate import check_message_blocks
from storage import facts as f
from storage.accounts.briefs import Brief
from storage.accounts.plans import Plan
from storage.alerts import Alert
from storage.states import AlertState
from tests.bot.messages.hostile import alive, texts

NOW = datetime(2026, 11, 23, 9, 2, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Helsinki")
OPEN = Alert(
    id="a",
    cause_key="payment_failed:in",
    account_id="x",
    rule="payment_failed",
    object_id="in",
    evidence={
        "amount": 500,
        "currency": "usd",
        "attempts": 1,
        "code": "insufficient_funds",
        "next_attempt_at": None,
        "cause": "payment_failed:in",
        "rest": None,
    },
    since=NOW,
    opened_at=NOW,
)
CLAIMED = replace(OPEN, state=AlertState.CLAIMED, claimed_by="U1", claimed_at=NOW)
CLOSED = replace(CLAIMED, state=AlertState.CLOSED, outcome={"ending": "paid", "at": "2026-11-24T12:00:00+00:00"})
STATES = (OPEN, CLAIMED, CLOSED)
SNOOZED = {"by": "U2", "until": "2026-11-26T11:02:00+00:00", "for": "3", "score": 40, "hard": []}


def brief(text: str = "Acme") -> Brief:
    plans = [Plan(text, text, f.Interval.YEAR, 1, 3)] * 9
    return Brief("x", text, text, False, {"usd": 420_000}, plans, NOW, date(2025, 3, 1))


def labels(card: Message) -> list[str]:
    return [(element.get("text") or element["placeholder"])["text"] for element in card.blocks[-1]["elements"]]


@given(texts)
def test_any_content_fits_slack_and_stays_inert(text: str) -> None:
    told = {"ends_at": NOW.isoformat(), "reason": text, "kind": None, "comment": text, "cause": "c", "rest": None}
    for state in STATES:
        leaving = replace(state, rule="cancel_scheduled", evidence=told)
        card = messages.card(leaving, brief(text), ZONE, "https://pay.example/x")
        assert check_message_blocks(card.blocks) == []
        assert alive(card) == ""
        dismissed: dict[str, Any] = {
            "ending": "dismissed",
            "by": "U1",
            "why": "other",
            "note": text,
            "at": None,
            "score": 0,
            "hard": [],
        }
        card = messages.card(replace(CLOSED, outcome=dismissed), brief(text), ZONE, None)
        assert check_message_blocks(card.blocks) == []
        assert alive(card) == ""


@given(st.lists(st.sampled_from([*risk_words.REASONS, "a rule of tomorrow"]), max_size=30), texts)
def test_any_risk_fits_a_card(rules: list[str], text: str) -> None:
    told: dict[str, Any] = dict.fromkeys(("brand", "last4", "code", "reason", "name", "value", "family"), text)
    told |= dict.fromkeys(("ends_at", "at", "day", "charge_at", "next_attempt_at", "since"), NOW.isoformat())
    told |= {
        "amount": 5,
        "before": 9,
        "recent": 20,
        "currency": "usd",
        "count": 3,
        "attempts": 2,
        "percent": 20,
        "days": 3,
        "cap": 55,
        "bound": 100,
    }
    told |= {"open": True}
    reasons = [{"rule": rule, "points": 7, "told": told} for rule in rules]
    risk = {"score": 70, "before": 20, "day": "2026-11-21", "hard": True, "reasons": reasons}
    card = messages.card(replace(OPEN, evidence={**OPEN.evidence, "risk": risk}), brief(), ZONE, None)

    assert check_message_blocks(card.blocks) == []
    assert alive(card) == ""


def test_a_card_says_how_likely_a_loss_is_where_that_is_known() -> None:
    reason = {"rule": "early", "points": 5, "told": {"day": "2026-11-01"}}
    risk = {"score": 70, "before": None, "day": None, "hard": False, "reasons": [reason, reason]}

    def said(more: dict[str, int | None]) -> str:
        return messages.card(replace(OPEN, evidence={**OPEN.evidence, "risk": risk | more}), brief(), ZONE, None).text

    assert "*Risk 70, at risk* · 38% likely to be lost within 30 days" in said({"likely": 376})
    assert "likely" not in said({"likely": None})
    assert "likely" not in said({})  # as earlier versions kept it


def test_the_points_of_a_card_sum_to_its_score_and_caps_are_among_them() -> None:
    signs = [{"rule": rule, "points": 12, "told": {"day": "2026-11-01"}} for rule in ["early"] * 9]
    capped = {"rule": "bounded", "points": -8, "told": {"bound": 100}}
    risk = {"score": 100, "before": None, "day": None, "hard": False, "reasons": [*signs, capped], "stale": ["nps"]}
    told = {"score": 100, "cause": "x", "rest": None, "risk": risk}

    card = messages.card(replace(OPEN, rule="at_risk", evidence=told), brief(), ZONE, None, NOW)

    points = [int(line.split()[0]) for line in card.text.split("\n") if line.startswith("+")]
    assert sum(points) == 100
    assert "+28 by 4 more, of which `/account` tells" in card.text
    assert "*Next:* call whoever knows them best." in card.text
    assert card.text.endswith("|23 Nov 2026 11:02>; too old to count: nps")


def test_one_sign_alone_is_told_by_its_words() -> None:
    told = {"amount": 150_000, "currency": "usd", "at": NOW.isoformat(), "open": True, "count": 1}
    reason = {"rule": "disputed", "points": 30, "told": told}
    risk = {"score": 30, "before": None, "day": None, "hard": True, "reasons": [reason]}
    alone = {"score": 30, "cause": "x", "rest": None, "risk": risk}

    card = messages.card(replace(OPEN, rule="at_risk", evidence=alone), brief(), ZONE, None)

    assert card.text.startswith("Acme: The customer disputes a payment of $1,500.00 (23 Nov 2026): risk 30 of 100")
    assert "settle what they complain of" in card.text


def test_a_snoozed_card_says_until_when_and_can_be_woken() -> None:
    card = messages.card(replace(CLAIMED, snoozed=SNOOZED), brief(), ZONE, None)

    assert "<@U2> snoozed it until <!date^" in card.text
    assert card.text.endswith("or until it gets worse")
    assert labels(card) == ["Wake up", "Assign", "Not a risk…", "Log note", "Look up"]


def test_each_state_says_who_and_offers_what_is_left_to_do() -> None:
    url = "https://pay.example/x"
    shown = [messages.card(state, brief(), ZONE, url) for state in STATES]

    assert [card.text.split("\n")[-1] for card in shown] == [
        "Nobody is on it yet",
        f"<@U1> is on it since <!date^{int(NOW.timestamp())}^{{date_short}} {{time}}|23 Nov 2026 11:02>",
        "Closed: Paid on 24 Nov 2026",
    ]
    assert [labels(card) for card in shown] == [
        ["I'm on it", "Snooze", "Assign", "Not a risk…", "Log note", "Look up", "Open in billing"],
        ["Snooze", "Assign", "Not a risk…", "Log note", "Look up", "Open in billing"],
        ["Look up", "Open in billing"],
    ]


def test_an_account_that_is_gone_and_a_source_without_pages_leave_a_card() -> None:
    card = messages.card(OPEN, None, ZONE, None)

    assert card.text.split("\n") == [
        "x: Payment of $5.00 failed once: insufficient funds, no further try",
        "*Next:* send them a way to pay.",
        "Nobody is on it yet",
    ]
    assert labels(card) == ["I'm on it", "Snooze", "Assign", "Not a risk…", "Log note", "Look up"]


@pytest.mark.parametrize(
    ("alert", "user", "said"),
    [
        (None, "U2", "I no longer know what this card was about."),
        (CLOSED, "U2", "This one is settled already: Paid on 24 Nov 2026."),
        (CLAIMED, "U1", "You are on it already."),
        (CLAIMED, "U2", "<@U1> is on it already, since <!date^"),
    ],
)
def test_a_press_that_came_late_is_answered(alert: Alert | None, user: str, said: str) -> None:
    assert messages.too_late(alert, user, NOW + timedelta(days=2), ZONE).startswith(said)


@pytest.mark.parametrize(
    ("later", "said"),
    [(timedelta(hours=3), "|11:02> today."), (timedelta(days=1), "^{date_short} {time}|23 Nov 2026 11:02>.")],
)
def test_an_answer_says_today_or_the_day(later: timedelta, said: str) -> None:
    assert messages.too_late(CLAIMED, "U2", NOW + later, ZONE).endswith(said)


def test_further_causes_are_one_line() -> None:
    owed = {**OPEN.evidence, "attempts": 3, "code": None, "rest": {"count": 3, "amounts": {"usd": 120_000}}}
    leaving = {"ends_at": NOW.isoformat(), "reason": None, "kind": None, "comment": None, "cause": "c"}
    ends = replace(OPEN, rule="cancel_scheduled", evidence={**leaving, "rest": {"count": 2, "last": NOW.isoformat()}})

    cards = [messages.card(alert, brief(), ZONE, None) for alert in (replace(OPEN, evidence=owed), ends)]

    assert [card.text.split("\n")[:2] for card in cards] == [
        ["Acme: Payment of $5.00 failed 3 times, no further try", "and 3 more invoices, $1,200.00 together"],
        [
            "Acme: Cancellation scheduled for 23 Nov 2026 (no reason given)",
            "and 2 more subscriptions end, the last on 23 Nov 2026",
        ],
    ]
