"""Made-up pasts of accounts, dated facts of every kind, for what replays them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from storage.facts import Collection, PaymentStatus
from storage.past import Back, Bill, Move, Notice, Off, Past, Seen, Try
from storage.states import Cause, MovementKind

FIRST = date(2026, 1, 1)
DAYS = 300


def instant(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


days = st.integers(0, DAYS).map(lambda number: FIRST + timedelta(days=number))
instants = st.builds(instant, days, st.integers(0, 23))
amounts = st.integers(1, 100_000)


@st.composite
def moves(draw: st.DrawFn) -> Move:
    kind = draw(st.sampled_from([MovementKind.EXPANSION, MovementKind.CONTRACTION]))
    cause = draw(st.sampled_from([Cause.SEATS, Cause.PLAN, Cause.PRICE]))
    sign = 1 if kind is MovementKind.EXPANSION else -1
    return Move(draw(days), "sub", "usd", kind, cause, sign * draw(amounts), FIRST)


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    issued = draw(instants)
    tries = draw(st.lists(st.integers(0, 60), max_size=5))
    how = st.tuples(st.sampled_from([*PaymentStatus]), st.sampled_from(["", "stolen_card"]))
    charged = sorted(Try(issued + timedelta(days=late), *draw(how)) for late in tries)
    paid = draw(st.none() | st.integers(0, 90).map(lambda late: issued + timedelta(days=late)))
    due = draw(st.none() | st.just(issued + timedelta(days=14)))
    collection, voided = draw(st.sampled_from([*Collection])), draw(st.booleans())
    return Bill(f"in-{issued}", issued, due, paid, "usd", draw(amounts), collection, charged, voided)


@st.composite
def notices(draw: st.DrawFn) -> Notice:
    at = draw(instants)
    return Notice("sub", at, at + timedelta(days=draw(st.integers(1, 60))), None, None, None)


NAMES = st.sampled_from(["nps", "active_users", "logins", "champion_left", "export_requested", "tickets_open"])
backs = st.builds(Back, st.just("id"), instants, amounts, st.just("usd"), st.booleans())
offs = st.builds(Off, st.just("d"), st.none() | instants, instants, st.just(Decimal(20)), st.none(), st.none())


@st.composite
def seen(draw: st.DrawFn) -> Seen:
    at = draw(instants)
    late = timedelta(days=draw(st.sampled_from([0, 0, 1, 40])))
    return Seen(draw(NAMES), at, Decimal(draw(st.integers(0, 9))), at + late)


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    came = Move(FIRST, "sub", "usd", MovementKind.NEW, Cause.STARTED, 500_000, FIRST)
    return Past(
        "acme",
        sorted([came, *draw(st.lists(moves(), max_size=6))]),
        sorted(draw(st.lists(notices(), max_size=2)), key=lambda one: one.at),
        sorted(draw(st.lists(bills(), max_size=6)), key=lambda one: one.issued_at),
        sorted(draw(st.lists(offs, max_size=2)), key=lambda one: one.ends_at),
        sorted(draw(st.lists(backs, max_size=2)), key=lambda one: one.at),
        sorted(draw(st.lists(backs, max_size=2)), key=lambda one: one.at),
        sorted(draw(st.lists(seen(), max_size=12)), key=lambda one: one.at),
    )


def until(past: Past, now: datetime) -> Past:
    """The same without anything that had not happened yet; what was planned by then stays planned."""
    return Past(
        past.account_id,
        [one for one in past.moves if instant(one.day, 0) < now],
        [one for one in past.notices if one.at < now],
        [
            one._replace(
                paid_at=one.paid_at if one.paid_at and one.paid_at < now else None,
                tries=[each for each in one.tries if each.at < now],
            )
            for one in past.bills
            if one.issued_at < now
        ],
        [one for one in past.discounts if one.starts_at is None or one.starts_at < now],
        [one for one in past.disputes if one.at < now],
        [one for one in past.refunds if one.at < now],
        [one for one in past.seen if one.at < now and one.known_at < now],
    )
