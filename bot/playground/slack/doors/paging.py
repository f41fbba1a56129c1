"""Cursors as Slack gives them: opaque, and refused when they are not ours."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from bot.playground.slack.doors.errors import SlackError

T = TypeVar("T")


def page(items: Sequence[T], cursor: str, limit: int) -> tuple[Sequence[T], str]:
    """The page a cursor points to, and the cursor of the next one, empty when there is none."""
    start = _offset(cursor) if cursor else 0
    end = start + limit
    return items[start:end], _cursor(end) if end < len(items) else ""


def _cursor(offset: int) -> str:
    return base64.b64encode(f"offset:{offset}".encode()).decode()


def _offset(cursor: str) -> int:
    try:
        name, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if name != "offset":
            raise SlackError("invalid_cursor")
        return max(0, int(number))
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None
