"""Movements of MRR and their sums, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from storage.states import INVOLUNTARY, Cause, MovementKind

COMES = (MovementKind.NEW, MovementKind.REACTIVATION)
WHOLE = ""  # the label of everything, where nothing is divided


class Movement(NamedTuple):
    """A change of one subscription's MRR at one price on one local day; see `storage.tables.MovementRow`."""

    account_id: str
    day: date
    subscription_id: str
    price_id: str
    product_id: str
    currency: str
    kind: MovementKind
    amount: int
    accounts: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class DaySum:
    """By how much a day moved MRR in one currency under a label, and how many accounts came and left.

    Where a slice splits accounts, one counts under the label of one of its rows: ask `customers` for how many pay.
    """

    label: str
    day: date
    currency: str
    amount: int
    came: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class NettingRule:
    """How a window is netted: two choices of a policy.

    `passing`: who comes and leaves inside counts as both, else as neither where that was in one calendar month.
    `parts_churn`: what an account that stays loses with one of its subscriptions is churned, else contraction.
    """

    passing: bool = True
    parts_churn: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What a day of a window moved in stays that are not simply new business, or with a subscription that ended.

    `began` and `ended` say whether they did so inside the window, `coming` how they began; `last` is the day on which
    one ends, `involuntary` whether by failed payment. `came` and `left` are accounts.
    """

    label: str
    day: date
    currency: str
    began: bool
    ended: bool
    coming: MovementKind
    last: bool
    involuntary: bool
    amount: int
    came: int
    left: int


@dataclass(frozen=True, slots=True)
class Stayed:
    """What accounts that were there at both ends of a window did alike on one day: all grew, or all shrank."""

    label: str
    day: date
    currency: str
    amount: int
    grew: bool


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """A row of the ledger of an account that is left to be netted; in order of account and day."""

    account_id: str
    day: date
    label: str
    currency: str
    kind: MovementKind
    cause: Cause
    amount: int
    accounts: int
    price_id: str = ""
    subscription_id: str = ""

    @property
    def involuntary(self) -> bool:
        """Whether it was a failed payment."""
        return self.cause in INVOLUNTARY


@dataclass(frozen=True, slots=True)
class WindowSums:
    """All that moved in a window on its `days`, and which of it is not new business that stayed.

    That is what turned, what accounts did that were there at both ends, and the rows of accounts still to be netted.
    """

    days: Sequence[DaySum]
    turns: Sequence[Turn]
    stayed: Sequence[Stayed]
    tangled: Sequence[LabelledRow]


class Carried(NamedTuple):
    """What tells accounts apart that moved: their plan and place, and why they left as billing heard it.

    `reason` is empty for who stays or is lost to a failed payment, `name` where several accounts are meant.
    """

    plan: str = ""
    place: str = ""
    reason: str = ""
    name: str = ""


class Turned(NamedTuple):
    """A row by which an account came or left."""

    account_id: str
    day: date
    kind: MovementKind
    currency: str
    amount: int
    cause: Cause
    price_id: str
    subscription_id: str

    @property
    def involuntary(self) -> bool:
        """Whether it left by failed payment."""
        return self.kind is MovementKind.CHURN and self.cause in INVOLUNTARY


class CohortSum(NamedTuple):
    """What the accounts of a cohort did in a month, under their accounts' label.

    `cohort` is the first day of the month in which they first paid, `month` that of the movements; `day` is None for
    money in the base. `members` are the accounts whose first day is in it, and `first` is what they paid on it.
    """

    label: str
    cohort: date
    month: date
    currency: str
    day: date | None
    amount: int
    first: int
    members: int
    customers: int


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What one account's MRR in one currency did over a window, netted.

    `before` is its MRR in that currency at the window's start, `kind` that of the whole account over the window,
    `cause` the one that carries most of it, `parts` the movements by day that make the amount.
    """

    account_id: str
    currency: str
    before: int
    amount: int
    kind: MovementKind
    cause: Cause
    parts: tuple[tuple[date, int], ...]
