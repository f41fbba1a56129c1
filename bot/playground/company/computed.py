"""Collections that take no memory: each object is computed from its id whenever it is asked for.

What was changed is kept, and so is what was added: that is newer than all that is computed.
"""

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import TypedDict, Unpack

from bot.playground.stripe.billing.dates import DAY
from bot.playground.stripe.store import Collection, Object, Reader, dump

_WIDTH = 12
DAYS_AT_HAND = 8


def key_of(prefix: str, number: int) -> str:
    return f"{prefix}_{number:0{_WIDTH}d}"


def month_key(prefix: str, number: int, month: int) -> str:
    return f"{key_of(prefix, number)}_{month:02d}"


def number_in(key: str) -> int:
    """The number of the account that an id names, -1 for one that is no such id."""
    digits = key.partition("_")[2][:_WIDTH]
    return int(digits) if len(digits) == _WIDTH and digits.isascii() and digits.isdecimal() else -1


class Asked(TypedDict):
    """What a walk keeps to, as that of any collection."""

    since: int | None
    until: int | None
    narrow: tuple[str, str] | None


class Computed(Collection):
    """`indexed` are the fields that hold an id of the same account's customer or subscription."""

    def __init__(self, make: Callable[[str], Object], indexed: Mapping[str, Reader]) -> None:
        super().__init__(indexed)
        self._make = make

    @abstractmethod
    def _is_computed(self, key: str) -> bool: ...

    @abstractmethod
    def _computed(self) -> int:
        """How many there are."""

    @abstractmethod
    def _walk(self, after: str | None = None, before: str | None = None, **asked: Unpack[Asked]) -> Iterator[str]:
        """As `walk`, of the computed ones only."""

    def __len__(self) -> int:
        return self._computed() + super().__len__()

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (isinstance(key, str) and self._is_computed(key))

    def __getitem__(self, key: str) -> Object:
        held = self._objects.get(key)
        if held is None and not self._is_computed(key):
            raise KeyError(key)
        return self._make(key) if held is None else held

    def put(self, held: Object) -> Object:
        if not self._is_computed(held["id"]):
            return super().put(held)
        self._objects[held["id"]] = held
        return held

    def text(self, key: str) -> str:
        return dump(self[key])

    def written(self, held: Object) -> str:
        return dump(held)

    def walk(
        self,
        *,
        after: str | None = None,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
        narrow: tuple[str, str] | None = None,
    ) -> Iterator[str]:
        asked: Asked = {"since": since, "until": until, "narrow": narrow}
        if before in self._keys:
            return super().walk(before=before, **asked)
        if before is not None:
            return chain(self._walk(before=before, **asked), reversed(list(super().walk(**asked))))
        if after is None or after in self._keys:
            return chain(super().walk(after=after, **asked), self._walk(**asked))
        return self._walk(after=after, **asked)


class OnePerAccount(Computed):
    """`count` objects with ids of this prefix, the later made the higher their number."""

    def __init__(
        self,
        prefix: str,
        count: int,
        created: Callable[[int], int],
        make: Callable[[int], Object],
        indexed: Mapping[str, Reader],
    ) -> None:
        super().__init__(lambda key: make(number_in(key)), indexed)
        self._prefix, self._count, self._created = prefix, count, created

    def _computed(self) -> int:
        return self._count

    def _is_computed(self, key: str) -> bool:
        number = number_in(key)
        return 0 <= number < self._count and key == key_of(self._prefix, number)

    def _walk(self, after: str | None = None, before: str | None = None, **asked: Unpack[Asked]) -> Iterator[str]:
        since, until, narrow = asked["since"], asked["until"], asked["narrow"]
        numbers = range(self._count)
        low = bisect_left(numbers, since, key=self._created) if since is not None else 0
        high = bisect_left(numbers, until, key=self._created) if until is not None else self._count
        if narrow:
            number = number_in(narrow[1])
            low, high = max(low, number), min(high, number + 1)
        if before is not None:
            low = max(low, number_in(before) + 1)
            return (key_of(self._prefix, number) for number in range(low, high))
        if after is not None:
            high = min(high, number_in(after))
        return (key_of(self._prefix, number) for number in range(high - 1, low - 1, -1))


