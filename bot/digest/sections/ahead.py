"""What the next 14 days bring: renewals of long terms, trials that end, cards that run out."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.digest.scene import Scene, enough, total
from bot.metrics import mrr
from bot.telling.told import Detail, Foreign, Phrase, Row, Strong, Table, Told, counted, money, short_day
from storage import fact_reader, ledger, upcoming
from storage.upcoming import Due

DAYS = 14
LONG_TERM = timedelta(days=180)
ANY_TERM = timedelta(0)
SHOWN = 3
LISTED = 99
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Coming:
    """A renewal or the end of a trial; `mrr` in minor units of the base, for a trial what it would be worth."""

    account_id: str
    name: str
    on: date
    mrr: Decimal


@dataclass(frozen=True, slots=True)
class Cards:
    """Default cards that end with `month_end`, and the MRR of their accounts."""

    month_end: date
    count: int
    mrr: Decimal


@dataclass(frozen=True, slots=True)
class Ahead:
    """Renewals with the largest MRR first, trials with the earliest end first; `long_only` leaves short terms out.

    At most LISTED trials are valued and listed, `trial_count` is of all of them.
    """

    day: date
    base: str
    renewals: tuple[Coming, ...]
    trials: tuple[Coming, ...]
    trial_count: int
    cards: Cards | None
    long_only: bool

    def told(self) -> Told:
        lines = (*self._renewals(), *self._trials(), *self._cards())
        return Told(heading="In the next 14 days", lines=lines, details=self._details())

    def _renewals(self) -> tuple[Phrase, ...]:
        if not self.renewals:
            return ()
        worth = money(total([one.mrr for one in self.renewals]), self.base)
        terms = " of half a year or more" if self.long_only else ""
        said = f"{counted(len(self.renewals), 'renewal')}{terms}"
        return ((Strong(said), f", {worth} MRR: ", *self._named(self.renewals, len(self.renewals))),)

    def _trials(self) -> tuple[Phrase, ...]:
        if not self.trials:
            return ()
        worth = total([one.mrr for one in self.trials]) if len(self.trials) == self.trial_count else ZERO
        verb, they = ("ends", "it stays") if self.trial_count == 1 else ("end", "they stay")
        value = f", worth {money(worth, self.base)} MRR if {they}" if worth else ""
        said = Strong(f"{counted(self.trial_count, 'trial')} {verb}")
        return ((said, f"{value}: ", *self._named(self.trials, self.trial_count)),)

    def _cards(self) -> tuple[Phrase, ...]:
        if self.cards is None:
            return ()
        card = "default card runs" if self.cards.count == 1 else "default cards run"
        carried = f"{money(self.cards.mrr, self.base)} MRR"
        on = short_day(self.cards.month_end, self.day)
        return ((Strong(f"{self.cards.count:,} {card} out"), f" ({on}), {carried}"),)

    def _named(self, coming: Sequence[Coming], count: int) -> Phrase:
        """The first few with amount and day, the others counted."""
        said: list[str | Foreign | Strong] = []
        for place, one in enumerate(coming[:SHOWN]):
            amount = f" {money(one.mrr, self.base)}" if one.mrr else ""
            said += [", " if place else "", Foreign(one.name), f"{amount} ({short_day(one.on, self.day)})"]
        hidden = count - SHOWN
        return (*said, f" and {hidden:,} more") if hidden > 0 else tuple(said)

    def _details(self) -> tuple[Detail, ...]:
        both = (
            ("Renewals in the next 14 days", self.renewals, len(self.renewals)),
            ("Trials that end in the next 14 days", self.trials, self.trial_count),
        )
        return tuple(self._detail(heading, coming, count) for heading, coming, count in both if count > SHOWN)

    def _detail(self, heading: str, coming: Sequence[Coming], count: int) -> Detail:
        rows: tuple[Row, ...] = tuple(
            ((Foreign(one.name),), (money(one.mrr, self.base),), (short_day(one.on, self.day),))
            for one in coming[:LISTED]
        )
        worth = f" with {money(total([one.mrr for one in coming]), self.base)} MRR" if len(coming) == count else ""
        said = f"{count:,}{worth}" + (f", {LISTED} of them listed" if count > LISTED else "")
        return Detail(heading, ((said,),), Table(("Account", "MRR", "Day"), rows, frozenset({1})))


def ahead(scene: Scene) -> Ahead | None:
    start, end = scene.span(DAYS)
    long_only = enough(scene.book.customers(scene.until))
    term = LONG_TERM if long_only else ANY_TERM
    renewals = upcoming.renewals(scene.session, start, end, term=term, before=scene.until)
    trials = upcoming.trials_ending(scene.session, start, end, before=scene.until)
    cards = _cards(scene)
    if not (renewals or trials or cards):
        return None
    return Ahead(
        day=scene.until,
        base=scene.base,
        renewals=tuple(sorted(_renewing(scene, renewals), key=lambda one: (-one.mrr, one.on, one.account_id))),
        trials=tuple(_trying(scene, trials[:LISTED])),
        trial_count=len(trials),
        cards=cards,
        long_only=long_only,
    )


def _renewing(scene: Scene, found: Sequence[Due]) -> list[Coming]:
    """Renewals that are worth something; in a currency without a rate they are left out, as in every figure."""
    worth = [(one, scene.worth(one.mrr, one.currency)) for one in found if one.mrr]
    return [
        Coming(one.account_id, one.account_name, scene.local(one.at), amount)
        for one, amount in worth
        if amount is not None
    ]


def _trying(scene: Scene, found: Sequence[Due]) -> list[Coming]:
    """Trials with what they are worth from their end on, by the policy; zero where that cannot be told."""
    if not found:
        return []
    stored = fact_reader.subscriptions_by_id(scene.session, [one.subscription_id for one in found])
    accounts = fact_reader.accounts(scene.session, sorted({one.account_id for one in found}))
    prices = fact_reader.prices(scene.session)
    coming = []
    for one in found:
        subscription, _ = stored[one.subscription_id]
        account = accounts[one.account_id]
        levels = mrr.levels(subscription, account.discounts, prices, scene.policy, one.at)
        amount = scene.worth(total([level.amount for level in levels.values()]), one.currency)
        coming.append(Coming(one.account_id, one.account_name, scene.local(one.at), amount or ZERO))
    return coming


def _cards(scene: Scene) -> Cards | None:
    last = month_end(scene.until)
    if (last - scene.until).days >= DAYS:
        return None
    found = upcoming.expiring_cards(scene.session, last.year, last.month)
    levels = ledger.levels(scene.session, [card.account_id for card in found], before=scene.until)
    return Cards(last, len(levels), total([scene.sum_of(one) for one in levels.values()])) if levels else None


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
