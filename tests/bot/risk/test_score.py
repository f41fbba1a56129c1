"""Reasons sum to the score, whatever was found; caps and bounds are lines of their own."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.messages import risk_words
from bot.risk.evidence import ACTIVITY, DEPTH, STATES, Course, Evidence
from bot.risk.gathering import TELLING
from bot.risk.rules import CAPS, RULES, Family
from bot.risk.score import BOUNDED, CAPPED, assess
from bot.risk.windows import RENEWAL
from storage import facts as f
from storage.receivables import Collecting
from storage.states import Cause
from tests.bot.risk.evidence import NOW, TODAY, ahead, discount, evidence, leaving, moved, owed, returned, running, told

DAYS = st.integers(-400, 400).map(lambda days: NOW + timedelta(days=days))
PAST = st.integers(-400, 0).map(lambda days: NOW + timedelta(days=days))
AMOUNTS = st.integers(0, 10**9)
MAYBE_DAYS = st.none() | DAYS

RUNNING = st.builds(
    running,
    status=st.sampled_from([f.Status.ACTIVE, f.Status.PAST_DUE, f.Status.TRIALING, f.Status.UNPAID, f.Status.PAUSED]),
    collection=st.sampled_from(f.Collection),
    trial_end=MAYBE_DAYS,
    period_start=MAYBE_DAYS,
    period_end=MAYBE_DAYS,
    cancel_at=MAYBE_DAYS,
    pause_kind=st.sampled_from([None, "collection", "status"]),
    method_id=st.sampled_from([None, "pm"]),
    brand=st.none() | st.text(max_size=20),
    last4=st.none() | st.text(max_size=4),
    exp_year=st.none() | st.integers(2020, 2035),
    exp_month=st.none() | st.integers(1, 12),
    last_expiry=st.none() | st.integers(2020 * 12, 2035 * 12),
    lasting=st.integers(0, 2),
)
OWED = st.builds(
    owed,
    state=st.sampled_from(Collecting),
    since=PAST,
    attempts=st.integers(0, 9),
    next_attempt_at=MAYBE_DAYS,
    amount=AMOUNTS,
    code=st.none() | st.text(max_size=30) | st.just("stolen_card"),
)
MOVED = st.builds(moved, st.integers(-(10**7), 10**7), st.sampled_from(Cause), st.integers(0, 200))
DISCOUNT = st.builds(
    discount,
    ends_at=st.integers(0, 45).map(ahead),
    percent_off=st.none() | st.decimals(0, 100, places=2),
    amount_off=st.none() | AMOUNTS,
    currency=st.sampled_from([None, "usd", "jpy"]),
)
RETURNED = st.builds(returned, at=PAST, amount=AMOUNTS, open=st.booleans(), whole=st.booleans())
COURSE = st.builds(Course, st.just("logins"), st.decimals(0, 10**6, places=4), st.decimals("0.0001", 10**6, places=4))


@st.composite
def accounts(draw: st.DrawFn) -> Evidence:
    few: dict[str, Any] = {"max_size": 3}
    return evidence(
        mrr=draw(st.dictionaries(st.sampled_from(["usd", "eur"]), st.integers(1, 10**9))),
        leaving=draw(st.lists(st.builds(leaving, reason=st.none() | st.text(max_size=30)), **few)),
        receivables=draw(st.lists(OWED, **few)),
        running=draw(st.lists(RUNNING, **few)),
        moved=draw(st.lists(MOVED, max_size=6)),
        discounts=draw(st.lists(DISCOUNT, **few)),
        disputes=draw(st.lists(RETURNED, **few)),
        refunds=draw(st.lists(RETURNED, **few)),
        came=draw(st.none() | st.just(TODAY)),
        clean=draw(st.sampled_from([0, 12, 40])),
        told={name: told(name, draw(st.integers(0, 10))) for name in draw(st.sets(st.sampled_from(STATES)))},
        courses={
            name: replace(draw(COURSE), name=name) for name in draw(st.sets(st.sampled_from((*DEPTH, *ACTIVITY))))
        },
    )


@given(accounts())
def test_reasons_sum_to_the_score_and_every_one_has_evidence_and_words(account: Evidence) -> None:
    risk = assess(account)

    assert 0 <= risk.score <= 100
    assert sum(reason.points for reason in risk.reasons) == risk.score
    assert all(reason.points for reason in risk.reasons)
    for reason in risk.reasons:
        assert reason.objects or reason.rule in (CAPPED, BOUNDED)
        line = risk_words.reason({"rule": reason.rule, "points": reason.points, "told": reason.told}, ZoneInfo("UTC"))
        assert line
        assert "\n" not in line
    for family, cap in CAPS.items():
        of_family = [
            reason.points
            for reason in risk.reasons
            if (reason.rule in RULES and RULES[reason.rule].family is family)
            or (reason.rule == CAPPED and reason.told["family"] == family.value)
        ]
        assert sum(of_family) <= cap


@given(accounts())
def test_a_renewal_weighs_only_what_else_is_wrong(account: Evidence) -> None:
    reasons = {reason.rule: reason.points for reason in assess(account).reasons}
    families = {RULES[rule].family for rule in reasons if rule in RULES}

    if RENEWAL in reasons:
        assert families - {Family.FAVOUR, Family.TIME}
        assert reasons[RENEWAL] > 0


def test_every_rule_against_staying_looks_at_a_field_that_tells() -> None:
    assert {rule.looks_at for rule in RULES.values() if rule.family is not Family.FAVOUR} <= set(TELLING)


def test_a_renewal_in_a_month_adds_three_tenths() -> None:
    yearly = running(period_start=ahead(-340), period_end=ahead(25))
    risk = assess(evidence(running=[yearly], courses={"logins": Course("logins", Decimal(1), Decimal(10))}))

    assert [(reason.rule, reason.points) for reason in risk.reasons] == [("activity_falls", 12), (RENEWAL, 4)]


def test_what_a_cap_takes_off_is_a_line() -> None:
    worst = [owed(attempts=4, next_attempt_at=None, code="lost_card")]
    risk = assess(evidence(receivables=worst, running=[running(pause_kind="collection", paused_at=NOW)]))

    assert [(reason.rule, reason.points) for reason in risk.reasons] == [
        ("retries_exhausted", 50),
        ("collection_paused", 20),
        ("hard_decline", 10),
        (CAPPED, -25),
    ]
    assert risk.score == 55


def test_points_can_be_set_by_rule() -> None:
    account = evidence(leaving=[leaving()])

    assert assess(account, {"cancel_scheduled": (33,)}).score == 33
    assert assess(account, {"cancel_scheduled": (0,)}).reasons == ()
