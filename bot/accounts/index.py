"""All accounts in memory, to be found by what people type: as they typed it, or by what is only alike.

Neither engine finds what a name resembles without an extension of its own, and a table of the pieces of all names
took three times what a search may (docs/decisions/0004-search-in-memory.md). Here both engines give the same.
"""

from array import array
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from heapq import nlargest, nsmallest
from threading import Lock

from bot.accounts.folding import LONGEST, core_of, form_of, label_of, marks_of, words_of
from bot.accounts.likeness import ALIKE, likeness, whole_likeness
from bot.accounts.words import Only, Words
from storage.accounts.names import Entry

BEYOND = "\U0010ffff"  # sorts after all that begins alike
INSIDE_FROM = 3  # letters that are looked for inside of names; fewer stand in most of them
OTHER_FORM = 3.0  # less alike
BY_ADDRESS = 0.95
COLLEAGUES = 5  # accounts at one domain; that of more is a mail provider's, or a word that tells nothing
MOST_WORDS = 6  # of a text, the longest, that names are compared with
COMPARED = 100  # accounts that are compared with care, of those that may be alike
USUAL_MARKS = frozenset("&'(),-./")  # which every other name holds
TELLING = 1000  # of addresses or ids that begin alike; of more, such as info@ or cus_, it tells nothing
WORN = 0.25  # share of numbers without an account, from which on a new index is smaller


class Fit(IntEnum):
    """How well an account fits what was typed, best first. ALMOST is all but the legal form, or the spaces."""

    EXACT = 0
    ALMOST = 1
    NAME_BEGINS = 2
    WORD_BEGINS = 3
    INSIDE = 4


@dataclass(frozen=True, slots=True)
class Hits:
    """Accounts by id with their fit, best first; `total` counts all that fit.

    Inside of names is looked only where too few begin with what was typed: nobody reads on so far.
    """

    fits: dict[str, Fit]
    total: int


