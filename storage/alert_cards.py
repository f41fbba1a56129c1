"""The cards of alerts among the messages of the outbox: where they stand, and what became of them."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlmodel import Session

from storage.alerts import Alert
from storage.states import OutboxState
from storage.tables import AlertRow, OutboxRow
from storage.upsert import batches, table_of

alerts, outbox = table_of(AlertRow), table_of(OutboxRow)

DELETED, LOST_THREAD = "message_not_found", "thread_not_found"  # Slack's words
CARD = "alert:"  # how the outbox keys of cards begin


@dataclass(frozen=True, slots=True)
class Card:
    """The outbox key of a card, where it stands, and when it was written."""

    key: str
    channel_id: str
    created_at: datetime


def card_key(alert: Alert, channel_id: str) -> str:
    """The outbox key of an alert's card in a channel."""
    return f"{CARD}{alert.cause_key}:{channel_id}"


def without_card(session: Session, keys: Sequence[str]) -> list[str]:
    """Those of the cards' outbox keys under which nothing was written yet."""
    written: set[str] = set()
    for part in batches(keys):
        written |= set(session.connection().execute(select(outbox.c.key).where(outbox.c.key.in_(part))).scalars())
    return [key for key in keys if key not in written]


def account_of_card(session: Session, channel_id: str, ts: str) -> str | None:
    """The account that the card with this ts in a channel is about."""
    stands = outbox.c.channel_id == channel_id, outbox.c.ts == ts
    wanted = select(alerts.c.account_id).join(outbox, outbox.c.alert_id == alerts.c.id).where(*stands)
    return session.connection().execute(wanted).scalar()


def written(session: Session, found: Sequence[Alert]) -> dict[str, list[Card]]:
    """By alert id its cards, in channels and direct messages, whether they are posted yet or not."""
    cards: defaultdict[str, list[Card]] = defaultdict(list)
    wanted = select(outbox.c.alert_id, outbox.c.key, outbox.c.channel_id, outbox.c.created_at).order_by(outbox.c.id)
    for part in batches([alert.id for alert in found]):
        for alert_id, *card in session.connection().execute(wanted.where(outbox.c.alert_id.in_(part))):
            cards[alert_id].append(Card(*card))
    return cards


def lacks_cards(session: Session) -> bool:
    """Whether there are cards of which nobody wrote whose they are, as replicas of the release before do."""
    return session.connection().execute(select(outbox.c.id).where(*_unknown()).limit(1)).first() is not None


def fill_cards(session: Session) -> None:
    """Write whose cards those are."""
    whose = select(alerts.c.id).where(alerts.c.cause_key == _cause()).scalar_subquery()
    session.connection().execute(outbox.update().where(*_unknown()).values(alert_id=whose))


def _unknown() -> Sequence[ColumnElement[bool]]:
    """The cards of alerts without their alert's id; where there is no such alert, no id can be found."""
    main = outbox.c.alert_id.is_(None), outbox.c.reply_to.is_(None), outbox.c.key.startswith(CARD)
    return [*main, exists(select(alerts.c.id).where(alerts.c.cause_key == _cause()))]


def _cause() -> ColumnElement[str]:
    """The cause's key in that of a card, as `card_key` made it."""
    beside = func.length(outbox.c.channel_id) + len(CARD) + 1
    return func.substr(outbox.c.key, len(CARD) + 1, func.length(outbox.c.key) - beside)


def refused(session: Session, keys: Sequence[str], errors: Collection[str]) -> list[str]:
    """Those of the cards' outbox keys whose card Slack refused for one of these errors."""
    found: set[str] = set()
    for part in batches(keys):
        query = select(outbox.c.key).where(
            outbox.c.key.in_(part), outbox.c.state == OutboxState.FAILED, outbox.c.error.in_(errors)
        )
        found |= set(session.connection().execute(query).scalars())
    return [key for key in keys if key in found]


def retry(session: Session, keys: Sequence[str], now: datetime) -> None:
    """Have refused cards under these outbox keys posted after all; those that were deleted in Slack as new messages."""
    again = {"state": OutboxState.PENDING, "attempts": 0, "wanted_at": now, "not_before": now, "error": None}
    for part in batches(keys):
        failed = outbox.c.key.in_(part), outbox.c.state == OutboxState.FAILED
        deleted = select(outbox.c.key).where(*failed, outbox.c.error == DELETED)
        for key in session.connection().execute(deleted).scalars().all():
            anew = {**again, "ts": None, "receipt": secrets.token_hex(16)}
            session.connection().execute(outbox.update().where(outbox.c.key == key).values(anew))
            lost = outbox.update().where(outbox.c.reply_to == key, outbox.c.error == LOST_THREAD)
            session.connection().execute(lost.values(again))
        session.connection().execute(outbox.update().where(*failed).values(again))


def cards_since(session: Session, channel_id: str, since: datetime) -> int:
    """How many cards were written for a channel from an instant on."""
    cards = (outbox.c.key.startswith(CARD), outbox.c.reply_to.is_(None), outbox.c.channel_id == channel_id)
    wanted = select(func.count()).select_from(outbox).where(*cards, outbox.c.created_at >= since)
    return session.connection().execute(wanted).scalar_one()


def text_under(session: Session, key: str) -> str | None:
    """What was last written to be posted under an outbox key."""
    return session.connection().execute(select(outbox.c.text).where(outbox.c.key == key)).scalar()
