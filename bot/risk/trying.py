"""What a tuning would change, before it is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from bot.clock import local_day
from bot.risk import quiet, tuning
from bot.risk.assessing import assessed
from bot.risk.settings import RiskSettings
from bot.risk.triggers import AtRisk, Outlook
from bot.risk.tuning import Latest, Tuning
from bot.risk.value import high_value
from bot.risk.worries import Trouble, together, troubles
from storage import alerts, risks
from storage.alerts import Alert
from storage.risks import Assessed


@dataclass(frozen=True, slots=True)
class Preview:
    """How many accounts would have a card by a tuning, how many of them have none now, and how many have one too many.

    `accounts` is how many were looked at.
    """

    alerted: int
    new: int
    gone: int
    accounts: int


def preview(session: Session, settings: RiskSettings, wish: Tuning, now: datetime) -> Preview:
    """Try a tuning on all accounts as they are. Raises FilterError for words that are no filter."""
    today = local_day(now, settings.zone)
    found = assessed(session, settings.base, settings.zone, now, by=wish)
    rows = {one.account_id: replace(one, assessed_at=now) for one in found}
    by = Outlook(Latest(wish, now, tuning.in_force(session)), rows)
    trouble = troubles(session, now, by)
    worth = {one.account_id: Decimal(one.worth) for one in rows.values() if one.worth is not None}
    valuable = high_value(session, worth, wish, settings, today, everybody=worth)
    standing = {alert.account_id: alert for alert in alerts.live(session)}
    wanted = trouble.keys() & valuable
    new = wanted - standing.keys()
    new -= _answered(session, {one: trouble[one] for one in new}, wish, settings, now)
    # Falling below high value closes no card.
    gone = {one for one, alert in standing.items() if one not in trouble and not _lasts(alert, rows.get(one), wish)}
    return Preview(len(wanted & standing.keys()) + len(new), len(new), len(gone), len(rows))


def _answered(
    session: Session, trouble: Mapping[str, Trouble], wish: Tuning, settings: RiskSettings, now: datetime
) -> set[str]:
    """The accounts of which a person said that this is no risk, and that still holds."""
    said = {one: last for one, last in alerts.latest(session, sorted(trouble)).items() if quiet.is_dismissed(last)}
    known, today = risks.with_ids(session, sorted(said)), local_day(now, settings.zone)
    found = set()
    for account_id, last in said.items():
        risk = trouble[account_id].risk
        if risk:
            before, day = risks.turned(known.get(account_id), risk.score, today)
            risk = replace(risk, before=before, day=day)
        told = together([worry.part for worry in trouble[account_id].worries], risk).told
        if quiet.stays_dismissed(last, told, wish.close_below, now):
            found.add(account_id)
    return found


def _lasts(alert: Alert, risk: Assessed | None, wish: Tuning) -> bool:
    """Whether a card of a risk stays although its account would get none now."""
    told = any(part.rule == AtRisk.id for part in alert.parts)
    return told and risk is not None and (risk.score >= wish.close_below or risk.hard)