class Index:
    """Numbers accounts as they come; a number is given once, so that what still names it finds nothing.

    Where ids are given as `among`, it is searched as if there were only these accounts.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._lock = Lock()  # searches run in other threads than what brings news
        self._ids: list[str] = []
        self._names: list[str] = []  # their words, a space between them
        self._emails: list[str] = []
        self._sizes: array[int] = array("H")
        self._marks: dict[int, set[str]] = {}
        self._numbers: dict[str, int] = {}
        self._words, self._wholes = Words(), Words()
        self._by_id = _Order(lambda number: self._ids[number].casefold())
        self._by_email = _Order(lambda number: self._emails[number])
        self._by_domain = _Order(lambda number: _turned(self._emails[number].rpartition("@")[2]))
        for entry in entries:
            self._add(entry)
        for order in (self._by_id, self._by_email, self._by_domain):
            order.fill(number for number in self._numbers.values() if order is self._by_id or self._emails[number])

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def worn(self) -> bool:
        return len(self._ids) - len(self._numbers) > WORN * len(self._ids)

    def put(self, entry: Entry) -> None:
        """Take an account in, or its new name and address."""
        with self._lock:
            self._remove(entry.id)
            number = self._add(entry)
            self._by_id.add(number)
            if self._emails[number]:
                self._by_email.add(number)
                self._by_domain.add(number)

    def keep_only(self, ids: Iterable[str]) -> None:
        """Forget all accounts but these."""
        with self._lock:
            for id_ in set(self._numbers).difference(ids):
                self._remove(id_)

    def find(self, typed: str, most: int, among: Collection[str] | None = None) -> Hits:
        """The accounts that fit a name, address, domain or id, or the beginning or a part of one; the best `most`."""
        with self._lock:
            fits: dict[str, Fit] = {}
            seen: set[int] = set()
            for fit, numbers in self._tiers(typed, self._only(among)):
                fresh = numbers - seen
                seen |= fresh
                fits.update((self._ids[number], fit) for number in self._shortest(fresh, most - len(fits)))
                if fit is Fit.WORD_BEGINS and len(fits) >= most:
                    break
            return Hits(fits, len(seen))

    def named(self, typed: str) -> list[str]:
        """Ids of the accounts that a text names whole: by name with or without its legal form, address or id."""
        plain = typed.strip()[:LONGEST].casefold()
        words = words_of(typed)
        with self._lock:
            numbers = self._wholes.exactly("".join(core_of(words))) if words else set[int]()
            for order in (self._by_email, self._by_id):
                numbers.update(order.exactly(plain) if plain else ())
            return sorted(self._ids[number] for number in numbers)

    def alike(self, typed: str, most: int, among: Collection[str] | None = None) -> list[tuple[str, float]]:
        """The accounts whose names are most like a text: ids with a likeness of ALIKE to 100, best first."""
        words = words_of(typed)
        if not words:
            return []
        with self._lock:
            candidates = self._candidates(core_of(words), self._only(among))
            rated = [(self._likeness(words, number), self._ids[number]) for number in candidates]
        best = sorted((one for one in rated if one[0] >= ALIKE), key=lambda one: (-one[0], one[1]))
        return [(id_, score) for score, id_ in best[:most]]

    def colleagues(self, domain: str, among: Collection[str] | None = None) -> list[str]:
        """Ids of the accounts with an address at a domain or below it; none where it is that of a mail provider."""
        with self._lock:
            found = self._by_domain.beginning(_turned(domain))
            if len(found) > COLLEAGUES:
                return []
            only = self._only(among)
            return [self._ids[number] for number in found if only is None or number in only]

    def _only(self, among: Collection[str] | None) -> Only:
        if among is None:
            return None
        return {number for number in map(self._numbers.get, among) if number is not None}

    def _add(self, entry: Entry) -> int:
        number = len(self._ids)
        words = words_of(entry.name)
        email = (entry.email or "").strip()[:LONGEST].casefold()
        self._ids.append(entry.id)
        self._names.append(" ".join(words))
        self._emails.append(email)
        self._sizes.append(len(self._names[number]))
        self._numbers[entry.id] = number
        if marks := set(marks_of(entry.name)) - (USUAL_MARKS if words else frozenset()):
            self._marks[number] = marks
        for word in {*words, *marks, *_words_of_address(email)}:
            self._words.add(word, number)
        core = core_of(words)
        self._wholes.add("".join(core), number, compared=len(core) > 1)  # one word alone is compared as a word
        return number

    def _remove(self, id_: str) -> None:
        number = self._numbers.pop(id_, None)
        if number is None:
            return
        for order in (self._by_id, self._by_email, self._by_domain):
            order.remove(number)
        words, kept = tuple(self._names[number].split()), self._emails[number]
        for word in {*words, *self._marks.pop(number, ()), *_words_of_address(kept)}:
            self._words.remove(word, number)
        self._wholes.remove("".join(core_of(words)), number)
        self._ids[number] = self._names[number] = self._emails[number] = ""

    def _tiers(self, typed: str, only: Only) -> Iterator[tuple[Fit, set[int]]]:
        """What fits, the better before the worse; some may be told again."""
        words, plain = words_of(typed), typed.strip()[:LONGEST].casefold()
        if not plain:
            return
        name, core = " ".join(words), core_of(words)
        whole = "".join(core)
        same = self._wholes.exactly(whole, only)
        exact = {number for number in same if self._names[number] == name}
        exact |= _kept((*self._by_email.exactly(plain), *self._by_id.exactly(plain)), only)
        yield Fit.EXACT, exact
        yield Fit.ALMOST, same
        if not words:
            yield Fit.WORD_BEGINS, self._having_all(marks_of(typed), self._words.exactly, only)
            return
        yield Fit.NAME_BEGINS, self._wholes.beginning(whole, only)
        begun = set[int]()
        if "@" not in plain:
            begun = self._having_all(words, self._words.beginning, only)
            if not begun and set(core) != set(words):
                begun = self._having_all(core, self._words.beginning, only)
        orders = (self._by_email, plain), (self._by_domain, _turned(plain)), (self._by_id, plain)
        for numbers in (_kept(order.beginning(text), only) for order, text in orders):
            if len(numbers) <= TELLING:
                begun |= numbers
        yield Fit.WORD_BEGINS, begun
        if len(whole) >= INSIDE_FROM and "@" not in plain and not (exact or same):
            yield Fit.INSIDE, self._wholes.holding(core, only)

    def _shortest(self, numbers: Collection[int], most: int) -> list[int]:
        """The numbers with the shortest names, then by id: lengths first, as most are decided by them."""
        if not numbers or not most:
            return []
        limit = nsmallest(most, [self._sizes[number] for number in numbers])[-1]
        equal = [number for number in numbers if self._sizes[number] == limit]
        shorter = sorted((n for n in numbers if self._sizes[n] < limit), key=lambda n: (self._sizes[n], self._ids[n]))
        return shorter + nsmallest(most - len(shorter), equal, key=self._ids.__getitem__)

    def _having_all(self, words: Sequence[str], having: Callable[[str, Only], set[int]], only: Only) -> set[int]:
        """The numbers that have all of these words, which are at least one."""
        for word in sorted(set(words), key=lambda word: (self._words.breadth(word), word)):
            only = having(word, only)
            if not only:
                break
        return only or set()

    def _candidates(self, core: Sequence[str], only: Only) -> list[int]:
        """The numbers worth comparing with a name: those with words like its own, or like all of it."""
        total: defaultdict[int, float] = defaultdict(float)
        for word in sorted(set(core), key=lambda word: (-len(word), word))[:MOST_WORDS]:
            for number, score in self._best(self._words, word, only).items():
                total[number] += score
        if len(core) == 1:
            wholes = self._best(self._wholes, core[0], only)
        else:
            wholes = {**self._best(self._wholes, "".join(core), only), **self._best(self._words, "".join(core), only)}
        for number, score in wholes.items():
            total[number] = max(total[number], score * len(core))
        if len(total) <= COMPARED:
            return list(total)
        least = nlargest(COMPARED, total.values())[-1]
        better = [number for number, score in total.items() if score > least]
        equal = [number for number, score in total.items() if score == least]
        return better + self._shortest(equal, COMPARED - len(better))

    def _best(self, words: Words, word: str, only: Only) -> dict[int, float]:
        """By number the likeness of its word that is most like one."""
        found: dict[int, float] = {}
        for score, one in reversed(words.alike(word)):
            having = words.having(one)
            found.update(dict.fromkeys(having if only is None else only.intersection(having), score))
        return found

    def _likeness(self, words: Sequence[str], number: int) -> float:
        """How like an account's name, or the name in its address, is; another legal form costs a little."""
        named = self._names[number].split()
        form, others = form_of(words), form_of(named)
        best = likeness(core_of(words), core_of(named)) - (OTHER_FORM if form and others and form != others else 0)
        if others and not form and len(words) == len(named):
            best = max(best, whole_likeness(words, named))  # there may be a slip in the form
        label = _words_of_address(self._emails[number])
        if any(len(self._words.having(word)) > COLLEAGUES for word in label):
            return best
        return max(best, BY_ADDRESS * max((likeness(core_of(words), (word,)) for word in label), default=0.0))


