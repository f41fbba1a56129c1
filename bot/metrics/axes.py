"""The choices on which MRR and churn depend: each value of each axis with the one plain sentence that explains it.

What an axis is called and which value holds without a choice stands in `bot.metrics.policy`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Self


class Choice(StrEnum):
    """A word that may be chosen, and the sentence that says what it does."""

    sentence: str

    def __new__(cls, word: str, sentence: str) -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.sentence = sentence
        return member


class Basis(Choice):
    SUBSCRIPTION = "subscription", "MRR is what subscriptions ask for now; invoices tell what they asked for before."
    INVOICE_LINE = (
        "invoice_line",
        "MRR is what invoices bill that are paid or may be yet, each line over its service period.",
    )
    PAYMENT = "payment", "MRR is what was paid for, each line of an invoice over its service period."
    CHECKED = "checked", "MRR is what subscriptions ask for while an invoice that is paid or may be yet covers the day."


class RecurringDiscounts(Choice):
    IGNORE = "ignore", "Discounts that repeat do not lower MRR."
    FOREVER_ONLY = "forever_only", "Discounts without an end lower MRR; those for some months do not."
    ALL = "all", "Every discount that repeats lowers MRR while it lasts."


class OnceDiscounts(Choice):
    IGNORE = "ignore", "A discount on one bill does not lower MRR."
    SUBTRACT = "subtract", "A discount on one bill lowers MRR for the period of that bill."


class Annual(Choice):
    DIV12 = "div12", "What a yearly price bills counts a twelfth per month, however long the billed period is."
    MONTHS_IN_PERIOD = "months_in_period", "What a yearly price bills is spread over the months of the billed period."


class ChurnDate(Choice):
    ON_REQUEST = "on_request", "A cancelled subscription leaves MRR when leaving was asked for."
    ON_END = "on_end", "A cancelled subscription leaves MRR when it really ends."
    ON_SERVICE_END = "on_service_end", "A cancelled subscription leaves MRR when what was last billed is used up."


class Trials(Choice):
    OUT = "out", "Trials are worth nothing until they end."
    IN = "in", "Trials count with what they will be worth once they end."


class FirstInvoice(Choice):
    IN = "in", "A subscription counts from its first day, even while its first invoice is unpaid."
    OUT = "out", "A subscription counts from the day its first invoice is paid."


class Unpaid(Choice):
    CHURN = "churn", "A subscription given up as unpaid has left."
    IN = "in", "A subscription given up as unpaid stays in MRR until it is cancelled."


class Pause(Choice):
    IN = "in", "A paused subscription keeps its MRR."
    ZERO = "zero", "A paused subscription is worth nothing, whichever way it is paused."
    FOLLOW_STATUS = (
        "follow_status",
        "A paused collection keeps its MRR; a subscription whose status is paused has none.",
    )


class Metered(Choice):
    OUT = "out", "Metered usage is not in MRR."
    AVERAGED = "averaged", "Metered usage counts with the average of its last three bills."


class OneOff(Choice):
    OUT = "out", "One-off items are not in MRR."
    IN_PERIOD = "in_period", "One-off items on a subscription's invoice count over their period, a month at least."


class Tax(Choice):
    OUT = "out", "Tax is not in MRR, whether prices include it or not."
    IN = "in", "Tax is in MRR, as the latest invoice charged it."


class Refunds(Choice):
    IGNORE = "ignore", "Refunds do not lower MRR."
    REDUCE = "reduce", "A refund lowers MRR by its share of the invoice, from its day to the end of the billed period."
    ANNUAL_IMMEDIATE_CHURN = (
        "annual_immediate_churn",
        "Refunding a whole invoice of half a year or more ends what is cancelled on that day; others do not lower MRR.",
    )


class CreditNotes(Choice):
    IGNORE = "ignore", "Credit notes do not lower MRR."
    REDUCE = "reduce", "A credit note lowers MRR by its share of the invoice, over the whole billed period."


class ZeroMrr(Choice):
    CHURNED = "churned", "A customer worth nothing has left, whatever subscription is still there."
    STAYS_ACTIVE = (
        "stays_active",
        "A customer who once paid and is worth nothing now stays one until the subscription ends.",
    )


class OneOfMany(Choice):
    CONTRACTION = "contraction", "Ending one of several subscriptions is contraction."
    CHURN = "churn", "Ending one of several subscriptions is churned MRR; the customer stays."


class NewAndChurned(Choice):
    BOTH = "both", "Who comes and leaves within one month counts as new and as churned."
    NEITHER = "neither", "Who comes and leaves within one calendar month counts neither as new nor as churned."


class Proration(Choice):
    IGNORE = "ignore", "A prorated line dates a change; its level is that of price and quantity."
    FACTOR = "factor", "A prorated line is worth its amount, scaled up to the whole period."


class FxRate(Choice):
    DAILY = "daily", "Amounts in other currencies are worth what the day's exchange rate makes of them."
    PURCHASE = "purchase", "Amounts in other currencies keep the exchange rate of the day the subscription began."


class FxDrift(Choice):
    OWN_LINE = "own_line", "What exchange rates alone do to MRR stands in a line of its own."
    NONE = "none", "Every day is valued by the latest exchange rates, so that these alone move nothing."


class ChurnDenominator(Choice):
    START = "start", "Customer churn is measured against the customers at the window's start."
    START_ALONE = (
        "start_alone",
        "Customer churn is measured against the customers at the window's start, and only of them who left counts.",
    )
    START_PLUS_NEW = (
        "start_plus_new",
        "Customer churn is measured against the customers at the window's start and those who came within it.",
    )


class ChurnWindow(Choice):
    ROLLING_30D = "rolling_30d", "Churn is that of the last 30 days."
    CALENDAR_MONTH = "calendar_month", "Churn is that of the last whole calendar month."


class AnnualChurnWindow(Choice):
    SAME = "same", "Churn of yearly subscriptions is that of the same days as all other churn."
    YEAR = "365d", "Where only yearly subscriptions are asked for (billing:yearly), churn is that of the last 365 days."


class TrialBase(Choice):
    ENDED = "ended", "Trial conversion is measured against the trials that ended within the window."
    SAME_WINDOW_NEW = "same_window_new", "Trial conversion is measured against the trials that began within the window."


@dataclass(frozen=True, slots=True)
class PastDue:
    """For how long a failed payment leaves MRR as it is: `days`, 0 for not at all, None for as long as it lasts."""

    days: int | None = None

    def __str__(self) -> str:
        if self.days is None:
            return "in"
        return f"in_days({self.days})" if self.days else "out"


class Kind(ABC):
    """What an axis may be set to: `words` are the values as they are typed, `read` raises ValueError for others.

    `samples` are values enough to explain it by.
    """

    words: Sequence[str]
    samples: Sequence[Any]

    @abstractmethod
    def read(self, text: str) -> Any: ...

    @abstractmethod
    def say(self, value: Any) -> str:
        """The sentence of a value."""


class Words(Kind):
    """One of a closed set of words."""

    def __init__(self, choices: type[Choice]) -> None:
        self.samples: Sequence[Choice] = list(choices)
        self.words = [choice.value for choice in choices]

    def read(self, text: str) -> Choice:
        if text not in self.words:
            raise ValueError(text)
        return self.samples[self.words.index(text)]

    def say(self, value: Choice) -> str:
        return value.sentence


class YesNo(Kind):
    def __init__(self, yes: str, no: str) -> None:
        self._sentences = {True: yes, False: no}
        self.words = ["yes", "no"]
        self.samples = [True, False]

    def read(self, text: str) -> bool:
        if text not in self.words:
            raise ValueError(text)
        return text == "yes"

    def say(self, value: bool) -> str:  # noqa: FBT001 - the value is all there is to say
        return self._sentences[value]


class Number(Kind):
    """A number between two, or only whole ones where the samples are; quotients like 52/12 too."""

    def __init__(self, low: int, high: int, sentence: Callable[[str], str], samples: Sequence[Decimal | int]) -> None:
        self._low, self._high, self._sentence = low, high, sentence
        self._whole = isinstance(samples[0], int)
        self.samples = samples
        self.words = [f"{'a whole number' if self._whole else 'a number'} from {low} to {high}"]

    def read(self, text: str) -> Decimal | int:
        try:
            value = _quotient(text)
        except (InvalidOperation, ZeroDivisionError):
            raise ValueError(text) from None
        if not self._low <= value <= self._high or (self._whole and value != value.to_integral_value()):
            raise ValueError(text)
        return int(value) if self._whole else value

    def say(self, value: Decimal | int) -> str:
        shown = str(value) if self._whole else f"{Decimal(value).quantize(Decimal('0.0001')).normalize():f}"
        return self._sentence(shown)


class Dunning(Kind):
    """How long past-due subscriptions count."""

    words = ("in", "in_days(1-90)", "out")
    samples = (PastDue(), PastDue(31), PastDue(0))

    def read(self, text: str) -> PastDue:
        if text in ("in", "out"):
            return PastDue(None if text == "in" else 0)
        days = re.fullmatch(r"in_days\(([1-9][0-9]?)\)", text, re.ASCII)
        if days is None or int(days[1]) > 90:
            raise ValueError(text)
        return PastDue(int(days[1]))

    def say(self, value: PastDue) -> str:
        if value.days is None:
            return "A subscription whose payment failed stays in MRR while the payment is tried again."
        if value.days == 0:
            return "A subscription leaves MRR when a payment fails, and is back when it is paid."
        return f"A subscription whose payment failed leaves MRR after {value.days} days, and is back when it is paid."


def _quotient(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,30})?(/[0-9]{1,9})?", text, re.ASCII):
        raise InvalidOperation
    above, _, below = text.partition("/")
    return Decimal(above) / Decimal(below) if below else Decimal(above)
