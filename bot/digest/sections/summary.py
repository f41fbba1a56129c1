"""The sentence that says what happened: the level, the change, and which accounts carry it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.digest.account_moves import Tally
from bot.digest.rounding import adding_up, at_most
from bot.digest.scene import Scene
from bot.digest.told import Foreign, Phrase, Strong, Told, counted, exact, money, since_words
from bot.money import rounded
from storage.states import MovementKind

GAINS = (MovementKind.EXPANSION, MovementKind.NEW, MovementKind.REACTIVATION)
LOSSES = (MovementKind.CHURN, MovementKind.CONTRACTION)


@dataclass(frozen=True, slots=True)
class Summary:
    """MRR at the start of `until`, its change since, and the kinds that made it; `fx` is what rates did beside them.

    `day` is the channel's, from which the days are named.
    """

    day: date
    since: date
    until: date
    base: str
    mrr: Decimal
    change: Decimal
    fx: Decimal
    by_kind: Mapping[MovementKind, Tally]

    def told(self) -> Told:
        if self.since == self.until:
            return Told(lines=((self._mrr(), ". No further day is over since the last coffee stats."),))
        return Told(lines=((*self._level(), *self._because()),))

    def _mrr(self) -> Strong:
        return Strong(f"MRR is {money(self.mrr, self.base)}")

    def _level(self) -> Phrase:
        since = since_words(self.since, self.day)
        if not rounded(self.change):
            return (self._mrr(), f", unchanged {'since yesterday' if since == 'yesterday' else since}")
        way = "up" if self.change > 0 else "down"
        return (self._mrr(), f", {way} {money(abs(self.change), self.base)} {since}")

    def _because(self) -> Phrase:
        shown, fx = self._shown()
        gains, losses = self._clauses(GAINS, shown), self._clauses(LOSSES, shown)
        sides = [gains, losses] if self.change >= 0 else [losses, gains]
        rates = [self._rates(fx)] if fx else []
        parts = [side for side in (*sides, rates) if side]
        if not parts:
            return (". Nothing moved: enjoy your coffee.",)
        return (": ", *_joined(parts), ".")

    def _shown(self) -> tuple[dict[MovementKind, int], int]:
        """The amount of each clause and that of the exchange rates, which add up to the change as shown.

        Those that stand nowhere else give way first: exchange rates, then accounts that are only counted.
        """
        kinds = sorted(self.by_kind, key=lambda kind: (self.by_kind[kind].count == 1, -abs(self.by_kind[kind].amount)))
        amounts = [self.fx, *(self.by_kind[kind].amount for kind in kinds)]
        fx, *shown = adding_up(amounts, self.change, self.base)
        return dict(zip(kinds, shown, strict=True)), fx

    def _clauses(self, kinds: tuple[MovementKind, ...], shown: Mapping[MovementKind, int]) -> list[Phrase]:
        """One clause for each kind that happened, the largest first."""
        happened = [kind for kind in kinds if self.by_kind[kind].count]
        happened.sort(key=lambda kind: -abs(self.by_kind[kind].amount))
        return [self._clause(kind, self.by_kind[kind], shown[kind]) for kind in happened]

    def _clause(self, kind: MovementKind, tally: Tally, shown: int) -> Phrase:
        amount = at_most(shown, self.change, self.base)
        match kind:
            case MovementKind.NEW if tally.count > 1:
                return (f"{counted(tally.count, 'new customer')} (+{amount})",)
            case MovementKind.NEW:
                return (*_who(tally), f" joined (+{amount})")
            case MovementKind.REACTIVATION:
                return (*_who(tally), f" came back (+{amount})")
            case MovementKind.EXPANSION:
                return (*_who(tally), f" grew by {amount}")
            case MovementKind.CONTRACTION:
                return (*_who(tally), f" shrank by {amount}")
            case MovementKind.CHURN:
                return (*_who(tally), f" left (−{amount})")

    def _rates(self, shown: int) -> Phrase:
        verb = "added" if shown > 0 else "took"
        return (f"exchange rates {verb} {exact(abs(shown), self.base)}",)


@dataclass(frozen=True, slots=True)
class NotStarted:
    """No account has ever paid."""

    source: str

    def told(self) -> Told:
        return Told(
            lines=(
                (
                    Strong("No paying subscription yet."),
                    " As soon as ",
                    Foreign(self.source),
                    " holds one, this message says how MRR moves and who needs a call. Enjoy your coffee.",
                ),
            )
        )


def summary(scene: Scene) -> Summary | NotStarted:
    if not scene.started:
        return NotStarted(scene.source)
    mrr = scene.book.mrr(scene.until)
    change = mrr - scene.book.mrr(scene.since)
    moved = sum((tally.amount for tally in scene.moves.by_kind.values()), Decimal(0))
    return Summary(
        day=scene.day,
        since=scene.since,
        until=scene.until,
        base=scene.base,
        mrr=mrr,
        change=change,
        fx=change - moved,
        by_kind=scene.moves.by_kind,
    )


def _who(tally: Tally) -> Phrase:
    if tally.first is None:
        return (counted(tally.count, "account"),)
    if tally.count == 1:
        return (Foreign(tally.first.name),)
    return (Foreign(tally.first.name), f" and {counted(tally.count - 1, 'other')}")


def _joined(parts: list[list[Phrase]]) -> Iterator[str | Foreign | Strong]:
    """Clauses with commas, sides with semicolons."""
    for side, clauses in enumerate(parts):
        for place, clause in enumerate(clauses):
            if place or side:
                yield ", " if place else "; "
            yield from clause
