"""How alike names are, 0 to 100."""

from collections.abc import Sequence

from rapidfuzz.distance import OSA

ALIKE = 65.0  # below this a name is no useful suggestion
SLIP = 1.5  # letters of both names that one slip is worth
OTHER_BEGINNING = 2.0  # less alike: people seldom mistake the first letter


def likeness(typed: Sequence[str], name: Sequence[str]) -> float:
    """How alike two names in folded words are: as wholes without spaces, or word by word in any order."""
    best = [max((word_likeness(one, word) for word in name), default=0.0) for one in typed]
    return max(whole_likeness(typed, name), 0.97 * sum(best) / len(best) if best else 0.0)


def whole_likeness(typed: Sequence[str], name: Sequence[str]) -> float:
    """How alike two names in folded words are as wholes without spaces."""
    return _alike("".join(typed), "".join(name))


def word_likeness(typed: str, word: str) -> float:
    """A typed word against one of a name, or against its beginning."""
    return max(_alike(typed, word), 0.95 * _alike(typed, word[: len(typed)]))


def _alike(typed: str, name: str) -> float:
    """By letters left out, added, mistaken, or two of them the wrong way round: each counts as one slip."""
    both = len(typed) + len(name)
    same = 100 * max(0.0, 1 - SLIP * OSA.distance(typed, name) / both) if both else 100.0
    return same - OTHER_BEGINNING if typed[:1] != name[:1] else same
