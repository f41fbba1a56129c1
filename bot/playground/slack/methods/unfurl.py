from typing import Any

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.posting import refuse, with_ids
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.validate import check_blocks
from bot.playground.slack.world.links import links_to
from bot.playground.slack.world.models import Json, Message


@method("chat.unfurl", "links:write")
def unfurl(call: Call) -> Json:
    """Put previews of an app's own links under the message they stand in."""
    message = _message(call)
    unfurls = call.args.decoded("unfurls")
    if not isinstance(unfurls, dict) or not unfurls:
        raise SlackError("missing_unfurls")
    allowed = links_to(message.text, call.state.config.unfurl_domains)
    if not all(url in [one["url"] for one in allowed] for url in unfurls):
        raise SlackError("cannot_unfurl_url")
    previews = [_preview(url, content) for url, content in unfurls.items()]
    before = call.state.messages.snapshot(message)
    others = [one for one in message.attachments if one.get("from_url") not in unfurls]
    message.attachments = [*others, *previews]
    call.state.messages.changed(message, before)
    return {}


def _message(call: Call) -> Message:
    """By channel and ts, or by the ids of the event that told of the links."""
    state = call.state
    if unfurl_id := call.args.optional("unfurl_id"):
        channel, _, ts = unfurl_id.partition("-")
    else:
        channel, ts = call.args.text("channel"), call.args.text("ts")
    message = state.messages.get(state.workspace.visible(channel, state.bot).id, ts)
    if message is None or message.ephemeral_to is not None:
        raise SlackError("cannot_find_message")
    return message


def _preview(url: str, content: Any) -> Json:
    if not isinstance(content, dict):
        raise SlackError("cannot_parse_attachment")
    blocks = content.get("blocks", [])
    refuse(check_blocks(blocks, "message", ("unfurls", url, "blocks")), "invalid_blocks")
    with_ids(blocks)
    return {**content, "from_url": url}
