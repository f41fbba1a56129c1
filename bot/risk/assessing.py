"""Assesses accounts: all once a day, since days alone change what rules find, and those that changed at once."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day, start_of_day
from bot.risk import calibration, tuning
from bot.risk.calibration import Calibration
from bot.risk.evidence import Evidence, gather
from bot.risk.replay import replayed
from bot.risk.score import Reason, Risk, assess
from bot.risk.stakes import stake
from storage import risks, slots
from storage.engine import Database
from storage.receivables import Collecting
from storage.risks import Assessed

PORTION = 1000  # accounts of one transaction
MANY = 5000  # from so many on, it is quicker to look at all accounts than to ask for each
OWING = (Collecting.FAILED, Collecting.OVERDUE)


async def keep_assessed(database: Database, base: str, zone: ZoneInfo, now: datetime) -> int:
    """Bring all risks up to date; how many accounts were assessed. One that is killed is gone on with by the next."""
    await database.write(_begin_day, zone, now)
    seen = await database.read(risks.due)
    if not seen:
        return 0
    with _without_collecting():
        found = await database.read(assessed, base, zone, now, None if len(seen) >= MANY else list(seen))
        wanted = [one for one in found if one.account_id in seen]
        for start in range(0, len(wanted), PORTION):
            portion = wanted[start : start + PORTION]
            await database.write(risks.store, portion, seen, now, local_day(now, zone))
    there = {one.account_id for one in wanted}
    await database.write(risks.leave_out, {one: count for one, count in seen.items() if one not in there})
    return len(wanted)


def assessed(
    session: Session, base: str, zone: ZoneInfo, now: datetime, among: Sequence[str] | None = None
) -> list[Assessed]:
    """What the rules find now, of all accounts or of some, by the points in force."""
    points, rows = tuning.in_force(session).points, []
    likely = calibration.in_force(session, points)
    found = gather(session, base, zone, now, among)
    while found:  # what was looked at is let go: there may be very many
        account = found.pop(next(iter(found)))
        rows.append(_row(account, assess(account, points), likely))
    return rows


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Nothing that is made here refers back to what refers to it: to look for circles takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _begin_day(session: Session, zone: ZoneInfo, now: datetime) -> None:
    if slots.take_turn(session, "risk", due_at=start_of_day(local_day(now, zone), zone), now=now):
        risks.touch_all(session)


def _row(account: Evidence, risk: Risk, likely: Calibration | None) -> Assessed:
    worth = None if account.worth is None else _minor(account.worth)
    committed = _minor(account.ending) if account.ending else 0
    owes = any(one.state in OWING for one in account.receivables)
    likelihood = round(likely.p(replayed(risk)) * 1000) if likely else None
    return Assessed(
        account_id=account.account_id,
        score=risk.score,
        hard=bool(risk.hard),
        worth=worth,
        committed=committed,
        overdue=(worth or 0) - committed if owes else 0,
        stake=stake(account, worth or 0, risk.score if likelihood is None else likelihood),
        likely=likelihood,
        reasons=[_plain(reason) for reason in risk.reasons],
        stale=list(risk.stale),
    )


def _plain(reason: Reason) -> dict[str, Any]:
    return {"rule": reason.rule, "points": reason.points, "told": dict(reason.told), "objects": list(reason.objects)}


def _minor(amount: Decimal) -> int:
    return round(amount)  # half to even
