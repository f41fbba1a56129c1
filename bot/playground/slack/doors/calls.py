"""A bounded record of what the app asked for, for tests and for the curious."""

import json
from collections import deque
from typing import Any

ARGS_LIMIT = 64 * 1024
SECRET_ARGS = frozenset({"token", "client_secret", "refresh_token"})


class Calls:
    def __init__(self, kept: int) -> None:
        self._kept: deque[dict[str, Any]] = deque(maxlen=kept)
        self._count = 0

    def record(self, method: str, args: dict[str, Any], outcome: str, at: str) -> None:
        """Note one call; arguments too large to keep are replaced by their size."""
        self._count += 1
        shown = {key: value for key, value in args.items() if key not in SECRET_ARGS}
        size = len(json.dumps(shown))
        if size > ARGS_LIMIT:
            shown = {"not_kept": f"{size} characters"}
        self._kept.append({"number": self._count, "method": method, "args": shown, "outcome": outcome, "at": at})

    def listed(self, method: str | None = None) -> list[dict[str, Any]]:
        return [call for call in self._kept if method in (None, call["method"])]

    def clear(self) -> None:
        self._kept.clear()
