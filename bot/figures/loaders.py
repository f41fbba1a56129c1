"""What loads each part that a metric may need; a new kind of part is one function here and its type in `bot.metrics`.

A loader gives the parts of all labels and windows at once, by (label, number of the window); a part under the label
None is that of all labels without one of their own. Where a loader gives none, nothing happened: the part is its type
without arguments.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from bot.figures.asked import Asked
from bot.metrics.metric import Period
from bot.metrics.rolls import Roll, rolls
from storage import windows
from storage.movements import WHOLE

Key = tuple[str | None, int]
Part = TypeVar("Part")
Loader = Callable[[Asked], Mapping[Key, Part]]

LOADERS: dict[type, Loader[object]] = {}


def loads(kind: type[Part]) -> Callable[[Loader[Part]], Loader[Part]]:
    """Register a function as the loader of a part."""

    def register(loader: Loader[Part]) -> Loader[Part]:
        LOADERS[kind] = loader
        return loader

    return register


def load(asked: Asked, needs: Iterable[type]) -> dict[str, list[Period]]:
    """The periods of each label, one for each window in the order asked; what is undivided has the label WHOLE."""
    found = {kind: LOADERS[kind](asked) for kind in dict.fromkeys(needs)}
    labels = {WHOLE} if asked.part.by is None else {label for parts in found.values() for label, _ in parts}
    return {label: _periods(asked, found, label) for label in sorted(one for one in labels if one is not None)}


def _periods(asked: Asked, found: Mapping[type, Mapping[Key, object]], label: str) -> list[Period]:
    def part(kind: type, at: int) -> object:
        parts = found[kind]
        return parts.get((label, at)) or parts.get((None, at)) or kind()

    return [
        Period(window, asked.grounds.policy, {kind: part(kind, at) for kind in found})
        for at, window in enumerate(asked.windows)
    ]


@loads(Roll)
def _rolls(asked: Asked) -> dict[Key, Roll]:
    found: dict[Key, Roll] = {}
    rule = asked.rule
    for at, window in enumerate(asked.windows):
        sums = windows.moved(asked.session, (window.start, window.end), asked.known, rule, asked.part)
        by_label = rolls(window, asked.books, sums, asked.rates, rule=rule, seen=asked.part.seen)
        found.update(((label, at), roll) for label, roll in by_label.items())
    return found
