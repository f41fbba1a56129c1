"""Facts that cannot be valued, as plain values."""

from dataclasses import dataclass
from datetime import datetime

from storage.states import Fault

SUBSCRIPTION, ACCOUNT = "subscription", "account"


@dataclass(frozen=True, slots=True)
class Held:
    """One fact in quarantine: `kind` and `id` name it, `detail` says what is wrong, in words that follow "it"."""

    kind: str
    id: str
    fault: Fault
    detail: str
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class HeldCount:
    """How many facts of one kind have one fault, the first of them by id, and since when the oldest is held."""

    fault: Fault
    kind: str
    count: int
    examples: tuple[Held, ...]
    since: datetime
