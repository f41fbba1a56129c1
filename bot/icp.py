"""The ideal customer profile: what a good customer looks like, as the team says it, and who is one.

An account fits when it meets every part that is said. It does not when it fails one; where data are missing, or a
customer who still pays has not brought the lifetime value yet, nobody knows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from bot.clock import local_day
from bot.figures.segments import fitting
from bot.ledger import LedgerRules
from bot.metrics.filter_words import FilterError
from bot.metrics.rates import Rates
from bot.money import exponent, without_commas
from storage import icp_fits, locks, tunings
from storage.engine import Database
from storage.fact_reader import exchange_rates
from storage.icp_fits import Amounts, Changes, Judged
from storage.states import IcpFit
from storage.tunings import ICP

WORDS, VALUE, TICKETS, COST = "words", "value", "tickets", "cost"
PARTS = (WORDS, VALUE, TICKETS, COST)
TICKETS_SIGNAL = "tickets_30d"
TICKETS_WINDOW, COST_WINDOW = timedelta(days=90), timedelta(days=365)
AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
LONGEST = 500  # letters of the filter


@dataclass(frozen=True, slots=True)
class Profile:
    """What is said of a good customer; what is empty is not said.

    `words` is a filter as people type it. `value` is the least money received less returned, `cost` the most that
    incentives may cost in a year, both in whole units of the base; `tickets` the most that it may open in 30 days,
    on the average of its last 90.
    """

    words: str = ""
    value: Decimal | None = None
    tickets: Decimal | None = None
    cost: Decimal | None = None

    def __bool__(self) -> bool:
        return self != UNSAID

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        amounts = {name: getattr(self, name) for name in (VALUE, TICKETS, COST)}
        return {WORDS: self.words} | {name: None if one is None else str(one) for name, one in amounts.items()}


UNSAID = Profile()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a profile changes in how accounts were judged."""

    profile: Profile
    changes: Changes


def from_plain(told: Mapping[str, Any]) -> Profile:
    """A profile as `plain` wrote it."""
    amounts = {name: None if told.get(name) is None else Decimal(told[name]) for name in (VALUE, TICKETS, COST)}
    return Profile(told.get(WORDS) or "", **amounts)


def in_force(session: Session) -> Profile:
    """What the team said last; an empty profile while nobody said anything."""
    chosen = tunings.in_force(session, ICP)
    return from_plain(chosen.tuning) if chosen else UNSAID


def since(session: Session) -> str:
    """When the profile in force was said; empty while nobody said anything."""
    chosen = tunings.in_force(session, ICP)
    return chosen.chosen_at.isoformat() if chosen else ""


def parse(answers: Mapping[str, Any]) -> Profile | dict[str, str]:
    """What was typed, or what is wrong with it by field."""
    wrong: dict[str, str] = {}
    amounts: dict[str, Decimal | None] = {}
    for name, such in ((VALUE, "5000"), (TICKETS, "4"), (COST, "1200")):
        typed = without_commas(str(answers.get(name) or ""))
        if typed and not AMOUNT.fullmatch(typed):
            wrong[name] = f"Write a number of 0 or more, such as {such}, or leave it empty."
        amounts[name] = Decimal(typed) if typed and name not in wrong else None
    return wrong or Profile(" ".join(str(answers.get(WORDS) or "").split()), **amounts)


def choose(session: Session, profile: Profile, by: str, now: datetime) -> None:
    """Put a profile in force, by which nobody is judged yet."""
    locks.alone(session, ICP)
    tunings.choose(session, profile.plain(), by, now, ICP)


async def judge(database: Database, rules: LedgerRules, now: datetime) -> Mapping[IcpFit, int]:
    """Judge every account by the profile in force; how many fit, do not, or may. With no profile nobody is judged.

    Others may write meanwhile: only what changed is written, and not when another profile was chosen since.
    """
    while not await database.write(keep, await database.read(verdict, rules, now), now):
        pass
    return await database.read(icp_fits.counts)


def verdict(session: Session, rules: LedgerRules, now: datetime) -> Verdict:
    """What the profile in force makes of all accounts, beside what was known of them."""
    profile = in_force(session)
    found = judged(session, profile, rules, now) if profile else {}
    return Verdict(profile, icp_fits.changes(session, found))


def keep(session: Session, found: Verdict, now: datetime) -> bool:
    """Write a verdict down; False when another profile is in force by now."""
    locks.alone(session, ICP)
    if in_force(session) != found.profile:
        return False
    icp_fits.keep(session, found.changes, now)
    return True


def judged(session: Session, profile: Profile, rules: LedgerRules, now: datetime) -> dict[str, Judged]:
    """Whether each account fits a profile; of a filter whose words mean nothing any more nobody knows."""
    ids = icp_fits.account_ids(session)
    today = local_day(now, rules.zone)
    parts: dict[str, Mapping[str, bool]] = {}
    if profile.words:
        parts[WORDS] = _named(session, profile.words, ids, rules.base, today)
    if profile.value is not None:
        parts[VALUE] = _valuable(session, profile.value, ids, rules.base, today)
    if profile.tickets is not None:
        known = icp_fits.tickets(session, TICKETS_SIGNAL, TICKETS_WINDOW)
        parts[TICKETS] = {id_: average <= profile.tickets for id_, average in known.items()}
    if profile.cost is not None:
        costs = in_base(session, icp_fits.spent(session, now - COST_WINDOW), rules.base, today)
        most = profile.cost * 10 ** exponent(rules.base)
        parts[COST] = {id_: cost <= most for id_ in ids if (cost := costs.get(id_, Decimal(0))) is not None}
    return {id_: _together({name: part.get(id_) for name, part in parts.items()}) for id_ in ids}


def _together(found: Mapping[str, bool | None]) -> Judged:
    against = tuple(name for name, holds in found.items() if holds is False)
    unknown = tuple(name for name, holds in found.items() if holds is None)
    fit = IcpFit.OUT if against else IcpFit.UNKNOWN if unknown else IcpFit.IN
    return Judged(fit, against, unknown)


def _named(session: Session, words: str, ids: list[str], base: str, today: date) -> dict[str, bool]:
    try:
        found = fitting(session, words, ids, base, today)
    except FilterError:  # a label that was meant is gone
        return {}
    return {id_: id_ in found for id_ in ids}


def _valuable(session: Session, least: Decimal, ids: list[str], base: str, today: date) -> dict[str, bool]:
    paid, paying = in_base(session, icp_fits.paid(session), base, today), icp_fits.paying(session)
    wanted = least * 10 ** exponent(base)
    found: dict[str, bool] = {}
    for id_ in ids:
        value = paid.get(id_, Decimal(0))
        if value is not None and (value >= wanted or id_ not in paying):
            found[id_] = value >= wanted
    return found


def in_base(session: Session, found: Amounts, base: str, today: date) -> dict[str, Decimal | None]:
    """The sums in minor units of the base at today's rates; None where one has no rate."""
    rates = Rates(base, exchange_rates(session, base))
    factors = {currency: rates.factor(currency, today) for amounts in found.values() for currency in amounts}
    sums: dict[str, Decimal | None] = {}
    for account_id, amounts in found.items():
        parts = [(amount, factors[currency]) for currency, amount in amounts.items() if amount]
        known = [amount * factor for amount, factor in parts if factor is not None]
        sums[account_id] = sum(known, Decimal(0)) if len(known) == len(parts) else None
    return sums
