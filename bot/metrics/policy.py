"""Which definition of MRR and churn is in force; no two vendors agree, so Kahvi names its own and lets it be set."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Discounts(StrEnum):
    """Which discounts lower MRR: none, those without an end, or all that are in force."""

    IGNORE = "ignore"
    FOREVER = "forever"
    ALL = "all"


class ChurnDate(StrEnum):
    """When a cancelled subscription leaves MRR: when it really ends, or when leaving was asked for."""

    ON_END = "on_end"
    ON_REQUEST = "on_request"


@dataclass(frozen=True, slots=True)
class MetricsPolicy:
    """Every choice that MRR and churn depend on.

    `weeks_per_month` and `days_per_month` normalise short intervals. `new_in_churn_base` adds the customers won
    inside the window to the denominator of customer churn (as Stripe does), which keeps it at 100 % or less.
    """

    name: str
    discounts: Discounts = Discounts.FOREVER
    churn_date: ChurnDate = ChurnDate.ON_END
    past_due_counts: bool = True
    unpaid_counts: bool = False
    paused_collection_counts: bool = True
    new_in_churn_base: bool = True
    contraction_in_mrr_churn: bool = True
    weeks_per_month: Decimal = Decimal(52) / 12
    days_per_month: Decimal = Decimal(365) / 12


KAHVI = MetricsPolicy("kahvi")
