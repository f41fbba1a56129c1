"""What loads each part that a metric may need; a new kind of part is one function here and its type in `bot.metrics`.

A loader gives the parts of all labels and windows at once, by (label, number of the window). Where it gives none,
nothing happened: the part is its type without arguments.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from bot.figures.asked import Asked
from bot.metrics.axes import NewAndChurned
from bot.metrics.metric import Period
from bot.metrics.rolls import Roll, rolls
from storage import windows
from storage.movements import WHOLE

Key = tuple[str, int]
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
    return {
        label: [
            Period(
                window, asked.grounds.policy, {kind: parts.get((label, at)) or kind() for kind, parts in found.items()}
            )
            for at, window in enumerate(asked.windows)
        ]
        for label in sorted(labels)
    }


@loads(Roll)
def _rolls(asked: Asked) -> dict[Key, Roll]:
    found: dict[Key, Roll] = {}
    passing = asked.grounds.policy.same_window_new_churn is NewAndChurned.BOTH
    for at, window in enumerate(asked.windows):
        sums = windows.moved(asked.session, window.start, window.end, asked.part, passing=passing)
        by_label = rolls(window, asked.books, sums, asked.rates, passing=passing, seen=asked.part.seen)
        found.update(((label, at), roll) for label, roll in by_label.items())
    return found
