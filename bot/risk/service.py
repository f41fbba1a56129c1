"""The life of alerts: opened once for each cause, kept true while it lasts, closed when it ends.

Cards are posted only for causes of the last two weeks. That keeps the first run after the first sync quiet about old
news, which the team has long dealt with, and a channel that is set up later gets what is still fresh. An alert
without a card is stored all the same: it stands on the account's card.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from bot.clock import local_day
from bot.messages import alerts as messages
from bot.messages.blocks import Message
from bot.metrics.rates import Rates
from bot.money import exponent
from bot.risk.rules import RULES, Cause, Ending, ended
from bot.settings import Settings
from bot.slack.posting import REMEDIES
from bot.sources.base import BillingSource
from storage import alerts, channels, ledger, outbox
from storage.accounts.briefs import briefs
from storage.alerts import Alert, Plain
from storage.fact_reader import exchange_rates
from storage.states import AlertState

log = structlog.get_logger()
FRESH = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """From which MRR on (minor units of `base`) an account is of high value, and how cards say days and link."""

    base: str
    high_value: Decimal
    zone: ZoneInfo
    account_url: Callable[[str], str | None]

    @classmethod
    def of(cls, settings: Settings, source: BillingSource) -> Self:
        high_value = settings.high_value_mrr.scaleb(exponent(settings.currency))
        return cls(settings.currency, high_value, settings.timezone, source.account_url)


def run(session: Session, settings: RiskSettings, now: datetime) -> None:
    """Bring alerts and their cards in line with the facts; in a writing transaction."""
    causes = {cause.key: cause for rule in RULES.values() for cause in rule.causes(session, now)}
    worrying = _of_high_value(session, causes.values(), settings, now)
    changed = _open(session, worrying, now) | _renew(session, causes) | _close(session, causes, now)
    _revise(session, changed, settings, now)
    _post(session, settings, now)


def claim(
    session: Session, alert_id: str, user: str, settings: RiskSettings, now: datetime
) -> tuple[bool, Alert | None]:
    """Put a person on an alert: whether that was the first, and the alert as it stands now."""
    won = alerts.claim(session, alert_id, user, now)
    if won:
        _revise(session, {alert_id}, settings, now)
    return won, alerts.with_id(session, alert_id)


def card_key(alert: Alert, channel_id: str) -> str:
    return f"alert:{alert.cause_key}:{channel_id}"


def _of_high_value(session: Session, causes: Iterable[Cause], settings: RiskSettings, now: datetime) -> list[Cause]:
    """The causes that concern an account worth an alert; one whose worth no rate tells is none."""
    found = list(causes)
    levels = ledger.levels(session, sorted({cause.account_id for cause in found}))
    rates = Rates(settings.base, exchange_rates(session, settings.base))
    today = local_day(now, settings.zone)
    worth: dict[str, Decimal] = {}
    for account_id, by_currency in levels.items():
        amounts = [rates.convert(amount, currency, today) for currency, amount in by_currency.items()]
        if None in amounts:
            log.warning("an account's MRR has no exchange rate", account=account_id, currencies=sorted(by_currency))
        worth[account_id] = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return [cause for cause in found if worth.get(cause.account_id, Decimal(0)) >= settings.high_value]


def _open(session: Session, causes: Sequence[Cause], now: datetime) -> set[str]:
    """Open an alert for each cause without one, and again for one that came back; those that came back."""
    known = alerts.with_causes(session, [cause.key for cause in causes])
    returned = set()
    for cause in causes:
        alert = known.get(cause.key)
        if alert is None:
            alerts.add(session, _alert(cause, now))
        elif alert.state is AlertState.CLOSED:
            alerts.reopen(session, alert.id, cause.evidence, cause.since)
            returned.add(alert.id)
    return returned


def _alert(cause: Cause, now: datetime) -> Alert:
    return Alert(
        id=uuid4().hex,
        cause_key=cause.key,
        account_id=cause.account_id,
        rule=cause.rule,
        object_id=cause.object_id,
        evidence=cause.evidence,
        since=cause.since,
        opened_at=now,
    )


def _renew(session: Session, causes: dict[str, Cause]) -> set[str]:
    """Keep the evidence of standing causes true, also of an account that fell below high value."""
    changed = set()
    for alert in alerts.live(session):
        cause = causes.get(alert.cause_key)
        if cause and cause.evidence != alert.evidence:
            alerts.renew(session, alert.id, cause.evidence, cause.since)
            changed.add(alert.id)
    return changed


def _close(session: Session, causes: dict[str, Cause], now: datetime) -> set[str]:
    by_rule: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in alerts.live(session):
        if alert.cause_key not in causes:
            by_rule[alert.rule].append(alert)
    outcomes: dict[str, Plain] = {}
    for rule_id, of_rule in by_rule.items():
        outcomes |= _accounts_gone(session, of_rule, now)
        outcomes |= RULES[rule_id].endings(session, of_rule, now) if rule_id in RULES else {}
    for alert_id, outcome in outcomes.items():
        alerts.close(session, alert_id, outcome, now)
    return set(outcomes)


def _accounts_gone(session: Session, found: Sequence[Alert], now: datetime) -> dict[str, Plain]:
    known = briefs(session, sorted({alert.account_id for alert in found}), now)
    gone = ended(Ending.ACCOUNT_GONE)
    return {alert.id: gone for alert in found if alert.account_id not in known or known[alert.account_id].deleted}


def _revise(session: Session, alert_ids: set[str], settings: RiskSettings, now: datetime) -> None:
    """Give the cards of these alerts their newest content, wherever they stand."""
    found = alerts.with_ids(session, sorted(alert_ids))
    everywhere = channels.everywhere(session) if found else ()
    for alert, card in _cards(session, found, settings, now):
        for channel in everywhere:
            outbox.revise(session, card_key(alert, channel.channel_id), card.text, card.blocks, now=now)


def _post(session: Session, settings: RiskSettings, now: datetime) -> None:
    """Write the cards of fresh alerts that a channel does not have yet, those too that it refused until now."""
    fresh = [alert for alert in alerts.live(session) if alert.since >= now - FRESH]
    wanted = {card_key(alert, id_): (alert, id_) for id_ in channels.alert_channels(session) for alert in fresh}
    missing = {key: wanted[key] for key in alerts.without_card(session, list(wanted))}
    about = {alert.id: alert for alert, _ in missing.values()}
    cards = {alert.id: card for alert, card in _cards(session, list(about.values()), settings, now)}
    for key, (alert, channel_id) in missing.items():
        card = cards[alert.id]
        outbox.put(session, key, channel_id, card.text, card.blocks, now=now)
    troubled = {channel.channel_id for channel in channels.everywhere(session) if channel.problem}
    alerts.retry_refused(session, [key for key, (_, id_) in wanted.items() if id_ not in troubled], REMEDIES, now)


def _cards(
    session: Session, found: Sequence[Alert], settings: RiskSettings, now: datetime
) -> list[tuple[Alert, Message]]:
    about = briefs(session, sorted({alert.account_id for alert in found}), now)
    return [
        (
            alert,
            messages.card(
                alert, about.get(alert.account_id), now, settings.zone, settings.account_url(alert.account_id)
            ),
        )
        for alert in found
    ]
