from datetime import UTC, datetime
from itertools import pairwise

import pytest

from bot.playground.company.rates import to_dollars
from bot.playground.stripe.billing.dates import DAY, seconds

START = seconds(datetime(2024, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(("currency", "low", "high"), [("eur", 1.0, 1.2), ("gbp", 1.2, 1.35), ("kwd", 3.2, 3.3)])
def test_rates_move_slowly_around_a_plausible_value(currency: str, low: float, high: float) -> None:
    rates = [float(to_dollars(currency, START + day * DAY)) for day in range(730)]

    assert all(low < rate < high for rate in rates)
    assert max(abs(new / old - 1) for old, new in pairwise(rates)) < 0.01
    assert len(set(rates)) > 300


def test_a_day_has_one_rate() -> None:
    assert to_dollars("jpy", START + 1) == to_dollars("jpy", START + DAY - 1) < 1
