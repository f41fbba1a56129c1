"""What was charged, paid, given back and given away in a window, in minor units of the base."""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Paid:
    """Payments that succeeded."""

    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Failed:
    """Attempts to charge that failed; one charge that is tried three times may be in it three times."""

    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Recovered:
    """Payments that succeeded after an earlier attempt had failed."""

    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Refunded:
    """Refunds that were not undone."""

    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Disputed:
    """Payments taken back through a bank."""

    amount: Decimal = ZERO
    count: int = 0


@dataclass(frozen=True, slots=True)
class Collected:
    """What invoices brought in; `known` says whether there are any invoices at all."""

    amount: Decimal = ZERO
    known: bool = True


@dataclass(frozen=True, slots=True)
class Discounted:
    """Discounts on issued invoices; `known` says whether there are any invoices at all."""

    amount: Decimal = ZERO
    known: bool = True
