"""Subscriptions with planned changes, read whatever the account."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session

from storage.facts import Schedule, Status
from storage.tables import ScheduleRow, SubscriptionRow
from storage.upsert import table_of

_schedule, _subscription = table_of(ScheduleRow), table_of(SubscriptionRow)
NAMES = tuple(Schedule.__dataclass_fields__)
OVER = (Status.ENDED, Status.NEVER_STARTED)


def live_schedules(session: Session) -> list[Schedule]:
    """The schedules that still plan something, in order of id."""
    rows = session.connection().execute(
        select(*(_schedule.c[name] for name in NAMES)).where(_schedule.c.live).order_by(_schedule.c.id)
    )
    return [Schedule(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def subscriptions_that_end(session: Session, after: datetime) -> list[str]:
    """The ids of subscriptions whose end is planned for after an instant."""
    rows = session.connection().execute(
        select(_subscription.c.id)
        .where(
            or_(_subscription.c.cancel_at > after, _subscription.c.ended_at > after),
            _subscription.c.status.not_in(OVER),
        )
        .order_by(_subscription.c.id)
    )
    return list(rows.scalars())
