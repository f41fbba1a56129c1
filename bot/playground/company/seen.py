"""What is known of an account beside its plan: the charge that fails now, its champion, and how many use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from bot.playground.company.lives import Life
from bot.playground.company.times import SEASON, Times
from bot.playground.stripe.billing.dates import DAY, add_months, moment

USE_TOLD: Final = 4  # months of use that are told
CODES: Final = ("insufficient_funds", "insufficient_funds", "generic_decline", "expired_card")


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice that was tried on the day it was issued and every three days since; `amount` in cents or pence."""

    amount: int
    issued: int
    tries: int
    last_try: int
    next_try: int
    code: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One signal, as docs/csv.md names them."""

    at: int
    name: str
    value: str


def owed(times: Times, life: Life) -> Owed | None:
    if life.ill is None:
        return None
    now, days = life.steps[-1], life.ill
    return Owed(
        amount=now.price * now.seats,
        issued=max(now.at, times.today - days * DAY),
        tries=1 + days // 3,
        last_try=max(now.at, times.today - days % 3 * DAY),
        next_try=times.today + (3 - days % 3) * DAY,
        code=Random(life.number).choice(CODES),
    )


def seen(times: Times, life: Life) -> Iterator[Seen]:
    """That a champion left, and how many used it in the last months: fewer in holidays, few without a champion."""
    if life.champion_left is not None:
        yield Seen(life.champion_left, "champion_left", "true")
    if life.left is not None:
        return
    rng = Random(life.number + 1)
    share = rng.uniform(0.45, 0.95)
    for back in range(USE_TOLD, 0, -1):
        at = add_months(times.today, -back)
        if at <= life.began:
            continue
        seats = next(step.seats for step in reversed(life.steps) if step.at <= at)
        missed = 0.35 if life.champion_left is not None and life.champion_left <= at else 1.0
        quiet = min(1.0, SEASON[moment(at).month - 1] + 0.15)
        used = (seats if seats > 1 else 4) * share * missed * quiet * rng.uniform(0.9, 1.1)
        yield Seen(at, "monthly_active_users", f"{used:.0f}")
