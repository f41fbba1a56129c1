"""`/_ctl/*`: time, faults, pace, what an administrator changes, and all that was sent; for tests and for showing how
failures look.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from bot.playground.slack.doors.arguments import read_arguments
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.faults.faults import Fault
from bot.playground.slack.world.config import Addresses
from bot.playground.slack.world.models import Channel, Json, User
from bot.playground.slack.world.state import State
from bot.playground.slack.world.teams import Teams

Order = Callable[[State, Json], Awaitable[Json]]
SCOPE = re.compile(r"[a-z][a-z._:-]*")
FLAGS_OF_USERS = ("deleted", "is_admin", "is_restricted", "is_ultra_restricted", "is_stranger")
TEXTS_OF_USERS = ("real_name", "email", "tz")


def routes(teams: Teams) -> list[web.RouteDef]:
    orders = {
        "clock": move_clock,
        "fault": order_fault,
        "reset_faults": reset_faults,
        "pace": set_pace,
        "tiers": set_tiers,
        "scopes": set_scopes,
        "token": set_token,
        "addresses": set_addresses,
        "channel": change_channel,
        "user": change_user,
        "disconnect": disconnect,
        "reset_calls": reset_calls,
    }
    reads = {"calls": list_calls, "clock": tell_time, "messages": list_messages}
    found = [web.post(f"/_ctl/{name}", _obeying(teams, order)) for name, order in orders.items()]
    return [*found, *(web.get(f"/_ctl/{name}", _obeying(teams, read)) for name, read in reads.items())]


def _obeying(teams: Teams, order: Order) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            asked = await read_arguments(request)
            state = teams.named(str(asked.pop("team", "")))
            return web.json_response({"ok": True, **await order(state, asked)})
        except SlackError as error:
            return web.json_response(error.body(), status=400)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)

    return handle


async def move_clock(state: State, asked: Json) -> Json:
    """`advance_seconds` or `set` to an ISO moment; `still` makes it stand there until moved, or run on.

    Timers that fall due run before the next request.
    """
    if "still" in asked:
        state.clock.stand(still=bool(asked["still"]))
    if "set" in asked:
        state.clock.set(datetime.fromisoformat(str(asked["set"])))
    elif "advance_seconds" in asked or "still" not in asked:
        state.clock.advance(float(asked["advance_seconds"]))
    return await tell_time(state, asked)


async def tell_time(state: State, _: Json) -> Json:
    return {"now": state.clock.iso(), "epoch": state.clock.now()}


async def order_fault(state: State, asked: Json) -> Json:
    state.faults.order(Fault.parse(asked))
    return {}


async def reset_faults(state: State, _: Json) -> Json:
    state.faults.reset()
    return {}


async def set_pace(state: State, asked: Json) -> Json:
    """`per_second` and `burst` for each channel; without `per_second` there is no pace."""
    per_second = asked.get("per_second")
    if per_second is not None and not float(per_second) > 0:
        raise ValueError("per_second must be greater than 0")
    state.pace.switch(None if per_second is None else float(per_second), float(asked.get("burst", 5)))
    return {}


async def set_tiers(state: State, asked: Json) -> Json:
    """Whether calls of each method are limited by its tier."""
    state.pace.switch_tiers(on=bool(asked["on"]))
    return {}


async def set_scopes(state: State, asked: Json) -> Json:
    """Replace the scopes granted to the bot's token."""
    scopes = {str(scope) for scope in asked["scopes"]}
    if not all(SCOPE.fullmatch(scope) for scope in scopes):
        raise ValueError("a scope is written like chat:write")
    state.scopes = scopes
    return {"scopes": sorted(state.scopes)}


async def set_token(state: State, asked: Json) -> Json:
    """`refused` is the error that the bot's token meets from now on, such as token_revoked; empty takes it again."""
    refused = asked.get("refused")
    if not isinstance(refused, str):
        raise TypeError("refused must be a string")
    if refused == "token_revoked":
        event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [state.bot]}}
        state.events.emit("tokens_revoked", event)
    state.refusal = refused
    return {}


