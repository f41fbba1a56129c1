"""`/_ctl/*`: time, faults, pace, what an administrator changes, and all that was sent; for tests and for showing how
failures look.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web
from pydantic import Field

from bot.playground.pages import no_such_door
from bot.playground.slack.doors.arguments import read_arguments
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.faults.faults import Fault
from bot.playground.slack.faults.pace import BURST
from bot.playground.slack.world.config import Addresses
from bot.playground.slack.world.models import Channel, Json, User
from bot.playground.slack.world.state import State
from bot.playground.slack.world.teams import Teams
from bot.playground.told import in_words, obey

Order = Callable[..., Awaitable[Json]]
SLOWEST = 1 / 86_400  # messages a second
LONGEST_NAME = 80  # of a channel
SCOPE = re.compile(r"[a-z][a-z._:-]*")


def routes(teams: Teams) -> list[web.RouteDef]:
    orders: dict[str, Order] = {
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
    reads: dict[str, Order] = {"calls": list_calls, "clock": tell_time, "messages": list_messages}
    found = [web.post(f"/_ctl/{name}", _obeying(teams, order)) for name, order in orders.items()]
    found += [web.get(f"/_ctl/{name}", _obeying(teams, read)) for name, read in reads.items()]
    return [*found, web.route("*", "/_ctl/{unknown:.*}", no_such_door)]


def _obeying(teams: Teams, order: Order) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            asked = await read_arguments(request)
            state = teams.named(str(asked.pop("team", "")))
            return web.json_response({"ok": True, **await obey(order, asked, state)})
        except SlackError as error:
            return web.json_response(error.body(), status=400)
        except (ValueError, TypeError, OverflowError) as error:
            return web.json_response({"ok": False, "error": in_words(error)}, status=400)

    return handle


async def move_clock(
    state: State,
    /,
    *,
    to: Annotated[datetime | None, Field(alias="set")] = None,
    advance_seconds: float | None = None,
    still: bool | None = None,
) -> Json:
    """`advance_seconds` or `set` to an ISO moment; `still` makes it stand there until moved, or run on.

    Timers that fall due run before the next request.
    """
    if to is None and advance_seconds is None and still is None:
        raise ValueError("give advance_seconds, set or still")
    if to is not None and advance_seconds is not None:
        raise ValueError("give advance_seconds or set, not both")
    if still is not None:
        state.clock.stand(still=still)
    if to is not None:
        state.clock.set(to)
    elif advance_seconds is not None:
        state.clock.advance(advance_seconds)
    return await tell_time(state)


async def tell_time(state: State, /) -> Json:
    return {"now": state.clock.iso(), "epoch": state.clock.now()}


async def order_fault(state: State, /, **order: Any) -> Json:
    state.faults.order(Fault.parse(order))
    return {}


async def reset_faults(state: State, /) -> Json:
    state.faults.reset()
    return {}


async def set_pace(
    state: State,
    /,
    *,
    per_second: Annotated[float | None, Field(ge=SLOWEST, allow_inf_nan=False)] = None,
    burst: Annotated[float, Field(ge=1, allow_inf_nan=False)] = BURST,
) -> Json:
    """`per_second` and `burst` for each channel; without `per_second` there is no pace."""
    state.pace.switch(per_second, burst)
    return {}


async def set_tiers(state: State, /, *, on: bool) -> Json:
    """Whether calls of each method are limited by its tier."""
    state.pace.switch_tiers(on=on)
    return {}


async def set_scopes(state: State, /, *, scopes: set[str]) -> Json:
    """Replace the scopes granted to the bot's token."""
    if not all(SCOPE.fullmatch(scope) for scope in scopes):
        raise ValueError("a scope is written like chat:write")
    state.scopes = scopes
    return {"scopes": sorted(state.scopes)}


async def set_token(state: State, /, *, refused: str) -> Json:
    """`refused` is the error that the bot's token meets from now on, such as token_revoked; empty takes it again."""
    if refused == "token_revoked":
        event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [state.bot]}}
        state.events.emit("tokens_revoked", event)
    state.refusal = refused
    return {}


