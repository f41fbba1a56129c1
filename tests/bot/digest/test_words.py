"""Amounts and days as the digest says them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from bot.digest import previous_digest_day
from bot.telling.told import money, percent, short_day, since_words

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (18_240_000, "usd", "+$182,400"),
        (18_240_049, "usd", "+$182,400"),
        (1_250, "usd", "+$12.50"),
        (1_200, "usd", "+$12"),
        (-42_000, "eur", "−€420"),
        (1_999, "jpy", "+¥1,999"),
        (-1_250, "kwd", "−KWD 1.250"),
        (0, "usd", "$0"),
    ],
)
def test_amounts_at_a_glance(minor: int, currency: str, shown: str) -> None:
    assert shown == money(minor, currency, sign=True)


@pytest.mark.parametrize(
    ("share", "shown"),
    [("0.0186", "+1.9%"), ("-0.25", "−25.0%"), ("0", "0.0%"), ("-0.0001", "0.0%"), ("12", "+1200.0%")],
)
def test_percentages_have_one_decimal(share: str, shown: str) -> None:
    assert shown == percent(Decimal(share), sign=True)


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (date(2026, 11, 22), "yesterday"),
        (date(2026, 11, 20), "since Friday"),
        (date(2026, 11, 16), "since Monday"),
        (date(2026, 11, 2), "since 2 November"),
    ],
)
def test_what_a_change_is_measured_from(since: date, said: str) -> None:
    assert said == since_words(since, MONDAY)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (MONDAY, "today"),
        (date(2026, 11, 24), "tomorrow"),
        (date(2026, 11, 22), "yesterday"),
        (date(2026, 12, 3), "Thu 3 Dec"),
        (date(2027, 1, 4), "Mon 4 Jan 2027"),
    ],
)
def test_days_near_today(day: date, said: str) -> None:
    assert said == short_day(day, MONDAY)


@pytest.mark.parametrize(
    ("day", "weekdays", "previous"),
    [
        (MONDAY, range(1, 6), date(2026, 11, 20)),
        (date(2026, 11, 24), range(1, 6), MONDAY),
        (MONDAY, [1], date(2026, 11, 16)),
        (MONDAY, range(1, 8), date(2026, 11, 22)),
        (MONDAY, [], date(2026, 11, 22)),
    ],
)
def test_the_previous_digest_day_follows_the_weekdays(day: date, weekdays: Sequence[int], previous: date) -> None:
    assert previous == previous_digest_day(day, weekdays)
