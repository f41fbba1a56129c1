"""What the stored story of an account says, in short: MRR and its changes, how it stands, what it pays with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from storage.accounts.plans import OVER
from storage.accounts.story import AccountStory
from storage.days import months_before
from storage.facts import Collection, PaymentMethod, Status, Subscription
from storage.movements import Movement
from storage.states import Cause, MovementKind


@dataclass(frozen=True, slots=True)
class Change:
    """What one day did to an account's MRR in one currency, for one cause; `amount` is signed minor units."""

    day: date
    currency: str
    kind: MovementKind
    cause: Cause
    amount: int


def mrr(movements: Sequence[Movement]) -> dict[str, int]:
    """MRR in minor units by currency, zeros left out."""
    levels: defaultdict[str, int] = defaultdict(int)
    for movement in movements:
        levels[movement.currency] += movement.amount
    return {currency: amount for currency, amount in levels.items() if amount}


def lost(movements: Sequence[Movement]) -> dict[str, int]:
    """MRR before the account last left, by currency; empty for one that pays or never did."""
    if not movements or mrr(movements):
        return {}
    last = movements[-1].day
    return mrr([movement for movement in movements if movement.day < last])


def stay(movements: Sequence[Movement], today: date) -> tuple[int, int] | None:
    """How long an account has been a customer, or was: whole months, and days.

    None for one that never was, or that left and came back: it was none in between.
    """
    if not movements or any(movement.kind is MovementKind.REACTIVATION for movement in movements):
        return None
    begun, end = movements[0].day, today if mrr(movements) else movements[-1].day
    months = (end.year - begun.year) * 12 + end.month - begun.month - (end.day < begun.day)
    return months, (end - begun).days


def changes(movements: Sequence[Movement], limit: int) -> list[Change]:
    """The latest changes first, the products of one day and cause taken together."""
    sums: defaultdict[tuple[date, str, MovementKind, Cause], int] = defaultdict(int)
    for movement in movements:
        sums[movement.day, movement.currency, movement.kind, movement.cause] += movement.amount
    found = [Change(*key, amount) for key, amount in sums.items() if amount]
    return sorted(found, key=lambda change: change.day, reverse=True)[:limit]


def course(movements: Sequence[Movement], today: date, months: int) -> tuple[str, list[tuple[date, int]]]:
    """The currency of most MRR, and its amount at the end of each of the last months, today in place of the last one.

    Empty for an account that never paid.
    """
    if not movements:
        return "", []
    weights: defaultdict[str, int] = defaultdict(int)
    for movement in movements:
        weights[movement.currency] += abs(movement.amount)
    currency = max(weights, key=lambda one: (weights[one], one))
    this_month = today.replace(day=1)
    ends = [months_before(this_month, back) - timedelta(days=1) for back in reversed(range(months - 1))] + [today]
    own = [one for one in movements if one.currency == currency]
    return currency, [(end, sum(one.amount for one in own if one.day <= end)) for end in ends]


def live(story: AccountStory) -> list[Subscription]:
    return [subscription for subscription in story.subscriptions.shown if subscription.status not in OVER]


def leaving(story: AccountStory) -> Subscription | None:
    """The subscription whose cancellation tells why the account leaves or left."""
    told = [one for one in story.subscriptions.shown if one.cancel_at or one.status is Status.ENDED]
    return max(told, key=lambda one: one.ended_at or one.cancel_at or one.started_at, default=None)


def pays_with(story: AccountStory) -> PaymentMethod | None:
    """The payment method that the next charge will go to."""
    known = {method.id: method for method in story.methods}
    wanted = [*(one.default_method_id for one in live(story)), story.account.default_method_id]
    chosen = next((known[id_] for id_ in wanted if id_ in known), None)
    return chosen or (story.methods[0] if story.methods else None)


def pays_by_invoice(story: AccountStory) -> bool:
    present = live(story)
    return bool(present) and all(one.collection is Collection.INVOICE for one in present)
