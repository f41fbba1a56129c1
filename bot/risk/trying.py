"""What a tuning would change, before it is chosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from bot.clock import local_day
from bot.risk import quiet, tuning
from bot.risk.assessing import assessed
from bot.risk.cards import matters
from bot.risk.life import comes_back
from bot.risk.settings import RiskSettings
from bot.risk.triggers import AtRisk, Outlook
from bot.risk.tuning import Latest, Tuning
from bot.risk.value import high_value
from bot.risk.worries import Trouble, together, troubles
from storage import alert_cards, alerts, risks
from storage.alerts import Alert
from storage.risks import Assessed


@dataclass(frozen=True, slots=True)
class Preview:
    """How many accounts would have a card by a tuning, how many of them have none now, and how many no more.

    `kept` are those with a card that would get none any more, but keep theirs until it is over. `old` are in trouble
    for so long that it is no news, and have no card. `accounts` is how many were looked at.
    """

    alerted: int
    new: int
    gone: int
    kept: int
    old: int
    accounts: int


def preview(session: Session, settings: RiskSettings, wish: Tuning, now: datetime) -> Preview:
    """Try a tuning on all accounts as they are. Raises FilterError for words that are no filter."""
    today = local_day(now, settings.zone)
    found = assessed(session, settings.base, settings.zone, now, by=wish)
    rows = _as_kept(session, found, today, now)
    by = Outlook(Latest(wish, now, tuning.in_force(session)), rows)
    trouble = troubles(session, now, by)
    worth = {one.account_id: Decimal(one.worth) for one in rows.values() if one.worth is not None}
    valuable = high_value(session, worth, wish, settings, today, everybody=worth)
    standing = {alert.account_id: alert for alert in alerts.live(session)}
    wanted = trouble.keys() & valuable
    fresh = wanted - standing.keys()
    fresh -= _answered(session, {one: trouble[one] for one in fresh}, wish, now)
    over = {one for one, alert in standing.items() if one not in trouble and not _lasts(alert, rows.get(one), wish)}
    new = {one for one in fresh if matters(trouble[one].since, trouble[one], now)} | _taken_up(session, fresh, now)
    carded = _carded(session, standing, trouble, now)
    stay = carded - over  # falling below high value closes no card
    old = len(fresh) - len(new) + len(standing.keys() - over - carded)
    return Preview(len(stay) + len(new), len(new), len(carded & over), len(stay - wanted), old, len(rows))


def _taken_up(session: Session, fresh: Collection[str], now: datetime) -> set[str]:
    """The accounts whose last card would be taken up again, however old the news."""
    last = [one for one in alerts.latest(session, sorted(fresh)).values() if comes_back(one, now)]
    written = alert_cards.written(session, last)
    return {alert.account_id for alert in last if alert.id in written}


def _carded(session: Session, standing: Mapping[str, Alert], trouble: Mapping[str, Trouble], now: datetime) -> set[str]:
    """The accounts whose standing alert has a card, or is to have one."""
    written = alert_cards.written(session, list(standing.values()))
    return {
        one for one, alert in standing.items() if alert.id in written or matters(alert.since, trouble.get(one), now)
    }


def _as_kept(session: Session, found: Sequence[Assessed], today: date, now: datetime) -> dict[str, Assessed]:
    """As they would stand in the database: a score that stays has been there for as long as it was."""
    known = risks.with_ids(session, [one.account_id for one in found])
    rows = {}
    for one in found:
        old = known.get(one.account_id)
        since = old.assessed_at if old and old.score == one.score else now
        before, day = risks.turned(old, one.score, today)
        rows[one.account_id] = one._replace(before=before, day=day, assessed_at=since)
    return rows


def _answered(session: Session, trouble: Mapping[str, Trouble], wish: Tuning, now: datetime) -> set[str]:
    """The accounts of which a person said that this is no risk, and that still holds."""
    said = {one: last for one, last in alerts.latest(session, sorted(trouble)).items() if quiet.is_dismissed(last)}
    found = set()
    for account_id, last in said.items():
        told = together([worry.part for worry in trouble[account_id].worries], trouble[account_id].risk).told
        if quiet.stays_dismissed(last, told, wish.close_below, now):
            found.add(account_id)
    return found


def _lasts(alert: Alert, risk: Assessed | None, wish: Tuning) -> bool:
    """Whether a card of a risk stays although its account would get none now."""
    told = any(part.rule == AtRisk.id for part in alert.parts)
    return told and risk is not None and (risk.score >= wish.close_below or risk.hard)
