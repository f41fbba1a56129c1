"""What Kahvi is told beside billing: signals of accounts, what was spent, and what is planned, as plain values.

`origin` of each says by which way it came ("csv", "record"): what a file says is taken back when the file no longer
says it, what a person recorded stays.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

COMPANY = ""  # in place of an account's id: the company as a whole, or nobody in particular
PLACES = 4  # decimal places that a signal's value keeps


class SpendKind(StrEnum):
    """What money was spent on: keeping customers, or winning them."""

    RETENTION = "retention"
    ACQUISITION = "acquisition"


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation of an account at an instant, such as an NPS answer or a day's active users.

    A flag's value is 1 or 0, a day's the number of `date.toordinal`. `respondent` tells the answers of one moment
    apart: who gave it, or its own id. The same name, account, instant and respondent are the same observation.
    """

    account_id: str
    name: str
    at: datetime
    value: Decimal
    respondent: str = ""
    origin: str = "csv"

    @property
    def key(self) -> tuple[str, str, datetime, str]:
        return self.account_id, self.name, self.at, self.respondent


@dataclass(frozen=True, slots=True)
class Spend:
    """Minor units spent over the local days of [start, end); `note` says on what, and periods of one note are apart."""

    kind: SpendKind
    start: date
    end: date
    amount: int
    currency: str
    note: str = ""
    origin: str = "csv"

    @property
    def days(self) -> int:
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class Target:
    """What a metric is to be in a month, which its first day names.

    `value` is in the metric's own unit: minor units of `currency` for money, a fraction of one for a share, else the
    number. `segment` is empty for the whole company.
    """

    metric: str
    month: date
    value: Decimal
    currency: str | None = None
    segment: str = ""
    origin: str = "csv"
