"""How much of MRR the largest accounts pay: one look at the accounts agrees with what windows are netted from."""

from collections.abc import Sequence
from dataclasses import replace
from heapq import nlargest

import pytest
from hypothesis import given
from sqlalchemy import select

from bot.figures import Asked, load, standing
from bot.metrics.rolls import Roll
from bot.metrics.standing import Largest
from bot.metrics.windows import Window
from storage import fact_store
from storage.engine import Database
from storage.slices import EVERYTHING, Kept, Label, Slice, movements
from tests.bot.digest.company import NOW
from tests.bot.metrics.test_rolls import STORIES
from tests.bot.metrics.test_rolls import hold as lived
from tests.bot.test_movers import WINDOWS
from tests.bot.why_company import RATES
from tests.storage.test_dimensions import GROUNDS

FEW = 2  # of the five accounts at most that a story has
EACH = Label(
    movements.c.account_id,
    select(movements.c.account_id.label("key"), movements.c.account_id.label("label")).distinct().subquery(),
    "nobody",
)
PARTS = {
    "all": EVERYTHING,
    "by account": Slice(by=EACH),
    "by product": Slice(by=movements.c.product_id),
    "dollars": Slice(rows=(Kept(movements.c.currency, ("usd",)),)),
    "all but one": Slice(by=movements.c.currency, rows=(Kept(EACH, ("account0",), but=True),), named=("usd",)),
}


@pytest.mark.parametrize("part", PARTS)
@given(STORIES, WINDOWS)
def test_what_the_largest_are_a_part_of_is_what_a_roll_ends_with(
    database: Database, part: str, stories: Sequence[list[tuple[int, int, str]]], window: Window
) -> None:
    """Each window is asked for beside a later one, so that not all that moved counts in it."""
    windows = window, Window(window.start, window.end.replace(year=window.end.year + 1))
    with database.writing() as session:
        fact_store.store(session, RATES, NOW)
        lived(session, stories)
    with database.reading() as session:
        rolls = load(Asked(session, windows, GROUNDS, PARTS[part]), (Roll,))
        found = load(Asked(session, windows, GROUNDS, PARTS[part]), (Largest,))

    ends = {
        label: [(one.of(Roll).end, one.of(Roll).customers_end) for one in periods] for label, periods in rolls.items()
    }
    told = {
        label: [(one.of(Largest).mrr, one.of(Largest).customers) for one in periods] for label, periods in found.items()
    }
    assert told == ends


@pytest.mark.parametrize("part", [name for name, part in PARTS.items() if part.by is None])
@given(STORIES, WINDOWS)
def test_the_largest_are_those_who_pay_most(
    database: Database, part: str, stories: Sequence[list[tuple[int, int, str]]], window: Window
) -> None:
    with database.writing() as session:
        fact_store.store(session, RATES, NOW)
        lived(session, stories)
    with database.reading() as session, pytest.MonkeyPatch.context() as patched:
        patched.setattr(standing, "TEN", FEW)
        found = load(Asked(session, (window,), GROUNDS, PARTS[part]), (Largest,))
        each = load(Asked(session, (window,), GROUNDS, replace(PARTS[part], by=EACH)), (Roll,))

    largest = nlargest(FEW, (period.of(Roll).end for (period,) in each.values()))
    assert sum(period.of(Largest).amount for (period,) in found.values()) == sum(largest)
