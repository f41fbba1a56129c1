"""What each account did since the last digest: netted per account, in the base currency, largest first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from bot.figures.groups import plans_and_places, told_apart
from bot.figures.segments import moment
from bot.metrics.book import Book
from bot.metrics.carriers import Carrier, Way, joined
from bot.metrics.rates import Rates
from bot.metrics.windows import Window
from bot.money import exponent
from storage import fact_reader, ledger, upcoming
from storage.facts import Subscription
from storage.movements import AccountChange, Carried
from storage.states import INVOLUNTARY, Cause, MovementKind

LISTED = 49  # gains, and as many losses, that are named; both fit one table of Slack
LEAST_UNITS = 5
LEAST_SHARE = Decimal("0.0001")
MOST_SHARE = Decimal("0.005")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Move:
    """One account's change: `amount` in minor units of the base, `own` as (currency, amount) where that differs.

    `reason` is what billing heard from a leaving customer, `product` what a new one pays for.
    """

    account_id: str
    name: str
    kind: MovementKind
    cause: Cause
    amount: Decimal
    own: tuple[tuple[str, int], ...] = ()
    product: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Some moves, counted and summed."""

    count: int = 0
    amount: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Moves:
    """All moves as `carriers`; those of at least `threshold` as gains and losses, the others together as `small`.

    At most LISTED gains and losses are listed; `gained` and `lost` count and sum all that reach the threshold.
    """

    threshold: Decimal
    carriers: tuple[Carrier, ...] = ()
    gains: tuple[Move, ...] = ()
    losses: tuple[Move, ...] = ()
    gained: Tally = Tally()
    lost: Tally = Tally()
    small: Tally = Tally()


def threshold(mrr: Decimal, base: str) -> Decimal:
    """The least movement that is listed: five units or 0.01 % of MRR, if more, but never above 0.5 % of MRR."""
    floor = Decimal(LEAST_UNITS).scaleb(exponent(base))
    return min(max(floor, mrr * LEAST_SHARE), mrr * MOST_SHARE)


def gather(session: Session, book: Book, since: date, until: date) -> Moves:
    """The moves of [since, until), each day's by the rate of that day, with the names of those that are listed."""
    nets = _netted(ledger.changes_by_account(session, since, until), book.rates)
    least = threshold(max(book.mrr(since), book.mrr(until)), book.base)
    gains = [move for move in nets if move.amount > 0 and move.amount >= least]
    losses = [move for move in nets if move.amount < 0 and -move.amount >= least]
    told = _told(session, [*gains[:LISTED], *losses[:LISTED]], since, until)
    return Moves(
        threshold=least,
        carriers=tuple(_carriers(session, book, nets, since, until)),
        gains=tuple(told[move.account_id] for move in gains[:LISTED]),
        losses=tuple(told[move.account_id] for move in losses[:LISTED]),
        gained=_tally(gains),
        lost=_tally(losses),
        small=_tally([move for move in nets if abs(move.amount) < least]),
    )


def _netted(changes: Sequence[AccountChange], rates: Rates) -> list[Move]:
    """One move per account, largest first; accounts in currencies without a rate are left out, as in every figure."""
    by_account: defaultdict[str, list[tuple[Decimal, AccountChange]]] = defaultdict(list)
    for change in changes:
        if change.currency in rates:
            by_account[change.account_id].append((_worth(change, rates), change))
    nets = [_one(rates.base, same) for same in by_account.values()]
    return sorted((move for move in nets if move.amount), key=lambda move: (-abs(move.amount), move.account_id))


def _worth(change: AccountChange, rates: Rates) -> Decimal:
    parts = (rates.convert(amount, change.currency, day) for day, amount in _lasting(change.parts))
    return sum((part for part in parts if part is not None), NOTHING)


def _lasting(parts: Sequence[tuple[date, int]]) -> list[tuple[date, int]]:
    """What is left of movements in order of day when each takes back those before it that went the other way.

    What was undone inside the window moved nothing; two rates for it are the doing of exchange rates.
    """
    left: list[tuple[date, int]] = []
    for day, amount in parts:
        rest = amount
        while rest and left and left[-1][1] * rest < 0:
            earlier, held = left.pop()
            if abs(held) > abs(rest):
                left.append((earlier, held + rest))
                rest = 0
            else:
                rest += held
        if rest:
            left.append((day, rest))
    return left


def _one(base: str, same: Sequence[tuple[Decimal, AccountChange]]) -> Move:
    amount = sum((part for part, _ in same), NOTHING)
    _, carrying = max(same, key=lambda pair: pair[0] if amount >= 0 else -pair[0])
    kind = carrying.kind
    if kind in (MovementKind.EXPANSION, MovementKind.CONTRACTION):
        kind = MovementKind.EXPANSION if amount > 0 else MovementKind.CONTRACTION
    foreign = any(change.currency != base for _, change in same)
    own = tuple(sorted((change.currency, change.amount) for _, change in same)) if foreign else ()
    return Move(carrying.account_id, "", kind, carrying.cause, amount, own)


def _carriers(session: Session, book: Book, nets: Sequence[Move], since: date, until: date) -> list[Carrier]:
    """The moves as groups of accounts that did alike, largest first."""
    if not nets:
        return []
    plans, places = plans_and_places(session, moment(session, book.rates, until))
    found = told_apart(session, Window(since, until), [move.account_id for move in nets], plans, places)
    return joined(_carrier(move, found[move.account_id]) for move in nets)


def _carrier(move: Move, of: Carried) -> Carrier:
    left, dunned = move.kind is MovementKind.CHURN, move.cause in INVOLUNTARY
    reason = of.reason if left and not dunned else ""
    return Carrier(Way(move.kind), move.amount, 1, int(left and dunned), of.plan, of.place, reason, of.name)


def _told(session: Session, moves: Sequence[Move], since: date, until: date) -> dict[str, Move]:
    """The moves by account, with names, reasons and products."""
    ids = sorted({move.account_id for move in moves})
    accounts = fact_reader.accounts(session, ids)
    reasons = _reasons(fact_reader.subscriptions_of(session, [m.account_id for m in moves if m.amount < 0]))
    products = upcoming.products_moved(session, [m.account_id for m in moves if m.amount > 0], since, until)
    return {
        move.account_id: Move(
            move.account_id,
            accounts[move.account_id].name if move.account_id in accounts else move.account_id,
            move.kind,
            move.cause,
            move.amount,
            move.own,
            next(iter(products.get(move.account_id, ())), None),
            reasons.get(move.account_id),
        )
        for move in moves
    }


def _reasons(subscriptions: Sequence[Subscription]) -> dict[str, str]:
    """The reason given with each account's latest ended subscription."""
    ended = sorted((s.ended_at, s.account_id, s.cancel_reason or "") for s in subscriptions if s.ended_at)
    return {account_id: reason for _, account_id, reason in ended}


def _tally(moves: Sequence[Move]) -> Tally:
    return Tally(len(moves), sum((move.amount for move in moves), NOTHING))
