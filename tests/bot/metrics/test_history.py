"""A past read from invoice lines and from item versions, joined to the present without a jump."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.metrics.axes import ChurnDate, Pause
from bot.metrics.history import Evidence, steps
from bot.metrics.known import Known
from bot.metrics.mrr import whole
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.presets import policy_of
from storage.facts import Discount, Duration, Interval, InvoiceLine, InvoiceStatus, Price, Status, Subscription
from storage.fates import Fate
from tests.factories import at, item, line, price, subscription

NOW = at(20, month=4)
PRICES = {
    one.id: one
    for one in (
        price("pro", "5000"),
        price("team", "8000"),
        price("addon", "700"),
        price("yearly", "60000", interval=Interval.YEAR),
    )
}


def past(
    sub: Subscription,
    lines: Sequence[InvoiceLine] = (),
    *,
    policy: MetricsPolicy = KAHVI,
    changed_at: datetime | None = None,
    prices: dict[str, Price] | None = None,
    zone: str = "UTC",
) -> list[tuple[date, int]]:
    known = Known(prices or PRICES, policy, ZoneInfo(zone), NOW)
    found = steps(Evidence(sub, (), lines, changed_at), known)
    return [(day, sum(whole(state).values())) for day, state in found]


def monthly(amount: int, *months: int, **values: object) -> list[InvoiceLine]:
    return [line(f"l{month}-{values.get('item_id', '')}", amount, at(1, month=month), **values) for month in months]


def test_equal_lines_are_one_step() -> None:
    sub = subscription(items=[item()])

    assert past(sub, monthly(5000, 1, 2, 3, 4)) == [(date(2026, 1, 1), 5000)]


def test_a_change_at_renewal_is_dated_by_the_line() -> None:
    sub = subscription(items=[item(quantity=2)])
    lines = monthly(5000, 1, 2) + monthly(10_000, 3, 4, quantity=Decimal(2))

    assert past(sub, lines) == [(date(2026, 1, 1), 5000), (date(2026, 3, 1), 10_000)]


def test_a_prorated_change_is_dated_by_its_line_and_valued_by_price_and_quantity() -> None:
    sub = subscription(items=[item(quantity=3)])
    lines = [
        *monthly(5000, 1, 2),
        line("credit", -2500, at(15, month=2), proration=True),
        line("charge", 7500, at(15, month=2), proration=True, quantity=Decimal(3)),
        *monthly(15_000, 3, 4, quantity=Decimal(3)),
    ]

    assert past(sub, lines) == [(date(2026, 1, 1), 5000), (date(2026, 2, 15), 15_000)]


def test_an_item_taken_away_between_bills_holds_back_nothing_of_the_others() -> None:
    sub = subscription(items=[item(quantity=4)], started_at=at(1, month=4), current_period_start=at(1, month=4))
    addon = {"item_id": "item-addon", "price_id": "addon", "period_end": at(1, month=5)}
    lines = [*monthly(5000, 4), *monthly(700, 4, **addon)]

    assert past(sub, lines, changed_at=at(10, month=4)) == [(date(2026, 4, 1), 5700), (date(2026, 4, 10), 20_000)]


def test_a_period_of_no_length_divides_nothing_by_zero() -> None:
    sub = subscription(items=[item(quantity=2)])
    lines = [
        line("empty", 0, at(1), period_end=at(1)),
        line("charge", 100, at(1), proration=True, quantity=Decimal(2), period_end=at(1)),
    ]

    assert past(sub, lines) == [(date(2026, 1, 1), 10_000)]


def test_leaving_a_free_plan_is_valued_by_the_charge_alone() -> None:
    sub = subscription(items=[item(quantity=3)])
    lines = [
        line("free", 0, at(1), price_id="free"),
        line("credit", 0, at(15), proration=True, price_id="free"),
        line("charge", 7500, at(15), proration=True, quantity=Decimal(3)),
        *monthly(15_000, 2, 3, 4, quantity=Decimal(3)),
    ]

    assert past(sub, lines) == [(date(2026, 1, 15), 15_000)]


def test_a_discount_between_two_bills_is_dated_to_its_beginning() -> None:
    tenth = Discount(id="d", duration=Duration.FOREVER, percent_off=Decimal(10), starts_at=at(20))
    sub = subscription(items=[item()], discounts=(tenth,))
    lines = [*monthly(5000, 1), *monthly(5000, 2, 3, 4, discount_forever=500)]

    assert past(sub, lines) == [(date(2026, 1, 1), 5000), (date(2026, 1, 20), 4500)]


def test_a_proration_carries_the_discount_that_its_amount_proves() -> None:
    tenth = Discount(id="d", duration=Duration.FOREVER, percent_off=Decimal(10), starts_at=at(1))
    sub = subscription(items=[item(quantity=3)], discounts=(tenth,))
    lines = [
        *monthly(5000, 1, 2, discount_forever=500),
        line("charge", 6750, at(16, month=2), proration=True, quantity=Decimal(3), period_end=at(3, month=3)),
        *monthly(15_000, 3, 4, quantity=Decimal(3), discount_forever=1500),
    ]

    assert past(sub, lines) == [(date(2026, 1, 1), 4500), (date(2026, 2, 16), 13_500)]


def test_an_item_credited_without_a_charge_is_gone_from_that_day() -> None:
    sub = subscription(items=[item()])
    addon = {"item_id": "item-addon", "price_id": "addon"}
    lines = [
        *monthly(5000, 1, 2, 3, 4),
        *monthly(700, 1, 2, **addon),
        line("credit", -350, at(15, month=2), proration=True, **addon),
    ]

    assert past(sub, lines) == [(date(2026, 1, 1), 5700), (date(2026, 2, 15), 5000)]


def test_an_item_no_longer_billed_ends_with_its_last_period() -> None:
    sub = subscription(items=[item()])
    lines = [*monthly(5000, 1, 2, 3, 4), *monthly(700, 1, item_id="item-addon", price_id="addon")]

    assert past(sub, lines) == [(date(2026, 1, 1), 5700), (date(2026, 1, 31), 5000)]


def test_a_trial_begins_to_count_with_its_first_paid_line() -> None:
    sub = subscription(items=[item()], trial_end=at(15), started_at=at(1))
    lines = [line("trial", 0, at(1)), line("paid", 5000, at(15))]

    assert past(sub, lines) == [(date(2026, 1, 15), 5000)]


def test_a_lost_trial_never_counted() -> None:
    sub = subscription(items=[item()], status=Status.ENDED, trial_end=at(15), ended_at=at(15))

    assert past(sub, [line("trial", 0, at(1))]) == []


def test_an_ended_subscription_leaves_on_its_last_day() -> None:
    sub = subscription(items=[item()], status=Status.ENDED, ended_at=at(1, month=3))

    assert past(sub, monthly(5000, 1, 2)) == [(date(2026, 1, 1), 5000), (date(2026, 3, 1), 0)]


def test_churn_is_dated_by_the_request_where_the_policy_says_so() -> None:
    sub = subscription(items=[item()], cancel_requested_at=at(10, month=2), cancel_at=at(1, month=5))
    policy = MetricsPolicy(churn_date=ChurnDate.ON_REQUEST)

    assert past(sub, monthly(5000, 1, 2), policy=policy)[-1] == (date(2026, 2, 10), 0)
    assert past(sub, monthly(5000, 1, 2)) == [(date(2026, 1, 1), 5000)]


def test_a_subscription_that_never_started_has_no_past() -> None:
    assert past(subscription(items=[item()], status=Status.NEVER_STARTED), monthly(5000, 1)) == []


def test_unpaid_and_paused_stop_counting() -> None:
    begun: dict[str, Any] = {"current_period_start": at(1, month=3)}

    assert past(subscription(items=[item()], status=Status.UNPAID, **begun), monthly(5000, 1, 2))[-1] == (
        date(2026, 3, 1),
        0,
    )
    assert past(
        subscription(items=[item()], status=Status.PAUSED, paused_at=at(9, month=3), **begun), monthly(5000, 1, 2)
    )[-1] == (date(2026, 3, 9), 0)


def test_a_paused_collection_counts_unless_the_policy_says_otherwise() -> None:
    sub = subscription(items=[item()], pause_kind="collection", paused_at=at(9, month=3))
    strict = MetricsPolicy(pause=Pause.ZERO)

    assert past(sub, monthly(5000, 1, 2, 3, 4)) == [(date(2026, 1, 1), 5000)]
    assert past(sub, monthly(5000, 1, 2, 3, 4), policy=strict)[-1] == (date(2026, 3, 9), 0)


def test_without_lines_the_live_state_holds_from_the_start() -> None:
    assert past(subscription(items=[item()])) == [(date(2026, 1, 1), 5000)]


def test_what_began_before_its_oldest_bill_did_not_join_with_that_bill() -> None:
    lines = monthly(5000, 3, 4)

    assert past(subscription(items=[item()]), lines) == [(date(2026, 1, 1), 5000)]
    on_trial = subscription(items=[item()], trial_start=at(1), trial_end=at(15))
    assert past(on_trial, lines) == [(date(2026, 1, 15), 5000)]
    taken_over = subscription(items=[item()], created_at=at(1, month=3))
    assert past(taken_over, lines) == [(date(2026, 3, 1), 5000)]


def test_what_began_for_nothing_joins_with_its_first_bill_that_asks_for_money() -> None:
    assert past(subscription(items=[item()]), monthly(0, 1) + monthly(5000, 3, 4)) == [(date(2026, 3, 1), 5000)]


def test_what_bills_must_cover_begins_with_the_oldest_bill() -> None:
    fate = Fate("invoice", InvoiceStatus.PAID, 5000)
    lines = monthly(5000, 3, 4)
    known = Known(PRICES, policy_of("baremetrics"), ZoneInfo("UTC"), NOW)
    evidence = Evidence(subscription(items=[item()]), (), lines, fates={one.id: fate for one in lines})

    assert [(day, bool(state)) for day, state in steps(evidence, known)] == [(date(2026, 3, 1), True)]


def test_a_difference_no_line_explains_is_dated_to_the_present_period() -> None:
    sub = subscription(items=[item(quantity=2)], current_period_start=at(1, month=4))

    assert past(sub, monthly(5000, 1, 2, 3, 4)) == [(date(2026, 1, 1), 5000), (date(2026, 4, 1), 10_000)]


def test_or_to_when_it_was_first_seen() -> None:
    sub = subscription(items=[item(quantity=2)], current_period_start=at(1, month=4))
    seen = at(17, month=4)

    assert past(sub, monthly(5000, 1, 2, 3, 4), changed_at=seen)[-1] == (date(2026, 4, 17), 10_000)


def test_a_billed_amount_rounded_to_a_cent_is_no_movement() -> None:
    third = Discount(id="d", duration=Duration.FOREVER, percent_off=Decimal("33.33"))
    sub = subscription(items=[item()], discounts=(third,))

    assert past(sub, monthly(5000, 1, 2, 3, 4, discount_forever=1667)) == [(date(2026, 1, 1), 3334)]


def test_forever_discounts_lower_the_past_and_passing_ones_do_not() -> None:
    sub = subscription(items=[item()])

    assert past(sub, monthly(5000, 1, 2, 3, 4, discount_repeating=1000, discount_once=500)) == [
        (date(2026, 1, 1), 5000)
    ]


def test_inclusive_tax_is_in_neither_the_past_nor_the_present() -> None:
    taxed = {**PRICES, "pro": price("pro", "6000", tax_inclusive=True)}

    assert past(subscription(items=[item()]), monthly(6000, 1, 2, tax_inside=1000), prices=taxed) == [
        (date(2026, 1, 1), 5000)
    ]


def test_a_yearly_line_counts_a_twelfth() -> None:
    sub = subscription(items=[item("yearly")])
    billed = line("y", 60_000, at(1), item_id="item-yearly", price_id="yearly", period_end=at(1, year=2027))

    assert past(sub, [billed]) == [(date(2026, 1, 1), 5000)]


def test_a_line_of_an_unknown_price_is_read_by_its_period() -> None:
    sub = subscription(items=[], status=Status.ENDED, ended_at=at(1, month=3))
    billed = line("y", 60_000, at(1), price_id="gone", period_end=at(1) + timedelta(days=365))

    assert past(sub, [billed])[0] == (date(2026, 1, 1), 5000)


def test_tiers_billed_on_lines_of_their_own_are_one_level() -> None:
    sub = subscription(items=[item(quantity=2)])
    lines = [line("t1", 4000, at(1)), line("t2", 6000, at(1), quantity=Decimal(1))]

    assert past(sub, lines) == [(date(2026, 1, 1), 10_000)]


def test_days_are_those_of_the_zone() -> None:
    late = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    sub = subscription(items=[item()], started_at=late)

    assert past(sub, [line("l", 5000, late)], zone="Europe/Helsinki") == [(date(2026, 2, 1), 5000)]


def test_versions_of_items_tell_the_exact_past() -> None:
    sub = subscription(
        items=[
            item(quantity=1, started_at=at(1), ended_at=at(10, month=2)),
            item(quantity=4, id="item-pro@2", started_at=at(10, month=2)),
        ]
    )

    assert past(sub) == [(date(2026, 1, 1), 5000), (date(2026, 2, 10), 20_000)]


def test_a_planned_end_shows_only_when_its_day_has_come() -> None:
    ends_later = subscription(items=[item(started_at=at(1))], ended_at=at(1, month=6))
    ended = subscription(items=[item(started_at=at(1))], ended_at=at(1, month=4))

    assert past(ends_later) == [(date(2026, 1, 1), 5000)]
    assert past(ended) == [(date(2026, 1, 1), 5000), (date(2026, 4, 1), 0)]
