from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.playground.stripe.billing.dates import add_months, period_end, seconds


def second(text: str) -> int:
    return seconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


def test_a_cycle_anchored_late_in_the_month_comes_back_to_its_day() -> None:
    anchor = second("2026-01-31T10:00")

    february = period_end(anchor, anchor, "month", 1)
    march = period_end(anchor, february, "month", 1)

    assert february == second("2026-02-28T10:00")
    assert march == second("2026-03-31T10:00")


def test_quarters_years_weeks_and_days() -> None:
    anchor = second("2024-02-29T00:00")

    assert period_end(anchor, anchor, "month", 3) == second("2024-05-29T00:00")
    assert period_end(anchor, anchor, "year", 1) == second("2025-02-28T00:00")
    assert period_end(anchor, anchor, "week", 2) == second("2024-03-14T00:00")
    assert period_end(anchor, anchor, "day", 1) == second("2024-03-01T00:00")


@given(st.integers(1_500_000_000, 1_900_000_000), st.sampled_from([1, 3, 12]), st.integers(1, 40))
def test_a_cycle_is_the_anchor_plus_months_at_every_turn(anchor: int, step: int, turns: int) -> None:
    start = anchor
    for turn in range(1, turns + 1):
        start = period_end(anchor, start, "month", step)
        assert start == add_months(anchor, turn * step)
