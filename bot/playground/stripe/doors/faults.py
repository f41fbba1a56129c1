"""Trouble on demand: limits, errors, silence, half answers, lost connections; and the pace that Stripe allows."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from bot.playground.stripe.doors import errors

Kind = Literal["429", "500", "timeout", "cut_body", "drop"]


@dataclass(config=ConfigDict(extra="forbid"))
class Fault:
    """Strikes `times` requests to paths that begin with `path`, after letting `after` of them pass.

    Raises pydantic's ValidationError for what is no such thing.
    """

    path: str
    kind: Kind
    times: Annotated[int, Field(ge=1)] = 1
    after: Annotated[int, Field(ge=0)] = 0
    retry_after: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    should_retry: bool | None = None
    reason: Annotated[str, Field(pattern="^[a-z-]+$")] = "global-rate"

    def strikes(self, path: str) -> bool:
        if self.times <= 0 or not path.startswith(self.path):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True

    def headers(self) -> dict[str, str]:
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = f"{self.retry_after:g}"
        if self.should_retry is not None:
            headers["Stripe-Should-Retry"] = "true" if self.should_retry else "false"
        return headers


class Faults:
    """The faults that wait for their requests."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def next(self, path: str) -> Fault | None:
        """The fault that strikes this request; answers 429 and 500 are raised at once."""
        struck = next((fault for fault in self.waiting if fault.strikes(path)), None)
        self.waiting = [fault for fault in self.waiting if fault.times > 0]
        if struck and struck.kind == "429":
            raise errors.limited(struck.reason, struck.headers())
        if struck and struck.kind == "500":
            raise errors.broken(struck.headers())
        return struck


class Pace:
    """At most `per_second` requests to each endpoint within any second; 0 allows any number."""

    def __init__(self, per_second: int = 0, tick: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_second
        self._tick = tick
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)
        self.refused = 0

    def check(self, endpoint: str) -> None:
        if not self.per_second:
            return
        now, recent = self._tick(), self._recent[endpoint]
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= self.per_second:
            self.refused += 1
            raise errors.limited("endpoint-rate")
        recent.append(now)


class Calls:
    """How often each endpoint was asked, and with which API versions."""

    def __init__(self) -> None:
        self.endpoints: Counter[str] = Counter()
        self.versions: Counter[str] = Counter()

    def count(self, method: str, endpoint: str, version: str) -> None:
        self.endpoints[f"{method} {endpoint}"] += 1
        self.versions[version] += 1
