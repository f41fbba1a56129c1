"""Who hears of a change: the web page at once, the app through the events it subscribed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.slack.world.links import links_to
from bot.playground.slack.world.models import Channel, Json, Message, View

if TYPE_CHECKING:
    from bot.playground.slack.world.messages import Change
    from bot.playground.slack.world.state import State
    from bot.playground.slack.world.views import Change as ViewChange

SUBSCRIPTIONS = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}


def announce_message(state: State, change: Change, message: Message, before: Message | None) -> None:
    channel = state.workspace.channels[message.channel]
    if state.live.watched:
        readers = set(channel.members)
        if message.ephemeral_to is not None:
            readers &= {message.ephemeral_to}
        state.live.push({"type": change, "channel": message.channel, "message": message.to_page()}, to=readers)
    if message.ephemeral_to is not None or state.bot not in channel.members:
        return
    state.events.emit(SUBSCRIPTIONS[channel.kind], _message_event(state, channel, change, message, before))
    if change != "message" or message.user == state.bot:
        return
    if not channel.is_im and f"<@{state.bot}>" in message.text:
        state.events.emit("app_mention", _post_event(state, channel, message) | {"type": "app_mention"})
    if links := links_to(message.text, state.config.unfurl_domains):
        state.events.emit("link_shared", _link_event(message, links))


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


def _message_event(state: State, channel: Channel, change: Change, message: Message, before: Message | None) -> Json:
    if change == "message":
        return _post_event(state, channel, message)
    event: Json = {
        "type": "message",
        "subtype": change,
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": (event_ts := state.messages.next_ts()),
        "event_ts": event_ts,
        "previous_message": before.to_api() if before else None,
    }
    if change == "message_deleted":
        return event | {"deleted_ts": message.ts}
    return event | {"message": message.to_api()}


def _post_event(state: State, channel: Channel, message: Message) -> Json:
    return message.to_api() | {
        "channel": channel.id,
        "channel_type": channel.kind,
        "event_ts": message.ts,
        "team": state.config.team_id,
    }


def announce_view(state: State, change: ViewChange, view: View) -> None:
    state.live.push({"type": change, "view": state.view_shape(view)}, to=[view.user])


def announce_membership(state: State, channel: Channel, user: str, inviter: str | None, *, joined: bool) -> None:
    """Tell of somebody who came into a channel or left it."""
    state.live.push({"type": "channels"})
    name = "member_joined_channel" if joined else "member_left_channel"
    if state.bot in channel.members or user == state.bot:
        event: Json = {
            "type": name,
            "user": user,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": state.config.team_id,
            "event_ts": state.messages.next_ts(),
        }
        state.events.emit(name, event | ({"inviter": inviter} if inviter else {}))
