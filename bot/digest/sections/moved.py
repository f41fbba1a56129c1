"""What moved since the last digest: the largest gains and losses, with their reasons."""

from dataclasses import dataclass
from datetime import date

from bot.digest.account_moves import Move, Moves, Tally
from bot.digest.scene import Scene
from bot.telling import reasons
from bot.telling.told import (
    Detail,
    Foreign,
    Phrase,
    Row,
    Strong,
    Table,
    Told,
    arrow,
    counted,
    exact,
    money,
    since_words,
)
from storage.states import Cause, MovementKind

SHOWN = 5
VERBS = {
    MovementKind.NEW: "new",
    MovementKind.REACTIVATION: "came back",
    MovementKind.EXPANSION: "grew",
    MovementKind.CONTRACTION: "shrank",
    MovementKind.CHURN: "left",
}


@dataclass(frozen=True, slots=True)
class Moved:
    day: date
    since: date
    base: str
    moves: Moves

    def told(self) -> Told:
        return Told(
            heading=f"What moved {since_words(self.since, self.day)}",
            lines=(*self._lines(), *self._rest()),
            small=self._small(),
            details=self._details(),
        )

    def _lines(self) -> tuple[Phrase, ...]:
        moves = self.moves
        if not moves.gains and not moves.losses:
            return ((f"Only small changes: {self._small_ones()}.",),)
        return tuple(self._line(move) for move in (*moves.gains[:SHOWN], *moves.losses[:SHOWN]))

    def _line(self, move: Move) -> Phrase:
        amount = money(move.amount, self.base, sign=True)
        own = "".join(f" ({exact(amount, currency, sign=True)})" for currency, amount in move.own)
        return (f"{arrow(move.amount)} ", Strong(Foreign(move.name)), f"  {amount}{own} · ", *why(move))

    def _rest(self) -> tuple[Phrase, ...]:
        more = [
            f"{counted(tally.count - len(shown), word, many)}"
            for tally, shown, word, many in (
                (self.moves.gained, self.moves.gains[:SHOWN], "more gain", "more gains"),
                (self.moves.lost, self.moves.losses[:SHOWN], "more loss", "more losses"),
            )
            if tally.count > len(shown)
        ]
        return ((f"and {' and '.join(more)} in the full list",),) if more else ()

    def _small(self) -> tuple[Phrase, ...]:
        if not self.moves.small.count or not (self.moves.gains or self.moves.losses):
            return ()
        return ((f"Not listed: {self._small_ones()}.",),)

    def _small_ones(self) -> str:
        tally = self.moves.small
        each = money(self.moves.threshold, self.base)
        together = money(tally.amount, self.base, sign=True)
        return f"{counted(tally.count, 'movement')} below {each}, {together} together"

    def _details(self) -> tuple[Detail, ...]:
        moves = (*self.moves.gains, *self.moves.losses)
        if len(self.moves.gains) <= SHOWN and len(self.moves.losses) <= SHOWN:
            return ()
        rows = tuple(self._row(move) for move in moves)
        table = Table(("Account", "MRR", "Why"), rows, frozenset({1}))
        return (Detail(f"What moved {since_words(self.since, self.day)}", self._sums(), table),)

    def _row(self, move: Move) -> Row:
        return ((Foreign(move.name),), (money(move.amount, self.base, sign=True),), why(move))

    def _sums(self) -> tuple[Phrase, ...]:
        gained, lost = self.moves.gained, self.moves.lost
        both = ((gained, len(self.moves.gains), "gain", "gains"), (lost, len(self.moves.losses), "loss", "losses"))
        return tuple((self._sum(*one),) for one in both if one[0].count)

    def _sum(self, tally: Tally, listed: int, one: str, many: str) -> str:
        hidden = f", the {listed} largest listed" if tally.count > listed else ""
        return f"{counted(tally.count, one, many)}: {money(tally.amount, self.base, sign=True)}{hidden}"


def moved(scene: Scene) -> Moved | None:
    """Nothing when nothing moved; the summary says so."""
    if not scene.moves.carriers:
        return None
    return Moved(scene.day, scene.since, scene.base, scene.moves)


def why(move: Move) -> tuple[str | Foreign, ...]:
    """Kind and cause: "left: too expensive", "grew: more seats", "new: Team plan"."""
    verb = VERBS[move.kind]
    if move.product and move.kind in (MovementKind.NEW, MovementKind.REACTIVATION):
        return (f"{verb}: ", Foreign(move.product))
    reason: str | Foreign | None = reasons.changed(move.kind, move.cause)
    if move.kind is MovementKind.CHURN and move.cause is Cause.CANCELLED:
        reason = reasons.stated(move.reason) or "no reason given"
    return (verb,) if reason is None else (f"{verb}: ", reason)
