"""The registry of what opens an alert at once, and when that has ended. Each reads stored evidence only.

Triggers give values; `bot.messages.alert_words` has the words for them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sqlmodel import Session

from bot.risk import tuning
from bot.risk.rules.payment import HARD_DECLINES
from bot.risk.rules.rule import iso
from bot.risk.tuning import Latest, Tuning
from storage import cancellations, fact_heads, receivables, risks
from storage.alerts import Part, Plain
from storage.cancellations import Leaving
from storage.facts import Invoice, InvoiceStatus, Status, Subscription
from storage.receivables import Collecting, Receivable
from storage.risks import Assessed

OLD = timedelta(days=60)


class Ending(StrEnum):
    """What became of a cause; those that happen on a day carry its instant as `at`."""

    PAID = "paid"
    VOIDED = "voided"
    GIVEN_UP = "given_up"
    UNDER_WAY = "under_way"
    TRIED_AGAIN = "tried_again"
    LEFT = "left"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    EASED = "eased"
    TURNED_OFF = "turned_off"
    ELSEWHERE = "elsewhere"
    DISMISSED = "dismissed"
    OBJECT_GONE = "object_gone"
    ACCOUNT_GONE = "account_gone"


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of worry about one account.

    `key` names it for good, `object_id` is the invoice or subscription behind it, `since` when it began; `ends_at` is
    when an account leaves. `evidence` are the values that its card tells, as they stand.
    """

    key: str
    rule: str
    account_id: str
    object_id: str
    since: datetime
    evidence: Plain
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """By what causes are looked for: a tuning, with risks as they are kept; or, `tried`, as one would make them."""

    chosen: Latest
    tried: Mapping[str, Assessed] | None = None

    def near(self, session: Session) -> Iterable[Assessed]:
        """The risks that reach the score from which there is a card, and those with a hard reason."""
        least = self.chosen.tuning.alert_from
        if self.tried is None:
            return risks.with_ids(session, risks.near(session, least)).values()
        return [one for one in self.tried.values() if one.score >= least or one.hard]

    def of(self, session: Session, account_ids: Sequence[str]) -> Mapping[str, Assessed]:
        """The risks of some accounts."""
        return risks.with_ids(session, account_ids) if self.tried is None else self.tried


class Trigger(Protocol):
    """Finds causes, and says of what was told by it what ended it; nothing where the cause stands.

    What ends comes back on its old card when it comes back within `cooldown`.
    """

    id: str
    cooldown: timedelta

    def is_off(self, chosen: Tuning, /) -> bool:
        """Whether people turned it off, by giving its sign no points."""
        ...

    def causes(self, session: Session, now: datetime, by: Outlook, /) -> Iterable[Cause]: ...

    def endings(self, session: Session, told: Sequence[Part], now: datetime, /) -> Mapping[str, Plain]:
        """Outcomes by account id; of each account one part at most is asked for."""
        ...

    def rest(self, causes: Sequence[Cause]) -> Plain:
        """What a card tells of the causes beside the one that it tells whole."""
        ...


class PaymentFailed:
    """An open invoice whose charge failed more than once, is not tried again, or that trying again will not mend.

    Most charges that fail once succeed at the next try, and nobody should be called for them.
    """

    id = "payment_failed"
    cooldown = timedelta(days=3)

    def is_off(self, chosen: Tuning) -> bool:
        return not any(chosen.of("payment_failing"))

    def causes(self, session: Session, now: datetime, _: Outlook) -> Iterable[Cause]:
        for one in receivables.missing(session, now):
            if _is_serious(one):
                key = f"{self.id}:{one.invoice_id}"
                yield Cause(key, self.id, one.account_id, one.invoice_id, one.since, _failing(one))

    def endings(self, session: Session, told: Sequence[Part], now: datetime) -> Mapping[str, Plain]:
        ids = [part.object_id for part in told]
        known, owed = fact_heads.invoices_by_id(session, ids), receivables.with_ids(session, ids, now)
        return _over(told, lambda part: _paid_or_over(known.get(part.object_id), owed.get(part.object_id), now))

    def rest(self, causes: Sequence[Cause]) -> Plain:
        amounts: Counter[str] = Counter()
        for cause in causes:
            amounts[cause.evidence["currency"]] += cause.evidence["amount"]
        return {"count": len(causes), "amounts": dict(amounts)}


class CancelScheduled:
    """A subscription that is to end on a known day."""

    id = "cancel_scheduled"
    cooldown = timedelta(days=7)

    def is_off(self, chosen: Tuning) -> bool:
        return not any(chosen.of("cancel_scheduled"))

    def causes(self, session: Session, now: datetime, _: Outlook) -> Iterable[Cause]:
        for one in cancellations.leaving_subscriptions(session, now):
            key = self._key(one.subscription_id, one.ends_at)
            yield Cause(key, self.id, one.account_id, one.subscription_id, one.since, _leaving(one), one.ends_at)

    def endings(self, session: Session, told: Sequence[Part], now: datetime) -> Mapping[str, Plain]:
        known = fact_heads.subscriptions_by_id(session, [part.object_id for part in told])
        return _over(told, lambda part: self._ended(part, known.get(part.object_id), now))

    def rest(self, causes: Sequence[Cause]) -> Plain:
        return {"count": len(causes), "last": iso(max(cause.ends_at for cause in causes if cause.ends_at))}

    def _ended(self, part: Part, one: Subscription | None, now: datetime) -> Plain | None:
        if one is None:
            return ended(Ending.OBJECT_GONE)
        if one.status is Status.ENDED:
            return ended(Ending.LEFT, one.ended_at or one.cancel_at or now)
        if one.cancel_at is None:
            return ended(Ending.WITHDRAWN)
        if self._key(one.id, one.cancel_at) != part.told["cause"]:
            return ended(Ending.MOVED, one.cancel_at)
        return None

    def _key(self, subscription_id: str, ends_at: datetime) -> str:
        return f"{self.id}:{subscription_id}:{ends_at.date().isoformat()}"


