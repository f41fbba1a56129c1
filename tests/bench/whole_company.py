"""A company of the playground's generator, stored as if a source had been read whole."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Final

from bot.ledger import LedgerRules, update
from bot.playground.company.lives import CURRENCIES, MONTHS_PAID_FOR_A_YEAR, PLANS, Life, Step, lives, period
from bot.playground.company.rates import to_dollars
from bot.playground.company.seen import owed, seen
from bot.playground.company.times import Times
from bot.playground.stripe.billing.dates import DAY, moment
from storage import facts as f
from storage import signals, syncs
from storage.engine import Database
from storage.fact_store import store
from storage.inputs import Signal

SOURCE: Final = "made"
PORTION: Final = 2_000  # accounts in a transaction


def fill(database: Database, times: Times, now: datetime, rules: LedgerRules | None = None) -> int:
    """Store all facts and signals, and by `rules` the ledger; the number of accounts. Memory is that of a portion."""
    with database.writing() as session:
        store(session, catalogue(times), now)
    told, written = lives(times), 0
    while portion := list(islice(told, PORTION)):
        with database.writing() as session:
            touched = store(session, (fact for life in portion for fact in facts(times, life)), now)
            signals.store(session, [one for life in portion for one in _signals(times, life)], now)
            if rules:
                update(session, touched, rules, now)
        written += len(portion)
    with database.writing() as session:
        syncs.note(session, SOURCE, completed_at=now, succeeded_at=now)
    return written


def catalogue(times: Times) -> Iterator[f.Fact]:
    """Products, prices before and after the rise, and exchange rates."""
    for plan, asked in PLANS.items():
        yield f.Product(id=f"prod_{plan}", source=SOURCE, name=plan.title())
        for yearly in (False, True):
            for percent in (0, times.rise):
                amount = asked * (100 + percent) * (MONTHS_PAID_FOR_A_YEAR if yearly else 1)
                yield f.Price(
                    id=price_id(plan, amount, yearly=yearly),
                    source=SOURCE,
                    product_id=f"prod_{plan}",
                    nickname=f"{plan.title()} {'yearly' if yearly else 'monthly'}",
                    interval=f.Interval.YEAR if yearly else f.Interval.MONTH,
                    interval_count=1,
                    usage=f.Usage.LICENSED,
                    scheme=f.Scheme.PER_UNIT,
                    rates={currency: f.Rate(Decimal(amount)) for currency in ("usd", *CURRENCIES)},
                )
    for second in range(times.opened, times.today + 1, DAY):
        for currency in CURRENCIES:
            rate = to_dollars(currency, second)
            yield f.ExchangeRate(day=moment(second).date(), currency=currency, base="usd", rate=rate)


def price_id(plan: str, amount: int, *, yearly: bool) -> str:
    return f"price_{plan}_{'year' if yearly else 'month'}_{amount}"


def facts(times: Times, life: Life) -> Iterator[f.Fact]:
    """The account, its subscription with all that it was made of, and what is owed."""
    yield f.Account(
        id=f"acc_{life.key}",
        source=SOURCE,
        name=life.name,
        email=f"billing@{life.domain}",
        country=life.place.country,
        region=life.place.region,
        segment=life.segment,
        currency=life.place.currency,
        owner_email=life.owner,
        created_at=moment(life.began),
        attributes={"source": life.source},
    )
    yield _subscription(times, life)
    yield from _owed(times, life)


def _subscription(times: Times, life: Life) -> f.Subscription:
    left, leaving = life.left, life.left or life.to_leave
    start, end = period(life.began, left.at - 1 if left else times.today, yearly=life.yearly)
    return f.Subscription(
        id=f"sub_{life.key}",
        account_id=f"acc_{life.key}",
        source=SOURCE,
        status=f.Status(life.status),
        status_word=life.status,
        currency=life.place.currency,
        started_at=moment(life.began),
        current_period_start=moment(start),
        current_period_end=moment(end),
        cancel_requested_at=moment(leaving.asked) if leaving else None,
        cancel_at=moment(leaving.at) if leaving and not left else None,
        ended_at=moment(left.at) if left else None,
        cancel_kind=f.CancelKind.VOLUNTARY if leaving else None,
        cancel_reason=leaving.feedback if leaving else None,
        cancel_comment=leaving.comment if leaving else None,
        items=tuple(_items(life)),
    )


def _items(life: Life) -> Iterator[f.Item]:
    following: list[Step | None] = [*life.steps[1:], None]
    for place, (step, later) in enumerate(zip(life.steps, following, strict=True), start=1):
        yield f.Item(
            id=f"si_{life.key}@{place}" if later else f"si_{life.key}",
            price_id=price_id(step.plan, step.price, yearly=life.yearly),
            quantity=step.seats,
            started_at=moment(step.at),
            ended_at=moment(later.at) if later else None,
        )


def _owed(times: Times, life: Life) -> Iterator[f.Fact]:
    one = owed(times, life)
    if one is None:
        return
    yield f.Invoice(
        id=f"in_{life.key}",
        account_id=f"acc_{life.key}",
        source=SOURCE,
        status=f.InvoiceStatus.OPEN,
        status_word="open",
        currency=life.place.currency,
        total=one.amount,
        tax=0,
        amount_due=one.amount,
        amount_paid=0,
        issued_at=moment(one.issued),
        number=f"KET-{life.number}",
        attempt_count=one.tries,
        next_attempt_at=moment(one.next_try),
        payment_refs=(f"pay_{life.key}",),
    )
    yield f.Payment(
        id=f"pay_{life.key}",
        account_id=f"acc_{life.key}",
        source=SOURCE,
        at=moment(one.last_try),
        amount=one.amount,
        currency=life.place.currency,
        status=f.PaymentStatus.FAILED,
        failure_code=one.code,
    )


def _signals(times: Times, life: Life) -> Iterator[Signal]:
    for one in seen(times, life):
        value = Decimal(1) if one.value == "true" else Decimal(one.value)
        yield Signal(f"acc_{life.key}", one.name, moment(one.at), value)
