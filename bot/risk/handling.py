"""What people do with alerts: take one on, quieten it, give its account to somebody, or say that it is no risk."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.messages import alerts as messages
from bot.risk import cards, quiet
from bot.risk.quiet import Dismissal, Snooze
from bot.risk.settings import RiskSettings
from storage import alerts, locks, outbox, owners
from storage.accounts.briefs import briefs
from storage.alerts import LOCK, Alert
from storage.owners import Owner
from storage.states import AlertState

OF_USE = timedelta(days=2)  # a direct message


def claim(
    session: Session, alert_id: str, user: str, settings: RiskSettings, now: datetime
) -> tuple[bool, Alert | None]:
    """Put a person on an alert: whether that was the first, and the alert as it stands now."""
    locks.alone(session, LOCK)
    won = alerts.claim(session, alert_id, user, now)
    if won:
        cards.revise(session, {alert_id}, settings, now)
    return won, alerts.with_id(session, alert_id)


def claim_account(session: Session, account_id: str, user: str, settings: RiskSettings, now: datetime) -> list[Alert]:
    """Put a person on every alert of an account that nobody is on; its alerts as they stand now."""
    locks.alone(session, LOCK)
    for alert in alerts.live_of_account(session, account_id):
        claim(session, alert.id, user, settings, now)
    return alerts.live_of_account(session, account_id)


def snooze(session: Session, alert_id: str, wish: Snooze, settings: RiskSettings, now: datetime) -> Alert | None:
    """Quieten an alert for a while; the alert as it stands now."""
    locks.alone(session, LOCK)
    alert = alerts.with_id(session, alert_id)
    about = briefs(session, [alert.account_id], now).get(alert.account_id) if alert else None
    renewal = about.period_end if about else None
    if alert and alerts.snooze(session, alert_id, quiet.snoozed(alert, wish, renewal, now)):
        cards.revise(session, {alert_id}, settings, now)
    return alerts.with_id(session, alert_id)


def wake(session: Session, alert_id: str, settings: RiskSettings, now: datetime) -> Alert | None:
    """End a snooze by hand; the alert as it stands now."""
    locks.alone(session, LOCK)
    alert = alerts.with_id(session, alert_id)
    if alert and alert.snoozed and alerts.wake(session, alert_id, now):  # a second press must not count as its end
        cards.revise(session, {alert_id}, settings, now)
    return alerts.with_id(session, alert_id)


def assign(session: Session, alert_id: str, owner: Owner, settings: RiskSettings, now: datetime) -> Alert | None:
    """Put a person on the account of an alert, and tell them unless they did it; the alert, None where it is over."""
    locks.alone(session, LOCK)
    alert = alerts.with_id(session, alert_id)
    if alert is None or alert.state is AlertState.CLOSED:
        return None
    owners.assign(session, [alert.account_id], owner)
    cards.revise(session, {alert_id}, settings, now)
    if owner.user != owner.assigned_by:
        about = briefs(session, [alert.account_id], now).get(alert.account_id)
        said = messages.assigned(alert, about, owner.assigned_by, settings.zone)
        key = f"assigned:{alert.id}:{owner.user}:{now.isoformat()}"
        outbox.put(session, key, owner.user, said.text, said.blocks, now=now, expires_at=now + OF_USE)
    return alert


def owners_changed(session: Session, account_ids: Collection[str], settings: RiskSettings, now: datetime) -> None:
    """Have the cards of these accounts say whose they are."""
    locks.alone(session, LOCK)
    theirs = {alert.id for alert in alerts.live(session) if alert.account_id in account_ids}
    cards.revise(session, theirs, settings, now)


def dismiss(
    session: Session, alert_id: str, dismissal: Dismissal, settings: RiskSettings, now: datetime
) -> tuple[bool, Alert | None]:
    """Close an alert as no risk: whether that changed it, and the alert as it stands now."""
    locks.alone(session, LOCK)
    alert = alerts.with_id(session, alert_id)
    won = alert is not None and alert.state is not AlertState.CLOSED
    if alert and won:
        alerts.close(session, alert_id, quiet.dismissed(alert, dismissal), now)
        cards.revise(session, {alert_id}, settings, now)
    return won, alerts.with_id(session, alert_id)
