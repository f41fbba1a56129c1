"""What was probably meant by a word that is not known."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

# Of 100, how much of two words' letters is the same, in the same order.
OF_FEW = 40.0  # one is asked for of a few that are all told anyway
ALIKE = 60.0
SURE = 70.0  # what was typed may well be something else, such as an account's name


def nearest(word: str, known: Iterable[str], alike: float = ALIKE) -> str | None:
    """The known word that is most like one, in whatever case; None where none is like enough to be asked for."""
    return next(iter(nearest_of(word, known, 1, alike)), None)


def nearest_of(word: str, known: Iterable[str], most: int, alike: float = ALIKE) -> list[str]:
    """The same for several, the most alike first."""
    choices = list(known)
    found = process.extract(word, choices, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=alike, limit=most)
    return [one for one, _, _ in found]