class AtRisk:
    """An account whose score says that it may leave.

    It opens at 60 points (or as people set it), or at a hard reason such as a dispute, and ends below 45 without one:
    what swings between does neither. What was so when Kahvi first looked is no news.
    """

    id = "at_risk"
    cooldown = timedelta(days=2)

    def is_off(self, _: Tuning) -> bool:
        return False

    def causes(self, session: Session, now: datetime, by: Outlook) -> Iterable[Cause]:
        for risk in by.near(session):
            key, since = f"{self.id}:{risk.account_id}", self._since(risk, by.chosen, now)
            yield Cause(key, self.id, risk.account_id, risk.account_id, since, {"score": risk.score})

    def _since(self, risk: Assessed, chosen: Latest, now: datetime) -> datetime:
        """When it rose so high, or since when so little is enough; long ago for what was so from the beginning."""
        assert risk.assessed_at is not None  # noqa: S101 - it is kept
        if risk.before is not None and risk.before < chosen.tuning.alert_from:
            return risk.assessed_at
        turned = risk.before is not None and risk.day is not None and risk.day > chosen.at.date()
        score_then = risk.before if turned else risk.score  # what else is kept of it may have changed since
        lowered = not risk.hard and score_then is not None and score_then < chosen.before.alert_from
        return chosen.at if lowered else now - OLD

    def endings(self, session: Session, told: Sequence[Part], _: datetime) -> Mapping[str, Plain]:
        known = risks.with_ids(session, [part.account_id for part in told])
        leave = tuning.in_force(session).close_below
        return _over(told, lambda part: self._ended(known.get(part.account_id), leave))

    def rest(self, causes: Sequence[Cause]) -> Plain:
        return {"count": len(causes)}

    def _ended(self, risk: Assessed | None, leave: int) -> Plain | None:
        if risk is None:
            return ended(Ending.OBJECT_GONE)
        return ended(Ending.EASED) if risk.score < leave and not risk.hard else None


def has_serious_failure(owed: Iterable[Receivable], chosen: Tuning) -> bool:
    """Whether there is a payment for which `PaymentFailed` calls somebody."""
    return not TRIGGERS[PaymentFailed.id].is_off(chosen) and any(map(_is_serious, owed))


def _is_serious(one: Receivable) -> bool:
    """Whether it is one to call somebody for."""
    will_fail = one.attempts > 1 or one.next_attempt_at is None or one.code in HARD_DECLINES
    return one.state is Collecting.FAILED and will_fail


def ended(ending: Ending, at: date | None = None) -> Plain:
    """An outcome as it is stored."""
    return {"ending": ending.value, "at": iso(at)}


def _over(told: Sequence[Part], ended_how: Callable[[Part], Plain | None]) -> dict[str, Plain]:
    """By account how what was told of it ended, of those of which it did."""
    return {part.account_id: outcome for part in told if (outcome := ended_how(part))}


def _failing(one: Receivable) -> Plain:
    return {
        "amount": one.amount,
        "currency": one.currency,
        "attempts": one.attempts,
        "code": one.code,
        "next_attempt_at": iso(one.next_attempt_at),
        "url": one.url,
    }


def _leaving(one: Leaving) -> Plain:
    return {
        "ends_at": iso(one.ends_at),
        "reason": one.reason,
        "kind": one.kind.value if one.kind else None,
        "comment": one.comment,
    }


def _paid_or_over(invoice: Invoice | None, owed: Receivable | None, now: datetime) -> Plain | None:
    if invoice is None:
        return ended(Ending.OBJECT_GONE)
    match invoice.status:
        case InvoiceStatus.PAID:
            return ended(Ending.PAID, invoice.paid_at or now)
        case InvoiceStatus.VOID:
            return ended(Ending.VOIDED)
        case InvoiceStatus.UNCOLLECTIBLE:
            return ended(Ending.GIVEN_UP)
        case _ if owed is None or _is_serious(owed):
            return None
        case _:
            under_way = owed.state is Collecting.UNDER_WAY
            return ended(Ending.UNDER_WAY) if under_way else ended(Ending.TRIED_AGAIN, owed.next_attempt_at)


_TRIGGERS: Sequence[Trigger] = (CancelScheduled(), PaymentFailed(), AtRisk())  # the gravest first
TRIGGERS: Mapping[str, Trigger] = {trigger.id: trigger for trigger in _TRIGGERS}
