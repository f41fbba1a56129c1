"""How people, and the past, tuned the risk rules, where cards go, who may what, and who is a good customer.

The latest choice is in force, older ones are kept.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from storage.tables import TuningRow
from storage.upsert import table_of

tunings = table_of(TuningRow)
RULES, ROUTES, CALIBRATION, RECOVERY = "rules", "routes", "calibration", "recovery"
ACCESS, ICP = "access", "icp"
BY_ITSELF = "kahvi"  # who chose what was learned from the past


@dataclass(frozen=True, slots=True)
class Chosen:
    """A tuning as plain values, by whom it was chosen and when."""

    tuning: dict[str, Any]
    chosen_by: str
    chosen_at: datetime


def in_force(session: Session, subject: str = RULES) -> Chosen | None:
    """The latest choice; None while nobody has chosen."""
    return next(iter(latest(session, 1, subject)), None)


def latest(session: Session, most: int, subject: str = RULES) -> list[Chosen]:
    """The last choices, the latest first."""
    query = select(tunings.c.tuning, tunings.c.chosen_by, tunings.c.chosen_at).where(tunings.c.subject == subject)
    return [Chosen(*row) for row in session.connection().execute(query.order_by(tunings.c.id.desc()).limit(most))]


def choose(session: Session, tuning: dict[str, Any], by: str, at: datetime, subject: str = RULES) -> None:
    values = {"subject": subject, "tuning": tuning, "chosen_by": by, "chosen_at": at}
    session.connection().execute(tunings.insert().values(values))
