"""The policies that have a name: Kahvi's own, and what is known of how vendors count.

A preset names only what its vendor says, or what its code shows. Everything else takes Kahvi's value and is marked
as assumed. Where a vendor leaves an axis to its users, the preset has what holds there before anybody chooses.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.errors import PolicyError
from bot.metrics import axes as a
from bot.metrics.policy import AXES, CUSTOM, KAHVI, MetricsPolicy, axis_named
from bot.spelling import OF_FEW, nearest


def _preset(name: str, **known: Any) -> MetricsPolicy:
    return MetricsPolicy(name=name, assumed=frozenset(AXES.keys() - known.keys()), **known)


STRIPE = _preset(
    "stripe",
    basis=a.Basis.SUBSCRIPTION,
    recurring_discounts=a.RecurringDiscounts.FOREVER_ONLY,
    once_discounts=a.OnceDiscounts.IGNORE,
    annual=a.Annual.DIV12,
    churn_date=a.ChurnDate.ON_REQUEST,
    trials=a.Trials.OUT,
    unpaid_first_invoice=a.FirstInvoice.IN,
    past_due=a.PastDue(),
    unpaid=a.Unpaid.CHURN,
    metered=a.Metered.OUT,
    tax=a.Tax.OUT,
    zero_mrr_customer=a.ZeroMrr.CHURNED,
    one_of_many_cancelled=a.OneOfMany.CONTRACTION,
    same_window_new_churn=a.NewAndChurned.BOTH,
    proration=a.Proration.IGNORE,
    fx_drift=a.FxDrift.OWN_LINE,
    churn_denominator=a.ChurnDenominator.START_PLUS_NEW,
    churn_window=a.ChurnWindow.ROLLING_30D,
    contraction_in_churned_mrr=True,
    trial_conversion_base=a.TrialBase.ENDED,
)
CHARTMOGUL = _preset(
    "chartmogul",
    basis=a.Basis.INVOICE_LINE,
    recurring_discounts=a.RecurringDiscounts.ALL,
    once_discounts=a.OnceDiscounts.SUBTRACT,
    annual=a.Annual.MONTHS_IN_PERIOD,
    churn_date=a.ChurnDate.ON_END,
    trials=a.Trials.OUT,
    past_due=a.PastDue(),
    pause=a.Pause.IN,
    one_off=a.OneOff.OUT,
    tax=a.Tax.OUT,
    zero_mrr_customer=a.ZeroMrr.STAYS_ACTIVE,
    one_of_many_cancelled=a.OneOfMany.CONTRACTION,
    same_window_new_churn=a.NewAndChurned.BOTH,
    merge_window_min=60,
    proration=a.Proration.FACTOR,
    fx_drift=a.FxDrift.OWN_LINE,
    churn_denominator=a.ChurnDenominator.START_ALONE,
    contraction_in_churned_mrr=True,
    reactivation_in_net_churn=True,
)
PROFITWELL = _preset(
    "profitwell",
    basis=a.Basis.PAYMENT,
    recurring_discounts=a.RecurringDiscounts.ALL,
    once_discounts=a.OnceDiscounts.SUBTRACT,
    annual=a.Annual.DIV12,
    churn_date=a.ChurnDate.ON_END,
    trials=a.Trials.OUT,
    past_due=a.PastDue(),
    unpaid=a.Unpaid.CHURN,
    pause=a.Pause.ZERO,
    one_off=a.OneOff.OUT,
    tax=a.Tax.OUT,
    refunds=a.Refunds.ANNUAL_IMMEDIATE_CHURN,
    zero_mrr_customer=a.ZeroMrr.CHURNED,
    same_window_new_churn=a.NewAndChurned.NEITHER,
    reactivation_gap_days=0,
    fx_rate=a.FxRate.PURCHASE,
)
BAREMETRICS = _preset(
    "baremetrics",
    basis=a.Basis.CHECKED,
    recurring_discounts=a.RecurringDiscounts.ALL,
    annual=a.Annual.DIV12,
    trials=a.Trials.OUT,
    past_due=a.PastDue(31),
    refunds=a.Refunds.IGNORE,
    same_window_new_churn=a.NewAndChurned.BOTH,
    churn_denominator=a.ChurnDenominator.START,
    churn_window=a.ChurnWindow.ROLLING_30D,
    annual_churn_window=a.AnnualChurnWindow.YEAR,
    contraction_in_churned_mrr=True,
    reactivation_in_net_churn=False,
    reactivation_in_quick_ratio=False,
    trial_conversion_base=a.TrialBase.SAME_WINDOW_NEW,
)
PRESETS: Mapping[str, MetricsPolicy] = {
    policy.name: policy for policy in (KAHVI, STRIPE, CHARTMOGUL, PROFITWELL, BAREMETRICS)
}


def policy_of(text: str) -> MetricsPolicy:
    """The policy that is written as `preset axis=value …`; PolicyError says what in it is not known."""
    name, *words = text.split() or [""]
    if name not in PRESETS:
        near = nearest(name, PRESETS, OF_FEW)
        meant = f"did you mean {near}? There" if near else "there"
        raise PolicyError(f"{name!r} is no preset; {meant} are {', '.join(PRESETS)}.")
    pairs = {}
    for word in words:
        axis, equals, value = word.partition("=")
        if not equals:
            raise PolicyError(f"{word!r} sets nothing; write it as axis=value.")
        pairs[axis] = value
    return changed(PRESETS[name], pairs)


def changed(policy: MetricsPolicy, words: Mapping[str, str]) -> MetricsPolicy:
    """A policy with some axes set as they are typed; it is renamed when it differs from its preset.

    Raises PolicyError: one sentence that names the wrong axis or value and the nearest valid ones.
    """
    values = {name: axis_named(name).read(word) for name, word in words.items()}
    new = replace(policy, **values, assumed=policy.assumed - values.keys())
    return replace(new, name=policy.preset + (CUSTOM if own_axes(new) else ""))


def own_axes(policy: MetricsPolicy) -> dict[str, str]:
    """The axes that differ from the preset which the policy began as, with their values as they are typed."""
    origin = PRESETS[policy.preset]
    return {one.name: one.write(policy) for one in AXES.values() if one.value(policy) != one.value(origin)}


def written(policy: MetricsPolicy) -> str:
    """The policy as `policy_of` reads it."""
    return " ".join([policy.preset, *(f"{name}={word}" for name, word in own_axes(policy).items())])
