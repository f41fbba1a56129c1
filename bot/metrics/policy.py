"""Which definition of MRR and churn is in force; no two vendors agree, so Kahvi names its own and lets it be set."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from bot.errors import PolicyError
from bot.metrics import axes as a
from bot.metrics.axes import Kind
from bot.spelling import OF_FEW, nearest, nearest_of

CUSTOM = "+custom"


def _merging(minutes: str) -> str:
    if minutes == "0":
        return "Subscriptions of one account count as begun together when they begin on one day."
    return f"A subscription begun within {minutes} minutes of an earlier one of its account counts from that one's day."


def _coming_back(days: str) -> str:
    if days == "0":
        return "Whoever comes back after leaving is a reactivation, however long they were away."
    return f"Whoever comes back within {days} days of leaving is a reactivation, later a new customer."


def axis(default: Any, title: str, kind: Kind | None = None, *, ledger: bool = True) -> Any:
    """A field of the policy; `ledger` says that the movements depend on it, not only what is counted from them."""
    kind = kind or a.Words(type(default))
    return field(default=default, metadata={"title": title, "kind": kind, "ledger": ledger})


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsPolicy:
    """Every choice that MRR and churn depend on: one field per axis, listed in `AXES`.

    `assumed` are the axes whose value is Kahvi's own, because what the policy's vendor does is not known.
    """

    name: str = "kahvi"
    assumed: frozenset[str] = frozenset()

    basis: a.Basis = axis(a.Basis.SUBSCRIPTION, "What MRR is read from")
    recurring_discounts: a.RecurringDiscounts = axis(a.RecurringDiscounts.FOREVER_ONLY, "Discounts that repeat")
    once_discounts: a.OnceDiscounts = axis(a.OnceDiscounts.IGNORE, "Discounts on one bill")
    annual: a.Annual = axis(a.Annual.MONTHS_IN_PERIOD, "Yearly prices")
    week_factor: Decimal = axis(
        Decimal(52) / 12,
        "Weeks in a month",
        a.Number(1, 9, lambda n: f"A weekly price counts {n} times a month.", [Decimal(52) / 12, Decimal(4)]),
    )
    day_factor: Decimal = axis(
        Decimal(365) / 12,
        "Days in a month",
        a.Number(1, 99, lambda n: f"A daily price counts {n} times a month.", [Decimal(365) / 12, Decimal(30)]),
    )
    churn_date: a.ChurnDate = axis(a.ChurnDate.ON_END, "When a cancellation counts")
    trials: a.Trials = axis(a.Trials.OUT, "Trials")
    unpaid_first_invoice: a.FirstInvoice = axis(a.FirstInvoice.IN, "First invoice unpaid")
    past_due: a.PastDue = axis(a.PastDue(), "Failed payments", a.Dunning())
    unpaid: a.Unpaid = axis(a.Unpaid.CHURN, "Unpaid subscriptions")
    pause: a.Pause = axis(a.Pause.FOLLOW_STATUS, "Paused subscriptions")
    metered: a.Metered = axis(a.Metered.OUT, "Metered usage")
    one_off: a.OneOff = axis(a.OneOff.OUT, "One-off items")
    tax: a.Tax = axis(a.Tax.OUT, "Tax")
    refunds: a.Refunds = axis(a.Refunds.IGNORE, "Refunds")
    credit_notes: a.CreditNotes = axis(a.CreditNotes.IGNORE, "Credit notes")
    zero_mrr_customer: a.ZeroMrr = axis(a.ZeroMrr.CHURNED, "Customers worth nothing")
    one_of_many_cancelled: a.OneOfMany = axis(
        a.OneOfMany.CONTRACTION, "One of several subscriptions ends", ledger=False
    )
    merge_window_min: int = axis(
        0,
        "Subscriptions begun together",
        a.Number(0, 1440, _merging, [0, 60]),
    )
    proration: a.Proration = axis(a.Proration.IGNORE, "Prorated lines")
    reactivation_gap_days: int = axis(0, "Coming back", a.Number(0, 3650, _coming_back, [0, 90]))
    fx_rate: a.FxRate = axis(a.FxRate.DAILY, "Exchange rate")
    fx_drift: a.FxDrift = axis(a.FxDrift.OWN_LINE, "Moves of exchange rates", ledger=False)
    same_window_new_churn: a.NewAndChurned = axis(a.NewAndChurned.BOTH, "Came and left in one month", ledger=False)
    churn_denominator: a.ChurnDenominator = axis(
        a.ChurnDenominator.START_PLUS_NEW, "Whom churn is measured against", ledger=False
    )
    churn_window: a.ChurnWindow = axis(a.ChurnWindow.ROLLING_30D, "Window of churn", ledger=False)
    annual_churn_window: a.AnnualChurnWindow = axis(
        a.AnnualChurnWindow.SAME, "Window of churn of yearly subscriptions", ledger=False
    )
    contraction_in_churned_mrr: bool = axis(
        True,
        "Contraction in churned MRR",
        a.YesNo(
            yes="Churned MRR holds what shrinking customers took away too.",
            no="Churned MRR holds only what customers who left took away.",
        ),
        ledger=False,
    )
    reactivation_in_net_churn: bool = axis(
        False,
        "Coming back in net churn",
        a.YesNo(
            yes="Customers who come back lower net MRR churn.",
            no="Customers who come back do not lower net MRR churn.",
        ),
        ledger=False,
    )
    reactivation_in_quick_ratio: bool = axis(
        False,
        "Coming back in the quick ratio",
        a.YesNo(
            yes="Customers who come back are a gain in the quick ratio.",
            no="The quick ratio leaves customers who come back out.",
        ),
        ledger=False,
    )
    trial_conversion_base: a.TrialBase = axis(
        a.TrialBase.ENDED, "What trial conversion is measured against", ledger=False
    )

    @property
    def preset(self) -> str:
        """The name of the preset that it began as."""
        return self.name.removesuffix(CUSTOM)

    @property
    def needs_fates(self) -> bool:
        """Whether a past cannot be told without what became of invoices."""
        return (
            self.basis is not a.Basis.SUBSCRIPTION
            or self.churn_date is a.ChurnDate.ON_SERVICE_END
            or self.unpaid_first_invoice is a.FirstInvoice.OUT
            or self.past_due.days is not None
            or self.pause is a.Pause.ZERO
            or self.tax is a.Tax.IN
            or self.refunds is not a.Refunds.IGNORE
            or self.credit_notes is not a.CreditNotes.IGNORE
        )

    @property
    def needs_other_lines(self) -> bool:
        """Whether lines of usage or one-off items count."""
        return self.metered is not a.Metered.OUT or self.one_off is not a.OneOff.OUT

    @property
    def follows_bills(self) -> bool:
        """Whether a subscription may be worth something else when a billed period ends, without any news of it."""
        return self.needs_fates or self.needs_other_lines or self.once_discounts is not a.OnceDiscounts.IGNORE

    @property
    def ledger_key(self) -> str:
        """What the movements depend on, as text: two policies that share it share a ledger."""
        return " ".join(f"{one.name}={one.write(self)}" for one in AXES.values() if one.ledger)


@dataclass(frozen=True, slots=True)
class Axis:
    """One choice of a policy: what it is about, what it may be set to, and whether movements depend on it."""

    name: str
    title: str
    kind: Kind
    ledger: bool

    def value(self, policy: MetricsPolicy) -> Any:
        return getattr(policy, self.name)

    def write(self, policy: MetricsPolicy) -> str:
        """The value as it is typed."""
        return typed(self.value(policy))

    def sentence(self, policy: MetricsPolicy) -> str:
        """What the policy does here, in one plain sentence."""
        return self.kind.say(self.value(policy))

    def read(self, word: str) -> Any:
        """The value of a typed word; PolicyError names the words that may be typed."""
        try:
            return self.kind.read(word)
        except ValueError:
            near = nearest(word, self.kind.words)
            meant = f"did you mean {near}? It takes" if near else "it takes"
            raise PolicyError(f"{word!r} is no value of {self.name}; {meant} {_listed(self.kind.words)}.") from None


AXES: Mapping[str, Axis] = {
    one.name: Axis(one.name, one.metadata["title"], one.metadata["kind"], one.metadata["ledger"])
    for one in fields(MetricsPolicy)
    if one.metadata
}
KAHVI = MetricsPolicy()


def axis_named(name: str) -> Axis:
    """The axis of this name; PolicyError names the nearest ones."""
    if name in AXES:
        return AXES[name]
    near = nearest_of(name, AXES, 3, OF_FEW) or sorted(AXES)
    raise PolicyError(f"{name!r} is no axis of a policy; the nearest are {_listed(near)}.")


def typed(value: Any) -> str:
    """A value of an axis as it is typed."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _listed(words: Any) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else str(last)
