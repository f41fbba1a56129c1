"""An alert's card in each state, for any content."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from bot.messages import alerts as messages
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


def brief(text: str = "Acme") -> Brief:
    plans = [Plan(text, text, f.Interval.YEAR, 1, 3)] * 9
    return Brief("x", text, text, False, {"usd": 420_000}, plans, NOW, date(2025, 3, 1))


def labels(card: Message) -> list[str]:
    return [element["text"]["text"] for element in card.blocks[-1]["elements"]]


@given(texts)
def test_any_content_fits_slack_and_stays_inert(text: str) -> None:
    told = {"ends_at": NOW.isoformat(), "reason": text, "kind": None, "comment": text, "cause": "c", "rest": None}
    for state in STATES:
        leaving = replace(state, rule="cancel_scheduled", evidence=told)
        card = messages.card(leaving, brief(text), ZONE, "https://pay.example/x")
        assert check_message_blocks(card.blocks) == []
        assert alive(card) == ""


def test_each_state_says_who_and_offers_what_is_left_to_do() -> None:
    url = "https://pay.example/x"
    shown = [messages.card(state, brief(), ZONE, url) for state in STATES]

    assert [card.text.split("\n")[-1] for card in shown] == [
        "Nobody is on it yet",
        f"<@U1> is on it since <!date^{int(NOW.timestamp())}^{{date_short}} {{time}}|23 Nov 2026 11:02>",
        "Closed: Paid on 24 Nov 2026",
    ]
    assert [labels(card) for card in shown] == [
        ["I'm on it", "Look up", "Open in billing"],
        ["Look up", "Open in billing"],
        ["Look up", "Open in billing"],
    ]


def test_an_account_that_is_gone_and_a_source_without_pages_leave_a_card() -> None:
    card = messages.card(OPEN, None, ZONE, None)

    assert card.text == "x: Payment of $5.00 failed once: insufficient funds, no further try\nNobody is on it yet"
    assert labels(card) == ["I'm on it", "Look up"]


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
