"""Windows of days, and the months of a period."""

from datetime import date
from decimal import Decimal

from bot.metrics.axes import ChurnWindow
from bot.metrics.windows import Window, month_start, months, of_churn


def test_a_window_ends_before_its_end() -> None:
    assert Window.last(30, date(2026, 3, 1)) == Window(date(2026, 1, 30), date(2026, 3, 1))
    assert Window(date(2026, 1, 30), date(2026, 3, 1)).before == Window(date(2025, 12, 31), date(2026, 1, 30))


def test_month_starts_cross_the_year() -> None:
    assert [month_start(date(2026, 1, 31), back) for back in (-2, -1, 0, 1)] == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]


def test_the_last_month_of_a_period_may_be_cut_off() -> None:
    assert list(months(date(2026, 11, 5), date(2027, 1, 3))) == [
        Window(date(2026, 11, 1), date(2026, 12, 1)),
        Window(date(2026, 12, 1), date(2027, 1, 1)),
        Window(date(2027, 1, 1), date(2027, 1, 3)),
    ]


def test_churn_is_told_over_thirty_days_or_the_last_whole_month() -> None:
    rolling, calendar = (of_churn(kind, date(2026, 1, 15)) for kind in ChurnWindow)

    assert rolling == (Window.last(30, date(2026, 1, 15)), Window.last(30, date(2025, 12, 16)))
    assert calendar == (
        Window(date(2025, 12, 1), date(2026, 1, 1)),
        Window(date(2025, 11, 1), date(2025, 12, 1)),
    )


def test_a_window_in_months() -> None:
    """Calendar months are whole; 30 days are one, as they are where a rate over 30 days is called monthly."""
    assert Window(date(2026, 1, 5), date(2027, 1, 5)).months == 12
    assert Window.last(30, date(2026, 11, 23)).months == 1
    assert Window.last(73, date(2026, 11, 23)).months == Decimal("2.4")
