"""Each rule by examples: when it counts, how much, and what it must not take for a sign."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.messages.risk_words import FAMILIES, REASONS
from bot.risk.evidence import Course
from bot.risk.rules import CAPS, RULES
from bot.risk.score import BOUNDED, CAPPED, assess
from bot.risk.windows import RENEWAL, USE, WINDOWS, Windows
from storage import facts as f
from storage.receivables import Collecting
from storage.states import Cause
from tests.bot.risk.evidence import (
    NOW,
    TODAY,
    ahead,
    discount,
    evidence,
    leaving,
    metered,
    moved,
    owed,
    returned,
    running,
    told,
)

YEARLY = {"period_start": ahead(-165), "period_end": ahead(200)}
NO_METHOD = {"method_id": None, "exp_year": None, "exp_month": None, "last_expiry": None}
TRIAL = {"status": f.Status.TRIALING, "trial_end": ahead(2), **NO_METHOD}


def course(recent: int | Decimal, before: int | Decimal, name: str = "active_users") -> dict[str, Course]:
    return {name: Course(name, Decimal(recent), Decimal(before))}


@pytest.mark.parametrize(
    ("rule", "usual", "days", "otherwise", "found"),
    [
        ("card_expires", 10, (14,), 20, {"running": [running(exp_year=2026, exp_month=11, last_expiry=0)]}),
        ("invoice_overdue", 8, (1, 7, 14), 30, {"receivables": [owed(state=Collecting.OVERDUE, since=ahead(-15))]}),
        ("trial_unpayable", 25, (1,), 0, {"running": [running(**TRIAL)]}),
        ("plan_downgrade", 15, (90,), 21, {"moved": [moved(-110_000, Cause.PLAN, days=45)]}),
        ("seats_cut", 20, (20,), 20, {"moved": [moved(-100_000)]}),
        ("disputed", 20, (60,), 15, {"disputes": [returned(at=ahead(-30))]}),
        ("refunded", 5, (45,), 3, {"refunds": [returned(whole=True, at=ahead(-30))]}),
        ("no_contact", 5, (30, 60), 8, {"told": {"last_contact_at": told("last_contact_at", TODAY.toordinal() - 60)}}),
        ("champion_left", 25, (20,), 0, {"told": {"champion_left": told("champion_left", 1, days=30)}}),
        ("export_requested", 25, (20,), 0, {"told": {"export_requested": told("export_requested", 1, days=30)}}),
        ("grew", -8, (10,), 0, {"moved": [moved(10_000, Cause.SEATS, days=20)], "came": TODAY}),
        ("long_term", -5, (250,), 0, {"running": [running(**YEARLY)], "came": TODAY}),
        (
            RENEWAL,
            3,
            (8, 9, 10),
            0,
            {"running": [running(**{**YEARLY, "period_end": ahead(20)})], "clean": 0}
            | {"told": {"detractor": told("nps", 6), "nps": told("nps", 3)}},
        ),
    ],
)
def test_people_set_for_how_many_days_a_sign_counts(
    rule: str, usual: int, days: tuple[int, ...], otherwise: int, found: dict[str, Any]
) -> None:
    def points(windows: Windows) -> int:
        reasons = assess(evidence(**found, windows={**WINDOWS, **windows})).reasons
        return {reason.rule: reason.points for reason in reasons}.get(rule, 0)

    assert [points({}), points({rule: days})] == [usual, otherwise]


def test_every_window_belongs_to_a_rule_and_is_told_in_its_sentence() -> None:
    assert set(WINDOWS) - {RENEWAL, USE} <= set(RULES)
    for rule, days in WINDOWS.items():
        if rule in RULES:
            assert all(str(one) in RULES[rule].usual for one in days)


@pytest.mark.parametrize(
    ("rule", "points", "found"),
    [
        ("cancel_scheduled", 80, {"leaving": [leaving()]}),
        ("cancel_feedback", 5, {"leaving": [leaving(reason="too_expensive")]}),
        ("payment_failing", 15, {"receivables": [owed()]}),
        ("payment_failing", 25, {"receivables": [owed(attempts=2)]}),
        ("payment_failing", 40, {"receivables": [owed(attempts=4), owed(invoice_id="in-2")]}),
        ("retries_exhausted", 50, {"receivables": [owed(attempts=4, next_attempt_at=None)]}),
        ("hard_decline", 10, {"receivables": [owed(code="stolen_card")]}),
        ("card_expires", 10, {"running": [running(exp_year=2026, exp_month=11, last_expiry=0)]}),
        ("card_expires", 20, {"running": [running(exp_year=2026, exp_month=10, last_expiry=0, period_end=ahead(7.5))]}),
        ("no_method", 15, {"running": [running(**NO_METHOD)]}),
        ("invoice_overdue", 8, {"receivables": [owed(state=Collecting.OVERDUE, since=ahead(-15))]}),
        ("invoice_overdue", 18, {"receivables": [owed(state=Collecting.OVERDUE, since=ahead(-16))]}),
        ("invoice_overdue", 30, {"receivables": [owed(state=Collecting.OVERDUE, since=ahead(-31))]}),
        ("collection_paused", 20, {"running": [running(pause_kind="collection", paused_at=ahead(-4))]}),
        ("plan_downgrade", 8, {"moved": [moved(-10_000, Cause.PLAN)]}),
        ("plan_downgrade", 18, {"moved": [moved(-40_000, Cause.PLAN)]}),
        ("plan_downgrade", 30, {"moved": [moved(-110_000, Cause.PLAN)]}),
        ("plan_downgrade", 15, {"moved": [moved(-110_000, Cause.PLAN, days=45)]}),  # a half-life ago
        ("seats_cut", 6, {"moved": [moved(-15_000)]}),
        ("seats_cut", 20, {"moved": [moved(-100_000)]}),
        ("seats_cut", 3, {"moved": [moved(-100_000, days=40), moved(80_000, days=3)]}),  # most came back, and it is old
        ("discount_ends", 6, {"discounts": [discount(percent_off=Decimal(20))]}),
        ("discount_ends", 18, {"discounts": [discount(percent_off=Decimal(50))]}),
        ("discount_ends", 12, {"discounts": [discount(amount_off=30_000, currency="usd")]}),
        ("trial_unpayable", 25, {"running": [running(**TRIAL)]}),
        ("disputed", 30, {"disputes": [returned(open=True, at=ahead(-200))]}),
        ("disputed", 20, {"disputes": [returned(at=ahead(-30))]}),
        ("refunded", 10, {"refunds": [returned(whole=True, at=NOW)]}),
        ("refunded", 18, {"refunds": [returned(at=ahead(-9)), returned(id="re-2", at=NOW)]}),
        ("urgent_tickets", 8, {"told": {"urgent_tickets": told("urgent_tickets", 2)}}),
        ("tickets_rise", 6, {"courses": course(20, 10, "tickets_30d")}),
        ("tickets_rise", 12, {"courses": course(30, 10, "tickets_30d")}),
        ("no_contact", 5, {"told": {"last_contact_at": told("last_contact_at", TODAY.toordinal() - 60)}}),
        ("no_contact", 8, {"told": {"last_contact_at": told("last_contact_at", TODAY.toordinal() - 90)}}),
        ("depth_falls", 16, {"courses": course(Decimal("0.3"), Decimal("0.5"), "dau_mau")}),
        ("depth_falls", 8, {"courses": course(80, 100)}),
        ("depth_falls", 24, {"courses": course(30, 100)}),
        ("activity_falls", 8, {"courses": course(60, 100, "logins")}),
        ("metered_falls", 6, {"metered": [metered(40, 30_000, 31), metered(10, 23_000)]}),
        ("metered_falls", 20, {"metered": [metered(40, 30_000), metered(10, 9_000)]}),
        ("champion_left", 25, {"told": {"champion_left": told("champion_left", 1)}}),
        ("export_requested", 25, {"told": {"export_requested": told("export_requested", 1)}}),
        ("competitor_mentioned", 10, {"told": {"competitor_mentioned": told("competitor_mentioned", 1)}}),
        ("sentiment_low", 15, {"told": {"sentiment_csm": told("sentiment_csm", 2)}}),
        ("detractor", 10, {"told": {"nps": told("nps", 6)}}),
        ("dissatisfied", 8, {"told": {"csat": told("csat", 2)}}),
        ("early", 5, {"came": TODAY - timedelta(days=30)}),
        ("grew", -8, {"moved": [moved(10_000, Cause.SEATS, days=20)]}),
        ("pays_cleanly", -5, {"clean": 12}),
        ("long_term", -5, {"running": [running(**YEARLY)]}),
    ],
)
def test_what_counts(rule: str, points: int, found: dict[str, Any]) -> None:
    beside = {"came": TODAY} if points < 0 else {}  # what speaks for an account is weighed against something
    by_rule = {reason.rule: reason for reason in assess(evidence(**beside, **found)).reasons}

    assert by_rule[rule].points == points
    assert by_rule[rule].objects  # what shows it


def test_every_rule_is_shown_by_an_example_and_has_words() -> None:
    shown = {case[0] for case in test_what_counts.pytestmark[0].args[1]}

    assert shown == set(RULES)
    assert set(REASONS) == {*RULES, RENEWAL, CAPPED, BOUNDED}
    assert set(FAMILIES) == {family.value for family in CAPS}
    assert all(abs(one) <= 100 for rule in RULES.values() for one in rule.points)


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"running": [running()]},  # a monthly renewal that is near
        {"running": [running(period_start=ahead(-355), period_end=ahead(10))]},  # a yearly one, and nothing else
        {"receivables": [owed(state=Collecting.UNDER_WAY)]},  # a charge that nobody knows of yet
        {"receivables": [owed(state=Collecting.OVERDUE, since=ahead(-0.5))]},  # due today
        {"moved": [moved(-10_000, Cause.PRICE)]},  # a price that fell
        {"moved": [moved(-40_000, Cause.PLAN, days=5), moved(40_000, Cause.PLAN, days=1)]},  # taken back
        {"moved": [moved(-15_000, Cause.SEATS, days=5), moved(16_000, Cause.PRICE, days=5)]},  # a price made up for it
        {"running": [running(exp_year=2026, exp_month=11)]},  # another card of theirs is valid
        {"running": [running(exp_year=2026, exp_month=11, last_expiry=0, lasting=1)]},  # so is a debit
        {"running": [running(exp_year=2026, exp_month=12, last_expiry=0)]},  # valid on the day of the charge
        {"running": [running(collection=f.Collection.INVOICE, **NO_METHOD)]},  # it pays by invoice
        {"running": [running(cancel_at=ahead(8), exp_year=2026, exp_month=11, last_expiry=0)]},  # no charge follows
        {"running": [running(**{**TRIAL, "trial_end": ahead(5)})]},
        {"running": [running(**NO_METHOD)], "methods_known": False},  # as with CSV files
        {"running": [running(**TRIAL)], "methods_known": False},
        {"refunds": [returned()]},  # a part of one payment
        {"disputes": [returned(at=ahead(-91))]},
        {"discounts": [discount(percent_off=Decimal(10))]},
        {"discounts": [discount(percent_off=Decimal(100))]},  # nobody can say by how much it rises
        {"courses": course(90, 100)},
        {"courses": course(120, 100)},
        {"metered": [metered(10, 9_000)]},  # nothing before it
        {"metered": [metered(40, 30_000), metered(10, 25_000)]},
        {"metered": [metered(90, 30_000), metered(10, 9_000)]},  # not one after the other
        {"metered": [metered(17, 30_000, 7), metered(10, 9_000, 7)]},  # too short to compare
        {"metered": [metered(85, 30_000), metered(55, 9_000)]},  # long ago
        {"metered": [metered(40, 30_000), metered(10, 9_000)._replace(currency="eur")]},
        {"told": {"champion_left": told("champion_left", 0)}},
        {"told": {"champion_left": told("champion_left", 1, days=100)}},  # old news
        {"told": {"nps": told("nps", 9), "csat": told("csat", 5), "sentiment_csm": told("sentiment_csm", 4)}},
        {"stale": ["nps", "logins"]},
        {"clean": 12, "running": [running(**YEARLY)]},  # only good is known of it
    ],
)
def test_what_is_no_sign(found: dict[str, Any]) -> None:
    risk = assess(evidence(**found))

    assert (risk.score, risk.hard) == (0, ())
    assert risk.reasons == ()


def test_falling_depth_counts_although_log_ins_stay() -> None:
    found = assess(evidence(courses={**course(100, 100, "logins"), **course(1, 20, "key_feature_days_28d")}))

    assert [reason.rule for reason in found.reasons] == ["depth_falls"]


def test_a_hard_reason_worries_below_every_threshold() -> None:
    given_up = evidence(receivables=[owed(attempts=4, next_attempt_at=None)])
    settled = evidence(disputes=[returned(at=ahead(-1))])

    assert (assess(given_up).score, assess(given_up).hard) == (50, ("retries_exhausted",))
    assert assess(settled).hard == ()  # it is over
