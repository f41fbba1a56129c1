"""A replay knows no more than was known: nothing of a later date changes what an earlier day looked like."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from bot.metrics.rates import Rates
from bot.risk import learning
from bot.risk.gathering import gather
from bot.risk.replay import NOT_REPLAYED, evidence_on
from bot.risk.rules import RULES
from bot.risk.score import assess
from bot.risk.windows import WINDOWS, Windows
from storage import facts as f
from storage import past as stored_past
from storage import signals
from storage.engine import Database
from storage.facts import Collection, PaymentStatus
from storage.inputs import Signal
from storage.past import Bill, Notice, Past, Seen, Try
from tests.bot.risk.pasts import FIRST, days, instant, pasts, until
from tests.company import DECLINED, FAILED, fill, stored

ZONE = ZoneInfo("UTC")
RATES = Rates("usd")
DAY = timedelta(days=1)


@given(pasts(), days)
def test_nothing_of_a_later_date_changes_what_was_known(past: Past, day: date) -> None:
    known = until(past, instant(day, 0))

    assert evidence_on(past, day, RATES, ZONE) == evidence_on(known, day, RATES, ZONE)


def test_a_later_charge_does_not_keep_a_voided_bill_open_before_it() -> None:
    issued, later = instant(FIRST), instant(FIRST + 22 * DAY)
    failed, charged = Try(issued, PaymentStatus.FAILED, ""), Try(later, PaymentStatus.SUCCEEDED, "")
    bill = Bill("in", issued, None, None, "usd", 1, Collection.CHARGE, [failed, charged], voided=True)
    past = Past("acme", bills=[bill])

    owed = [bool(evidence_on(past, FIRST + days * DAY, RATES, ZONE).receivables) for days in (1, 21, 22)]
    assert owed == [True, True, False]


@given(pasts(), days)
def test_a_replayed_day_gives_reasons_that_sum_to_its_score(past: Past, day: date) -> None:
    risk = assess(evidence_on(past, day, RATES, ZONE))

    assert sum(one.points for one in risk.reasons) == risk.score
    assert not {one.rule for one in risk.reasons} & NOT_REPLAYED


def test_what_is_not_replayed_is_what_looks_at_the_present_state() -> None:
    assert {rule.id for rule in RULES.values() if rule.looks_at in ("running", "unsettled", "metered")} == NOT_REPLAYED


def billed(*tries: Try, paid_at: datetime | None = None) -> Past:
    past = Past("acme")
    past.bills.append(Bill("in", instant(FIRST), None, paid_at, "usd", 500, Collection.CHARGE, list(tries)))
    return past


def rules(past: Past, day: date) -> set[str]:
    return {one.rule for one in assess(evidence_on(past, day, RATES, ZONE)).reasons}


def test_a_charge_is_failing_until_it_is_paid_or_given_up() -> None:
    failed = Try(instant(FIRST), PaymentStatus.FAILED, "insufficient_funds")
    past = billed(failed, failed._replace(at=instant(FIRST + 3 * DAY)), paid_at=instant(FIRST + 6 * DAY))

    assert rules(past, FIRST) == set()
    assert rules(past, FIRST + DAY) == {"payment_failing"}
    assert evidence_on(past, FIRST + 5 * DAY, RATES, ZONE).receivables[0].attempts == 2
    assert rules(past, FIRST + 7 * DAY) == set()
    never = billed(failed)
    assert rules(never, FIRST + 30 * DAY) == {"retries_exhausted"}
    assert rules(never, FIRST + 200 * DAY) == set()


def test_an_invoice_that_was_voided_later_was_waited_for_before() -> None:
    failed = Try(instant(FIRST), PaymentStatus.FAILED, "insufficient_funds")
    past = billed(failed)
    past.bills = [past.bills[0]._replace(voided=True)]

    assert rules(past, FIRST + 9 * DAY) == {"payment_failing"}
    assert rules(past, FIRST + 22 * DAY) == set()


def test_a_signal_counts_from_the_day_on_which_it_was_told() -> None:
    past = Past("acme")
    past.seen.append(Seen("champion_left", instant(FIRST), Decimal(1), instant(FIRST + 30 * DAY)))

    assert "champion_left" not in rules(past, FIRST + 30 * DAY)
    assert "champion_left" in rules(past, FIRST + 31 * DAY)


def test_a_cancellation_is_known_from_the_day_it_was_asked_for() -> None:
    past = Past("acme")
    past.notices.append(Notice("sub", instant(FIRST + 9 * DAY), instant(FIRST + 30 * DAY), None, None, None))

    assert "cancel_scheduled" not in rules(past, FIRST + 9 * DAY)
    assert "cancel_scheduled" in rules(past, FIRST + 10 * DAY)
    assert "cancel_scheduled" not in rules(past, FIRST + 31 * DAY)


@pytest.mark.parametrize("windows", [{}, {"use": (5, 30), "seats_cut": (20,), "early": (300,), "grew": (300,)}])
async def test_stored_facts_replayed_today_give_what_is_found_today(
    database: Database, morning: datetime, windows: Windows
) -> None:
    """For the rules that are replayed: what failed, what is to end, what moved, what was told."""
    spans = {**WINDOWS, **windows}
    told = [
        Signal("acme", "nps", morning - 3 * DAY, Decimal(3)),
        Signal("globex", "active_users", morning - 60 * DAY, Decimal(40)),
        Signal("globex", "active_users", morning - 2 * DAY, Decimal(10)),
    ]
    tomorrow = (morning + DAY).date()
    start = morning.replace(hour=0, minute=0) + DAY
    again = replace(FAILED, next_attempt_at=start + DAY)
    first = replace(DECLINED, id="pay-0", at=DECLINED.at - 2 * DAY, status=f.PaymentStatus.FAILED)
    await stored(database, morning, again, first)
    await database.write(signals.store, told, morning)
    await database.write(fill, [replace(DECLINED, status=f.PaymentStatus.FAILED)], morning)

    now = await database.read(gather, "usd", ZONE, start, windows=spans)
    pasts = await database.read(stored_past.pasts, sorted(now.telling.keys() | now.quiet.keys()))
    assert {"acme", "globex"} <= now.telling.keys()
    for account_id, past in pasts.items():
        replayed = assess(evidence_on(past, tomorrow, RATES, ZONE, spans))
        reasons = assess(now.telling[account_id]).reasons if account_id in now.telling else ()
        present = {one.rule: one.points for one in reasons if one.rule not in NOT_REPLAYED}
        assert {one.rule: one.points for one in replayed.reasons} == present


async def test_an_empty_past_teaches_nothing(database: Database, morning: datetime) -> None:
    found = await learning.replay(database, "usd", ZONE, morning)

    assert found.snapshots == []
    model = await learning.learn_again(database, "usd", ZONE, morning)
    assert model.calibration is None
    assert "Scores stay points" in str(model.refusal)
