"""What billing heard from accounts that left, and when their stays had begun."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session

from storage.facts import CancelKind
from storage.slices import movements, one_of
from storage.tables import SubscriptionRow
from storage.upsert import table_of

subscriptions = table_of(SubscriptionRow)
m = movements.c


def began(session: Session, account_ids: Collection[str]) -> dict[tuple[str, date], date]:
    """The first day of each stay that ended, by account and its last day."""
    stay = (m.account_id, m.stay_end, m.stay_start)
    over = select(*stay).where(one_of(session, m.account_id, account_ids), m.stay_end.is_not(None)).distinct()
    return {(account_id, end): start for account_id, end, start in session.connection().execute(over)}


def heard(session: Session, account_ids: Collection[str]) -> list[tuple[str, str | None, CancelKind | None]]:
    """(account id, the source's word for the reason, how it was cancelled), those that ended last at the end."""
    s = subscriptions.c
    rows = session.connection().execute(
        select(s.account_id, s.cancel_reason, s.cancel_kind)
        .where(
            one_of(session, s.account_id, account_ids), or_(s.cancel_reason.is_not(None), s.cancel_kind.is_not(None))
        )
        .order_by(s.account_id, s.ended_at.is_(None).desc(), s.ended_at, s.id)
    )
    return [(account_id, word, kind) for account_id, word, kind in rows]
