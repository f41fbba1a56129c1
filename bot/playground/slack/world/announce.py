"""Who hears of a change: the web page at once, the app through the events it subscribed to."""

from collections.abc import Callable

from bot.playground.slack.world.config import SlackConfig
from bot.playground.slack.world.events import Events
from bot.playground.slack.world.links import links_to
from bot.playground.slack.world.live import Live
from bot.playground.slack.world.messages import Change
from bot.playground.slack.world.models import Channel, Json, Message, View
from bot.playground.slack.world.views import Change as ViewChange
from bot.playground.slack.world.workspace import Workspace

SUBSCRIPTIONS = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


class Announcer:
    """Tells of what changed in a workspace; `next_ts` gives every event its own moment."""

    def __init__(
        self, config: SlackConfig, workspace: Workspace, live: Live, events: Events, next_ts: Callable[[], str]
    ) -> None:
        self._config, self._bot = config, config.bot_user_id
        self._workspace = workspace
        self._live = live
        self._events = events
        self._next_ts = next_ts

    def message(self, change: Change, message: Message, before: Message | None) -> None:
        channel = self._workspace.channels[message.channel]
        if self._live.watched:
            readers = set(channel.members)
            if message.ephemeral_to is not None:
                readers &= {message.ephemeral_to}
            self._live.push({"type": change, "channel": message.channel, "message": message.to_page()}, to=readers)
        if message.ephemeral_to is not None or self._bot not in channel.members:
            return
        self._events.emit(SUBSCRIPTIONS[channel.kind], self._message_event(channel, change, message, before))
        if change != "message" or message.user == self._bot:
            return
        if not channel.is_im and f"<@{self._bot}>" in message.text:
            self._events.emit("app_mention", self._post_event(channel, message) | {"type": "app_mention"})
        if links := links_to(message.text, self._config.unfurl_domains):
            self._events.emit("link_shared", _link_event(message, links))

    def view(self, change: ViewChange, view: View, shape: Json) -> None:
        self._live.push({"type": change, "view": shape}, to=[view.user])

    def membership(self, channel: Channel, user: str, inviter: str | None, *, joined: bool) -> None:
        """Tell of somebody who came into a channel or left it."""
        self._live.push({"type": "channels"})
        name = "member_joined_channel" if joined else "member_left_channel"
        if self._bot in channel.members or user == self._bot:
            event: Json = {
                "type": name,
                "user": user,
                "channel": channel.id,
                "channel_type": "G" if channel.is_private else "C",
                "team": self._config.team_id,
                "event_ts": self._next_ts(),
            }
            self._events.emit(name, event | ({"inviter": inviter} if inviter else {}))

    def _message_event(self, channel: Channel, change: Change, message: Message, before: Message | None) -> Json:
        if change == "message":
            return self._post_event(channel, message)
        event: Json = {
            "type": "message",
            "subtype": change,
            "hidden": True,
            "channel": channel.id,
            "channel_type": channel.kind,
            "ts": (event_ts := self._next_ts()),
            "event_ts": event_ts,
            "previous_message": before.to_api() if before else None,
        }
        if change == "message_deleted":
            return event | {"deleted_ts": message.ts}
        return event | {"message": message.to_api()}

    def _post_event(self, channel: Channel, message: Message) -> Json:
        return message.to_api() | {
            "channel": channel.id,
            "channel_type": channel.kind,
            "event_ts": message.ts,
            "team": self._config.team_id,
        }


def _link_event(message: Message, links: list[Json]) -> Json:
    return {
        "type": "link_shared",
        "user": message.user,
        "channel": message.channel,
        "message_ts": message.ts,
        "unfurl_id": f"{message.channel}-{message.ts}",
        "source": "conversations_history",
        "is_bot_user_member": True,
        "links": links,
        "event_ts": message.ts,
    } | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