async def set_addresses(state: State, asked: Json) -> Json:
    """Signed HTTP to `events`, `commands`, `interactivity` and `options`, or to `all`; none means Socket Mode."""
    known = [one.name for one in fields(Addresses)]
    given = {name: str(asked[name]) for name in known if asked.get(name)}
    addresses = Addresses.all_at(str(asked["all"])) if asked.get("all") else Addresses(**given)
    await state.common.request_urls.use(addresses, wall_time=bool(asked.get("wall_time")))
    return {}


async def change_channel(state: State, asked: Json) -> Json:
    """`is_archived`, `is_private`, `is_ext_shared`, `name`, or `bot_is_member`, as an administrator would."""
    channel = _channel(state, str(asked.get("channel")))
    if "bot_is_member" in asked:
        _set_membership(state, channel, member=bool(asked["bot_is_member"]))
    if "name" in asked:
        channel.name = str(asked["name"])
        renamed = {"id": channel.id, "name": channel.name, "created": channel.created}
        state.events.emit("channel_rename", {"type": "channel_rename", "channel": renamed})
    if "is_archived" in asked:
        channel.is_archived = bool(asked["is_archived"])
        name = "channel_archive" if channel.is_archived else "channel_unarchive"
        state.events.emit(name, {"type": name, "channel": channel.id, "user": state.me})
    for flag in ("is_private", "is_ext_shared"):
        if flag in asked:
            setattr(channel, flag, bool(asked[flag]))
    state.live.push({"type": "channels"})
    return {}


def _channel(state: State, reference: str) -> Channel:
    channel = state.workspace.channels.get(reference) or state.workspace.channel_named(reference)
    if channel is None:
        raise SlackError("channel_not_found")
    return channel


def _set_membership(state: State, channel: Channel, *, member: bool) -> None:
    if member == (state.bot in channel.members):
        return
    if member:
        channel.members.append(state.bot)
    else:
        channel.members.remove(state.bot)
    state.announcer.membership(channel, state.bot, state.me, joined=member)


async def change_user(state: State, asked: Json) -> Json:
    """`deleted`, `is_restricted` and the other flags, `real_name`, `email` or `tz` of one `user`, by id or name."""
    reference = str(asked.get("user"))
    user = state.workspace.users.get(reference) or state.workspace.user_named(reference)
    if user is None:
        raise SlackError("user_not_found")
    _change_user(user, asked)
    shape = user.to_api(state.config.team_id, with_email=False)
    state.events.emit("user_change", {"type": "user_change", "user": shape})
    state.live.push({"type": "channels"})
    return {}


def _change_user(user: User, asked: Json) -> None:
    try:
        ZoneInfo(str(asked.get("tz", user.tz)))
    except ZoneInfoNotFoundError:
        raise ValueError("tz must be a zone such as Europe/Helsinki") from None
    for name in FLAGS_OF_USERS:
        setattr(user, name, bool(asked.get(name, getattr(user, name))))
    for name in TEXTS_OF_USERS:
        setattr(user, name, str(asked.get(name, getattr(user, name))))


async def disconnect(state: State, asked: Json) -> Json:
    """Ask clients to reconnect (`reason`), or cut their connections without a word (`cut`)."""
    if asked.get("cut"):
        return {"connections": await state.sockets.cut()}
    return {"connections": await state.sockets.disconnect(str(asked.get("reason", "refresh_requested")))}


async def reset_calls(state: State, _: Json) -> Json:
    state.calls.clear()
    return {}


async def list_calls(state: State, asked: Json) -> Json:
    """What the app called, oldest first; `?method=` picks one method."""
    method = asked.get("method")
    return {"calls": state.calls.listed(str(method) if method else None)}


async def list_messages(state: State, asked: Json) -> Json:
    """Everything that stands in `channel`, or anywhere: replies, metadata, and what only `ephemeral_to` sees."""
    workspace = state.workspace
    channels = [_channel(state, str(asked["channel"]))] if asked.get("channel") else workspace.channels.values()
    found = [message for channel in channels for message in state.messages.every(channel.id)]
    return {"messages": [message.to_page() | {"ephemeral_to": message.ephemeral_to} for message in found]}
