"""How long accounts paid without a break, from the ledger."""

from datetime import date

from storage.engine import Database
from storage.slices import EVERYTHING, Slice, movements
from storage.stays import Stays, stays
from tests.bot.digest.company import BACK, GREW, LEFT, NEW, hold, movement

JANUARY, MARCH, MAY, JUNE = date(2026, 1, 5), date(2026, 3, 9), date(2026, 5, 2), date(2026, 6, 1)


def test_stays_are_told_as_they_stood_on_a_day(database: Database) -> None:
    told = [
        movement("a", JANUARY, NEW, 100, product_id="x"),
        movement("a", MARCH, LEFT, -100, product_id="x"),
        movement("a", MAY, BACK, 200, product_id="y"),
        movement("b", JANUARY, NEW, 100, product_id="x"),
        movement("b", MARCH, GREW, 50, product_id="y"),
        movement("b", JUNE, LEFT, -150, product_id="x"),
        movement("c", JUNE, NEW, 9, product_id="x"),
    ]
    with database.writing() as session:
        hold(session, told, [])
    with database.reading() as session:
        all_ = stays(session, JUNE, EVERYTHING)
        by_product = stays(session, JUNE, Slice(by=movements.c.product_id))
        early = stays(session, MARCH, EVERYTHING)

    assert sorted(all_, key=lambda one: (one.start, one.end is None)) == [
        Stays("", JANUARY, MARCH, 1),
        Stays("", JANUARY, None, 1),
        Stays("", MAY, None, 1),
    ]
    assert {(one.label, one.start, one.end) for one in by_product} == {
        ("x", JANUARY, MARCH),
        ("x", JANUARY, None),
        ("y", MAY, None),
    }
    assert (sum(one.count for one in early), {one.end for one in early}) == (2, {None})
