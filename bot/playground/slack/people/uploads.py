"""A person shares a file in a channel, or puts it into a form."""

import base64
import binascii

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.people.actor import Actor
from bot.playground.slack.world.files import File
from bot.playground.slack.world.models import Json, Message


def upload(actor: Actor, name: str, content: str, channel: str = "") -> Json:
    """The file, of `content` in base64; shared in the channel when one is named."""
    state = actor.state
    try:
        read = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise SlackError("invalid_file") from None
    _, key = state.files.announce(name, len(read), actor.id)
    file = state.files.receive(key, read)
    if channel:
        _share(actor, file, channel)
    return file.to_api(state.base_url)


def _share(actor: Actor, file: File, reference: str) -> None:
    state = actor.state
    channel = state.workspace.visible(reference, actor.id)
    if channel.is_archived:
        raise SlackError("is_archived")
    file.channels.append(channel.id)
    ts, shape = state.messages.next_ts(), file.to_api(state.base_url)
    state.messages.post(Message(ts=ts, channel=channel.id, user=actor.id, text="", subtype="file_share", files=[shape]))
    if state.bot in channel.members:
        event = {"type": "file_shared", "file_id": file.id, "user_id": actor.id, "channel_id": channel.id}
        state.events.emit("file_shared", event | {"event_ts": state.messages.next_ts()})
