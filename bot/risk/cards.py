"""The cards of alerts in channels: written once, kept true, and never more at a time than people can read.

Cards are posted for what is news of the last two weeks, and for what an account loses within a month, however old
the news of it. That keeps the first run after the first sync quiet about what the team has long dealt with, and a
channel that is set up later gets what still matters. An alert without a card is stored all the same: it stands on
the account's card.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day
from bot.messages import alerts as messages
from bot.messages.blocks import Message
from bot.money import exponent
from bot.risk.tuning import Tuning
from bot.risk.worries import Trouble
from bot.settings import Settings
from bot.slack.posting import REMEDIES
from bot.sources.base import BillingSource
from storage import alerts, channels, outbox
from storage.accounts.briefs import briefs
from storage.alerts import Alert, card_key

FRESH = timedelta(days=14)
SOON = timedelta(days=30)
AT_A_TIME = 20  # new cards in one channel and run


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

    def tuned(self, tuning: Tuning) -> Self:
        """With the least MRR that people set, where they did."""
        if tuning.high_value is None:
            return self
        return replace(self, high_value=tuning.high_value.scaleb(exponent(self.base)))


def revise(session: Session, alert_ids: Collection[str], settings: RiskSettings, now: datetime) -> None:
    """Give the cards of these alerts their newest content, wherever they stand."""
    found = alerts.with_ids(session, sorted(alert_ids))
    everywhere = channels.everywhere(session) if found else ()
    for alert, card in _cards(session, found, settings, now).values():
        for channel in everywhere:
            outbox.revise(session, card_key(alert, channel.channel_id), card.text, card.blocks, now=now)


def tell(session: Session, alert: Alert, about: str, said: Message, now: datetime) -> None:
    """Say news in the threads of an alert's cards, once for each `about`."""
    for channel in channels.everywhere(session):
        key = card_key(alert, channel.channel_id)
        if alerts.text_under(session, key) is not None:
            outbox.put(session, f"{key}:{about}", channel.channel_id, said.text, said.blocks, now=now, reply_to=key)


def post(
    session: Session,
    found: Mapping[str, Trouble],
    worth: Mapping[str, Decimal],
    settings: RiskSettings,
    now: datetime,
) -> None:
    """Write cards that a channel does not have yet, those too that it refused until now; the largest accounts first."""
    wanted = [alert for alert in alerts.live(session) if _matters(alert, found.get(alert.account_id), now)]
    wanted.sort(key=lambda alert: worth.get(alert.account_id, Decimal(0)), reverse=True)
    waiting = _waiting(session, wanted)
    chosen = [alert for queue in waiting.values() for alert in queue[:AT_A_TIME]]
    cards = _cards(session, list({alert.id: alert for alert in chosen}.values()), settings, now)
    for channel_id, queue in waiting.items():
        for alert in queue[:AT_A_TIME]:
            card = cards[alert.id][1]
            outbox.put(session, card_key(alert, channel_id), channel_id, card.text, card.blocks, now=now)
        alerts.retry(session, [card_key(alert, channel_id) for alert in queue[:AT_A_TIME]], now)
        _tell_rest(session, channel_id, queue[AT_A_TIME:], settings, now)


def _matters(alert: Alert, trouble: Trouble | None, now: datetime) -> bool:
    """Whether it is news, or takes effect soon."""
    ends_at = trouble.ends_at if trouble else None
    return alert.since >= now - FRESH or (ends_at is not None and ends_at <= now + SOON)


def _waiting(session: Session, wanted: Sequence[Alert]) -> dict[str, list[Alert]]:
    """By channel the alerts whose card is missing there; refused ones count once the channel takes messages again."""
    troubled = {channel.channel_id for channel in channels.everywhere(session) if channel.problem}
    found = {}
    for channel_id in channels.alert_channels(session):
        by_key = {card_key(alert, channel_id): alert for alert in wanted}
        missing = set(alerts.without_card(session, list(by_key)))
        if channel_id not in troubled:
            missing |= set(alerts.refused(session, list(by_key), REMEDIES))
        found[channel_id] = [alert for key, alert in by_key.items() if key in missing]
    return found


def _tell_rest(session: Session, channel_id: str, rest: Sequence[Alert], settings: RiskSettings, now: datetime) -> None:
    """Say in one line a day how many accounts still wait for their card; the next runs write them."""
    key = f"alerts_waiting:{channel_id}:{local_day(now, settings.zone).isoformat()}"
    said, line = alerts.text_under(session, key), messages.waiting(len({alert.account_id for alert in rest}))
    if said is None and rest:
        outbox.put(session, key, channel_id, line.text, line.blocks, now=now)
    elif said not in (None, line.text):
        outbox.revise(session, key, line.text, line.blocks, now=now)


def _cards(
    session: Session, found: Sequence[Alert], settings: RiskSettings, now: datetime
) -> dict[str, tuple[Alert, Message]]:
    about = briefs(session, sorted({alert.account_id for alert in found}), now)
    return {
        alert.id: (
            alert,
            messages.card(alert, about.get(alert.account_id), settings.zone, settings.account_url(alert.account_id)),
        )
        for alert in found
    }
