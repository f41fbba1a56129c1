"""Why customers leave: the registry of reasons, and how a workspace has set it.

An id never changes its meaning, or reports would mix different things; a label may be reworded. `from_billing` are
the words billing sources use for the reason a customer gave when cancelling.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from storage.exit_reasons import Set
from storage.fact_store import folded
from storage.facts import CancelKind


class Avoidable(StrEnum):
    """Whether the company could have kept a customer that leaves for this reason."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNSET = "unset"


class Nature(StrEnum):
    """Why some churn is natural, whatever one does; NONE for a reason that is not."""

    CHANGED = "changed"
    MISJUDGED = "misjudged"
    UNWILLING = "unwilling"
    OUT_OF_BUSINESS = "out_of_business"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `needs_words` asks for free text, since the reason alone says nothing.

    `label` stands by itself, `phrase` in a sentence ("leaves tomorrow: too expensive"); it is empty for no reason.
    A `retired` one is told where it was chosen, and offered no more.
    """

    id: str
    label: str
    phrase: str
    avoidable: Avoidable
    from_billing: tuple[str, ...] = ()
    needs_words: bool = False
    retired: bool = False
    nature: Nature = Nature.NONE


Reasons = Mapping[str, Reason]


def _by_id(reasons: Iterable[Reason]) -> dict[str, Reason]:
    return {reason.id: reason for reason in reasons}


REASONS = _by_id(
    (
        Reason("price", "Too expensive", "too expensive", Avoidable.YES, ("too_expensive",)),
        Reason("missing_feature", "Missing feature", "missing features", Avoidable.YES, ("missing_features",)),
        Reason(
            "competitor", "Moved to a competitor", "switched to another service", Avoidable.YES, ("switched_service",)
        ),
        Reason("built_in_house", "Built it themselves", "built it themselves", Avoidable.YES),
        Reason("low_usage_no_value", "Not used, no value seen", "not used", Avoidable.YES, ("unused",)),
        Reason(
            "too_complex_onboarding", "Too complex, never got going", "too complex", Avoidable.YES, ("too_complex",)
        ),
        Reason("quality_bugs", "Bugs or poor quality", "quality", Avoidable.YES, ("low_quality",)),
        Reason("support", "Unhappy with support", "customer service", Avoidable.YES, ("customer_service",)),
        Reason(
            "involuntary_payment",
            "Payment failed, not meant to leave",
            "payment failed",
            Avoidable.YES,
            ("payment_failed",),
        ),
        Reason("dispute", "Payment disputed", "payment disputed", Avoidable.UNSET, ("payment_disputed",)),
        Reason("champion_left", "Our champion left", "their champion left", Avoidable.YES),
        Reason("consolidation", "Consolidating tools", "consolidating tools", Avoidable.PARTLY),
        Reason("budget_cut", "Budget cut", "budget cut", Avoidable.PARTLY, nature=Nature.CHANGED),
        Reason("compliance", "Legal or compliance", "legal or compliance", Avoidable.PARTLY),
        Reason("acquired", "Company was acquired", "acquired", Avoidable.NO, nature=Nature.CHANGED),
        Reason("shut_down", "Company shut down", "company shut down", Avoidable.NO, nature=Nature.OUT_OF_BUSINESS),
        Reason("project_ended", "Project ended", "project ended", Avoidable.NO, nature=Nature.CHANGED),
        Reason("not_icp", "Was never a good fit", "never a good fit", Avoidable.NO, nature=Nature.MISJUDGED),
        Reason("would_not_adopt", "Would not adopt it", "would not adopt it", Avoidable.NO, nature=Nature.UNWILLING),
        Reason("other", "Something else", "", Avoidable.UNSET, ("other",), needs_words=True),
    )
)

OTHER = "other"
MOST = 90  # reasons; a menu of Slack's holds 100
LABEL_LONGEST, ID_LONGEST = 75, 40
KINDS = {CancelKind.PAYMENT_FAILED: "involuntary_payment", CancelKind.DISPUTED: "dispute"}
_BY_BILLING = {word: reason for reason in REASONS.values() for word in (*reason.from_billing, reason.id)}


def as_set(chosen: Mapping[str, Set]) -> dict[str, Reason]:
    """The registry as people have set it: in their words, with their own reasons at the end."""
    found = dict(REASONS)
    for id_, one in chosen.items():
        known = found.get(id_, Reason(id_, one.label, one.label.lower(), Avoidable.UNSET))
        avoidable = Avoidable(one.avoidable) if one.avoidable in set(Avoidable) else Avoidable.UNSET
        nature = Nature(one.nature) if one.nature in set(Nature) else known.nature
        found[id_] = replace(known, label=one.label, avoidable=avoidable, retired=one.retired, nature=nature)
    return found


def new_id(label: str, reasons: Reasons) -> str:
    """An id for a reason of this label, that none has or had."""
    wanted = "_".join("".join(c if c.isalnum() else " " for c in folded(label)).split())[:ID_LONGEST] or "reason"
    taken = [f"{wanted}_{number}" for number in range(2, len(reasons) + 3)]
    return next(id_ for id_ in (wanted, *taken) if id_ not in reasons)


def wrong_with(label: str, reasons: Reasons, but: str = "") -> str:
    """What is wrong with a label for a reason, other than the one with the id `but`; empty when nothing is."""
    if not label.strip():
        return "Write how people are to read this reason."
    if len(label) > LABEL_LONGEST:
        return f"A label has up to {LABEL_LONGEST} characters; this one has {len(label)}."
    same = [one for one in reasons.values() if folded(one.label) == folded(label) and one.id != but]
    if same:
        retired = ", which is retired: bring it back instead" if same[0].retired else ""
        return f"There is a reason “{same[0].label}” already{retired}."
    return ""


def label_of(reason_id: str, reasons: Reasons = REASONS) -> str:
    """What people read for a stored id, also for one that is no longer in the registry."""
    reason = reasons.get(reason_id)
    return reason.label if reason else reason_id.replace("_", " ")


def in_words(word: str | None, kind: CancelKind | None) -> str | None:
    """The label of the reason as billing knows it; a word that is no reason of ours stays as it is."""
    reason = told_by_billing(word, kind)
    return reason.label if reason else word


def told_by_billing(word: str | None, kind: CancelKind | None) -> Reason | None:
    """The reason behind a cancellation as billing knows it; None when it does not say."""
    if word and word in _BY_BILLING:
        return _BY_BILLING[word]
    return REASONS[KINDS[kind]] if kind in KINDS else None
