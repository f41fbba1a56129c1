"""Assesses accounts: all once a day, since days alone change what rules find, and those that changed at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day
from bot.collector import without_collecting
from bot.risk import calibration, recovery, tuning
from bot.risk.calibration import Calibration
from bot.risk.evidence import Evidence
from bot.risk.gathering import gather
from bot.risk.replay import replayed
from bot.risk.score import Reason, Risk, assess
from bot.risk.stakes import stake
from bot.risk.tuning import Tuning
from bot.schedule import Turn
from storage import risks, slots
from storage.engine import Database
from storage.receivables import Collecting
from storage.risks import Assessed

PORTION = 1000  # accounts of one transaction
MANY = 5000  # from so many on, it is quicker to look at all accounts than to ask for each
OWING = (Collecting.FAILED, Collecting.OVERDUE)


async def keep_assessed(database: Database, base: str, zone: ZoneInfo, now: datetime) -> int:
    """Bring all risks up to date; how many accounts were assessed.

    The day counts as done when all are: one that is killed is begun again by the next, and writes only what differs.
    """
    today = Turn.of_day("risk", zone, now)
    new_day = not await database.read(slots.is_turn_taken, today.routine, due_at=today.due_at, now=now)
    seen = await database.read(risks.due)
    if not (new_day or seen):
        return 0
    with without_collecting():  # until the call is over and what it made is gone, or all that is looked through
        there = await _assess(database, base, zone, now, seen=seen, every=new_day)
    before = {*seen, *(await database.read(risks.ids) if new_day else ())}
    if gone := before - there:
        await database.write(risks.leave_out, gone, seen)
    if new_day:
        await database.write(recovery.keep, base, zone, now)
        await today.is_ours(database, now)
    return len(there)


async def _assess(
    database: Database, base: str, zone: ZoneInfo, now: datetime, *, seen: Mapping[str, int], every: bool
) -> set[str]:
    """Assess and keep `every` account, or those that were `seen` to be due; which they are."""
    among = None if every or len(seen) >= MANY else list(seen)
    found = await database.read(assessed, base, zone, now, among)
    wanted = [one for one in found if every or one.account_id in seen]
    for start in range(0, len(wanted), PORTION):
        portion = wanted[start : start + PORTION]
        await database.write(risks.store, portion, seen, now, local_day(now, zone))
    return {one.account_id for one in wanted}


def assessed(
    session: Session,
    base: str,
    zone: ZoneInfo,
    now: datetime,
    among: Sequence[str] | None = None,
    *,
    by: Tuning | None = None,
) -> list[Assessed]:
    """What the rules find now, of all accounts or of some, `by` the tuning in force or by another."""
    by = by or tuning.in_force(session)
    likely = calibration.in_force(session, by)
    telling, quiet = gather(session, base, zone, now, among, windows=by.spans)
    rows = _quiet(quiet, likely)
    for account_id in list(telling):
        account = telling.pop(account_id)  # what was looked at is let go: there may be very many
        rows.append(_row(account, assess(account, by.points), likely))
    return rows


def _quiet(worths: Mapping[str, Decimal | None], likely: Calibration | None) -> list[Assessed]:
    """Of accounts of which nothing tells; nearly all are, and so they take no look of their own."""
    likelihood = _likelihood(0, likely)
    return [
        Assessed(account_id, 0, False, minor, 0, 0, stake(minor or 0, likelihood or 0), likelihood, (), ())
        for account_id, worth in worths.items()
        for minor in (None if worth is None else _minor(worth),)
    ]


def _row(account: Evidence, risk: Risk, likely: Calibration | None) -> Assessed:
    worth = None if account.worth is None else _minor(account.worth)
    committed = _minor(account.ending) if account.ending else 0
    owes = any(one.state in OWING for one in account.receivables)
    likelihood = _likelihood(replayed(risk), likely)
    weight = risk.score if likelihood is None else likelihood
    return Assessed(
        account_id=account.account_id,
        score=risk.score,
        hard=bool(risk.hard),
        worth=worth,
        committed=committed,
        overdue=max(worth - committed, 0) if owes and worth is not None else 0,
        stake=stake(worth or 0, weight, account.days_left),
        likely=likelihood,
        reasons=[_plain(reason) for reason in risk.reasons],
        stale=list(risk.stale),
    )


def _likelihood(score: int, likely: Calibration | None) -> int | None:
    """In thousandths."""
    return round(likely.p(score) * 1000) if likely else None


def _plain(reason: Reason) -> dict[str, Any]:
    return {"rule": reason.rule, "points": reason.points, "told": dict(reason.told), "objects": list(reason.objects)}


def _minor(amount: Decimal) -> int:
    return round(amount)  # half to even
