"""The registry of rules: what is a cause of worry, and when it has ended. Each reads stored evidence only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.accounts.standing import why
from bot.messages.blocks import escape
from bot.messages.words import day, quoted
from bot.money import display
from storage import evidence
from storage.alerts import Alert
from storage.facts import Invoice, InvoiceStatus, Status, Subscription


@dataclass(frozen=True, slots=True)
class Moment:
    """When rules look, and the zone whose days they name."""

    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of worry about one account.

    `key` names it for good, `object_id` is the invoice or subscription behind it, `since` when it began. `reason` says
    it with its evidence, as mrkdwn with foreign text escaped, and changes only with the evidence.
    """

    key: str
    rule: str
    account_id: str
    object_id: str
    since: datetime
    reason: str


class Rule(Protocol):
    """Finds causes, and says of alerts it once opened what ended them; nothing for those whose cause stands."""

    id: str

    def causes(self, session: Session, at: Moment) -> Iterable[Cause]: ...

    def endings(self, session: Session, alerts: Sequence[Alert], at: Moment) -> Mapping[str, str]:
        """Outcomes by alert id."""
        ...


class PaymentFailed:
    """An open invoice on which at least one charge failed."""

    id = "payment_failed"

    def causes(self, session: Session, at: Moment) -> Iterable[Cause]:
        for invoice in evidence.failing_invoices(session):
            key = f"{self.id}:{invoice.id}"
            yield Cause(key, self.id, invoice.account_id, invoice.id, invoice.issued_at, _failing(invoice, at))

    def endings(self, session: Session, alerts: Sequence[Alert], at: Moment) -> Mapping[str, str]:
        known = evidence.invoices_by_id(session, [alert.object_id for alert in alerts])
        found = {alert.id: _paid_or_over(known.get(alert.object_id), at) for alert in alerts}
        return {alert_id: outcome for alert_id, outcome in found.items() if outcome}


class CancelScheduled:
    """A subscription that is to end on a known day."""

    id = "cancel_scheduled"

    def causes(self, session: Session, at: Moment) -> Iterable[Cause]:
        for one in evidence.leaving_subscriptions(session, at.now):
            if one.cancel_at:
                since = one.cancel_requested_at or at.now
                yield Cause(self._key(one, one.cancel_at), self.id, one.account_id, one.id, since, _leaving(one, at))

    def endings(self, session: Session, alerts: Sequence[Alert], at: Moment) -> Mapping[str, str]:
        known = evidence.subscriptions_by_id(session, [alert.object_id for alert in alerts])
        found = {alert.id: self._ended(alert, known.get(alert.object_id), at) for alert in alerts}
        return {alert_id: outcome for alert_id, outcome in found.items() if outcome}

    def _ended(self, alert: Alert, one: Subscription | None, at: Moment) -> str | None:
        if one is None:
            return "The subscription is no longer in billing"
        if one.status is Status.ENDED:
            return f"They left on {day(one.ended_at or one.cancel_at or at.now, at.zone)}"
        if one.cancel_at is None:
            return "The cancellation was withdrawn"
        if self._key(one, one.cancel_at) != alert.cause_key:
            return f"The cancellation was moved to {day(one.cancel_at, at.zone)}"
        return None

    def _key(self, one: Subscription, cancel_at: datetime) -> str:
        return f"{self.id}:{one.id}:{cancel_at.date().isoformat()}"


def _failing(invoice: Invoice, at: Moment) -> str:
    amount = display(invoice.amount_due - invoice.amount_paid, invoice.currency)
    following = f"next try {day(invoice.next_attempt_at, at.zone)}" if invoice.next_attempt_at else "no further try"
    return f"Payment of {amount} failed: attempt {invoice.attempt_count}, {following}"


def _leaving(one: Subscription, at: Moment) -> str:
    told = why(one)
    said = [escape(told, 60)] if told else ["no reason given"]
    if one.cancel_comment:
        said.append(quoted(one.cancel_comment, 300))
    return f"Cancellation scheduled for {day(one.cancel_at or at.now, at.zone)} ({': '.join(said)})"


def _paid_or_over(invoice: Invoice | None, at: Moment) -> str | None:
    if invoice is None:
        return "The invoice is no longer in billing"
    match invoice.status:
        case InvoiceStatus.PAID:
            return f"Paid on {day(invoice.paid_at or at.now, at.zone)}"
        case InvoiceStatus.VOID:
            return "The invoice was voided"
        case InvoiceStatus.UNCOLLECTIBLE:
            return "The invoice was given up as uncollectible"
        case _:
            return None


_RULES: Sequence[Rule] = (PaymentFailed(), CancelScheduled())
RULES: Mapping[str, Rule] = {rule.id: rule for rule in _RULES}
