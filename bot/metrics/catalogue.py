"""Every figure Kahvi knows, one entry each: the digest, the commands and the docs come from these entries.

To add a metric, write its function and decorate it; nothing else needs to change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.metrics.book import Book
from bot.metrics.policy import MetricsPolicy


class Unit(StrEnum):
    """MONEY is minor units of the base currency, SHARE a fraction of one, COUNT a whole number."""

    MONEY = "money"
    SHARE = "share"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Window:
    """The days of [start, end); a level is taken at the start of `end`."""

    start: date
    end: date

    @classmethod
    def last(cls, days: int, until: date) -> "Window":
        """The `days` whole days before `until`."""
        return cls(until - timedelta(days=days), until)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; nothing is known of a part of nothing."""

    part: Decimal
    whole: Decimal

    @property
    def value(self) -> Decimal | None:
        return self.part / self.whole if self.whole > 0 else None


Value = Callable[[Book, Window, MetricsPolicy], Decimal | None]
Shared = Callable[[Book, Window, MetricsPolicy], Share]


@dataclass(frozen=True, slots=True)
class Metric:
    """`owner` is whose definition it is; the function gives None where the figure cannot be known."""

    id: str
    name: str
    unit: Unit
    definition: str
    formula: str
    owner: str
    value: Value


METRICS: dict[str, Metric] = {}


def metric(id_: str, name: str, unit: Unit, *, formula: str, owner: str = "Kahvi") -> Callable[[Value], Value]:
    """Register a function as a metric; its docstring is the definition."""

    def register(function: Value) -> Value:
        METRICS[id_] = Metric(id_, name, unit, (function.__doc__ or "").strip(), formula, owner, function)
        return function

    return register


def share(id_: str, name: str, *, formula: str, owner: str = "Kahvi") -> Callable[[Shared], Shared]:
    """Register a function that gives part and whole as a metric, whose value is their quotient."""

    def register(function: Shared) -> Shared:
        def value(book: Book, window: Window, policy: MetricsPolicy) -> Decimal | None:
            return function(book, window, policy).value

        value.__doc__ = function.__doc__
        metric(id_, name, Unit.SHARE, formula=formula, owner=owner)(value)
        return function

    return register


@metric("mrr", "MRR", Unit.MONEY, formula="sum of the monthly value of all paying subscriptions", owner="Stripe")
def mrr(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """What all paying subscriptions are worth per month at the window's end, without trials, tax and one-off items."""
    return book.mrr(window.end)


@metric("arr", "ARR", Unit.MONEY, formula="MRR × 12", owner="Baremetrics")
def arr(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """The MRR of the window's end over twelve months."""
    return book.mrr(window.end) * 12


@metric("net_new_mrr", "Net new MRR", Unit.MONEY, formula="new + reactivation + expansion − contraction − churn")
def net_new_mrr(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """What customers' decisions added to MRR in the window; exchange rates are apart."""
    return book.roll(window.start, window.end).net_new


@metric("new_mrr", "New MRR", Unit.MONEY, formula="sum of first MRR", owner="ChartMogul")
def new_mrr(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """MRR of accounts that paid for the first time in the window."""
    return book.roll(window.start, window.end).new


@metric("expansion_mrr", "Expansion MRR", Unit.MONEY, formula="sum of increases", owner="ChartMogul")
def expansion_mrr(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """What paying accounts added: seats, upgrades, second subscriptions, discounts that ended."""
    return book.roll(window.start, window.end).expansion


@metric("contraction_mrr", "Contraction MRR", Unit.MONEY, formula="sum of decreases with MRR left", owner="ChartMogul")
def contraction_mrr(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """What accounts that stay took away: seats, downgrades, one of several subscriptions."""
    return book.roll(window.start, window.end).contraction


@metric("churned_mrr", "Churned MRR", Unit.MONEY, formula="sum of last MRR", owner="ChartMogul")
def churned_mrr(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """MRR of accounts whose last paying subscription ended in the window."""
    return book.roll(window.start, window.end).churn


@metric("reactivation_mrr", "Reactivation MRR", Unit.MONEY, formula="sum of returning MRR", owner="ChartMogul")
def reactivation_mrr(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """MRR of accounts that had left and pay again."""
    return book.roll(window.start, window.end).reactivation


@metric("fx", "Exchange rate effect", Unit.MONEY, formula="end − begin − movements", owner="ChartMogul")
def fx(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """What exchange rates alone did to MRR in the window."""
    return book.roll(window.start, window.end).fx


@metric("customers", "Customers", Unit.COUNT, formula="accounts with MRR above zero", owner="Stripe")
def customers(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal:
    """Accounts that pay at the window's end; several subscriptions of one account count once."""
    return Decimal(book.customers(window.end))


@metric("arpa", "ARPA", Unit.MONEY, formula="MRR ÷ customers", owner="ChartMogul")
def arpa(book: Book, window: Window, _policy: MetricsPolicy) -> Decimal | None:
    """Average MRR of a customer at the window's end."""
    paying = book.customers(window.end)
    return book.mrr(window.end) / paying if paying else None


@share("customer_churn", "Customer churn", formula="churned ÷ (customers at start + new + come back)", owner="Stripe")
def customer_churn(book: Book, window: Window, policy: MetricsPolicy) -> Share:
    """Share of the customers who left in the window; those won and lost inside it count in both."""
    roll = book.roll(window.start, window.end)
    base = roll.customers_begin
    if policy.new_in_churn_base:
        base += roll.customers_new + roll.customers_reactivated
    return Share(Decimal(roll.customers_churned), Decimal(base))


@share("mrr_churn", "MRR churn", formula="(churn + contraction) ÷ MRR at start", owner="ChartMogul")
def mrr_churn(book: Book, window: Window, policy: MetricsPolicy) -> Share:
    """Share of the MRR at the window's start that was lost to leaving and shrinking accounts."""
    roll = book.roll(window.start, window.end)
    lost = roll.churn + (roll.contraction if policy.contraction_in_mrr_churn else 0)
    return Share(lost, roll.begin)


@share("mrr_growth", "MRR growth", formula="MRR at end ÷ MRR at start − 1", owner="Baremetrics")
def mrr_growth(book: Book, window: Window, _policy: MetricsPolicy) -> Share:
    """By how much MRR grew over the window, exchange rates included."""
    begin = book.mrr(window.start)
    return Share(book.mrr(window.end) - begin, begin)
