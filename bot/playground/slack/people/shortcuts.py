"""A person picks a shortcut: from the menu of the composer, or from that of a message."""

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.people.actor import Actor
from bot.playground.slack.people.clicks import seen_message
from bot.playground.slack.people.payloads import channel_shape, deliver, interactive
from bot.playground.slack.world.models import Json


async def use_shortcut(actor: Actor, callback_id: str, channel: str = "", message_ts: str = "") -> None:
    """Deliver it and wait for its acknowledgement; a message shortcut needs the message. Raises SlackError."""
    state = actor.state
    seed = next((one for one in state.config.shortcuts if one.callback_id == callback_id), None)
    if seed is None or (seed.type == "message") != bool(message_ts):
        raise SlackError("shortcut_not_found")
    ids = {"callback_id": callback_id, "trigger_id": state.triggers.issue(actor.id)}
    payload: Json = ids | {"action_ts": state.messages.next_ts()}
    if seed.type == "global":
        payload = interactive(actor, "shortcut") | payload
    else:
        payload = interactive(actor, "message_action") | payload | _of_message(actor, channel, message_ts)
    await deliver(actor, "interactive", payload, seed.name)


def _of_message(actor: Actor, channel: str, message_ts: str) -> Json:
    message = seen_message(actor, channel, message_ts)
    if message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    where = (actor.id, message.channel, message.ts, message.thread_ts)
    return {
        "channel": channel_shape(actor.state, message.channel),
        "message": message.to_api(),
        "message_ts": message.ts,
        "response_url": actor.state.response_urls.issue(*where),
    }