Place = tuple[int, int, int]  # when it was made, the account's number, the month


class SomePerAccount(Computed):
    """Objects of some months after each account's beginning, such as invoices; their ids end with the month.

    `made(number, month)` is when the one of a month is made, whether there is one or not: on the same day or later for
    a higher number. `had(number)` are the months in which an account has one; none is made after `today`.
    """

    def __init__(
        self,
        prefix: str,
        count: int,
        *,
        today: int,
        made: Callable[[int, int], int],
        had: Callable[[int], Sequence[int]],
        make: Callable[[int, int], Object],
        indexed: Mapping[str, Reader],
    ) -> None:
        super().__init__(lambda key: make(number_in(key), _month_in(key)), indexed)
        self._prefix, self._count, self._made, self._had = prefix, count, made, had
        self._days = range(made(0, 0) // DAY, today // DAY + 1)
        self._of_day = lru_cache(DAYS_AT_HAND)(self._read_day)

    def _computed(self) -> int:
        return sum(len(self._had(number)) for number in range(self._count))

    def _is_computed(self, key: str) -> bool:
        number = number_in(key)
        return 0 <= number < self._count and any(
            key == month_key(self._prefix, number, month) for month in self._had(number)
        )

    def _walk(self, after: str | None = None, before: str | None = None, **asked: Unpack[Asked]) -> Iterator[str]:
        since, until, narrow = asked["since"], asked["until"], asked["narrow"]
        low = self._days.start * DAY if since is None else since
        high = self._days.stop * DAY if until is None else until
        first, end = (low, -1, -1), (high, -1, -1)
        if before is not None:
            first = max(first, self._after(self._place(before)))
        elif after is not None:
            end = min(end, self._place(after))
        if narrow:
            own = self._of_account(number_in(narrow[1]))
            places: Iterable[Place] = own if before is not None else reversed(own)
        else:
            places = self._between(first, end, back=before is None)
        return (month_key(self._prefix, *place[1:]) for place in places if first <= place < end)

    def _place(self, key: str) -> Place:
        number, month = number_in(key), _month_in(key)
        return self._made(number, month), number, month

    @staticmethod
    def _after(place: Place) -> Place:
        at, number, month = place
        return at, number, month + 1

    def _of_account(self, number: int) -> list[Place]:
        months = self._had(number) if 0 <= number < self._count else ()
        return [(self._made(number, month), number, month) for month in months]

    def _between(self, first: Place, end: Place, *, back: bool) -> Iterator[Place]:
        """All of the days of two places, whole days."""
        days = range(max(first[0] // DAY, self._days.start), min(end[0] // DAY + 1, self._days.stop))
        for day in reversed(days) if back else days:
            places = self._of_day(day)
            yield from reversed(places) if back else places

    def _day(self, number: int, month: int) -> int:
        return self._made(number, month) // DAY

    def _read_day(self, day: int) -> list[Place]:
        """Accounts that began some whole months before a day stand side by side, so they are found by halving."""
        numbers = range(self._count)
        found: list[Place] = []
        for month in range((day - self._days.start) // 28 + 2):
            of_day = partial(self._day, month=month)
            low = bisect_left(numbers, day, key=of_day)
            high = bisect_left(numbers, day + 1, low, key=of_day)
            had = (number for number in range(low, high) if month in self._had(number))
            found.extend((self._made(number, month), number, month) for number in had)
        return sorted(found)


def _month_in(key: str) -> int:
    month = key.rpartition("_")[2]
    return int(month) if month.isascii() and month.isdecimal() else -1
