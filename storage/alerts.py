"""Alerts: one for all that worries about an account at a time, from the first of its causes to the last."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, select
from sqlmodel import Session

from storage.slices import one_of
from storage.states import AlertState
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


LOCK = "alerts"  # two who change alerts at once would each write a card that does not know of the other
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
