"""How alike names are, 0 to 100."""

from collections.abc import Sequence

from rapidfuzz import fuzz

ALIKE = 60.0  # below this a name is no useful suggestion


def likeness(typed: Sequence[str], name: Sequence[str]) -> float:
    """How alike two names in folded words are: as wholes without spaces, or word by word in any order."""
    whole = fuzz.ratio("".join(typed), "".join(name))
    best = [max((word_likeness(one, word) for word in name), default=0.0) for one in typed]
    return max(whole, 0.97 * sum(best) / len(best) if best else 0.0)


def word_likeness(typed: str, word: str) -> float:
    """A typed word against one of a name, or against its beginning."""
    return max(fuzz.ratio(typed, word), 0.95 * fuzz.ratio(typed, word[: len(typed)]))
