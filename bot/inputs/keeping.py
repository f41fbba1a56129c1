"""Keeping signals: the accounts that they tell of are assessed again."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from storage import risks, signals
from storage.inputs import COMPANY, Signal


def keep(session: Session, found: Sequence[Signal], now: datetime) -> None:
    """Keep observations, whichever way they came."""
    signals.store(session, found, now)
    risks.touch(session, {one.account_id for one in found} - {COMPANY})