async def set_addresses(
    state: State,
    /,
    *,
    for_all: Annotated[str, Field(alias="all")] = "",
    wall_time: bool = False,
    **each: str,
) -> Json:
    """Signed HTTP to `events`, `commands`, `interactivity` and `options`, or to `all`; none means Socket Mode."""
    unknown = each.keys() - {one.name for one in fields(Addresses)}
    if unknown:
        raise ValueError(f"{min(unknown)}: there is no such address")
    addresses = Addresses.all_at(for_all) if for_all else Addresses(**{name: url for name, url in each.items() if url})
    await state.common.request_urls.use(addresses, wall_time=wall_time)
    return {}


async def change_channel(
    state: State,
    /,
    *,
    channel: str,
    name: str | None = None,
    bot_is_member: bool | None = None,
    is_archived: bool | None = None,
    is_private: bool | None = None,
    is_ext_shared: bool | None = None,
) -> Json:
    """What an administrator changes about a channel, by its id or name; None leaves it."""
    found = _channel(state, channel)
    if name is not None:
        _check_name(state, found, name)
    if bot_is_member is not None:
        _set_membership(state, found, member=bot_is_member)
    if name is not None:
        found.name = name
        renamed = {"id": found.id, "name": found.name, "created": found.created}
        state.events.emit("channel_rename", {"type": "channel_rename", "channel": renamed})
    if is_archived is not None:
        found.is_archived = is_archived
        kind = "channel_archive" if is_archived else "channel_unarchive"
        state.events.emit(kind, {"type": kind, "channel": found.id, "user": state.me})
    for flag, value in (("is_private", is_private), ("is_ext_shared", is_ext_shared)):
        if value is not None:
            setattr(found, flag, value)
    state.live.push({"type": "channels"})
    return {}


def _channel(state: State, reference: str) -> Channel:
    channel = state.workspace.channels.get(reference) or state.workspace.channel_named(reference)
    if channel is None:
        raise SlackError("channel_not_found")
    return channel


def _check_name(state: State, channel: Channel, name: str) -> None:
    if not name.strip():
        raise SlackError("invalid_name_required")
    if len(name) > LONGEST_NAME:
        raise SlackError("invalid_name_maxlength")
    if state.workspace.channel_named(name) not in (None, channel):
        raise SlackError("name_taken")


def _set_membership(state: State, channel: Channel, *, member: bool) -> None:
    if member == (state.bot in channel.members):
        return
    if member:
        channel.members.append(state.bot)
    else:
        channel.members.remove(state.bot)
    state.announcer.membership(channel, state.bot, state.me, joined=member)


async def change_user(
    state: State,
    /,
    *,
    user: str,
    deleted: bool | None = None,
    is_admin: bool | None = None,
    is_restricted: bool | None = None,
    is_ultra_restricted: bool | None = None,
    is_stranger: bool | None = None,
    real_name: str | None = None,
    email: str | None = None,
    tz: str | None = None,
) -> Json:
    """What changes about a person, by their id or name; None leaves it."""
    changes = {name: value for name, value in locals().items() if name not in ("state", "user") and value is not None}
    found = state.workspace.users.get(user) or state.workspace.user_named(user)
    if found is None:
        raise SlackError("user_not_found")
    _change_user(found, changes)
    shape = found.to_api(state.config.team_id, with_email=False)
    state.events.emit("user_change", {"type": "user_change", "user": shape})
    state.live.push({"type": "channels"})
    return {}


def _change_user(user: User, changes: Json) -> None:
    try:
        ZoneInfo(changes.get("tz", user.tz))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("tz must be a zone such as Europe/Helsinki") from None
    for name, value in changes.items():
        setattr(user, name, value)


async def disconnect(state: State, /, *, reason: str = "refresh_requested", cut: bool = False) -> Json:
    """Ask clients to reconnect (`reason`), or cut their connections without a word (`cut`)."""
    return {"connections": await (state.sockets.cut() if cut else state.sockets.disconnect(reason))}


async def reset_calls(state: State, /) -> Json:
    state.calls.clear()
    return {}


async def list_calls(state: State, /, *, method: str = "") -> Json:
    """What the app called, oldest first; `?method=` picks one method."""
    return {"calls": state.calls.listed(method or None)}


async def list_messages(state: State, /, *, channel: str = "") -> Json:
    """Everything that stands in `channel`, or anywhere: replies, metadata, and what only `ephemeral_to` sees."""
    workspace = state.workspace
    channels = [_channel(state, channel)] if channel else workspace.channels.values()
    found = [message for channel in channels for message in state.messages.every(channel.id)]
    return {"messages": [message.to_page() | {"ephemeral_to": message.ephemeral_to} for message in found]}
