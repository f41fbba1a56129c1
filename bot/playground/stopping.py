"""How the servers end when they run alone."""

import asyncio
import signal


def stop_asked() -> asyncio.Event:
    """Set by SIGINT or SIGTERM from now on.

    Handled here and not by KeyboardInterrupt: a background job of a shell starts with SIGINT ignored.
    """
    stopping = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stopping.set)
    return stopping
