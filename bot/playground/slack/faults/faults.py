"""Failures on order: what goes wrong, with which request or delivery, how often."""

from dataclasses import dataclass, field, fields
from random import Random
from typing import Any, Literal, Self, get_args

Kind = Literal[
    "429",
    "500",
    "502",
    "503",
    "504",
    "timeout",
    "drop",
    "drop_after_accept",
    "cut_body",
    "delay",
    "duplicate",
    "error",
]
DELIVERIES = frozenset({"events_api", "slash_commands", "interactive"})
ON_DELIVERY = frozenset({"delay", "drop", "drop_after_accept", "duplicate"})
_WHOLE = {"retry_after": 0, "times": 1, "skip": 0, "seed": 0}  # each with the least it may be
_TEXT = {"error": str, "block_type": str | None, "channel": str | None}


@dataclass
class Fault:
    """One thing that goes wrong.

    `method` is a method of the Web API, `response_url`, a kind of delivery to the app (`events_api`, `slash_commands`,
    `interactive`), or `*` for every request of the app. The first `skip` that fit pass; of the rest each meets it with
    `probability`, drawn by `seed`; `times` None means until reset. `error` is what kind `error` answers, with HTTP 200;
    `retry_after` None leaves the header out; `seconds` is what kind `delay` waits on the server's clock.
    """

    method: str
    kind: Kind
    error: str = "internal_error"
    retry_after: int | None = 1
    times: int | None = 1
    block_type: str | None = None
    channel: str | None = None
    skip: int = 0
    probability: float | None = None
    seed: int = 0
    seconds: float = 1.0
    _drawn: Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._drawn = Random(self.seed)

    @classmethod
    def parse(cls, order: dict[str, Any]) -> Self:
        """Raises ValueError or TypeError naming the field that is wrong."""
        unknown = sorted(set(order) - {one.name for one in fields(cls) if one.init})
        if unknown:
            raise ValueError(f"unknown field {unknown[0]}")
        if order.get("kind") not in get_args(Kind):
            raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}")
        if not isinstance(order.get("method"), str):
            raise TypeError("method must be a string")
        _check_values(order)
        if (order["method"] in DELIVERIES) > (order["kind"] in ON_DELIVERY):
            raise ValueError(f"a delivery to the app fails by one of {', '.join(sorted(ON_DELIVERY))}")
        if order["kind"] == "duplicate" and order["method"] not in DELIVERIES:
            raise ValueError(f"only deliveries come twice: method must be one of {', '.join(sorted(DELIVERIES))}")
        return cls(**order)

    def to_json(self) -> dict[str, Any]:
        """The order as `parse` takes it."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.init}

    def fits(self, method: str, args: dict[str, Any]) -> bool:
        if self.method != method and (self.method != "*" or method in DELIVERIES):
            return False
        if self.channel is not None and self.channel not in _channels(args):
            return False
        return self.block_type is None or self.block_type in _block_types(args.get("blocks"))

    def strikes(self) -> bool:
        """Whether it happens to one that fits; counts the ones that pass."""
        if self.skip > 0:
            self.skip -= 1
            return False
        return self.probability is None or self._drawn.random() < self.probability


def _check_values(order: dict[str, Any]) -> None:
    for name, least in _WHOLE.items():
        value = order.get(name, least)
        if value is None and name in ("retry_after", "times"):
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} must be a whole number")
        if value < least:
            raise ValueError(f"{name} must be at least {least}")
    for name, kind in _TEXT.items():
        if not isinstance(order.get(name, ""), kind):
            raise TypeError(f"{name} must be a string")
    for name, most in (("probability", 1.0), ("seconds", 86_400.0)):
        value = order.get(name, most)
        if value is None and name == "probability":
            continue
        if not (isinstance(value, int | float) and 0 <= value <= most):
            raise ValueError(f"{name} must be a number from 0 to {most:g}")


class Faults:
    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        self._ordered.append(fault)

    def reset(self) -> None:
        self._ordered.clear()

    def take(self, method: str, args: dict[str, Any]) -> Fault | None:
        """The oldest fault ordered for this request or delivery that strikes, which uses it up."""
        for fault in self._ordered:
            if fault.fits(method, args) and fault.strikes():
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times < 1:
            self._ordered.remove(fault)


def _block_types(blocks: Any) -> set[str]:
    if not isinstance(blocks, list):
        return set()
    return {str(block.get("type")) for block in blocks if isinstance(block, dict)}


def _channels(args: dict[str, Any]) -> list[Any]:
    """What a request or a delivery says of the channel it is about."""
    inner = [args.get(key) for key in ("channel", "event")]
    held = [one.get(key) for one in inner if isinstance(one, dict) for key in ("id", "channel")]
    return [args.get("channel"), args.get("channel_id"), *held]
