"""Accounts in their first ninety days that are behind: with their onboarding steps, or without a first key action.

By day 7 a quarter of the steps should be done, by day 14 half, by day 30 all; and the key feature used by day 7. Of an
account that nothing was told about, nothing is said.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from bot.risk.whose import Whose, theirs
from storage import risks, signs
from storage.accounts import called
from storage.accounts.called import Called

FIRST_DAYS = timedelta(days=90)
MILESTONES = ((30, Decimal(1)), (14, Decimal("0.5")), (7, Decimal("0.25")))  # by that day so much of the steps
ACTIVE_BY = 7  # days
DONE, TOTAL = "onboarding_step_done", "onboarding_total"
KEY = ("key_feature_days_28d", "active_users", "monthly_active_users")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account on its `age`-th day; `done` of `total` steps where both were told, `active` whether it used the key
    feature, None where nothing was told of that. `worth` is its MRR in minor units of the base.
    """

    account_id: str
    name: str
    owner_email: str | None
    worth: Decimal
    age: int
    done: int | None
    total: int | None
    active: bool | None

    @property
    def is_behind(self) -> bool:
        return self.lacks_steps or self.lacks_use

    @property
    def lacks_steps(self) -> bool:
        if self.done is None or not self.total:
            return False
        wanted = next((share for day, share in MILESTONES if self.age >= day), Decimal(0))
        return self.done < wanted * self.total

    @property
    def lacks_use(self) -> bool:
        return self.active is False and self.age >= ACTIVE_BY


@dataclass(frozen=True, slots=True)
class Watch:
    """Those that are behind, with most MRR first; of `newcomers` in all nothing was told of `silent`."""

    behind: Sequence[Newcomer]
    newcomers: int
    silent: int


def watch(session: Session, whose: Whose, base: str, today: date, now: datetime) -> Watch:
    """Of all accounts in their first ninety days, or of some of them. Raises FilterError for no filter."""
    came = signs.first_days(session, today - FIRST_DAYS)
    among = theirs(session, whose, came.keys, base, today)
    came = came if among is None else {one: came[one] for one in came.keys() & set(among)}
    told: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    for one in signs.told(session, (DONE, TOTAL, *KEY), now - FIRST_DAYS, came.keys()):
        told[one.account_id][one.name] = one.value
    names, worth = called.names(session, came.keys()), risks.worths(session)
    found = [
        _newcomer(one, names[one], worth[one], (today - day).days, told[one])
        for one, day in came.items()
        if one in told and one in worth
    ]
    behind = sorted((one for one in found if one.is_behind), key=lambda one: (-one.worth, one.account_id))
    paying = came.keys() & worth.keys()
    return Watch(behind, len(paying), len(paying - told.keys()))


def _newcomer(account_id: str, named: Called, worth: Decimal, age: int, told: dict[str, Decimal]) -> Newcomer:
    used = [told[name] > 0 for name in KEY if name in told]
    both = DONE in told and TOTAL in told
    done, total = (int(told[DONE]), int(told[TOTAL])) if both else (None, None)
    return Newcomer(account_id, *named, worth, age, done=done, total=total, active=any(used) if used else None)
