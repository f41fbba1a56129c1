"""Every message of the workspace, in memory, the oldest forgotten first."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.models import Message

Change = Literal["message", "message_changed", "message_deleted"]
Listener = Callable[[Change, Message, Message | None], None]


class Messages:
    """`on_change` hears (what happened, the message now, the message before); `kept` is for each channel."""

    def __init__(self, clock: Clock, on_change: Listener, kept: int) -> None:
        self._clock = clock
        self._on_change = on_change
        self._kept = kept
        self._by_channel: dict[str, dict[str, Message]] = {}  # by ts, oldest first
        self._last_ts = 0

    def next_ts(self) -> str:
        """Unique and rising, even when the clock stands still or is set back."""
        self._last_ts = max(self._last_ts + 1, int(self._clock.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def post(self, message: Message) -> Message:
        """Add a message, whose ts `next_ts` gave."""
        kept = self._by_channel.setdefault(message.channel, {})
        kept[message.ts] = message
        if len(kept) > self._kept:
            del kept[next(iter(kept))]
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
        return self._by_channel.get(channel, {}).get(ts)

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
        del self._by_channel[message.channel][message.ts]
        parent = self._parent(message)
        if parent is not None and message in parent.replies:
            parent.replies.remove(message)
        self._on_change("message_deleted", message, message)

    def every(self, channel: str) -> Iterator[Message]:
        """Everything in a channel, oldest first: replies and what only one person sees included."""
        yield from list(self._by_channel.get(channel, {}).values())

    def timeline(self, channel: str) -> list[Message]:
        """What stands in the channel itself, oldest first; replies and ephemerals are left out."""
        return [m for m in self.every(channel) if m.in_channel and m.ephemeral_to is None]

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

        return [m for m in self.every(channel) if shown(m)]
