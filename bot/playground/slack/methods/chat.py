from typing import Any

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.posting import POST_TEXT, UPDATE_TEXT, content_of
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.world.models import Channel, Json, Message

IDENTITY_ARGS = ("username", "icon_emoji", "icon_url")


def _channel(call: Call) -> Channel:
    return target_channel(call, call.args.text("channel"))


def target_channel(call: Call, reference: str) -> Channel:
    """The channel to write to; a person's id means the direct message with them."""
    state = call.state
    if reference in state.workspace.users:
        user = state.workspace.user(reference)
        if user.is_bot or user.deleted:
            raise SlackError("channel_not_found")
        return state.workspace.direct_message(user.id)
    return state.workspace.visible(reference, state.bot)


def may_post(call: Call, channel: Channel) -> None:
    """Refuse where the bot may not write."""
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.state.bot not in channel.members and "chat:write.public" not in call.state.scopes:
        raise SlackError("not_in_channel")


def _thread(call: Call, channel: Channel) -> str | None:
    """The ts of the parent, also when a reply of the thread was named."""
    ts = call.args.optional("thread_ts")
    if not ts:
        return None
    parent = call.state.messages.get(channel.id, ts)
    if parent is None or parent.ephemeral_to is not None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def compose(call: Call, channel: Channel, content: Json, **more: Any) -> Message:
    """A message of the bot with this content, where the call says."""
    config = call.state.config
    if any(call.args.optional(name) for name in IDENTITY_ARGS):
        call.need("chat:write.customize")
        more["username"] = call.args.optional("username") or None
    thread_ts = _thread(call, channel)
    if thread_ts and call.args.flag("reply_broadcast"):
        more["subtype"] = "thread_broadcast"
    return Message(
        ts=call.state.messages.next_ts(),
        channel=channel.id,
        user=config.bot_user_id,
        bot_id=config.bot_id,
        app_id=config.app_id,
        thread_ts=thread_ts,
        **content,
        **more,
    )


@method("chat.postMessage", "chat:write", tier=0)
def post_message(call: Call) -> Json:
    channel = _channel(call)
    may_post(call, channel)
    content = content_of(call.args.raw)
    call.state.pace.take(channel.id)
    too_long = len(content["text"]) > POST_TEXT
    content["text"] = content["text"][:POST_TEXT]
    message = call.state.messages.post(compose(call, channel, content))
    answer = {"channel": channel.id, "ts": message.ts, "message": message.to_api(with_metadata=True)}
    if too_long:
        answer |= {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    return answer


@method("chat.postEphemeral", "chat:write", tier=4)
def post_ephemeral(call: Call) -> Json:
    channel, user = _channel(call), call.args.text("user")
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.state.bot not in channel.members:
        raise SlackError("not_in_channel")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = content_of(call.args.raw)
    if len(content["text"]) > POST_TEXT:
        raise SlackError("msg_too_long")
    call.state.pace.take(channel.id)
    message = call.state.messages.post(compose(call, channel, content, ephemeral_to=user))
    return {"message_ts": message.ts}


def _own_message(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = _channel(call)
    message = call.state.messages.require(channel.id, call.args.text("ts"))
    if message.bot_id != call.state.config.bot_id:
        raise SlackError(refusal)
    return channel, message


@method("chat.update", "chat:write")
def update(call: Call) -> Json:
    """A text without blocks takes the old blocks away; metadata that is not named stays."""
    channel, message = _own_message(call, "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    content = content_of(call.args.raw)
    if len(content["text"]) > UPDATE_TEXT:
        raise SlackError("msg_too_long")
    before = call.state.messages.snapshot(message)
    message.text, message.blocks = content["text"], content["blocks"]
    message.attachments = content["attachments"]
    if "metadata" in call.args.raw:
        message.metadata = content["metadata"]
    if not message.blocks:  # Slack marks an update as edited only when the text is what people read
        message.edited = {"user": call.state.bot, "ts": call.state.messages.next_ts()}
    call.state.messages.changed(message, before)
    return {"channel": channel.id, "ts": message.ts, "text": message.text} | {
        "message": message.to_api(with_metadata=True)
    }


@method("chat.delete", "chat:write")
def delete(call: Call) -> Json:
    channel, message = _own_message(call, "cant_delete_message")
    call.state.messages.delete(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
def get_permalink(call: Call) -> Json:
    channel = _channel(call)
    message = call.state.messages.require(channel.id, call.args.text("message_ts"))
    place = f"archives/{channel.id}/p{message.ts.replace('.', '')}"
    in_thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    domain = call.state.config.team_domain
    return {"channel": channel.id, "permalink": f"https://{domain}.slack.com/{place}{in_thread}"}
