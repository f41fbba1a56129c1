"""Windows netted per account: by the rule on rows, and by the database's sums, which must say the same."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from bot.metrics.book import Book, paying
from bot.metrics.rates import Rates
from bot.metrics.rolls import Roll, rolls
from bot.metrics.windows import Window, months
from storage import ledger, windows
from storage.engine import Database
from storage.movements import COMES, WHOLE, DaySum, LabelledRow, Movement, NettingRule, WindowSums
from storage.slices import Slice, movements
from storage.states import Cause, MovementKind
from storage.windows import Known
from tests.bot.digest.company import BACK, GREW, LEFT, NEW, SHRANK, movement

FIRST = date(2026, 1, 1)
RATES = Rates("usd", [("eur", FIRST, Decimal("1.10")), ("eur", FIRST + timedelta(days=20), Decimal("1.25"))])


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def row(at: int, kind: MovementKind, amount: int, account: str = "acme", label: str = WHOLE) -> LabelledRow:
    return LabelledRow(account, day(at), label, "usd", kind, Cause.SEATS, amount, 1)


def unnetted(rows: Sequence[LabelledRow]) -> WindowSums:
    """Rows that are all left to be netted."""
    days = [
        DaySum(one.label, one.day, one.currency, one.amount, one.accounts if one.kind in COMES else 0) for one in rows
    ]
    return WindowSums(days, (), (), rows)


def roll(*rows: LabelledRow, begin: int = 0, passing: bool = True, days: int = 30) -> dict[str, Roll]:
    end = begin + sum(one.amount for one in rows)
    last = DaySum(WHOLE, day(days - 1), "usd", end - begin)
    books = {WHOLE: Book([DaySum(WHOLE, day(-9), "usd", begin), last], RATES)}
    return rolls(Window(day(0), day(days)), books, unnetted(rows), RATES, rule=NettingRule(passing=passing))


def test_what_a_new_account_grew_to_is_new() -> None:
    found = roll(row(1, NEW, 1000), row(5, GREW, 300), row(9, SHRANK, -100))[WHOLE]

    assert (found.new, found.expansion, found.contraction, found.customers_new) == (1200, 0, 0, 1)


def test_an_account_that_was_there_moves_by_its_net() -> None:
    found = roll(row(5, GREW, 300), row(9, SHRANK, -450), begin=1000)[WHOLE]

    assert (found.expansion, found.contraction, found.net_new) == (0, 150, -150)


def test_an_account_that_left_takes_what_it_had_at_the_start() -> None:
    found = roll(row(5, GREW, 300), row(9, LEFT, -1300), begin=1000)[WHOLE]

    assert (found.churn, found.expansion, found.customers_churned, found.passing) == (1000, 0, 1, 0)


def test_who_came_and_left_inside_is_in_both_or_in_neither() -> None:
    rows = (row(1, NEW, 1000), row(5, GREW, 300), row(9, LEFT, -1300))
    both, neither = roll(*rows)[WHOLE], roll(*rows, passing=False).get(WHOLE, Roll())

    assert (both.new, both.churn, both.passing, both.customers_new, both.customers_passing) == (1300, 1300, 1300, 1, 1)
    assert (neither.new, neither.churn, neither.customers_new, neither.customers_churned) == (0, 0, 0, 0)


def test_who_left_and_came_back_is_in_both_or_has_only_changed() -> None:
    rows = (row(3, LEFT, -1000), row(9, BACK, 700))
    both, net = roll(*rows, begin=1000)[WHOLE], roll(*rows, begin=1000, passing=False)[WHOLE]

    assert (both.churn, both.reactivation, both.passing) == (1000, 700, 0)
    assert (net.churn, net.reactivation, net.contraction, net.customers_churned) == (0, 0, 300, 0)


def test_who_came_and_left_in_two_months_is_in_both_by_either_policy() -> None:
    """Thirty days may begin in one month and end in the next, and a year has twelve of them."""
    rows = (row(20, NEW, 1000), row(35, LEFT, -1000))
    found = roll(*rows, passing=False, days=60)[WHOLE]

    assert found == roll(*rows, days=60)[WHOLE]
    assert (found.new, found.churn, found.passing, found.customers_new, found.customers_churned) == (
        *(1000, 1000, 1000),
        *(1, 1),
    )


def test_who_was_away_from_one_month_to_another_left_and_came_back_by_either_policy() -> None:
    rows = (row(3, LEFT, -1000), row(9, BACK, 700), row(20, LEFT, -700), row(35, BACK, 900))
    found = roll(*rows, begin=1000, passing=False, days=60)[WHOLE]

    assert (found.churn, found.reactivation, found.contraction, found.passing) == (1000, 900, 0, 0)


def test_a_move_between_segments_is_a_transfer_and_only_its_net_a_change() -> None:
    found = roll(row(3, GREW, -1000, label="starter"), row(3, GREW, 1200, label="pro"))

    assert (found["pro"].expansion, found["pro"].transfer) == (200, 1000)
    assert (found["starter"].expansion, found["starter"].contraction, found["starter"].transfer) == (0, 0, -1000)


def test_one_of_several_subscriptions_that_ends_is_contraction_or_churn_by_policy() -> None:
    ended = LabelledRow("acme", day(3), WHOLE, "usd", SHRANK, Cause.PAYMENT_FAILED, -400, 1)
    rows = (ended, row(9, GREW, 100))
    books = {WHOLE: Book([DaySum(WHOLE, day(-9), "usd", 1000, 1), DaySum(WHOLE, day(29), "usd", -300)], RATES)}
    net, parted = (
        rolls(Window(day(0), day(30)), books, unnetted(rows), RATES, rule=NettingRule(parts_churn=one))[WHOLE]
        for one in (False, True)
    )

    assert (net.contraction, net.expansion, net.churn) == (300, 0, 0)
    assert (parted.contraction, parted.expansion, parted.churn, parted.involuntary) == (0, 100, 400, 400)
    assert parted.customers_churned == 0


def test_who_was_away_for_a_while_has_not_parted_with_a_subscription() -> None:
    left = LabelledRow("acme", day(3), WHOLE, "usd", LEFT, Cause.CANCELLED, -1000, 1)
    books = {WHOLE: Book([DaySum(WHOLE, day(-9), "usd", 1000, 1), DaySum(WHOLE, day(29), "usd", -300)], RATES)}
    rule = NettingRule(passing=False, parts_churn=True)
    found = rolls(Window(day(0), day(30)), books, unnetted((left, row(9, BACK, 700))), RATES, rule=rule)[WHOLE]

    assert (found.churn, found.expansion, found.contraction) == (0, 0, 300)


CHOICES = st.tuples(st.integers(1, 9), st.sampled_from((0, 0, 400, 500, 900)), st.sampled_from(("usd", "usd", "eur")))
STORIES = st.lists(st.lists(CHOICES, min_size=1, max_size=8), min_size=1, max_size=5)
RULES = st.builds(NettingRule, st.booleans(), st.booleans())


def told(account: str, steps: Sequence[tuple[int, int, str]]) -> Iterator[Movement]:
    """An account that is worth an amount in one currency from some days on; two products for two currencies."""
    at, ever, level = 0, False, (0, "usd")
    for gap, amount, currency in steps:
        at += gap
        deltas = (
            [(level[1], -level[0]), (currency, amount)] if level[1] != currency else [(currency, amount - level[0])]
        )
        deltas = [(one, delta) for one, delta in deltas if delta]
        kind = (
            (BACK if ever else NEW) if not level[0] else LEFT if not amount else GREW if amount >= level[0] else SHRANK
        )
        ever, level = ever or bool(amount), (amount, currency)
        for place, (one, delta) in enumerate(deltas):
            cause = (
                (Cause.PAYMENT_FAILED, Cause.CANCELLED)[at % 2] if kind in (LEFT, SHRANK) and at % 3 else Cause.SEATS
            )
            values = {"currency": one, "product_id": one, "price_id": one, "accounts": int(place == 0), "cause": cause}
            yield movement(account, day(at), kind, delta, **values)


def hold(session: Session, stories: Sequence[Sequence[tuple[int, int, str]]]) -> list[Movement]:
    found = [one for number, steps in enumerate(stories) for one in told(f"account{number}", steps)]
    ledger.clear(session)
    ledger.append(session, found)
    return found


def by_rows(found: Sequence[Movement], window: Window, label: str | None = None) -> WindowSums:
    """The same window without any netting in the database."""
    inside = sorted((m for m in found if window.start <= m.day < window.end), key=lambda m: (m.account_id, m.day))
    return unnetted(
        [
            LabelledRow(
                m.account_id,
                m.day,
                m.product_id if label else WHOLE,
                m.currency,
                m.kind,
                m.cause,
                m.amount,
                m.accounts,
            )
            for m in inside
        ]
    )


@given(STORIES, st.integers(0, 30), st.integers(1, 60), RULES)
def test_the_database_nets_as_the_rule_does(
    database: Database, stories: list[list[tuple[int, int, str]]], start: int, length: int, rule: NettingRule
) -> None:
    window = Window(day(start), day(start + length))
    with database.writing() as session:
        found = hold(session, stories)
    for part in (Slice(), Slice(by=movements.c.product_id)):
        with database.reading() as session:
            sums = windows.moved(session, (window.start, window.end), known(session, window.end, part), rule, part)
        rows = by_rows(found, window, "product" if part.by is not None else None)

        assert told_of(window, sums, rule) == told_of(window, rows, rule)


def known(session: Session, until: date, part: Slice) -> Known:
    divided = windows.divided(session, until, part)
    rows = windows.rows_of(session, part, divided, None, until)
    return Known(windows.day_sums(session, until, part), rows, divided)


def told_of(window: Window, sums: WindowSums, rule: NettingRule) -> dict[str, Roll]:
    """The rolls under which anything happened."""
    found = rolls(window, {}, sums, RATES, rule=rule)
    return {label: one for label, one in found.items() if one != Roll()}


@given(STORIES, RULES)
def test_months_and_segments_add_up_to_the_whole(
    database: Database, stories: list[list[tuple[int, int, str]]], rule: NettingRule
) -> None:
    with database.writing() as session:
        hold(session, stories)
    quarter = Window(day(0), day(90))
    whole = asked(database, quarter, Slice(), rule)[WHOLE]
    monthly = [asked(database, month, Slice(), rule)[WHOLE] for month in months(quarter.start, quarter.end)]
    split = asked(database, quarter, Slice(by=movements.c.product_id), rule)

    assert sum((one.net_new + one.fx for one in monthly), Decimal(0)) == whole.net_new + whole.fx == whole.end
    assert all(before.end == after.begin for before, after in pairwise(monthly))
    assert sum((one.transfer for one in split.values()), Decimal(0)) == 0
    for name in ("begin", "new", "reactivation", "expansion", "contraction", "churn", "involuntary", "end"):
        assert sum((getattr(one, name) for one in split.values()), Decimal(0)) == getattr(whole, name)
    for name in ("customers_new", "customers_reactivated", "customers_churned", "customers_end"):
        assert sum(getattr(one, name) for one in split.values()) == getattr(whole, name)
    for one in (whole, *monthly, *split.values()):
        assert identity(one)


def asked(database: Database, window: Window, part: Slice, rule: NettingRule) -> dict[str, Roll]:
    """By the levels that the database tells, not only by its movements."""
    with database.reading() as session:
        held = known(session, window.end, part)
        sums = windows.moved(session, (window.start, window.end), held, rule, part)
    labels = {one.label for one in held.days}
    edges = paying(held.days, held.rows, (window.start, window.end))
    books = {
        label: Book(
            [one for one in held.days if one.label == label],
            RATES,
            counted={edge: edges[edge][label] for edge in edges},
        )
        for label in labels
    }
    return {WHOLE: Roll(), **rolls(window, books, sums, RATES, rule=rule)}


def identity(one: Roll) -> bool:
    moved = one.new + one.reactivation + one.expansion - one.contraction - one.churn + one.transfer + one.fx
    came = one.customers_new + one.customers_reactivated - one.customers_churned + one.customers_transferred
    return one.begin + moved == one.end and one.customers_begin + came == one.customers_end
