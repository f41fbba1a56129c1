"""Why something moved, in words: the ledger's causes, and the reasons and decline codes that billing names."""

from bot.digest.words import Foreign
from storage.states import Cause, MovementKind

REASONS = {
    "customer_service": "customer service",
    "low_quality": "quality",
    "missing_features": "missing features",
    "switched_service": "switched to another service",
    "too_complex": "too complex",
    "too_expensive": "too expensive",
    "unused": "not used",
}
UNSAID = frozenset({"", "other", "cancellation_requested"})
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
LEFT = {Cause.PAYMENT_FAILED: "payment failed", Cause.PAUSED: "paused"}


def stated(reason: str | None) -> str | Foreign | None:
    """A stated reason in words; one that Kahvi does not know as the source wrote it; None when nothing was said."""
    if reason is None or reason in UNSAID:
        return None
    return REASONS.get(reason) or Foreign(reason.replace("_", " "))


def decline(code: str | None) -> str | Foreign | None:
    """Why a payment failed."""
    return None if code is None else DECLINES.get(code) or Foreign(code.replace("_", " "))


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
