from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.paging import page
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.world.models import Channel, Json

TYPES = {"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read", "mpim": "mpim:read"}
_READ = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}


def type_of(channel: Channel) -> str:
    return {"channel": "public_channel", "group": "private_channel"}.get(channel.kind, channel.kind)


def asked_channel(call: Call, scopes: dict[str, str] | None = None) -> Channel:
    """The channel of a call, if the bot may know of it and its scopes reach that kind of channel."""
    channel = call.state.workspace.visible(call.args.text("channel"), call.state.bot)
    if scopes:
        call.need(scopes[channel.kind])
    return channel


@method("conversations.list", *TYPES.values(), tier=2)
def listing(call: Call) -> Json:
    wanted = [kind.strip() for kind in (call.args.optional("types") or "public_channel").split(",")]
    for kind in wanted:
        if kind not in TYPES:
            raise SlackError("invalid_types")
        call.need(TYPES[kind])
    state, skip_archived = call.state, call.args.flag("exclude_archived")
    found = [
        channel
        for channel in state.workspace.channels.values()
        if type_of(channel) in wanted
        and (channel.kind == "channel" or state.bot in channel.members)
        and not (skip_archived and channel.is_archived)
    ]
    some, cursor = page(found, call.args.optional("cursor"), call.args.number("limit", 100, 1000))
    return {
        "channels": [channel.to_api(state.bot) for channel in some],
        "response_metadata": {"next_cursor": cursor},
    }


@method("conversations.info", *_READ.values())
def info(call: Call) -> Json:
    return {"channel": asked_channel(call, _READ).to_api(call.state.bot)}


@method("conversations.members", *_READ.values(), tier=4)
def members(call: Call) -> Json:
    channel = asked_channel(call, _READ)
    some, cursor = page(channel.members, call.args.optional("cursor"), call.args.number("limit", 100, 1000))
    return {"members": list(some), "response_metadata": {"next_cursor": cursor}}


@method("conversations.join", "channels:join")
def join(call: Call) -> Json:
    channel = asked_channel(call)
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.state.bot in channel.members:
        return {"channel": channel.to_api(call.state.bot), "warning": "already_in_channel"}
    channel.members.append(call.state.bot)
    call.state.announcer.membership(channel, call.state.bot, None, joined=True)
    return {"channel": channel.to_api(call.state.bot)}


@method("conversations.open", "im:write")
def open_direct_message(call: Call) -> Json:
    """Group conversations are not part of this workspace; a second user is refused."""
    state, reference = call.state, call.args.optional("channel")
    if reference:
        return {"channel": {"id": state.workspace.visible(reference, state.bot).id}}
    wanted = [user.strip() for user in call.args.optional("users").split(",") if user.strip()]
    if not wanted:
        raise SlackError("users_list_not_supplied")
    if len(wanted) > 1:
        raise SlackError("too_many_users")
    user = state.workspace.user(wanted[0])
    if user.deleted:
        raise SlackError("user_disabled")
    if user.is_bot:
        raise SlackError("invalid_user_combination")
    channel = state.workspace.direct_message(user.id)
    full = channel.to_api(state.bot) if call.args.flag("return_im") else {"id": channel.id}
    return {"channel": full}
