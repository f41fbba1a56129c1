"""The life of alerts: opened when an account begins to worry, kept true while it does, closed when it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import structlog
from sqlmodel import Session

from bot.clock import local_day
from bot.messages import alerts as messages
from bot.metrics.filter_words import FilterError
from bot.metrics.rates import Rates
from bot.risk import cards, quiet, routing, tuning
from bot.risk.following import follow
from bot.risk.places import waiting_for
from bot.risk.readers import readers
from bot.risk.routing import PAUSE_FOR_LEAD
from bot.risk.settings import RiskSettings
from bot.risk.triggers import TRIGGERS, Ending, ended
from bot.risk.value import high_value
from bot.risk.worries import Trouble, together, troubles
from storage import alert_cards, alerts, departures, locks, outbox
from storage.accounts.briefs import briefs
from storage.alerts import LOCK, Alert, Part
from storage.fact_reader import exchange_rates

log = structlog.get_logger()

OF_USE = timedelta(days=2)  # a reminder
MOMENT = timedelta(hours=1)  # what ends for no longer is no news: a charge that was under way, and failed


def run(session: Session, settings: RiskSettings, now: datetime) -> None:
    """Bring alerts and their cards in line with the facts; in a writing transaction."""
    locks.alone(session, LOCK)
    found = troubles(session, now)
    worth = _worth(session, found, settings, now)
    valuable = _valuable(session, worth, settings, now)
    high = [one for account_id, one in found.items() if account_id in valuable]
    changed = _one_each(session, now) | follow(session, found, settings, now) | _open(session, high, settings, now)
    changed |= _wake(session, settings, now) | _lapse(session, settings, now)
    cards.revise(session, changed, settings, now)
    cards.post(session, found, valuable, settings, now)
    _call_lead(session, high, settings, now)


def _worth(session: Session, found: Mapping[str, Trouble], settings: RiskSettings, now: datetime) -> dict[str, Decimal]:
    """What the accounts pay, in minor units of the base; what no rate tells counts nothing."""
    levels = departures.levels(session, sorted(found), now)
    rates = Rates(settings.base, exchange_rates(session, settings.base))
    today = local_day(now, settings.zone)
    worth: dict[str, Decimal] = {}
    for account_id, by_currency in levels.items():
        amounts = [rates.convert(amount, currency, today) for currency, amount in by_currency.items()]
        if None in amounts:
            log.warning("an account's MRR has no exchange rate", account=account_id, currencies=sorted(by_currency))
        worth[account_id] = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return worth


def _valuable(session: Session, worth: Mapping[str, Decimal], settings: RiskSettings, now: datetime) -> set[str]:
    """The accounts of high value; where the filter that names some is none any more, those that are so without it."""
    chosen, today = tuning.in_force(session), local_day(now, settings.zone)
    try:
        return high_value(session, worth, chosen, settings, today)
    except FilterError as error:
        log.warning("the filter for accounts of high value fits nothing", error=type(error).__name__)
        return high_value(session, worth, replace(chosen, named=""), settings, today)


def _one_each(session: Session, now: datetime) -> set[str]:
    """Close all alerts of an account but its first: earlier versions kept one for each rule."""
    first: set[str] = set()
    over = set()
    for alert in alerts.live(session):
        if alert.account_id in first:
            alerts.close(session, alert.id, ended(Ending.ELSEWHERE), now)
            over.add(alert.id)
        first.add(alert.account_id)
    return over


def _wake(session: Session, settings: RiskSettings, now: datetime) -> set[str]:
    """End the snoozes whose time has come, or of what got worse; their threads say so."""
    woken = set()
    for alert in alerts.live(session):  # as it is kept since `follow`
        if alert.snoozed and quiet.is_over(alert.snoozed, alert.evidence, now):
            alerts.wake(session, alert.id, now)
            said = messages.woken(alert, alert.evidence, settings.zone)
            cards.tell(session, alert, f"woke:{alert.snoozed['until']}", said, now)
            woken.add(alert.id)
    return woken


def _lapse(session: Session, settings: RiskSettings, now: datetime) -> set[str]:
    """Let go of what a person took on a week ago and did not end; the person is asked once, in a direct message."""
    lapsed: set[str] = set()
    live = [alert for alert in alerts.live(session) if not alert.snoozed]
    people = readers(session, sorted({alert.claimed_by for alert in live if alert.claimed_by}), settings)
    for alert in live:
        user, since = alert.claimed_by, alert.claimed_at
        if not user or not since or people[user].is_quiet(now):
            continue
        if not quiet.has_lapsed(since, now, people[user].zone, people[user].calm.days):
            continue
        alerts.lapse(session, alert.id, now)
        about = briefs(session, [alert.account_id], now).get(alert.account_id)
        said = messages.still_on_it(alert, about, settings.zone)
        key = f"lapsed:{alert.id}:{since.isoformat()}"
        outbox.put(session, key, user, said.text, said.blocks, now=now, expires_at=now + OF_USE)
        lapsed.add(alert.id)
    return lapsed


def _call_lead(session: Session, high: Sequence[Trouble], settings: RiskSettings, now: datetime) -> None:
    """Tell the lead, once, of each high-value account whose card nobody took on for days."""
    lead = routing.in_force(session).lead
    if lead is None or readers(session, [lead], settings)[lead].is_quiet(now):
        return
    valuable = {one.lead.account_id for one in high}
    found = [alert for alert in alerts.live(session) if alert.account_id in valuable]
    written = alert_cards.written(session, found)
    about = briefs(session, sorted({alert.account_id for alert in found if alert.id in written}), now)
    for alert in found:
        since = min((card.created_at for card in written.get(alert.id, ())), default=now)
        days = waiting_for(alert, since, now, settings.zone, settings.calm.days)
        if days >= PAUSE_FOR_LEAD:
            said = messages.left_alone(alert, about.get(alert.account_id), days, settings.zone)
            free = alert.free_since.isoformat() if alert.free_since else ""
            key = f"lead:{alert.id}:{lead}:{free}"
            outbox.put(session, key, lead, said.text, said.blocks, now=now, expires_at=now + OF_USE)


def _open(session: Session, high: Sequence[Trouble], settings: RiskSettings, now: datetime) -> set[str]:
    """Open an alert for each account in trouble without one, or again the one that it had lately; the latter's ids."""
    standing = {alert.account_id for alert in alerts.live(session)}
    fresh = {one.lead.account_id: one for one in high if one.lead.account_id not in standing}
    before = alerts.latest(session, sorted(fresh))
    known = alerts.with_causes(session, [one.lead.key for one in fresh.values()])
    eased = tuning.in_force(session).close_below
    returned = set()
    for account_id, trouble in fresh.items():
        last, part = before.get(account_id), together([worry.part for worry in trouble.worries], trouble.risk)
        if last and quiet.stays_dismissed(last, part.told, eased, now):
            continue
        if last and comes_back(last, now):
            anew = quiet.is_dismissed(last)
            alerts.reopen(session, last.id, part, trouble.since, now, anew=anew)
            if anew or (last.closed_at and now - last.closed_at >= MOMENT):
                cards.tell(session, last, f"again:{now.isoformat()}", messages.again(part, settings.zone), now)
            returned.add(last.id)
        else:
            key = trouble.lead.key
            alerts.add(session, _alert(f"{key}:{now:%Y%m%dT%H%M%S}" if key in known else key, part, trouble.since, now))
    return returned


def comes_back(last: Alert, now: datetime) -> bool:
    """Whether it ended so lately that its card is taken up again."""
    trigger = TRIGGERS.get(last.rule)
    return bool(trigger and last.closed_at and now - last.closed_at < trigger.cooldown)


def _alert(key: str, part: Part, since: datetime, now: datetime) -> Alert:
    return Alert(
        id=uuid4().hex,
        cause_key=key,
        account_id=part.account_id,
        rule=part.rule,
        object_id=part.object_id,
        evidence=part.told,
        since=since,
        opened_at=now,
    )
