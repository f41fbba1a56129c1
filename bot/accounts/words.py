"""Words, and who has them: found by their beginning, by what stands in them, or by what they resemble."""

from array import array
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.accounts.likeness import ALIKE, word_likeness

BEYOND = "\x7f"  # sorts after every letter of a folded word
SHORT = 5  # letters; a word with a slip in it shares too few triples with the right one
SLIPS_OF_SHORT = 2
LONGEST_FOR_SHORT = SHORT + 1
COMPARED, COMPARED_AT_MOST = 100, 600
LEAST_SHARED = 2
TELLING = 8  # of a word's triples, the rarest
TELLING_AT_MOST = 0.1  # of all words have a triple that tells something, where enough others are known
LIKE_MOST = 60

Only = set[int] | None  # the numbers that are looked at, None for all


class Words:
    """Each word with the numbers of those that have it; a word that nobody has any more is forgotten."""

    def __init__(self) -> None:
        self._having: dict[str, array[int]] = {}
        self._sorted: list[str] | None = None  # made when it is first asked for
        self._joined: str | None = None
        self._short: defaultdict[int, set[str]] = defaultdict(set)
        self._compared: list[str] = []  # their places are what `_triples` holds; an empty one was forgotten
        self._place: dict[str, int] = {}
        self._triples: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, word: str, number: int, *, compared: bool = True) -> None:
        """Give a word to a number, which has it not; `compared` says that it is to be found by likeness too."""
        if not word:
            return
        having = self._having.get(word)
        if having is not None:
            having.append(number)
        else:
            self._having[word] = array("I", (number,))
            self._joined = None
            if self._sorted is not None:
                insort(self._sorted, word)
        if compared and word not in self._place and not word.isdigit():  # another number is no slip
            self._compare(word)

    def remove(self, word: str, number: int) -> None:
        having = self._having.get(word)
        if having is None or number not in having:
            return
        having.remove(number)
        if having:
            return
        del self._having[word]
        self._joined = None
        if self._sorted is not None:
            del self._sorted[bisect_left(self._sorted, word)]
        self._short[len(word)].discard(word)
        place = self._place.pop(word, None)
        if place is not None:
            self._compared[place] = ""

    def exactly(self, word: str, only: Only = None) -> set[int]:
        """The numbers that have a word."""
        return _all_of([self.having(word)], only)

    def having(self, word: str) -> Sequence[int]:
        return self._having.get(word, ())

    def beginning(self, start: str, only: Only = None) -> set[int]:
        """The numbers with a word that begins so."""
        first, end = self._range(start)
        return _all_of(map(self._having.__getitem__, self._in_order()[first:end]), only)

    def breadth(self, start: str) -> int:
        """How many words begin so."""
        first, end = self._range(start)
        return end - first

    def holding(self, parts: Sequence[str], only: Only = None) -> set[int]:
        """The numbers with a word in which all of these stand."""
        longest, *others = sorted(set(parts), key=len, reverse=True)
        words: Iterable[str] = self._words_with(longest)
        for part in others:
            words = [word for word in words if part in word]
        return _all_of(map(self._having.__getitem__, words), only)

    def _words_with(self, part: str) -> Iterator[str]:
        """By one text of all words: a loop over them would take many times as long."""
        if self._joined is None:
            self._joined = "\n".join(self._having)
        text, at = self._joined, self._joined.find(part)
        while at >= 0:
            end = text.find("\n", at)
            end = end if end >= 0 else len(text)
            yield text[text.rfind("\n", 0, at) + 1 : end]
            at = text.find(part, end)

    def alike(self, word: str) -> list[tuple[float, str]]:
        """The words most like one, with a likeness of ALIKE to 100, best first."""
        rated = ((word_likeness(word, one), one) for one in self._near(word))
        return sorted((one for one in rated if one[0] >= ALIKE), key=lambda one: (-one[0], one[1]))[:LIKE_MOST]

    def _near(self, word: str) -> Iterable[str]:
        """The words worth comparing with one."""
        if len(word) <= SHORT:
            lengths = range(max(1, len(word) - 1), len(word) + 2)
            short = [one for length in lengths for one in self._short[length]]
            near = process.extract(
                word, short, scorer=OSA.distance, processor=None, limit=None, score_cutoff=SLIPS_OF_SHORT
            )
            return (one for one, _, _ in near)
        known = [self._triples[triple] for triple in _triples_of(word) if triple in self._triples]
        telling = [places for places in known if len(places) <= TELLING_AT_MOST * len(self._compared)]
        shared: Counter[int] = Counter()
        for places in sorted(telling if len(telling) >= LEAST_SHARED else known, key=len)[:TELLING]:
            shared.update(places)
        least = _least(Counter(shared.values()))
        return (word for place, count in shared.items() if count >= least and (word := self._compared[place]))

    def _compare(self, word: str) -> None:
        if len(word) <= LONGEST_FOR_SHORT:
            self._short[len(word)].add(word)
        place = len(self._compared)
        self._compared.append(word)
        self._place[word] = place
        for triple in _triples_of(word):
            self._triples[triple].append(place)

    def _range(self, start: str) -> tuple[int, int]:
        ordered = self._in_order()
        return bisect_left(ordered, start), bisect_left(ordered, start + BEYOND)

    def _in_order(self) -> list[str]:
        if self._sorted is None:
            self._sorted = sorted(self._having)
        return self._sorted


def _all_of(havings: Iterable[Sequence[int]], only: Only) -> set[int]:
    """What is in any of these and in `only`, which may be far fewer: no set is made of the others."""
    return set[int]().union(*havings) if only is None else only.intersection(chain.from_iterable(havings))


def _least(words_by_shared: Mapping[int, int]) -> int:
    """How many triples a word has to share to be among the nearest; those that share as much stand or fall together.

    So it never depends on the order in which words came.
    """
    taken, least = 0, max(words_by_shared, default=0) + 1
    for shared in sorted(words_by_shared, reverse=True):
        if taken >= COMPARED or (taken and taken + words_by_shared[shared] > COMPARED_AT_MOST):
            break
        taken, least = taken + words_by_shared[shared], shared
    return max(least, LEAST_SHARED)


def _triples_of(word: str) -> set[str]:
    """All three letters on end, its beginning weighed twice: "acme" is "  a", " ac", "acm", "cme", "me "."""
    padded = f"  {word} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}
