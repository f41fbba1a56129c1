"""What a tuning would change, before it is chosen."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.clock import local_day
from bot.risk.evidence import gather
from bot.risk.score import assess
from bot.risk.settings import RiskSettings
from bot.risk.triggers import has_serious_failure
from bot.risk.tuning import Tuning
from bot.risk.value import high_value
from storage import alerts


@dataclass(frozen=True, slots=True)
class Preview:
    """How many accounts would have a card by a tuning, how many of them have none now, and how many have one too many.

    `accounts` is how many were looked at.
    """

    alerted: int
    new: int
    gone: int
    accounts: int


def preview(session: Session, settings: RiskSettings, tuning: Tuning, now: datetime) -> Preview:
    """Try a tuning on all accounts as they are. Raises FilterError for words that are no filter."""
    found = gather(session, settings.base, settings.zone, now)
    worth = {account.account_id: account.worth for account in found.values() if account.worth is not None}
    valuable = high_value(session, worth, tuning, settings, local_day(now, settings.zone), everybody=worth)
    wanted, kept = set(), set()
    for account in found.values():
        risk = assess(account, tuning.points)
        serious = has_serious_failure(account.receivables, tuning)
        if account.account_id in valuable and (risk.score >= tuning.alert_from or risk.hard or serious):
            wanted.add(account.account_id)
        if risk.score >= tuning.close_below or risk.hard or serious:
            kept.add(account.account_id)  # falling below high value closes no card
    standing = {alert.account_id for alert in alerts.live(session)}
    return Preview(len(wanted), len(wanted - standing), len(standing - kept), len(found))
