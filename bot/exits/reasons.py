"""Why customers leave: the registry of reasons.

An id never changes its meaning, or reports would mix different things; a label may be reworded. `from_billing` are
the words billing sources use for the reason a customer gave when cancelling.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from storage.facts import CancelKind


class Avoidable(StrEnum):
    """Whether the company could have kept a customer that leaves for this reason."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNSET = "unset"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `needs_words` asks for free text, since the reason alone says nothing."""

    id: str
    label: str
    avoidable: Avoidable
    from_billing: tuple[str, ...] = ()
    needs_words: bool = False


def _by_id(reasons: Iterable[Reason]) -> dict[str, Reason]:
    return {reason.id: reason for reason in reasons}


REASONS = _by_id(
    (
        Reason("price", "Too expensive", Avoidable.YES, ("too_expensive",)),
        Reason("missing_feature", "Missing feature", Avoidable.YES, ("missing_features",)),
        Reason("competitor", "Moved to a competitor", Avoidable.YES, ("switched_service",)),
        Reason("built_in_house", "Built it themselves", Avoidable.YES),
        Reason("low_usage_no_value", "Not used, no value seen", Avoidable.YES, ("unused",)),
        Reason("too_complex_onboarding", "Too complex, never got going", Avoidable.YES, ("too_complex",)),
        Reason("quality_bugs", "Bugs or poor quality", Avoidable.YES, ("low_quality",)),
        Reason("support", "Unhappy with support", Avoidable.YES, ("customer_service",)),
        Reason("involuntary_payment", "Payment failed, not meant to leave", Avoidable.YES, ("payment_failed",)),
        Reason("dispute", "Payment disputed", Avoidable.UNSET, ("payment_disputed",)),
        Reason("champion_left", "Our champion left", Avoidable.YES),
        Reason("consolidation", "Consolidating tools", Avoidable.PARTLY),
        Reason("budget_cut", "Budget cut", Avoidable.PARTLY),
        Reason("compliance", "Legal or compliance", Avoidable.PARTLY),
        Reason("acquired", "Company was acquired", Avoidable.NO),
        Reason("shut_down", "Company shut down", Avoidable.NO),
        Reason("project_ended", "Project ended", Avoidable.NO),
        Reason("not_icp", "Was never a good fit", Avoidable.NO),
        Reason("other", "Something else", Avoidable.UNSET, ("other",), needs_words=True),
    )
)

KINDS = {CancelKind.PAYMENT_FAILED: "involuntary_payment", CancelKind.DISPUTED: "dispute"}
_BY_BILLING = {word: reason for reason in REASONS.values() for word in (*reason.from_billing, reason.id)}


def label_of(reason_id: str) -> str:
    """What people read for a stored id, also for one that is no longer in the registry."""
    reason = REASONS.get(reason_id)
    return reason.label if reason else reason_id.replace("_", " ")


def told_by_billing(word: str | None, kind: CancelKind | None) -> Reason | None:
    """The reason behind a cancellation as billing knows it; None when it does not say."""
    if word and word in _BY_BILLING:
        return _BY_BILLING[word]
    return REASONS[KINDS[kind]] if kind in KINDS else None
