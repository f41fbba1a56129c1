"""Why something moved, in words: the causes of the ledger, and the reasons and decline codes that billing names."""

from bot.exits import reasons as exit_reasons
from bot.telling.told import Foreign
from storage.states import Cause, MovementKind

DECLINES = {
    "authentication_required": "the bank wants a confirmation",
    "card_declined": "card declined",
    "do_not_honor": "card declined",
    "expired_card": "card expired",
    "generic_decline": "card declined",
    "incorrect_cvc": "wrong card details",
    "insufficient_funds": "insufficient funds",
    "lost_card": "card reported lost",
    "processing_error": "the bank could not process it",
    "stolen_card": "card reported stolen",
}
GREW = {
    Cause.STARTED: "another subscription",
    Cause.ADDED: "product added",
    Cause.REMOVED: "products changed",
    Cause.PLAN: "bigger plan",
    Cause.SEATS: "more seats",
    Cause.PRICE: "higher price or an ended discount",
}
SHRANK = {
    Cause.CANCELLED: "one of several subscriptions ended",
    Cause.PAYMENT_FAILED: "one subscription stopped after failed payments",
    Cause.PAUSED: "one subscription paused",
    Cause.ADDED: "products changed",
    Cause.REMOVED: "product removed",
    Cause.PLAN: "smaller plan",
    Cause.SEATS: "fewer seats",
    Cause.PRICE: "lower price or a new discount",
}
CAUSES = {
    Cause.STARTED: "subscription started",
    Cause.CANCELLED: "cancelled",
    Cause.PAYMENT_FAILED: "payment failed",
    Cause.PAUSED: "paused",
    Cause.ADDED: "product added",
    Cause.REMOVED: "product removed",
    Cause.PLAN: "plan changed",
    Cause.SEATS: "number of seats",
    Cause.PRICE: "price or discount",
}
LEFT = {cause: CAUSES[cause] for cause in (Cause.PAYMENT_FAILED, Cause.PAUSED)}


def stated(reason: str | None) -> str | Foreign | None:
    """A stated reason in words; one that Kahvi does not know as the source wrote it; None when nothing was said."""
    known = exit_reasons.told_by_billing(reason, None)
    if known:
        return known.phrase or None
    return Foreign(reason.replace("_", " ")) if reason else None


def decline(code: str | None) -> str | Foreign | None:
    """Why a payment failed."""
    return None if code is None else DECLINES.get(code) or Foreign(code.replace("_", " "))


def moved_by(kind: MovementKind, cause: Cause) -> str:
    """What made an account's MRR change, also where the kind says it all."""
    return changed(kind, cause) or CAUSES[cause]


def changed(kind: MovementKind, cause: Cause) -> str | None:
    """What made an account grow, shrink or leave, by the ledger; None where the kind says it all."""
    match kind:
        case MovementKind.EXPANSION:
            return GREW.get(cause)
        case MovementKind.CONTRACTION:
            return SHRANK.get(cause)
        case MovementKind.CHURN:
            return LEFT.get(cause)
        case MovementKind.NEW | MovementKind.REACTIVATION:
            return None
