"""What the digest shows adds up as it is shown: the sentence, the parts of net new MRR, the roll-forward."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from bot.digest import Digest
from bot.digest.sections.headline import Headline
from bot.digest.sections.roll_forward import RollForward
from bot.digest.sections.summary import Summary
from bot.messages.digest import plain_text
from bot.telling.rounding import adding_up, nearest, step
from storage import fact_store, ledger
from storage.engine import Database
from storage.facts import ExchangeRate
from storage.movements import Movement
from tests.bot.digest.company import BACK, FRIDAY, GREW, LEFT, NEW, NOW, SHRANK, hold, morning, movement, read

AMOUNT = re.compile(r"[+−]?\$[\d,]+(?:\.\d\d)?")
LONG_AGO = date(2026, 8, 3)
DAYS = (date(2026, 10, 30), date(2026, 11, 11), FRIDAY, FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2))

# An account: its currency, what it paid long ago, and what it pays from each of the days on.
levels = st.one_of(st.just(0), st.integers(1, 3_000), st.integers(1, 2_000_000))
accounts = st.lists(
    st.tuples(st.sampled_from(("usd", "usd", "eur", "sek", "nok")), levels, st.lists(levels, min_size=5, max_size=5)),
    min_size=1,
    max_size=8,
)
rates = st.lists(st.decimals("0.9", "1.2", places=4), min_size=6, max_size=6)


@given(accounts, rates)
def test_whatever_happened_what_is_shown_adds_up(
    database: Database,
    found: Sequence[tuple[str, int, Sequence[int]]],
    by_day: Sequence[Decimal],
) -> None:
    with database.writing() as session:
        live(session, found, by_day)
    with database.reading() as session:
        digest = morning(session)

    sentence_adds_up(digest)
    net_new_adds_up(digest)
    roll_forward_adds_up(digest)


def live(session: Session, found: Sequence[tuple[str, int, Sequence[int]]], by_day: Sequence[Decimal]) -> None:
    ledger.clear(session)
    days = (LONG_AGO, *DAYS)
    hold(session, [one for n, life in enumerate(found) for one in story(f"acc{n}", *life)])
    known = [
        ExchangeRate(day=day, currency=currency, base="usd", rate=rate / scale)
        for day, rate in zip(days, by_day, strict=True)
        for currency, scale in (("eur", 1), ("sek", 10))
    ]
    fact_store.store(session, known, NOW)
    read(session)


def story(account_id: str, currency: str, before: int, after: Sequence[int]) -> list[Movement]:
    told, level, ever = [], 0, False
    for day, new in zip((LONG_AGO, *DAYS), (before, *after), strict=True):
        if new == level:
            continue
        if not level:
            kind = BACK if ever else NEW
        elif not new:
            kind = LEFT
        else:
            kind = GREW if new > level else SHRANK
        told.append(movement(account_id, day, kind, new - level, currency=currency))
        level, ever = new, True
    return told


def sentence_adds_up(digest: Digest) -> None:
    text = next((line for line in plain_text(digest).splitlines() if line.startswith("MRR is ")), "")
    if not any(isinstance(part, Summary) for part in digest.parts):
        return
    change, _, clauses = text.partition(": ")
    total = 0 if "unchanged" in change else cents(amounts(change)[1]) * (1 if ", up " in change else -1)
    shown = [clause for clause in re.split("[,;] ", clauses) if "under $" not in clause]

    assert total == sum(sign(clause) * cents(amounts(clause)[0].lstrip("+−")) for clause in shown if amounts(clause))
    assert ("Nothing moved" in text) == (not amounts(clauses))
    assert not re.search(r"\$0(?!\.)|\$0\.00", change.partition(",")[2])


def sign(clause: str) -> int:
    return -1 if re.search(r"shrank|left|took", clause) else 1


def net_new_adds_up(digest: Digest) -> None:
    headline = next((part for part in digest.parts if isinstance(part, Headline)), None)
    if headline is None:
        return
    mrr, net_new, *_ = headline.told().figures
    month = mrr.notes[2]
    total = 0 if "unchanged" in month else cents(amounts(month)[0])
    apart = [cents(amounts(note)[0]) for note in net_new.notes if note.startswith("exchange rates")]
    parts = [cents(one) for note in net_new.notes if not note.startswith("exchange rates") for one in amounts(note)]

    assert cents(net_new.value) == sum(parts)
    assert total == cents(net_new.value) + sum(apart)


def roll_forward_adds_up(digest: Digest) -> None:
    roll = next((part for part in digest.parts if isinstance(part, RollForward)), None)
    if roll is None:
        return
    rows = [[str(cell[0]) for cell in row] for row in roll.rows()]
    begin, *moved, end = (cents(row[1]) for row in rows)
    customers = [int((row[2] or "0").replace("−", "-").replace(",", "")) for row in rows]

    assert end == begin + sum(moved)
    assert customers[-1] == sum(customers[:-1])


def amounts(text: str) -> list[str]:
    return AMOUNT.findall(text)


def cents(shown: str) -> int:
    return int(Decimal(shown.replace("$", "").replace(",", "").replace("−", "-")) * 100)


@given(st.lists(st.decimals(-(10**9), 10**9, places=4), min_size=1, max_size=7), st.sampled_from(("usd", "jpy", "kwd")))
def test_no_part_is_off_by_a_step_and_none_changes_its_side(parts: list[Decimal], base: str) -> None:
    total = sum(parts, Decimal(0))
    shown, least = adding_up(parts, total, base), step(total, base)

    assert sum(shown) == nearest(total, least)
    assert all(abs(one - part) < least for one, part in zip(shown, parts, strict=True))
    assert all(one * part >= 0 for one, part in zip(shown, parts, strict=True))


def test_exchange_rates_are_named_when_they_are_the_only_cause(database: Database) -> None:
    known = [
        ExchangeRate(day=day, currency="eur", base="usd", rate=rate)
        for day, rate in ((LONG_AGO, Decimal("1.1")), (FRIDAY, Decimal("1.101")))
    ]
    with database.writing() as session:
        hold(session, [movement("acme", LONG_AGO, NEW, 100_000, currency="eur")], known)
        read(session)
    with database.reading() as session:
        text = plain_text(morning(session))

    assert "MRR is $1,101, up $1 since Friday: exchange rates added $1." in text


def test_what_is_too_small_to_be_shown_is_no_change(database: Database) -> None:
    known = [
        ExchangeRate(day=day, currency="eur", base="usd", rate=rate)
        for day, rate in ((LONG_AGO, Decimal("1.1")), (FRIDAY, Decimal("1.1000000001")))
    ]
    with database.writing() as session:
        moves = [movement(f"acme{n}", LONG_AGO, NEW, 100_000, currency="eur") for n in range(25)]
        hold(session, moves, known)
        read(session)
    with database.reading() as session:
        text = plain_text(morning(session))

    assert "MRR is $27,500, unchanged since Friday. Nothing moved: enjoy your coffee." in text
    assert "1 day: unchanged · 7 days: unchanged · 30 days: unchanged" in text
    assert "(0.0%)" not in text
    assert "exchange rates" not in text.partition("How MRR went")[0]


def test_the_sentence_uses_the_rates_of_the_roll_forward(database: Database) -> None:
    """An account that came on Friday and grew on Sunday, at two rates, beside one whose worth only rates changed."""
    known = [
        ExchangeRate(day=day, currency="eur", base="usd", rate=Decimal(rate))
        for day, rate in ((LONG_AGO, "1"), (FRIDAY, "1.10"), (FRIDAY + timedelta(days=2), "1.20"))
    ]
    with database.writing() as session:
        moves = [
            movement("old", LONG_AGO, NEW, 50_000, currency="eur"),
            movement("acme", FRIDAY, NEW, 100_000, currency="eur"),
            movement("acme", FRIDAY + timedelta(days=2), GREW, 10_000, currency="eur"),
        ]
        hold(session, moves, known)
        read(session)
    with database.reading() as session:
        digest = morning(session)
        text = plain_text(digest)
    roll = next(part.roll for part in digest.parts if isinstance(part, RollForward))

    assert "up $1,420 since Friday: Acme joined (+$1,220); exchange rates added $200." in text
    assert (roll.net_new, roll.fx) == (122_000, 20_000)
    assert "exchange rates, counted apart: +$200" in text
