import re

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.paging import page
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.methods.conversations import asked_channel
from bot.playground.slack.world.models import Channel, Json, Message

SCOPES = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}


def _readable(call: Call) -> Channel:
    channel = asked_channel(call, SCOPES)
    if call.state.bot not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _bound(call: Call, name: str, otherwise: str) -> tuple[int, int]:
    value = call.args.optional(name) or otherwise
    if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", value):
        raise SlackError(f"invalid_ts_{name}")
    seconds, _, rest = value.partition(".")
    return int(seconds), int(rest.ljust(6, "0"))


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """Those between oldest and latest; the bounds themselves only when asked for as inclusive."""
    oldest, latest = _bound(call, "oldest", "0"), _bound(call, "latest", "999999999999")
    inclusive = call.args.flag("inclusive")

    def wanted(message: Message) -> bool:
        seconds, _, rest = message.ts.partition(".")
        moment = (int(seconds), int(rest))
        return oldest < moment < latest or (inclusive and moment in (oldest, latest))

    return [message for message in messages if wanted(message)]


def _shapes(call: Call, messages: list[Message], most: int) -> Json:
    found = _within(call, messages)
    some, cursor = page(found, call.args.optional("cursor"), call.args.number("limit", 100, most))
    with_metadata = call.args.flag("include_all_metadata")
    shape: Json = {
        "messages": [message.to_api(with_metadata=with_metadata) for message in some],
        "has_more": bool(cursor),
    }
    return shape | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


@method("conversations.history", *SCOPES.values())
def history(call: Call) -> Json:
    channel = _readable(call)
    return _shapes(call, call.state.messages.timeline(channel.id)[::-1], 999) | {"pin_count": 0}


@method("conversations.replies", *SCOPES.values())
def replies(call: Call) -> Json:
    channel = _readable(call)
    return _shapes(call, call.state.messages.thread(channel.id, call.args.text("ts")), 1000)