class _Order:
    """Numbers in the order of a text of each."""

    def __init__(self, key: Callable[[int], str]) -> None:
        self._key = key
        self._numbers: array[int] = array("I")

    def fill(self, numbers: Iterable[int]) -> None:
        self._numbers = array("I", sorted(numbers, key=self._key))

    def add(self, number: int) -> None:
        insort(self._numbers, number, key=self._key)

    def remove(self, number: int) -> None:
        """Take a number out whose text is still known."""
        for place in range(bisect_left(self._numbers, self._key(number), key=self._key), len(self._numbers)):
            if self._numbers[place] == number:
                del self._numbers[place]
                return
            if self._key(self._numbers[place]) != self._key(number):
                return

    def exactly(self, text: str) -> Iterator[int]:
        for place in range(bisect_left(self._numbers, text, key=self._key), len(self._numbers)):
            if self._key(self._numbers[place]) != text:
                return
            yield self._numbers[place]

    def beginning(self, text: str) -> Sequence[int]:
        start = bisect_left(self._numbers, text, key=self._key)
        return self._numbers[start : bisect_left(self._numbers, text + BEYOND, lo=start, key=self._key)]


def _kept(numbers: Iterable[int], only: Only) -> set[int]:
    return set(numbers) if only is None else only.intersection(numbers)


def _words_of_address(email: str) -> set[str]:
    """The name in an e-mail address's domain: of a@acme-robotics.com its words and all of it."""
    words = words_of(label_of(email.rpartition("@")[2])) if email else ()
    return {*words, "".join(words)} if words else set()


def _turned(domain: str) -> str:
    """A domain with its end first, as domains below it then begin alike: "com.acme."."""
    return "".join(f"{part}." for part in reversed(domain.split(".")))
