"""The sentence that says what happened: the level, the change, and who carries it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.digest.scene import Scene
from bot.metrics.carriers import Carrier, coarser
from bot.money import rounded
from bot.telling.movers import clause, in_order, rates
from bot.telling.rounding import adding_up, at_most
from bot.telling.told import Foreign, Phrase, Piece, Strong, Told, money, since_words

NAMED = Decimal(1) / 2  # of what all that did alike moved, from which a group is told apart


@dataclass(frozen=True, slots=True)
class Summary:
    """MRR at the start of `until`, its change since, and who made it; `fx` is what rates did beside them.

    `day` is the channel's, from which the days are named.
    """

    day: date
    since: date
    until: date
    base: str
    mrr: Decimal
    change: Decimal
    fx: Decimal
    carriers: tuple[Carrier, ...] = ()

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
        gains = [pair for pair in shown if pair[0].amount > 0]
        losses = [pair for pair in shown if pair[0].amount < 0]
        sides = [self._clauses(side) for side in ([gains, losses] if self.change >= 0 else [losses, gains])]
        parts = [side for side in (*sides, [rates(fx, self.base)] if fx else []) if side]
        if not parts:
            return (". Nothing moved: enjoy your coffee.",)
        return (": ", *_joined(parts), ".")

    def _shown(self) -> tuple[list[tuple[Carrier, int]], int]:
        """Who is told with their amounts, and that of the exchange rates, which add up to the change as shown.

        Those that stand nowhere else give way first: exchange rates, then accounts that are only counted.
        """
        told = sorted(coarser(self.carriers, NAMED), key=lambda one: (one.count == 1, -abs(one.amount)))
        fx, *shown = adding_up([self.fx, *(one.amount for one in told)], self.change, self.base)
        return sorted(zip(told, shown, strict=True), key=lambda pair: -abs(pair[0].amount)), fx

    def _clauses(self, shown: list[tuple[Carrier, int]]) -> list[Phrase]:
        amounts = dict(shown)
        return [
            clause(one, self._amount(one, amounts[one]), other=other)
            for one, other in in_order([one for one, _ in shown])
        ]

    def _amount(self, one: Carrier, shown: int) -> str:
        sign = "" if not shown else "+" if one.amount > 0 else "−"
        return f"{sign}{at_most(shown, self.change, self.base)}"


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
    moved = sum((one.amount for one in scene.moves.carriers), Decimal(0))
    return Summary(
        day=scene.day,
        since=scene.since,
        until=scene.until,
        base=scene.base,
        mrr=mrr,
        change=change,
        fx=change - moved,
        carriers=scene.moves.carriers,
    )


def _joined(parts: list[list[Phrase]]) -> Iterator[Piece]:
    """Clauses with commas, sides with semicolons."""
    for side, clauses in enumerate(parts):
        for place, said in enumerate(clauses):
            if place or side:
                yield ", " if place else "; "
            yield from said
