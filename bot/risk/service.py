"""The life of alerts: opened when an account begins to worry, kept true while it does, closed when it ends."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import structlog
from sqlmodel import Session

from bot.clock import local_day
from bot.messages import alerts as messages
from bot.metrics.rates import Rates
from bot.risk import cards, quiet, tuning
from bot.risk.cards import RiskSettings
from bot.risk.quiet import Dismissal, Snooze
from bot.risk.triggers import TRIGGERS, Ending, ended
from bot.risk.worries import Place, Worry, place_of, worries
from storage import alerts, ledger, locks, outbox
from storage.accounts.briefs import briefs
from storage.alerts import Alert, Plain
from storage.fact_reader import exchange_rates
from storage.states import AlertState

log = structlog.get_logger()

OF_USE = timedelta(days=2)  # a reminder
ALERTS = "alerts"  # two who change alerts at once would each write a card that does not know of the other


def run(session: Session, settings: RiskSettings, now: datetime) -> None:
    """Bring alerts and their cards in line with the facts; in a writing transaction."""
    locks.alone(session, ALERTS)
    settings = settings.tuned(tuning.in_force(session))
    found = worries(session, now)
    worth = _worth(session, found, settings, now)
    high = [worry for worry in found.values() if worth.get(worry.lead.account_id, Decimal(0)) >= settings.high_value]
    changed = _close(session, found, now) | _renew(session, found, now) | _open(session, high, now)
    changed |= _wake(session, found, now) | _lapse(session, settings, now)
    cards.revise(session, changed, settings, now)
    cards.post(session, found, worth, settings, now)


def claim(
    session: Session, alert_id: str, user: str, settings: RiskSettings, now: datetime
) -> tuple[bool, Alert | None]:
    """Put a person on an alert: whether that was the first, and the alert as it stands now."""
    locks.alone(session, ALERTS)
    won = alerts.claim(session, alert_id, user, now)
    if won:
        cards.revise(session, {alert_id}, settings, now)
    return won, alerts.with_id(session, alert_id)


def claim_account(session: Session, account_id: str, user: str, settings: RiskSettings, now: datetime) -> list[Alert]:
    """Put a person on every alert of an account that nobody is on; its alerts as they stand now."""
    locks.alone(session, ALERTS)
    for alert in alerts.live_of_account(session, account_id):
        claim(session, alert.id, user, settings, now)
    return alerts.live_of_account(session, account_id)


def snooze(session: Session, alert_id: str, wish: Snooze, settings: RiskSettings, now: datetime) -> Alert | None:
    """Quieten an alert for a while; the alert as it stands now."""
    locks.alone(session, ALERTS)
    alert = alerts.with_id(session, alert_id)
    if alert and alerts.snooze(session, alert_id, quiet.snoozed(alert, wish, now)):
        cards.revise(session, {alert_id}, settings, now)
    return alerts.with_id(session, alert_id)


def wake(session: Session, alert_id: str, settings: RiskSettings, now: datetime) -> Alert | None:
    """End a snooze by hand; the alert as it stands now."""
    locks.alone(session, ALERTS)
    if alerts.snooze(session, alert_id, None):
        cards.revise(session, {alert_id}, settings, now)
    return alerts.with_id(session, alert_id)


def dismiss(
    session: Session, alert_id: str, dismissal: Dismissal, settings: RiskSettings, now: datetime
) -> tuple[bool, Alert | None]:
    """Close an alert as no risk: whether that changed it, and the alert as it stands now."""
    locks.alone(session, ALERTS)
    alert = alerts.with_id(session, alert_id)
    won = alert is not None and alert.state is not AlertState.CLOSED
    if alert and won:
        alerts.close(session, alert_id, quiet.dismissed(alert, dismissal), now)
        cards.revise(session, {alert_id}, settings, now)
    return won, alerts.with_id(session, alert_id)


def _worth(session: Session, found: Mapping[Place, Worry], settings: RiskSettings, now: datetime) -> dict[str, Decimal]:
    """What the accounts pay, in minor units of the base; what no rate tells counts nothing."""
    levels = ledger.levels(session, sorted({account_id for _, account_id in found}))
    rates = Rates(settings.base, exchange_rates(session, settings.base))
    today = local_day(now, settings.zone)
    worth: dict[str, Decimal] = {}
    for account_id, by_currency in levels.items():
        amounts = [rates.convert(amount, currency, today) for currency, amount in by_currency.items()]
        if None in amounts:
            log.warning("an account's MRR has no exchange rate", account=account_id, currencies=sorted(by_currency))
        worth[account_id] = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return worth


def _close(session: Session, found: Mapping[Place, Worry], now: datetime) -> set[str]:
    """Close the alerts whose cause has ended and that nothing else of its kind keeps open."""
    by_rule: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in alerts.live(session):
        worry = found.get(place_of(alert))
        if worry is None or not worry.covers(alert):
            by_rule[alert.rule].append(alert)
    outcomes: dict[str, Plain] = {}
    for rule_id, of_rule in by_rule.items():
        outcomes |= _accounts_gone(session, of_rule, now)
        outcomes |= TRIGGERS[rule_id].endings(session, of_rule, now) if rule_id in TRIGGERS else {}
    for alert_id, outcome in outcomes.items():
        alerts.close(session, alert_id, outcome, now)
    return set(outcomes)


def _wake(session: Session, found: Mapping[Place, Worry], now: datetime) -> set[str]:
    """End the snoozes whose time has come, or of what got worse; their threads say so."""
    woken = set()
    for alert in alerts.live(session):
        worry = found.get(place_of(alert))
        evidence = worry.evidence if worry else alert.evidence
        if alert.snoozed and quiet.is_over(alert.snoozed, evidence, now):
            alerts.snooze(session, alert.id, None)
            cards.tell(session, alert, f"woke:{alert.snoozed['until']}", messages.woken(alert, evidence), now)
            woken.add(alert.id)
    return woken


def _lapse(session: Session, settings: RiskSettings, now: datetime) -> set[str]:
    """Let go of what a person took on a week ago and did not end; the person is asked once, in a direct message."""
    lapsed = set()
    for alert in alerts.live(session):
        user, since = alert.claimed_by, alert.claimed_at
        if not (user and since and quiet.has_lapsed(since, now, settings.zone)) or alert.snoozed:
            continue
        alerts.lapse(session, alert.id)
        about = briefs(session, [alert.account_id], now).get(alert.account_id)
        said = messages.still_on_it(alert, about, settings.zone)
        key = f"lapsed:{alert.id}:{since.isoformat()}"
        outbox.put(session, key, user, said.text, said.blocks, now=now, expires_at=now + OF_USE)
        lapsed.add(alert.id)
    return lapsed


def _renew(session: Session, found: Mapping[Place, Worry], now: datetime) -> set[str]:
    """Keep the evidence of standing alerts true, also of an account that fell below high value.

    What got worse is told in the thread of its card too.
    """
    changed = set()
    for alert in alerts.live(session):
        worry = found.get(place_of(alert))
        if worry and worry.evidence != alert.evidence:
            alerts.renew(session, alert.id, worry.lead.object_id, worry.evidence, worry.since)
            if not alert.snoozed and quiet.got_worse(alert.evidence, worry.evidence):
                key = f"worse:{worry.evidence['risk']['score']}:{now.date().isoformat()}"
                cards.tell(session, alert, key, messages.worse(alert.evidence, worry.evidence), now)
            changed.add(alert.id)
    return changed


def _open(session: Session, high: Sequence[Worry], now: datetime) -> set[str]:
    """Open an alert for each worry without one, and again for one that came back; those that came back."""
    standing = {place_of(alert) for alert in alerts.live(session)}
    fresh = [worry for worry in high if place_of(worry.lead) not in standing]
    known = alerts.with_causes(session, [worry.lead.key for worry in fresh])
    returned = set()
    for worry in fresh:
        alert = known.get(worry.lead.key)
        if alert is None:
            alerts.add(session, _alert(worry, now))
        elif alert.state is AlertState.CLOSED and not quiet.stays_dismissed(alert, worry):
            alerts.reopen(session, alert.id, worry.lead.object_id, worry.evidence, worry.since)
            returned.add(alert.id)
    return returned


def _alert(worry: Worry, now: datetime) -> Alert:
    lead = worry.lead
    return Alert(
        id=uuid4().hex,
        cause_key=lead.key,
        account_id=lead.account_id,
        rule=lead.rule,
        object_id=lead.object_id,
        evidence=worry.evidence,
        since=worry.since,
        opened_at=now,
    )


def _accounts_gone(session: Session, found: Sequence[Alert], now: datetime) -> dict[str, Plain]:
    known = briefs(session, sorted({alert.account_id for alert in found}), now)
    gone = ended(Ending.ACCOUNT_GONE)
    return {alert.id: gone for alert in found if alert.account_id not in known or known[alert.account_id].deleted}
