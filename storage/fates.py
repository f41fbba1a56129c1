"""What became of invoices, as plain values."""

from dataclasses import dataclass
from datetime import datetime

from storage.facts import InvoiceStatus


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one invoice: whether it was paid and when, and what was given back of it.

    Amounts are minor units of its currency; `tax` is in `total`, inclusive tax too. `failed_at` is when it was first
    tried in vain. `by_hand`: it is paid against a date (`due_at`), not charged. `refunds` are (when, how much) in
    order of time.
    """

    invoice_id: str
    status: InvoiceStatus
    total: int
    tax: int = 0
    credited: int = 0
    due_at: datetime | None = None
    paid_at: datetime | None = None
    failed_at: datetime | None = None
    by_hand: bool = False
    refunds: tuple[tuple[datetime, int], ...] = ()
