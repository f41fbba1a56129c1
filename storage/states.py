"""The closed sets of words for what Kahvi itself does: movements, messages, alerts."""

from enum import StrEnum


class MovementKind(StrEnum):
    """What an account's change of MRR was, after netting its day; exchange rates are a line of their own."""

    NEW = "new"
    REACTIVATION = "reactivation"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"

    __hash__ = str.__hash__  # that of an enumeration is slow where very many are counted


class Cause(StrEnum):
    """What changed in a subscription to move its MRR."""

    STARTED = "started"
    CANCELLED = "cancelled"
    PAYMENT_FAILED = "payment_failed"
    PAUSED = "paused"
    ADDED = "added"
    REMOVED = "removed"
    PLAN = "plan"
    SEATS = "seats"
    PRICE = "price"


INVOLUNTARY = (Cause.PAYMENT_FAILED,)  # leaving that nobody decided
ENDING = (Cause.CANCELLED, *INVOLUNTARY)  # a subscription ends


class Fault(StrEnum):
    """Why a fact is kept out of all figures; `bot.metrics.quarantine` says what to do about each."""

    UNREADABLE = "unreadable"
    NO_CUSTOMER = "no_customer"
    NO_PRICE = "no_price"
    NO_RATE = "no_rate"
    UNKNOWN_INTERVAL = "unknown_interval"
    ENDLESS_INTERVAL = "endless_interval"
    NEGATIVE_QUANTITY = "negative_quantity"
    NEGATIVE_PRICE = "negative_price"
    DATES_REVERSED = "dates_reversed"
    TOO_LARGE = "too_large"
    UNFORESEEN = "unforeseen"


class OutboxState(StrEnum):
    """The life of a message: sending is claimed and uncertain, unconfirmed may or may not stand in Slack."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"


class AlertState(StrEnum):
    """An alert is open until its cause ends; claimed when somebody is on it."""

    OPEN = "open"
    CLAIMED = "claimed"
    CLOSED = "closed"


class SlotState(StrEnum):
    """A due slot is done once its message is written, or missed when it came too late to be of use.

    Routine work that may fail is begun, and done at its end.
    """

    BEGUN = "begun"
    DONE = "done"
    MISSED = "missed"


class NoteKind(StrEnum):
    """What was done, or is to be done; the words never change their meaning."""

    CALL = "call"
    MAIL = "mail"
    MEETING = "meeting"
    SAVE_PLAY = "save_play"
    INCENTIVE = "incentive"
    PROMISE = "promise"
    KEPT = "kept"
    OTHER = "other"


class Answer(StrEnum):
    """What somebody says who was asked; nothing said is none of these."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class IcpFit(StrEnum):
    """Whether an account is such a customer as the team wants."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


class NameKind(StrEnum):
    """Of what people make a list while they fill in exit interviews."""

    COMPETITOR = "competitor"
    FEATURE = "feature"
