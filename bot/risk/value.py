"""Which accounts are of high value: by their MRR, by their share of all of it, or because a filter names them."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from sqlmodel import Session

from bot.figures.segments import fitting
from bot.risk.settings import RiskSettings
from bot.risk.tuning import Tuning
from storage import risks

HUNDRED = 100


def high_value(
    session: Session,
    worth: Mapping[str, Decimal],
    tuning: Tuning,
    settings: RiskSettings,
    today: date,
    *,
    everybody: Mapping[str, Decimal] | None = None,
) -> set[str]:
    """Those of the accounts of `worth`, minor units of the base; `everybody` is the MRR of all, by default as assessed.

    Raises FilterError where the tuning's words are no filter any more.
    """
    least = settings.tuned(tuning).high_value
    found = {account_id for account_id, amount in worth.items() if amount >= least}
    if tuning.top_share:
        all_of_them = risks.worths(session) if everybody is None else everybody
        found |= worth.keys() & top(all_of_them, tuning.top_share)
    if tuning.named:
        found |= fitting(session, tuning.named, worth.keys(), settings.base, today)
    return found


def top(worth: Mapping[str, Decimal], share: int) -> Collection[str]:
    """The largest accounts that together bring at least so many percent of all MRR."""
    wanted = sum(worth.values(), Decimal(0)) * share / HUNDRED
    found: list[str] = []
    reached = Decimal(0)
    for account_id, amount in sorted(worth.items(), key=lambda one: (-one[1], one[0])):
        if reached >= wanted or amount <= 0:
            break
        found.append(account_id)
        reached += amount
    return set(found)
