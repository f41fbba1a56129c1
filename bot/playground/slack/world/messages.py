"""Every message of the workspace, in memory, the oldest forgotten first."""

from bisect import insort
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.models import Message

Change = Literal["message", "message_changed", "message_deleted"]
Listener = Callable[[Change, Message, Message | None], None]

KEPT_PER_CHANNEL = 1000


class Messages:
    """`on_change` hears (what happened, the message now, the message before)."""

    def __init__(self, clock: Clock, on_change: Listener) -> None:
        self._clock = clock
        self._on_change = on_change
        self._by_channel: dict[str, list[Message]] = {}
        self._last_ts = 0

    def next_ts(self) -> str:
        """Unique and rising, even when the clock stands still or is set back."""
        self._last_ts = max(self._last_ts + 1, int(self._clock.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def post(self, message: Message) -> Message:
        kept = self._by_channel.setdefault(message.channel, [])
        insort(kept, message, key=lambda m: m.ts)
        del kept[:-KEPT_PER_CHANNEL]
        parent = self._parent(message)
        if parent is not None and message.ephemeral_to is None:
            parent.replies.append(message)
        self._on_change("message", message, None)
        return message

    def _parent(self, message: Message) -> Message | None:
        if message.thread_ts is None or message.thread_ts == message.ts:
            return None
        return self.get(message.channel, message.thread_ts)

    def get(self, channel: str, ts: str) -> Message | None:
        return next((m for m in self._by_channel.get(channel, ()) if m.ts == ts), None)

    def require(self, channel: str, ts: str) -> Message:
        message = self.get(channel, ts)
        if message is None or message.ephemeral_to is not None:
            raise SlackError("message_not_found")
        return message

    def changed(self, message: Message, before: Message) -> None:
        self._on_change("message_changed", message, before)

    def snapshot(self, message: Message) -> Message:
        return replace(message, replies=list(message.replies))

    def delete(self, message: Message) -> None:
        self._by_channel[message.channel].remove(message)
        parent = self._parent(message)
        if parent is not None and message in parent.replies:
            parent.replies.remove(message)
        self._on_change("message_deleted", message, message)

    def timeline(self, channel: str) -> list[Message]:
        """What stands in the channel itself, oldest first; replies and ephemerals are left out."""
        return [m for m in self._by_channel.get(channel, ()) if m.in_channel and m.ephemeral_to is None]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The parent and its replies; `thread_not_found` when there is no such message."""
        asked = self.get(channel, ts)
        parent = self._parent(asked) or asked if asked else None
        if parent is None or parent.ephemeral_to is not None:
            raise SlackError("thread_not_found")
        return [parent, *parent.replies]

    def seen_by(self, channel: str, user: str, thread_ts: str | None) -> list[Message]:
        """As a person sees it: their own ephemerals included."""

        def shown(message: Message) -> bool:
            if message.ephemeral_to not in (None, user):
                return False
            if thread_ts is None:
                return message.in_channel
            return thread_ts in (message.thread_ts, message.ts)

        return [m for m in self._by_channel.get(channel, ()) if shown(m)]
