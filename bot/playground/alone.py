"""What the servers share when they run alone: how they end, and what is said when they cannot begin."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import click


def stop_asked() -> asyncio.Event:
    """Set by SIGINT or SIGTERM from now on.

    Handled here and not by KeyboardInterrupt: a background job of a shell starts with SIGINT ignored.
    """
    stopping = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stopping.set)
    return stopping


@contextmanager
def listening(port: int) -> Iterator[None]:
    """Turns an OSError of what begins to listen there into the command's one sentence."""
    try:
        yield
    except OSError:
        raise click.ClickException(
            f"Port {port} is taken or not yours to use; name another one, or leave --port out."
        ) from None
