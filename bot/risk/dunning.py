"""The dunning desk: payments that failed or are late, and cards that end before they are charged again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Session

from bot.clock import local_day
from bot.figures import Grounds
from bot.figures.asked import Asked
from bot.figures.loaders import load
from bot.metrics.cash import Recovered
from bot.metrics.catalogue.cash import recovered_revenue
from bot.metrics.rates import Rates
from bot.metrics.windows import Window, month_start
from bot.risk import recovery, tuning
from bot.risk.listing import LEAST
from bot.risk.recovery import Recovery
from bot.risk.rules.payment import charged_again, expires_before_charge
from bot.risk.settings import RiskSettings
from bot.risk.value import high_value
from bot.risk.whose import ALL, ME, Whose, theirs
from storage import receivables, risks, signs
from storage.accounts import called
from storage.accounts.called import Names
from storage.fact_reader import exchange_rates
from storage.movements import WHOLE
from storage.receivables import Collecting, Receivable
from storage.signs import Running

AHEAD = timedelta(days=60)
VALUABLE = "valuable"
NAMED = (ALL, ME, VALUABLE)  # words for `Whose.asked`


class Stage(StrEnum):
    """How far it has come; the gravest first."""

    GIVEN_UP = "given_up"
    FAILED = "failed"
    OVERDUE = "overdue"
    EXPIRING = "expiring"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to collect, or a card that will not do: `amount` in minor units of its currency, `worth` the account's
    MRR in those of the base.

    `attempts` were made of `tries` that are usual, None where nobody knows; the next is at `next_at`: the next try, the
    day it was due, or the next charge of a card.
    """

    stage: Stage
    account_id: str
    name: str
    owner_email: str | None
    worth: Decimal | None
    currency: str
    amount: int
    attempts: int
    next_at: datetime | None
    code: str | None
    brand: str | None
    last4: str | None
    expires: str | None = None
    number: str | None = None
    url: str | None = None
    tries: int | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A page of what is to collect of `whose` accounts, in all `total`, of which `cards` are cards that end.

    `failing` is the money of all that failed or is late, by currency; `recovered` what came this month and in the one
    before although a charge had failed, `waiting` the MRR that waits for payments, but for what is to end anyway, and
    `listed` how much of that is of accounts that the list of those at risk counts; all in minor units of the base.
    """

    whose: Whose
    base: str
    total: int
    cards: int
    page: Sequence[Due]
    start: int
    failing: Mapping[str, int]
    recovered: tuple[Decimal, Decimal]
    recovery: Recovery
    waiting: int = 0
    listed: int = 0

    @property
    def involuntary(self) -> int | None:
        """What of `waiting` will be lost by the workspace's own history, None where too few failures say."""
        return self.recovery.involuntary(self.waiting)


def desk(session: Session, whose: Whose, settings: RiskSettings, now: datetime, *, start: int, count: int) -> Desk:
    """Those of valuable accounts, of all, of one owner, or of a filter. Raises FilterError for one that is none."""
    today = local_day(now, settings.zone)
    owed = receivables.missing(session, now)
    near = signs.with_ending_cards(session, now, now + AHEAD)
    ending = [one for one in signs.running(session, near) if _ends_soon(one, now)]
    ids = {one.account_id for one in owed} | {one.account_id for one in ending}
    among = _among(session, whose, ids, settings, today)
    names = called.names(session, among)
    worth = risks.worths(session, among)
    rates = Rates(settings.base, exchange_rates(session, settings.base))
    tries = receivables.usual_tries(session, now)
    found = [_owed(one, names, worth, tries) for one in owed if one.account_id in among]
    found += [_expiring(one, names, worth) for one in ending if one.account_id in among]
    found.sort(key=lambda one: _order(one, rates, today))
    start = start if start < len(found) else 0
    return Desk(
        whose,
        settings.base,
        len(found),
        sum(one.stage is Stage.EXPIRING for one in found),
        found[start : start + count],
        start,
        _sums(found),
        _recovered(session, settings, today),
        recovery.in_force(session),
        risks.totals(session, 0, among).overdue,
        risks.totals(session, LEAST, among).overdue,
    )


def _among(session: Session, whose: Whose, ids: Collection[str], settings: RiskSettings, today: date) -> set[str]:
    found = theirs(session, whose, lambda: ids, settings.base, today)
    if found is not None:
        return set(ids) & set(found)
    if whose.asked == VALUABLE:
        return high_value(session, risks.worths(session, ids), tuning.in_force(session), settings, today)
    return set(ids)


def _ends_soon(one: Running, now: datetime) -> bool:
    return charged_again(one, now) and expires_before_charge(one) and (one.period_end or now) <= now + AHEAD


def _owed(one: Receivable, names: Names, worth: Mapping[str, Decimal], tries: int | None) -> Due:
    name, owner = names[one.account_id]
    stage = Stage.OVERDUE
    if one.state is Collecting.FAILED:
        stage = Stage.FAILED if one.next_attempt_at else Stage.GIVEN_UP
    return Due(
        stage,
        one.account_id,
        name,
        owner,
        worth.get(one.account_id),
        one.currency,
        one.amount,
        one.attempts,
        one.since if stage is Stage.OVERDUE else one.next_attempt_at,
        one.code,
        one.brand,
        one.last4,
        number=one.number,
        url=one.url,
        tries=tries if stage is Stage.FAILED and tries and one.attempts <= tries else None,
    )


def _expiring(one: Running, names: Names, worth: Mapping[str, Decimal]) -> Due:
    name, owner = names[one.account_id]
    return Due(
        Stage.EXPIRING,
        one.account_id,
        name,
        owner,
        worth.get(one.account_id),
        one.currency,
        0,
        0,
        one.period_end,
        None,
        one.brand,
        one.last4,
        expires=f"{one.exp_year}-{one.exp_month:02d}",
    )


def _order(one: Due, rates: Rates, today: date) -> tuple[int, Decimal, str]:
    """What failed by money, the most first; cards by the day of their charge."""
    if one.stage is Stage.EXPIRING:
        return 1, Decimal(one.next_at.timestamp() if one.next_at else 0), one.account_id
    return 0, -(rates.convert(one.amount, one.currency, today) or Decimal(0)), one.account_id


def _sums(found: Sequence[Due]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in found:
        if one.amount:
            sums[one.currency] = sums.get(one.currency, 0) + one.amount
    return sums


def _recovered(session: Session, settings: RiskSettings, today: date) -> tuple[Decimal, Decimal]:
    """By the catalogue's own metric: this month up to now, and the whole one before it."""
    first = month_start(today)
    windows = Window(first, today + timedelta(days=1)), Window(month_start(first, -1), first)
    asked = Asked(session, windows, Grounds.in_force(session, settings.base, settings.zone))
    this, last = load(asked, (Recovered,))[WHOLE]
    return recovered_revenue(this), recovered_revenue(last)
