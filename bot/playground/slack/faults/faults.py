"""Failures on order: what goes wrong, with which method, how often."""

from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

Kind = Literal["429", "500", "timeout", "drop_after_accept", "error"]


@dataclass
class Fault:
    """`times` None means until reset. `error` is what `kind="error"` answers, with HTTP 200."""

    method: str
    kind: Kind
    error: str = "internal_error"
    retry_after: int = 1
    times: int | None = 1
    block_type: str | None = None
    channel: str | None = None

    @classmethod
    def parse(cls, order: dict[str, Any]) -> Self:
        """Raises ValueError or TypeError naming the field that is wrong."""
        unknown = sorted(set(order) - set(cls.__dataclass_fields__))
        if unknown:
            raise ValueError(f"unknown field {unknown[0]}")
        if order.get("kind") not in get_args(Kind):
            raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}")
        if not isinstance(order.get("method"), str):
            raise TypeError("method must be a string")
        for name in ("retry_after", "times"):
            if not isinstance(order.get(name, 1), int | None):
                raise TypeError(f"{name} must be a whole number")
        return cls(**order)

    def meets(self, method: str, args: dict[str, Any]) -> bool:
        if self.method not in ("*", method):
            return False
        if self.channel is not None and args.get("channel") != self.channel:
            return False
        return self.block_type is None or self.block_type in _block_types(args.get("blocks"))


class Faults:
    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        self._ordered.append(fault)

    def reset(self) -> None:
        self._ordered.clear()

    def take(self, method: str, args: dict[str, Any]) -> Fault | None:
        """The oldest fault ordered for this call, which it uses up."""
        for fault in self._ordered:
            if fault.meets(method, args):
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
