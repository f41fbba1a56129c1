"""A list of events as bad as it may get: some appear late, those of one minute in any order, some twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from bot.playground.stripe.store import Collection, Object

MINUTE = 60


class UnrulyEvents(Collection):
    """Events of which a share is not shown before some seconds have passed, and another share is listed twice.

    `now` tells the present second. The seed decides what happens to which event, whenever the list is read.
    """

    def __init__(
        self, held: Collection, now: Callable[[], int], seed: int, *, withheld: float, seconds: int, repeated: float
    ) -> None:
        super().__init__()
        self._now, self._seed = now, seed
        self._withheld, self._seconds, self._repeated = withheld, seconds, repeated
        self._lots: dict[str, _Lot] = {}
        for key in reversed(list(held.walk())):
            self.put(held[key])

    def put(self, held: Object) -> Object:
        self._lots.setdefault(held["id"], self._drawn(held))
        return super().put(held)

    def _drawn(self, held: Object) -> "_Lot":
        draw = Random(f"{self._seed}:{held['id']}").random
        return _Lot(held["created"], draw(), draw(), draw())

    def walk(
        self,
        *,
        after: str | None = None,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
        narrow: tuple[str, str] | None = None,
    ) -> Iterator[str]:
        """As the list of an orderly collection is walked; `narrow` is not known of events."""
        assert narrow is None  # noqa: S101 - no index of events exists
        keys = sorted((key for key in self._keys if self._is_shown(key, since, until)), key=self._place)
        if before is not None:
            keys = [key for key in keys if self._place(key) > self._place(before)]
        else:
            keys = [key for key in reversed(keys) if after is None or self._place(key) < self._place(after)]
        for key in keys:
            yield key
            if self._lots[key].repeated < self._repeated:
                yield key

    def _is_shown(self, key: str, since: int | None, until: int | None) -> bool:
        lot = self._lots[key]
        late = self._seconds if lot.withheld < self._withheld else 0
        in_window = (since is None or lot.created >= since) and (until is None or lot.created < until)
        return in_window and lot.created + late <= self._now()

    def _place(self, key: str) -> tuple[int, float, str]:
        lot = self._lots[key]
        return lot.created // MINUTE, lot.order, key


@dataclass(frozen=True, slots=True)
class _Lot:
    """What falls to one event, as numbers from 0 to 1."""

    created: int
    withheld: float
    repeated: float
    order: float
