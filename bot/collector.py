"""Python's collector of objects that refer to each other."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MADE = 100_000  # objects more than let go of, before it looks; Python's own 700 are for small programs


def collect_seldom() -> None:
    """Look seldom: rows that are read are many objects and no circles, and looking takes a third of the time."""
    gc.set_threshold(MADE, 20, 20)


@contextmanager
def without_collecting() -> Iterator[None]:
    """For what makes very many objects that refer back to none: to look for circles takes a fifth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
