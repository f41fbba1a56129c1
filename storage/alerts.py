"""Alerts: one for all that worries about an account at a time, from the first of its causes to the last."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, func, select
from sqlmodel import Session

from storage.slices import one_of
from storage.states import AlertState, OutboxState
from storage.tables import AlertRow, OutboxRow
from storage.types import literal_of
from storage.upsert import batches, insert_new, table_of

alerts, outbox = table_of(AlertRow), table_of(OutboxRow)

Plain = Mapping[str, Any]  # texts, whole numbers, None and such mappings by name: what JSON keeps as it is


@dataclass(frozen=True, slots=True)
class Part:
    """What an alert tells by one rule: the values, and the invoice, subscription or account that they are about."""

    rule: str
    account_id: str
    object_id: str
    told: Plain


@dataclass(frozen=True, slots=True)
class Card:
    """The outbox key of a card, where it stands, and when it was written."""

    key: str
    channel_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is stored about one; `storage.tables.AlertRow` says what the fields mean.

    `cause_key` names the cause that opened it; `rule`, `object_id` and the evidence are those of the cause it tells
    first now, `also` in the evidence those of other rules. `since` is when the newest of its causes began.
    """

    id: str
    cause_key: str
    account_id: str
    rule: str
    object_id: str
    evidence: Plain
    since: datetime
    opened_at: datetime
    state: AlertState = AlertState.OPEN
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Plain | None = None
    snoozed: Plain | None = None
    free_since: datetime | None = None

    @property
    def parts(self) -> list[Part]:
        """What it tells, by rule, the first first."""
        also = self.evidence.get("also") or ()
        others = [Part(one["rule"], self.account_id, one["object_id"], one["told"]) for one in also]
        return [Part(self.rule, self.account_id, self.object_id, self.evidence), *others]


DELETED, LOST_THREAD = "message_not_found", "thread_not_found"  # Slack's words
CARD = "alert:"  # how the outbox keys of cards begin
NAMES = [field.name for field in fields(Alert)]


def with_id(session: Session, alert_id: str) -> Alert | None:
    return next(iter(with_ids(session, [alert_id])), None)


def live(session: Session) -> list[Alert]:
    """All that are not closed, oldest first."""
    return _read(session, alerts.c.state != AlertState.CLOSED)


def claimed_by(session: Session, user: str) -> list[Alert]:
    """Those that a person is on, oldest first."""
    return _read(session, alerts.c.state == AlertState.CLAIMED, alerts.c.claimed_by == user)


def closed_since(session: Session, since: datetime) -> list[Alert]:
    """Those that were closed at an instant or later, in the order in which they were."""
    found = _read(session, alerts.c.state == AlertState.CLOSED, alerts.c.closed_at >= since)
    return sorted(found, key=lambda alert: (alert.closed_at or alert.opened_at, alert.id))


def live_of_account(session: Session, account_id: str) -> list[Alert]:
    return _read(session, alerts.c.account_id == account_id, alerts.c.state != AlertState.CLOSED)


LIVE_AND_CARDED = (  # made once: to make it takes longer than to run it
    select(*(alerts.c[name] for name in NAMES), exists().where(outbox.c.alert_id == alerts.c.id))
    .where(alerts.c.account_id == bindparam("account"), alerts.c.state != AlertState.CLOSED)
    .order_by(alerts.c.opened_at, alerts.c.id)
)


def live_and_carded(session: Session, account_id: str) -> tuple[list[Alert], frozenset[str]]:
    """Those of an account that are not closed, oldest first, and the ids of those that have a card somewhere."""
    rows = session.connection().execute(LIVE_AND_CARDED, {"account": account_id}).all()
    found = [Alert(**dict(zip(NAMES, row, strict=False))) for row in rows]
    return found, frozenset(alert.id for alert, row in zip(found, rows, strict=True) if row[-1])


def of_account(session: Session, account_id: str) -> list[Alert]:
    """All there ever were of an account, the newest first."""
    return _read(session, alerts.c.account_id == account_id)[::-1]


def times(session: Session, account_ids: Collection[str]) -> dict[str, list[tuple[datetime, datetime | None]]]:
    """When the alerts of these accounts were opened and closed, of those that had any."""
    columns = (alerts.c.account_id, alerts.c.opened_at, alerts.c.closed_at)
    theirs = select(*columns).where(one_of(session, alerts.c.account_id, account_ids))
    found: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for account_id, opened, closed in session.connection().execute(theirs):
        found.setdefault(account_id, []).append((opened, closed))
    return found


def with_causes(session: Session, cause_keys: Sequence[str]) -> dict[str, Alert]:
    """The alerts of these causes by cause key, closed ones too."""
    found: dict[str, Alert] = {}
    for part in batches(cause_keys):
        found |= {alert.cause_key: alert for alert in _read(session, alerts.c.cause_key.in_(part))}
    return found


def latest(session: Session, account_ids: Sequence[str]) -> dict[str, Alert]:
    """The newest alert of each of these accounts, closed ones too."""
    found: dict[str, Alert] = {}
    for part in batches(account_ids):
        found |= {alert.account_id: alert for alert in _read(session, alerts.c.account_id.in_(part))}
    return found


