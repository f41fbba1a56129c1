"""Movements of MRR and their sums, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from storage.states import Cause, MovementKind

COMES = (MovementKind.NEW, MovementKind.REACTIVATION)


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of one subscription's MRR for one product on one local day; see `storage.tables.MovementRow`."""

    account_id: str
    day: date
    subscription_id: str
    product_id: str
    currency: str
    kind: MovementKind
    amount: int
    accounts: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class LedgerDay:
    """What all accounts together moved on one day in one currency and one way; `accounts` counts as in Opening."""

    day: date
    currency: str
    kind: MovementKind
    amount: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Opening:
    """Where things stood before a day: MRR in minor units by currency, and the number of paying accounts.

    Accounts that only ever paid in currencies without an exchange rate are not counted where those were named.
    """

    levels: Mapping[str, int]
    customers: int


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What one account's MRR in one currency did over a window, netted.

    `before` is its MRR in that currency at the window's start, `kind` that of the whole account over the window,
    `cause` that of the movement which carries most of it, `parts` the movements by day that make the amount.
    """

    account_id: str
    currency: str
    before: int
    amount: int
    kind: MovementKind
    cause: Cause
    parts: tuple[tuple[date, int], ...]


def customers_by(kind: MovementKind) -> int:
    """What an account's day of this kind does to the number of customers."""
    if kind in COMES:
        return 1
    return -1 if kind is MovementKind.CHURN else 0
