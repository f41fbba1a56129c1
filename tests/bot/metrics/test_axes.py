"""Every axis that the ledger depends on, carried out in the past too: what it does, beside what holds without it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.metrics.history import Evidence, breaks, steps
from bot.metrics.known import Known
from bot.metrics.movements import Stepped, movements
from bot.metrics.mrr import whole
from bot.metrics.policy import AXES
from bot.metrics.presets import policy_of
from bot.metrics.rates import Rates
from bot.metrics.together import together
from storage.facts import (
    Discount,
    Duration,
    Interval,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
    Price,
    Rate,
    Status,
    Subscription,
    Usage,
)
from storage.fates import Fate
from storage.states import Cause, MovementKind
from tests.factories import at, item, line, price, subscription

NOW = at(20, month=4)
PRICES = {
    one.id: one
    for one in (
        price("pro", "5000"),
        price("yearly", "60000", interval=Interval.YEAR),
        price("weekly", "10000", interval=Interval.WEEK),
        price("daily", "1200", interval=Interval.DAY),
        price("calls", "1", usage=Usage.METERED),
        price("euro", rates={"eur": Rate(Decimal(5000))}),
    )
}
PAID = InvoiceStatus.PAID


def past(
    words: str,
    sub: Subscription,
    lines: Sequence[InvoiceLine] = (),
    *,
    fates: Sequence[Fate] = (),
    others: Sequence[InvoiceLine] = (),
    prices: dict[str, Price] = PRICES,
    now: datetime = NOW,
) -> list[tuple[str, int]]:
    """The levels, with the day from which each holds, under Kahvi's policy with some axes set otherwise.

    Each line is an invoice of its own, paid on its first day unless `fates` (by the line's id) say otherwise.
    """
    known = Known(prices, policy_of(f"kahvi {words}"), ZoneInfo("UTC"), now)
    by_line = {one.id: Fate(one.id, PAID, one.amount, paid_at=one.period_start) for one in lines}
    by_line |= {fate.invoice_id: fate for fate in fates}
    found = steps(Evidence(sub, (), lines, fates=by_line, others=others), known)
    return [(f"{day:%m-%d}", sum(whole(state).values())) for day, state in found]


def monthly(*months: int, amount: int = 5000, **values: Any) -> list[InvoiceLine]:
    """A line for each whole month of 2026."""
    return [
        line(f"l{month}", amount, at(1, month=month), **{"period_end": at(1, month=month + 1), **values})
        for month in months
    ]


def fate(line_id: str, status: InvoiceStatus = PAID, total: int = 5000, **values: Any) -> Fate:
    return Fate(line_id, status, total, **values)


ACTIVE = subscription(items=[item()], current_period_start=at(1, month=4))


OWED = fate("l1", InvoiceStatus.OPEN)
GIVEN_BACK = fate("l2", credited=1000, refunds=((at(10, month=2), 2500),))
HALF_A_YEAR = (
    subscription(items=[item("yearly")], status=Status.ENDED, ended_at=at(1, month=3)),
    line("y", 30_000, at(1), item_id="item-yearly", price_id="yearly", period_end=at(2, month=7)),
)
SETUP = line("setup", 12_000, at(1, month=2), kind=LineKind.ONE_OFF, period_end=at(1, month=2), price_id=None)
ODD = line("p", 3000, at(16, month=2), proration=True, quantity=Decimal(2), period_end=at(1, month=3))
FREE_AT_LAST = subscription(
    items=[item(started_at=at(1))],
    discounts=(Discount(id="d", duration=Duration.FOREVER, percent_off=Decimal(100), starts_at=at(1, month=2)),),
    status=Status.ENDED,
    started_at=at(1),
    ended_at=at(1, month=3),
)
AROUND_MIDNIGHT = [
    subscription(name, items=[item(started_at=begun)], started_at=begun)
    for name, begun in (("one", at(1, hour=23)), ("two", at(2, hour=0)))
]
CAME_BACK = [
    subscription("one", items=[item(started_at=at(1))], status=Status.ENDED, ended_at=at(1, month=2)),
    subscription("two", items=[item(started_at=at(3, month=3))], started_at=at(3, month=3)),
]
EURO = Rates("usd", [("eur", date(2026, 1, 1), Decimal("1.10")), ("eur", date(2026, 3, 1), Decimal("1.50"))])
IN_EUROS = subscription(
    items=[item("euro", started_at=at(1))], currency="eur", status=Status.ENDED, ended_at=at(1, month=4)
)


def test_a_basis_of_invoice_lines_has_a_hole_where_nothing_was_billed() -> None:
    lines = monthly(1, 2, 4)

    assert past("", ACTIVE, lines) == [("01-01", 5000)]
    assert past("basis=invoice_line", ACTIVE, lines) == [("01-01", 5000), ("03-01", 0), ("04-01", 5000)]


def test_a_basis_of_invoice_lines_counts_what_is_open_and_not_what_was_given_up() -> None:
    given_up = [fate("l3", InvoiceStatus.UNCOLLECTIBLE), fate("l4", InvoiceStatus.OPEN)]
    lines = monthly(1, 2, 3, 4)

    assert past("basis=invoice_line", ACTIVE, lines, fates=given_up) == [("01-01", 5000), ("03-01", 0), ("04-01", 5000)]


def test_a_basis_of_payments_counts_only_what_was_paid_where_dunning_does_not_count() -> None:
    owed = [fate("l4", InvoiceStatus.OPEN)]
    lines = monthly(1, 2, 3, 4)

    assert past("basis=payment past_due=out", ACTIVE, lines, fates=owed)[-1] == ("04-01", 0)
    assert past("basis=payment", ACTIVE, lines, fates=owed) == [("01-01", 5000)]


def test_a_checked_basis_asks_for_a_bill_and_takes_the_level_from_the_subscription() -> None:
    sub = replace(ACTIVE, items=(item(quantity=2),))
    lines = monthly(1, 2, 4, amount=10_000, quantity=Decimal(2))

    assert past("basis=checked", sub, lines) == [("01-01", 10_000), ("03-01", 0), ("04-01", 10_000)]
    assert past("basis=checked", sub) == []


def test_a_period_that_ends_on_the_day_before_the_next_is_no_hole() -> None:
    lines = [one._replace(period_end=one.period_end - timedelta(days=1)) for one in monthly(1, 2, 3, 4)]

    assert past("basis=invoice_line", ACTIVE, lines) == [("01-01", 5000)]


def test_a_living_subscription_waits_for_its_next_bill_and_one_that_is_not_billed_again_ends() -> None:
    lines = monthly(1, 2, 3)

    assert past("basis=invoice_line", ACTIVE, lines, now=at(2, month=4)) == [("01-01", 5000)]
    assert past("basis=invoice_line", ACTIVE, lines)[-1] == ("04-01", 0)


@pytest.mark.parametrize(
    ("words", "level"), [("recurring_discounts=ignore", 5000), ("", 4500), ("recurring_discounts=all", 3500)]
)
def test_which_repeating_discounts_lower_the_past(words: str, level: int) -> None:
    lines = monthly(1, 2, discount_forever=500, discount_repeating=1000)
    sub = subscription(items=[item()], status=Status.ENDED, ended_at=at(1, month=3))

    assert past(words, sub, lines)[0] == ("01-01", level)


def test_a_discount_on_one_bill_lowers_its_period_alone() -> None:
    lines = [*monthly(1, amount=1500, discount_once=1400), *monthly(2, 3, 4, amount=1500)]
    cheap = {**PRICES, "pro": price("pro", "1500")}

    assert past("once_discounts=subtract", ACTIVE, lines, prices=cheap) == [("01-01", 100), ("02-01", 1500)]
    assert past("", ACTIVE, lines, prices=cheap) == [("01-01", 1500)]


def test_a_discount_on_the_present_bill_lowers_the_live_state_until_the_bill_is_over() -> None:
    lines = monthly(4, amount=1500, discount_once=1400)
    cheap = {**PRICES, "pro": price("pro", "1500")}

    young = replace(ACTIVE, started_at=at(1, month=4))

    assert past("once_discounts=subtract", young, lines, prices=cheap) == [("04-01", 100)]
    assert past("once_discounts=subtract", young, lines, prices=cheap, now=at(3, month=5))[-1] == ("04-01", 1500)


def test_a_discount_that_waits_for_the_next_bill_lowers_nothing_yet() -> None:
    waiting = Discount(id="d", duration=Duration.ONCE, percent_off=Decimal(50), starts_at=at(10, month=4))
    sub = replace(ACTIVE, discounts=(waiting,))

    assert past("once_discounts=subtract", sub, monthly(1, 2, 3, 4)) == [("01-01", 5000)]


def test_an_item_with_versions_has_a_discount_on_one_bill_for_one_interval() -> None:
    once = Discount(id="d", duration=Duration.ONCE, percent_off=Decimal(50), starts_at=at(1))
    sub = replace(ACTIVE, items=(item(started_at=at(1)),), discounts=(once,))

    assert past("once_discounts=subtract", sub) == [("01-01", 2500), ("01-31", 5000)]


def test_a_yearly_price_billed_for_half_a_year_is_spread_over_these_months_or_twelve() -> None:
    sub, billed = HALF_A_YEAR

    assert past("basis=invoice_line", sub, [billed])[0] == ("01-01", 5000)
    assert past("basis=invoice_line annual=div12", sub, [billed])[0] == ("01-01", 2500)


def test_weeks_and_days_in_a_month_are_numbers_of_the_policy() -> None:
    weekly, daily = (subscription(items=[item(one)]) for one in ("weekly", "daily"))

    assert past("", weekly) == [("01-01", 43_333)]
    assert past("week_factor=4", weekly) == [("01-01", 40_000)]
    assert past("", daily) == [("01-01", 36_500)]
    assert past("day_factor=30", daily) == [("01-01", 36_000)]


def test_a_cancellation_leaves_when_asked_for_when_it_ends_or_when_what_was_billed_is_used_up() -> None:
    sub = subscription(
        items=[item()], status=Status.ENDED, cancel_requested_at=at(10, month=2), ended_at=at(20, month=2)
    )
    lines = monthly(1, 2)

    assert past("", sub, lines)[-1] == ("02-20", 0)
    assert past("churn_date=on_request", sub, lines)[-1] == ("02-10", 0)
    assert past("churn_date=on_service_end", sub, lines)[-1] == ("03-01", 0)


def test_what_nobody_paid_for_is_no_service() -> None:
    sub = subscription(items=[item()], status=Status.ENDED, ended_at=at(20, month=3))
    lines, written_off = monthly(1, 2, 3), [fate("l3", InvoiceStatus.UNCOLLECTIBLE)]

    assert past("churn_date=on_service_end", sub, lines, fates=written_off)[-1] == ("03-01", 0)


def test_trials_count_from_their_first_day_where_the_policy_says_so() -> None:
    sub = subscription(items=[item()], trial_end=at(15), started_at=at(1))
    lines = [line("trial", 0, at(1), period_end=at(15)), line("paid", 5000, at(15), period_end=at(15, month=2))]
    lost = replace(sub, status=Status.ENDED, ended_at=at(15))

    assert past("", sub, lines) == [("01-15", 5000)]
    assert past("trials=in", sub, lines) == [("01-01", 5000)]
    assert past("trials=in", lost, lines[:1]) == [("01-01", 5000), ("01-15", 0)]
    assert past("trials=in", subscription(items=[item()], status=Status.TRIALING, trial_end=at(1, month=5))) == [
        ("01-01", 5000)
    ]


def test_a_first_invoice_may_have_to_be_paid_before_anything_counts() -> None:
    lines = monthly(1, 2, 3, 4)
    late, never = [fate("l1", paid_at=at(9))], [fate("l1", InvoiceStatus.OPEN)]

    assert past("", ACTIVE, lines, fates=never) == [("01-01", 5000)]
    assert past("unpaid_first_invoice=out", ACTIVE, lines, fates=late) == [("01-09", 5000)]
    assert past("unpaid_first_invoice=out", ACTIVE, lines, fates=never) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", [("01-01", 5000)]),
        ("past_due=out", [("01-01", 5000), ("02-01", 0), ("02-20", 5000)]),
        ("past_due=in_days(10)", [("01-01", 5000), ("02-11", 0), ("02-20", 5000)]),
        ("past_due=in_days(31)", [("01-01", 5000)]),
    ],
)
def test_a_payment_that_failed_and_was_made_later_is_dunning_in_the_past_too(
    words: str, expected: list[tuple[str, int]]
) -> None:
    recovered = [fate("l2", failed_at=at(1, month=2), paid_at=at(20, month=2))]

    assert past(words, ACTIVE, monthly(1, 2, 3, 4), fates=recovered) == expected


def test_a_payment_that_is_still_waited_for_counts_for_the_days_of_the_policy() -> None:
    sub = replace(ACTIVE, status=Status.PAST_DUE)
    owed = [fate("l4", InvoiceStatus.OPEN, failed_at=at(2, month=4))]
    by_hand = [fate("l4", InvoiceStatus.OPEN, by_hand=True, due_at=at(10, month=4))]
    lines = monthly(1, 2, 3, 4)

    assert past("past_due=in_days(31)", sub, lines, fates=owed) == [("01-01", 5000)]
    assert past("past_due=in_days(7)", sub, lines, fates=owed)[-1] == ("04-09", 0)
    assert past("past_due=in_days(7)", sub, lines, fates=by_hand)[-1] == ("04-17", 0)
    assert past("past_due=out", sub) == [("01-01", 5000), ("04-01", 0)]  # no invoice is known


def test_unpaid_has_left_or_stays_until_it_is_cancelled() -> None:
    sub = replace(ACTIVE, status=Status.UNPAID)

    assert past("", sub, monthly(1, 2, 3, 4))[-1] == ("04-01", 0)
    assert past("unpaid=in", sub, monthly(1, 2, 3, 4)) == [("01-01", 5000)]


def test_who_was_unpaid_and_paid_later_left_and_came_back_unless_the_policy_keeps_them() -> None:
    lapsed = Evidence(ACTIVE, lines=monthly(1, 2, 3, 4), lapses=[(at(9, month=2), at(20, month=3))])

    def told(words: str) -> list[tuple[str, int]]:
        known = Known(PRICES, policy_of(f"kahvi {words}"), ZoneInfo("UTC"), NOW)
        return [(f"{day:%m-%d}", sum(whole(state).values())) for day, state in steps(lapsed, known)]

    assert told("") == [("01-01", 5000), ("02-09", 0), ("03-20", 5000)]
    assert told("unpaid=in") == [("01-01", 5000)]


def test_leaving_by_payments_that_are_not_waited_for_is_told_apart_from_leaving() -> None:
    known = Known(PRICES, policy_of("kahvi past_due=in_days(7)"), ZoneInfo("UTC"), NOW)
    owed = {"l4": fate("l4", InvoiceStatus.OPEN, failed_at=at(2, month=4))}
    late = Evidence(replace(ACTIVE, status=Status.PAST_DUE), lines=monthly(1, 2, 3, 4), fates=owed)
    found = movements("acme", [Stepped(late.subscription, steps(late, known), breaks(late, known))], EURO)

    assert [(one.day, one.kind, one.cause) for one in found] == [
        (date(2026, 1, 1), MovementKind.NEW, Cause.STARTED),
        (date(2026, 4, 9), MovementKind.CHURN, Cause.PAYMENT_FAILED),
    ]


def test_a_pause_follows_the_status_or_not() -> None:
    collection = replace(ACTIVE, pause_kind="collection")
    status = replace(ACTIVE, status=Status.PAUSED, pause_kind="status", paused_at=at(9, month=3))
    lines = monthly(1, 2, 3, 4)
    voided = [fate("l3", InvoiceStatus.VOID), fate("l4", InvoiceStatus.VOID)]

    assert past("", collection, lines, fates=voided) == [("01-01", 5000)]
    assert past("", status, lines)[-1] == ("03-09", 0)
    assert past("pause=in", status, lines) == [("01-01", 5000)]
    assert past("pause=zero", collection, lines, fates=voided)[-1] == ("03-01", 0)
    assert past("pause=zero", status, lines)[-1] == ("03-09", 0)


def test_a_trial_that_ended_in_a_pause_never_counts() -> None:
    sub = subscription(items=[item()], status=Status.PAUSED, trial_end=at(15), paused_at=at(15))

    assert past("pause=in", sub, [line("trial", 0, at(1))]) == []


def usage(month: int, amount: int) -> InvoiceLine:
    """The calls of one month, billed at its end."""
    return line(
        f"u{month}", amount, at(1, month=month), kind=LineKind.USAGE, period_end=at(1, month=month + 1),
        item_id="item-calls", price_id="calls", quantity=Decimal(amount),
    )  # fmt: skip


def test_metered_usage_is_the_average_of_its_last_three_bills() -> None:
    bills = [usage(1, 3000), usage(2, 6000), usage(3, 9000)]

    assert past("", ACTIVE, monthly(1, 2, 3, 4), others=bills) == [("01-01", 5000)]
    assert past("metered=averaged", ACTIVE, monthly(1, 2, 3, 4), others=bills) == [
        ("01-01", 5000), ("02-01", 8000), ("03-01", 9500), ("04-01", 11_000),
    ]  # fmt: skip
    assert past("metered=averaged", ACTIVE, monthly(1, 2, 3, 4), others=bills[:1])[-1] == ("04-04", 5000)


def test_a_one_off_item_counts_over_its_period() -> None:
    assert past("", ACTIVE, monthly(1, 2, 3, 4), others=[SETUP]) == [("01-01", 5000)]
    assert past("one_off=in_period", ACTIVE, monthly(1, 2, 3, 4), others=[SETUP]) == [
        ("01-01", 5000), ("02-01", 17_000), ("03-03", 5000),
    ]  # fmt: skip


def test_tax_inside_of_prices_and_on_top_of_them_is_in_or_out() -> None:
    inside = monthly(1, 2, 3, 4, amount=6000, tax_inside=1000)
    prices = {**PRICES, "pro": price("pro", "6000", tax_inclusive=True)}
    on_top = [fate(f"l{month}", total=6000, tax=1000) for month in (1, 2, 3, 4)]

    assert past("", ACTIVE, inside, prices=prices) == [("01-01", 5000)]
    assert past("tax=in", ACTIVE, inside, prices=prices) == [("01-01", 6000)]
    assert past("", ACTIVE, monthly(1, 2, 3, 4), fates=on_top) == [("01-01", 5000)]
    assert past("tax=in", ACTIVE, monthly(1, 2, 3, 4), fates=on_top) == [("01-01", 6000)]


def test_a_refund_lowers_what_is_left_of_its_period() -> None:
    half = [fate("l2", refunds=((at(10, month=2), 2500),))]
    lines = monthly(1, 2, 3, 4)

    assert past("", ACTIVE, lines, fates=half) == [("01-01", 5000)]
    assert past("refunds=reduce", ACTIVE, lines, fates=half) == [("01-01", 5000), ("02-10", 2500), ("03-01", 5000)]


def test_refunding_a_whole_year_ends_what_is_cancelled_on_that_day() -> None:
    """ProfitWell ignores refunds, but for that of a yearly plan whose subscription is ended for it."""
    billed = line("y", 60_000, at(1), item_id="item-yearly", price_id="yearly", period_end=at(1, year=2027))
    goes_on = subscription(items=[item("yearly")])
    sub = replace(goes_on, cancel_requested_at=at(4, month=3), cancel_at=at(1, year=2027))
    whole_year = [fate("y", total=60_000, refunds=((at(3, month=3), 60_000),))]
    a_part = [fate("y", total=60_000, refunds=((at(3, month=3), 10_000),))]
    month = [fate("l2", refunds=((at(10, month=2), 5000),))]

    assert past("refunds=annual_immediate_churn", sub, [billed], fates=whole_year) == [("01-01", 5000), ("03-03", 0)]
    assert past("refunds=annual_immediate_churn", goes_on, [billed], fates=whole_year) == [("01-01", 5000)]
    assert past("refunds=annual_immediate_churn", sub, [billed], fates=a_part) == [("01-01", 5000)]
    assert past("refunds=annual_immediate_churn", ACTIVE, monthly(1, 2, 3, 4), fates=month) == [("01-01", 5000)]


def test_a_credit_note_lowers_its_period_and_is_not_taken_off_twice_when_it_is_paid_out() -> None:
    credited = [fate("l2", credited=1000)]
    paid_out = [fate("l2", credited=1000, refunds=((at(10, month=2), 1000),))]
    lines = monthly(1, 2, 3, 4)

    assert past("credit_notes=reduce", ACTIVE, lines, fates=credited) == [
        ("01-01", 5000), ("02-01", 4000), ("03-01", 5000),
    ]  # fmt: skip
    assert past("credit_notes=reduce refunds=reduce", ACTIVE, lines, fates=paid_out) == [
        ("01-01", 5000), ("02-10", 4000), ("03-01", 5000),
    ]  # fmt: skip


def test_a_prorated_line_is_worth_its_amount_or_its_price() -> None:
    sub = replace(ACTIVE, items=(item(quantity=2),))
    lines = [*monthly(1, 2), ODD, *monthly(3, 4, amount=10_000, quantity=Decimal(2))]

    assert past("", sub, lines) == [("01-01", 5000), ("02-16", 10_000)]
    assert past("proration=factor", sub, lines) == [("01-01", 5000), ("02-16", 6462), ("03-01", 10_000)]


# --- what concerns an account's subscriptions together -----------------------------------------------------------


def moved(
    words: str, *subs: Subscription, lines: Sequence[InvoiceLine] = (), rates: Rates | None = None
) -> list[tuple[str, str, int]]:
    """(day, kind, amount) of one account's movements."""
    policy = policy_of(f"kahvi {words}")
    known = Known(PRICES, policy, ZoneInfo("UTC"), NOW)
    stepped = [Stepped(sub, steps(Evidence(sub), known)) for sub in subs]
    base = rates or Rates("usd")
    found = movements("acme", together(stepped, policy, base, known.zone), base, policy)
    return [(f"{one.day:%m-%d}", one.kind.value, one.amount) for one in found]


def test_a_customer_worth_nothing_has_left_or_stays_until_the_subscription_ends() -> None:
    assert moved("", FREE_AT_LAST) == [("01-01", "new", 5000), ("02-01", "churn", -5000)]
    assert moved("zero_mrr_customer=stays_active", FREE_AT_LAST) == [
        ("01-01", "new", 5000), ("02-01", "contraction", -5000), ("03-01", "churn", 0),
    ]  # fmt: skip


def test_who_never_paid_is_no_customer_in_either_way() -> None:
    free = subscription(items=[item(quantity=0, started_at=at(1))], started_at=at(1))

    assert moved("zero_mrr_customer=stays_active", free) == []


def test_who_comes_back_late_may_count_as_new() -> None:
    assert [kind for _, kind, _ in moved("", *CAME_BACK)] == ["new", "churn", "reactivation"]
    assert [kind for _, kind, _ in moved("reactivation_gap_days=30", *CAME_BACK)] == ["new", "churn", "reactivation"]
    assert [kind for _, kind, _ in moved("reactivation_gap_days=29", *CAME_BACK)] == ["new", "churn", "new"]


def test_subscriptions_begun_around_midnight_count_as_begun_together() -> None:
    assert moved("", *AROUND_MIDNIGHT) == [("01-01", "new", 5000), ("01-02", "expansion", 5000)]
    assert moved("merge_window_min=60", *AROUND_MIDNIGHT) == [("01-01", "new", 5000), ("01-01", "new", 5000)]
    assert moved("merge_window_min=59", *AROUND_MIDNIGHT) == moved("", *AROUND_MIDNIGHT)


def test_another_currency_may_keep_the_rate_of_the_first_day() -> None:
    assert moved("", IN_EUROS, rates=EURO) == [("01-01", "new", 5000), ("04-01", "churn", -5000)]
    assert moved("fx_rate=purchase", IN_EUROS, rates=EURO) == [("01-01", "new", 5500), ("04-01", "churn", -5500)]


EXAMPLES = {
    "basis": ("invoice_line", lambda words: past(words, ACTIVE, monthly(1, 3))),
    "recurring_discounts": ("all", lambda words: past(words, ACTIVE, monthly(1, 2, discount_repeating=1000))),
    "once_discounts": ("subtract", lambda words: past(words, ACTIVE, monthly(1, discount_once=1000))),
    "annual": ("div12", lambda words: past(f"basis=invoice_line {words}", HALF_A_YEAR[0], [HALF_A_YEAR[1]])),
    "week_factor": ("4", lambda words: past(words, subscription(items=[item("weekly")]))),
    "day_factor": ("30", lambda words: past(words, subscription(items=[item("daily")]))),
    "churn_date": ("on_request", lambda words: past(words, replace(ACTIVE, cancel_requested_at=at(9, month=3)))),
    "trials": ("in", lambda words: past(words, replace(ACTIVE, trial_end=at(1, month=2)))),
    "unpaid_first_invoice": ("out", lambda words: past(words, ACTIVE, monthly(1), fates=[OWED])),
    "past_due": ("out", lambda words: past(words, replace(ACTIVE, status=Status.PAST_DUE), monthly(1, 2))),
    "unpaid": ("in", lambda words: past(words, replace(ACTIVE, status=Status.UNPAID), monthly(1, 2))),
    "pause": ("zero", lambda words: past(words, replace(ACTIVE, pause_kind="collection"), monthly(1, 2))),
    "metered": ("averaged", lambda words: past(words, ACTIVE, monthly(1, 2), others=[usage(1, 3000)])),
    "one_off": ("in_period", lambda words: past(words, ACTIVE, monthly(1), others=[SETUP])),
    "tax": ("in", lambda words: past(words, ACTIVE, monthly(1, 2, tax_inside=500))),
    "refunds": ("reduce", lambda words: past(words, ACTIVE, monthly(1, 2), fates=[GIVEN_BACK])),
    "credit_notes": ("reduce", lambda words: past(words, ACTIVE, monthly(1, 2), fates=[GIVEN_BACK])),
    "zero_mrr_customer": ("stays_active", lambda words: moved(words, FREE_AT_LAST)),
    "merge_window_min": ("60", lambda words: moved(words, *AROUND_MIDNIGHT)),
    "proration": ("factor", lambda words: past(words, ACTIVE, [*monthly(1), ODD])),
    "reactivation_gap_days": ("10", lambda words: moved(words, *CAME_BACK)),
    "fx_rate": ("purchase", lambda words: moved(words, IN_EUROS, rates=EURO)),
}


def test_every_axis_of_the_ledger_has_an_example() -> None:
    assert set(EXAMPLES) == {name for name, axis in AXES.items() if axis.ledger}


@pytest.mark.parametrize("axis", EXAMPLES)
def test_every_axis_of_the_ledger_changes_something(axis: str) -> None:
    value, ledger = EXAMPLES[axis]

    assert ledger(f"{axis}={value}") != ledger("")
