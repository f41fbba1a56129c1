"""The cards of alerts in channels: written once, kept true, and never more at a time than people can read.

Cards are posted for what is news of the last two weeks, and for what an account loses within a month, however old
the news of it. That keeps the first run after the first sync quiet about what the team has long dealt with, and a
channel that is set up later gets what still matters. An alert without a card is stored all the same: it stands on
the account's card.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.clock import local_day, start_of_day
from bot.messages import alerts as messages
from bot.messages.blocks import Message
from bot.messages.journal import noted
from bot.messages.trouble import REMEDIES
from bot.risk.places import Place, by_place
from bot.risk.settings import RiskSettings
from bot.risk.worries import Trouble
from storage import alert_cards, alerts, journal, outbox, syncs
from storage.accounts.briefs import briefs
from storage.alert_cards import card_key
from storage.alerts import Alert

FRESH = timedelta(days=14)
SOON = timedelta(days=30)


def revise(session: Session, alert_ids: Collection[str], settings: RiskSettings, now: datetime) -> None:
    """Give the cards of these alerts their newest content, wherever they stand."""
    found = alerts.with_ids(session, sorted(alert_ids))
    written = alert_cards.written(session, found)
    keys = [one.key for cards in written.values() for one in cards]
    refused = set(alert_cards.refused(session, keys, REMEDIES))  # `post` decides when their places take them
    for alert, card in _cards(session, found, settings, now).values():
        for one in written.get(alert.id, ()):
            outbox.revise(session, one.key, card.text, card.blocks, now=now, retry=one.key not in refused)


def tell(session: Session, alert: Alert, about: str, said: Message, now: datetime) -> None:
    """Say news in the threads of an alert's cards, once for each `about`."""
    for one in alert_cards.written(session, [alert]).get(alert.id, ()):
        outbox.put(session, f"{one.key}:{about}", one.channel_id, said.text, said.blocks, now=now, reply_to=one.key)


def tell_again(session: Session, alert: Alert, about: str, said: Message, now: datetime) -> None:
    """The same for news that may be told in other words by now: what stands there is changed."""
    for one in alert_cards.written(session, [alert]).get(alert.id, ()):
        key = f"{one.key}:{about}"
        if alert_cards.text_under(session, key) not in (None, said.text):
            outbox.revise(session, key, said.text, said.blocks, now=now)
        outbox.put(session, key, one.channel_id, said.text, said.blocks, now=now, reply_to=one.key)


def post(
    session: Session,
    found: Mapping[str, Trouble],
    valuable: Collection[str],
    settings: RiskSettings,
    now: datetime,
) -> None:
    """Write cards that a channel does not have yet, those too that it refused until now; where most is at stake first.

    Nothing is written while people are to be left alone, nor more on a day than a channel is to have.
    """
    settled = [alert for alert in alerts.live(session) if now - alert.opened_at >= settings.calm.settle]
    wanted = [alert for alert in settled if matters(alert.since, found.get(alert.account_id), now)]
    wanted.sort(key=lambda alert: _stake(found.get(alert.account_id)), reverse=True)
    for place, queue in by_place(session, wanted, valuable, settings, now).items():
        if place.reader.is_quiet(now):
            continue
        missing = _missing(session, place, queue)
        today = start_of_day(local_day(now, place.zone), place.zone)
        room = max(0, settings.calm.per_day - alert_cards.cards_since(session, place.channel_id, today))
        for alert, card in _cards(session, missing[:room], settings, now).values():
            key = card_key(alert, place.channel_id)
            if outbox.put(session, key, place.channel_id, card.text, card.blocks, now=now, card_of=alert.id):
                _tell_notes(session, alert, key, place, now)
        alert_cards.retry(session, [card_key(alert, place.channel_id) for alert in missing[:room]], now)
        _tell_rest(session, place, missing[room:], now)


def _tell_notes(session: Session, alert: Alert, card: str, place: Place, now: datetime) -> None:
    """What people noted of the account while its card waited to be written."""
    for entry in reversed(journal.of_account(session, alert.account_id)):
        if entry.written_at >= alert.opened_at:
            said = noted(entry)
            key = f"{card}:note:{entry.id}"
            outbox.put(session, key, place.channel_id, said.text, said.blocks, now=now, reply_to=card)


def _stake(trouble: Trouble | None) -> tuple[int, int]:
    risk = trouble.risk if trouble else None
    return (risk.stake, risk.worth or 0) if risk else (0, 0)


def matters(since: datetime, trouble: Trouble | None, now: datetime) -> bool:
    """Whether a trouble with its newest cause `since` is news, or takes effect soon."""
    ends_at = trouble.ends_at if trouble else None
    return since >= now - FRESH or (ends_at is not None and ends_at <= now + SOON)


def _missing(session: Session, place: Place, queue: Sequence[Alert]) -> list[Alert]:
    """Those without a card there: one that was deleted in Slack, and one that was refused once it would be taken."""
    by_key = {card_key(alert, place.channel_id): alert for alert in queue}
    missing = set(alert_cards.without_card(session, list(by_key)))
    again = {alert_cards.DELETED, *(() if place.problem else REMEDIES)}
    missing |= set(alert_cards.refused(session, list(by_key), again))
    return [alert for key, alert in by_key.items() if key in missing]


def _tell_rest(session: Session, place: Place, rest: Sequence[Alert], now: datetime) -> None:
    """Say in one line a day how many accounts still wait for their card."""
    key = f"alerts_waiting:{place.channel_id}:{local_day(now, place.zone).isoformat()}"
    said, line = alert_cards.text_under(session, key), messages.waiting(len(rest))
    if said is None and rest:
        outbox.put(session, key, place.channel_id, line.text, line.blocks, now=now)
    elif said not in (None, line.text):
        outbox.revise(session, key, line.text, line.blocks, now=now)


def _cards(
    session: Session, found: Sequence[Alert], settings: RiskSettings, now: datetime
) -> dict[str, tuple[Alert, Message]]:
    about = briefs(session, sorted({alert.account_id for alert in found}), now)
    read_at = syncs.last_success(session)

    def card(alert: Alert) -> Message:
        url = settings.account_url(alert.account_id)
        return messages.card(alert, about.get(alert.account_id), settings.zone, url, read_at)

    return {alert.id: (alert, card(alert)) for alert in found}
