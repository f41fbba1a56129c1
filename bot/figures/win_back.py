"""Whom to win back: who left for what is fixed by now, or may be asked again.

A customer is on the list when it could have been kept, is such a customer as the team wants, has not come back, and
there is a reason to ask now. Those worth most come first.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import icp
from bot.clock import local_day
from bot.exits.reasons import Avoidable
from bot.figures.exits import Exit, Exits
from storage import fixes, icp_fits
from storage.pseudonyms import is_pseudonym
from storage.states import IcpFit

GOOD_FIT = 7  # of 10, as an interview gives it


@dataclass(frozen=True, slots=True)
class Candidate:
    """One customer to ask: `paid` is what it brought in all, in minor units of the base, None without a rate.

    `fixed` are the ids of features that it missed and that are there since it left; `may_ask` the day from which it
    said it may be asked, once that has come.
    """

    exit: Exit
    paid: Decimal | None
    fixed: tuple[str, ...]
    may_ask: date | None


def candidates(session: Session, found: Exits, zone: ZoneInfo, now: datetime) -> list[Candidate]:
    """Whom of these exits to ask now, the one that brought most first."""
    today = local_day(now, zone)
    known, back = fixes.every(session), icp_fits.paying(session)
    paid = icp.in_base(session, icp_fits.paid(session), found.base, today)
    listed = []
    for one in found.exits:
        ready = tuple(tag for tag in one.said.tags if tag in known and local_day(known[tag], zone) >= one.day)
        may = one.said.ask_again_on if one.said.ask_again_on and one.said.ask_again_on <= today else None
        if one.account_id not in back and (ready or may) and wanted(found, one):
            listed.append(Candidate(one, paid.get(one.account_id, Decimal(0)), ready, may))
    return sorted(listed, key=lambda each: (-(each.paid or 0), -each.exit.lost, each.exit.account_id))


def wanted(found: Exits, one: Exit) -> bool:
    """Whether it could have been kept and fits: by the profile, or where that does not know, by the interview.

    Nobody knows any more who was erased.
    """
    if found.avoidable(one) is Avoidable.NO or is_pseudonym(one.account_id):
        return False
    if one.icp is not IcpFit.UNKNOWN:
        return one.icp is IcpFit.IN
    return one.said.icp_fit is None or one.said.icp_fit >= GOOD_FIT
