"""Collections that take no memory: each object is computed from its id whenever it is asked for.

The objects may be changed (the changed ones are kept), but none can be added.
"""

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial

from bot.playground.stripe.billing.dates import DAY
from bot.playground.stripe.store import Collection, Object, dump

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


class Computed(Collection):
    """`linked` names the fields that hold an id of the same account's customer or subscription."""

    def __init__(self, make: Callable[[str], Object], *linked: str) -> None:
        super().__init__()
        self._make = make
        self._linked = linked

    @abstractmethod
    def __contains__(self, key: object) -> bool: ...

    def __getitem__(self, key: str) -> Object:
        if key not in self:
            raise KeyError(key)
        changed = self._objects.get(key)
        return self._make(key) if changed is None else changed

    def put(self, held: Object) -> Object:
        """Keep the changed state of one of the objects."""
        if held["id"] not in self:
            raise ValueError("nothing can be added to a light company")
        self._objects[held["id"]] = held
        return held

    def text(self, key: str) -> str:
        return dump(self[key])

    def written(self, held: Object) -> str:
        return dump(held)

    def indexes(self, name: str) -> bool:
        return name in self._linked


class OnePerAccount(Computed):
    """`count` objects with ids of this prefix, the later made the higher their number."""

    def __init__(
        self, prefix: str, count: int, created: Callable[[int], int], make: Callable[[int], Object], *linked: str
    ) -> None:
        super().__init__(lambda key: make(number_in(key)), *linked)
        self._prefix, self._count, self._created = prefix, count, created

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str) or not 0 <= (number := number_in(key)) < self._count:
            return False
        return key == key_of(self._prefix, number)

    def walk(
        self,
        *,
        after: str | None = None,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
        narrow: tuple[str, str] | None = None,
    ) -> Iterator[str]:
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
        linked: Sequence[str] = (),
    ) -> None:
        super().__init__(lambda key: make(number_in(key), _month_in(key)), *linked)
        self._prefix, self._count, self._made, self._had = prefix, count, made, had
        self._days = range(made(0, 0) // DAY, today // DAY + 1)
        self._of_day = lru_cache(DAYS_AT_HAND)(self._read_day)

    def __len__(self) -> int:
        return sum(len(self._had(number)) for number in range(self._count))

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str) or not 0 <= (number := number_in(key)) < self._count:
            return False
        return any(key == month_key(self._prefix, number, month) for month in self._had(number))

    def walk(
        self,
        *,
        after: str | None = None,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
        narrow: tuple[str, str] | None = None,
    ) -> Iterator[str]:
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
        return [(self._made(number, month), number, month) for month in self._had(number)]

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
