"""Who moved a figure: groups of accounts make up the whole, whatever the accounts did."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.figures import Asked, Grounds, load
from bot.figures.groups import leavers, movers, plans_and_places
from bot.metrics.axes import NewAndChurned, OneOfMany
from bot.metrics.netting import Did
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from storage import fact_store
from storage.engine import Database
from storage.movements import WHOLE
from storage.slices import EVERYTHING, Kept, Label, Slice, movements
from storage.states import MovementKind
from storage.worth import Moment
from tests.bot.digest.company import GREW, NEW, NOW, SHRANK, hold, movement
from tests.bot.metrics.test_rolls import STORIES, day
from tests.bot.metrics.test_rolls import hold as lived
from tests.bot.why_company import RATES
from tests.storage.test_dimensions import GROUNDS

POLICIES = [
    replace(KAHVI, same_window_new_churn=one, one_of_many_cancelled=other)
    for one, other in product(NewAndChurned, OneOfMany)
]
EACH = movements.alias()
PRODUCT = Label(
    movements.c.product_id,
    select(EACH.c.product_id.label("key"), EACH.c.product_id.label("label")).distinct().subquery(),
    "unknown",
)
PARTS = {
    "all": EVERYTHING,
    "dollars": Slice(rows=(Kept(movements.c.currency, ("usd",)),)),
    "all but dollars": Slice(rows=(Kept(movements.c.currency, ("usd",), but=True),)),
    "a product": Slice(rows=(Kept(PRODUCT, ("usd",)),)),
}
WINDOWS = st.builds(lambda start, days: Window(day(start), day(start + days)), st.integers(0, 30), st.integers(1, 60))
SUMS = [name for name in Roll.__slots__ if name not in {"begin", "end", "fx", "customers_begin", "customers_end"}]


@pytest.mark.parametrize("part", PARTS)
@given(STORIES, WINDOWS, st.sampled_from(POLICIES))
def test_groups_make_up_the_whole(
    database: Database,
    part: str,
    stories: Sequence[list[tuple[int, int, str]]],
    window: Window,
    policy: MetricsPolicy,
) -> None:
    with database.writing() as session:
        fact_store.store(session, RATES, NOW)
        lived(session, stories)
    grounds = Grounds(GROUNDS.base, GROUNDS.zone, policy)
    with database.reading() as session:
        asked = Asked(session, (window,), grounds, PARTS[part])
        whole = load(asked, (Roll,))[WHOLE][0].of(Roll)
        words = plans_and_places(session, Moment(date(2026, 12, 1), {"usd": Decimal(1), "eur": Decimal(1)}))
        found = movers(asked, window, whole, *words)

    for name in SUMS:
        assert sum(getattr(roll, name) for _, roll in found.groups) == getattr(whole, name), name


@pytest.mark.parametrize("part", PARTS)
@given(STORIES, WINDOWS, st.sampled_from(POLICIES))
def test_who_left_makes_up_what_churned(
    database: Database,
    part: str,
    stories: Sequence[list[tuple[int, int, str]]],
    window: Window,
    policy: MetricsPolicy,
) -> None:
    with database.writing() as session:
        fact_store.store(session, RATES, NOW)
        lived(session, stories)
    with database.reading() as session:
        asked = Asked(session, (window,), Grounds(GROUNDS.base, GROUNDS.zone, policy), PARTS[part])
        whole = load(asked, (Roll,))[WHOLE][0].of(Roll)
        found = leavers(asked, window)

    assert sum(one.times for one in found) == whole.customers_churned
    assert all(one.lost >= 0 and window.start <= one.day < window.end for one in found)
    if policy.one_of_many_cancelled is OneOfMany.CONTRACTION:
        assert sum(one.lost for one in found) == whole.churn


@pytest.mark.parametrize(
    ("dollars", "kind", "worth"),
    [(0, SHRANK, Decimal(950)), (100, GREW, Decimal(1050))],
    ids=["one currency", "two currencies"],
)
def test_who_stays_grew_or_shrank_in_its_own_currency(
    database: Database, dollars: int, kind: MovementKind, worth: Decimal
) -> None:
    """Five euros less, which the dearer euro makes nine and a half dollars more; with dollars, those decide."""
    told = [
        movement("euro", date(2026, 1, 5), NEW, 50_000, currency="eur"),
        movement("euro", date(2026, 11, 10), SHRANK, -10_500, currency="eur", accounts=0),
        movement("euro", date(2026, 11, 20), GREW, 10_000, currency="eur", accounts=0),
        *([movement("euro", date(2026, 11, 20), GREW, dollars, price_id="b", accounts=0)] if dollars else []),
    ]
    window = Window(date(2026, 11, 1), date(2026, 12, 1))
    with database.writing() as session:
        hold(session, told, RATES)
    with database.reading() as session:
        asked = Asked(session, (window,), GROUNDS)
        whole = load(asked, (Roll,))[WHOLE][0].of(Roll)
        found = movers(asked, window, whole, *plans_and_places(session, Moment(window.end, {})))

    assert (whole.expansion, whole.contraction) == ((worth, 0) if kind is GREW else (0, -worth))
    (of_euro,) = [roll for _, roll in found.groups if roll.expansion or roll.contraction]
    assert (of_euro.expansion, of_euro.contraction) == (whole.expansion, whole.contraction)
    assert found.largest([Did(kind)], 1) == ["euro"]
