"""`/_ctl/*`: time, faults, pace and what was called; for tests and for showing how failures look."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from bot.playground.slack.doors.arguments import read_arguments
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.faults.faults import Fault
from bot.playground.slack.world.announce import announce_membership
from bot.playground.slack.world.models import Channel, Json
from bot.playground.slack.world.state import State

Order = Callable[[State, Json], Awaitable[Json]]
SCOPE = re.compile(r"[a-z][a-z._:-]*")


def routes(state: State) -> list[web.RouteDef]:
    orders = {
        "clock": move_clock,
        "fault": order_fault,
        "reset_faults": reset_faults,
        "pace": set_pace,
        "scopes": set_scopes,
        "channel": change_channel,
        "disconnect": disconnect,
        "reset_calls": reset_calls,
    }
    found = [web.post(f"/_ctl/{name}", _obeying(state, order)) for name, order in orders.items()]
    return [
        *found,
        web.get("/_ctl/calls", _obeying(state, list_calls)),
        web.get("/_ctl/clock", _obeying(state, tell_time)),
    ]


def _obeying(state: State, order: Order) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response({"ok": True, **await order(state, await read_arguments(request))})
        except SlackError as error:
            return web.json_response(error.body(), status=400)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)

    return handle


async def move_clock(state: State, asked: Json) -> Json:
    """`advance_seconds` or `set` to an ISO moment; timers that fall due run before the next request."""
    if "set" in asked:
        state.clock.set(datetime.fromisoformat(str(asked["set"])))
    else:
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


async def set_scopes(state: State, asked: Json) -> Json:
    """Replace the scopes granted to the bot's token."""
    scopes = {str(scope) for scope in asked["scopes"]}
    if not all(SCOPE.fullmatch(scope) for scope in scopes):
        raise ValueError("a scope is written like chat:write")
    state.scopes = scopes
    return {"scopes": sorted(state.scopes)}


async def change_channel(state: State, asked: Json) -> Json:
    """`is_archived`, `is_ext_shared`, `name`, or `bot_is_member` of one channel, as an administrator would."""
    channel = state.workspace.visible(str(asked.get("channel")), state.me)
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
    if "is_ext_shared" in asked:
        channel.is_ext_shared = bool(asked["is_ext_shared"])
    state.live.push({"type": "channels"})
    return {}


def _set_membership(state: State, channel: Channel, *, member: bool) -> None:
    if member == (state.bot in channel.members):
        return
    if member:
        channel.members.append(state.bot)
    else:
        channel.members.remove(state.bot)
    announce_membership(state, channel, state.bot, state.me, joined=member)


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
