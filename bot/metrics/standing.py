"""How paying accounts and subscriptions stand at the end of a window; MRR in minor units of the base."""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Subscribed:
    """How many subscriptions have MRR."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class FirstMrr:
    """The first MRR of the accounts that came in the window, before they grew."""

    amount: Decimal = ZERO
    accounts: int = 0


@dataclass(frozen=True, slots=True)
class Largest:
    """The MRR of the ten accounts with the most of it, beside the `mrr` of all and how many pay any."""

    amount: Decimal = ZERO
    mrr: Decimal = ZERO
    customers: int = 0


@dataclass(frozen=True, slots=True)
class Scheduled:
    """MRR of subscriptions that are to end; `known` only for the present, as billing keeps no past plans."""

    ending: Decimal = ZERO
    known: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """What phases of schedules are to add to MRR; `known` as for Scheduled."""

    change: Decimal = ZERO
    known: bool = True


@dataclass(frozen=True, slots=True)
class Renewing:
    """MRR of terms of half a year or more that end in the next 30 and 90 days and go on; `known` as for Scheduled."""

    days_30: Decimal = ZERO
    days_90: Decimal = ZERO
    known: bool = True


@dataclass(frozen=True, slots=True)
class AtRisk:
    """MRR of the accounts with an open alert."""

    amount: Decimal = ZERO
