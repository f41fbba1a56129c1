"""Which metrics policy is in force: chosen by a person, kept with who chose it and when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from storage.tables import PolicyRow
from storage.upsert import table_of

policies = table_of(PolicyRow)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A policy as it is written (`stripe once_discounts=subtract`), by whom it was chosen and when."""

    policy: str
    chosen_by: str
    chosen_at: datetime


def in_force(session: Session) -> Chosen | None:
    """The latest choice; None while nobody has chosen."""
    query = select(policies.c.policy, policies.c.chosen_by, policies.c.chosen_at)
    row = session.connection().execute(query.order_by(policies.c.id.desc()).limit(1)).first()
    return Chosen(*row) if row else None


def choose(session: Session, policy: str, by: str, at: datetime) -> None:
    session.connection().execute(policies.insert().values(policy=policy, chosen_by=by, chosen_at=at))
