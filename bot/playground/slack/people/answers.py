"""What an app answers to a command or a click, directly or through the response URL."""

from bot.playground.slack.doors.posting import content_of
from bot.playground.slack.doors.response_urls import ResponseUrl
from bot.playground.slack.world.models import Json, Message
from bot.playground.slack.world.state import State


def give_answer(state: State, target: ResponseUrl, body: Json) -> None:
    """Post, replace or delete; the bot need not be in the channel. Raises SlackError."""
    original = state.messages.get(target.channel, target.message_ts) if target.message_ts else None
    if body.get("delete_original") and original is not None:
        state.messages.delete(original)
        return
    content = content_of(body)
    if body.get("replace_original") and original is not None:
        _replace(state, original, content)
        return
    public = body.get("response_type") == "in_channel"
    state.messages.post(
        Message(
            ts=state.messages.next_ts(),
            channel=target.channel,
            user=state.bot,
            bot_id=state.config.bot_id,
            app_id=state.config.app_id,
            thread_ts=str(body["thread_ts"]) if body.get("thread_ts") else target.thread_ts,
            ephemeral_to=None if public else target.user,
            **content,
        )
    )


def _replace(state: State, original: Message, content: Json) -> None:
    before = state.messages.snapshot(original)
    original.text, original.blocks = content["text"], content["blocks"]
    original.attachments = content["attachments"]
    state.messages.changed(original, before)