def with_ids(session: Session, ids: Sequence[str]) -> list[Alert]:
    return [alert for part in batches(ids) for alert in _read(session, alerts.c.id.in_(part))]


def card_key(alert: Alert, channel_id: str) -> str:
    """The outbox key of an alert's card in a channel."""
    return f"{CARD}{alert.cause_key}:{channel_id}"


def without_card(session: Session, keys: Sequence[str]) -> list[str]:
    """Those of the cards' outbox keys under which nothing was written yet."""
    written: set[str] = set()
    for part in batches(keys):
        written |= set(session.connection().execute(select(outbox.c.key).where(outbox.c.key.in_(part))).scalars())
    return [key for key in keys if key not in written]


def written(session: Session, found: Sequence[Alert]) -> dict[str, list[Card]]:
    """By alert id its cards, in channels and direct messages, whether they are posted yet or not."""
    cards: defaultdict[str, list[Card]] = defaultdict(list)
    wanted = select(outbox.c.alert_id, outbox.c.key, outbox.c.channel_id, outbox.c.created_at).order_by(outbox.c.id)
    for part in batches([alert.id for alert in found]):
        for alert_id, *card in session.connection().execute(wanted.where(outbox.c.alert_id.in_(part))):
            cards[alert_id].append(Card(*card))
    return cards


def account_of_card(session: Session, channel_id: str, ts: str) -> str | None:
    """The account that the card with this ts in a channel is about."""
    stands = outbox.c.channel_id == channel_id, outbox.c.ts == ts
    wanted = select(alerts.c.account_id).join(outbox, outbox.c.alert_id == alerts.c.id).where(*stands)
    return session.connection().execute(wanted).scalar()


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


def add(session: Session, alert: Alert) -> bool:
    """Open an alert; False when its cause has one already."""
    return insert_new(session, AlertRow, asdict(alert))


def claim(session: Session, alert_id: str, user: str, now: datetime) -> bool:
    """Put a person on an open alert; False when somebody is on it, it is closed, or there is no such alert."""
    changed = session.connection().execute(
        alerts.update()
        .where(alerts.c.id == alert_id, alerts.c.state == AlertState.OPEN)
        .values(state=AlertState.CLAIMED, claimed_by=user, claimed_at=now)
    )
    return changed.rowcount == 1


def lapse(session: Session, alert_id: str, now: datetime) -> None:
    """Nobody is on a claimed alert any more."""
    free = {"state": AlertState.OPEN, "claimed_by": None, "claimed_at": None, "free_since": now}
    claimed = alerts.update().where(alerts.c.id == alert_id, alerts.c.state == AlertState.CLAIMED)
    session.connection().execute(claimed.values(free))


def snooze(session: Session, alert_id: str, snoozed: Plain) -> bool:
    """Quieten an alert; False when it is closed, or there is no such alert."""
    living = alerts.update().where(alerts.c.id == alert_id, alerts.c.state != AlertState.CLOSED)
    return session.connection().execute(living.values(snoozed=snoozed)).rowcount == 1


def wake(session: Session, alert_id: str, now: datetime) -> bool:
    """End a snooze; False when the alert is closed, or there is no such alert."""
    living = alerts.update().where(alerts.c.id == alert_id, alerts.c.state != AlertState.CLOSED)
    return session.connection().execute(living.values(snoozed=None, free_since=now)).rowcount == 1


def renew(session: Session, alert_id: str, part: Part, since: datetime) -> None:
    """Give the evidence as it now stands: another attempt failed, another invoice joined."""
    values = {"rule": part.rule, "object_id": part.object_id, "evidence": part.told, "since": since}
    session.connection().execute(alerts.update().where(alerts.c.id == alert_id).values(values))


def close(session: Session, alert_id: str, outcome: Plain, now: datetime) -> None:
    values = {"state": AlertState.CLOSED, "outcome": outcome, "closed_at": now}
    session.connection().execute(alerts.update().where(alerts.c.id == alert_id).values(values))


def reopen(session: Session, alert_id: str, part: Part, since: datetime, now: datetime, *, anew: bool) -> None:
    """Open a closed alert whose account is in trouble again.

    Who was on it still is, and a snooze goes on, unless it starts `anew`.
    """
    claimed, free = (literal_of(alerts.c.state, state) for state in (AlertState.CLAIMED, AlertState.OPEN))
    state = free if anew else case((alerts.c.claimed_by.is_not(None), claimed), else_=free)
    nobody = {"claimed_by": None, "claimed_at": None, "snoozed": None} if anew else {}
    session.connection().execute(
        alerts.update()
        .where(alerts.c.id == alert_id)
        .values(
            state=state,
            rule=part.rule,
            object_id=part.object_id,
            evidence=part.told,
            since=since,
            closed_at=None,
            outcome=None,
            free_since=now,
            **nobody,
        )
    )


def _read(session: Session, *where: ColumnElement[bool]) -> list[Alert]:
    rows = session.connection().execute(
        select(*(alerts.c[name] for name in NAMES)).where(*where).order_by(alerts.c.opened_at, alerts.c.id)
    )
    return [Alert(**dict(zip(NAMES, row, strict=True))) for row in rows]
