from typing import NamedTuple


class Retry(NamedTuple):
    """Which attempt a delivery is, 0 being the first, and why the last one failed."""

    number: int = 0
    reason: str = ""


FIRST = Retry()
