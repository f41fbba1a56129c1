"""`/_page/*`: what the web page asks and does, in the name of whoever sits at it or of the one named by `as`."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.playground.slack.doors import frame_api
from bot.playground.slack.doors.arguments import read_arguments
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.posting import POST_TEXT
from bot.playground.slack.people import clicks, modals, uploads
from bot.playground.slack.people.actor import Actor
from bot.playground.slack.people.shortcuts import use_shortcut
from bot.playground.slack.people.slash import INVITE, run_command
from bot.playground.slack.people.writing import as_message
from bot.playground.slack.world.models import Channel, Json, Message
from bot.playground.slack.world.state import State
from bot.playground.slack.world.teams import Teams

Answer = Callable[[Actor, Json], Awaitable[Json]]


def routes(teams: Teams) -> list[web.RouteDef]:
    reads = {"state": page_state, "messages": page_messages, "home": page_home, "views": page_views}
    acts = {
        "send": send,
        "action": action,
        "view_submit": view_submit,
        "view_close": view_close,
        "options": options,
        "home_opened": home_opened,
        "as": switch_person,
        "shortcut": shortcut,
        "upload": upload,
        "clock": frame_api.move_clock,
        "story": frame_api.take_step,
        "story_again": frame_api.tell_again,
        "story_close": frame_api.close_story,
    }
    found = [web.get(f"/_page/{name}", _answering(teams, name, answer)) for name, answer in reads.items()]
    found += [web.post(f"/_page/{name}", _answering(teams, name, answer)) for name, answer in acts.items()]
    return [*found, web.get("/_page/live", _live(teams))]


def _answering(teams: Teams, name: str, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            asked = await read_arguments(request)
            actor = _actor(teams, asked)
            answered = await answer(actor, asked)
            if actor.state.frame.story and answered.get("ok", True):
                actor.state.frame.story.heard(name, asked)
            return web.json_response(answered)
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.code})

    return handle


def _live(teams: Teams) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        named = dict(request.query)
        try:
            actor = _actor(teams, named)
            return await actor.state.live.connect(request, actor.id if named.get("as") else "")
        except SlackError as error:
            return web.json_response(error.body(), status=400)

    return handle


def _actor(teams: Teams, asked: Json) -> Actor:
    """The person named by id or by name, who must not be a bot and not have left; `team` names their workspace."""
    state, named = teams.named(str(asked.get("team") or "")), asked.get("as")
    return Actor(state, _person(state, str(named)) if named else state.me)


def _person(state: State, reference: str) -> str:
    user = state.workspace.users.get(reference) or state.workspace.user_named(reference)
    if user is None or user.is_bot or user.deleted:
        raise SlackError("user_not_found")
    return user.id


async def page_state(actor: Actor, _: Json) -> Json:
    state, me = actor.state, actor.user
    config = state.config
    shown = [channel for channel in state.workspace.channels.values() if state.workspace.shows(channel, me.id)]
    commands = [*config.commands, INVITE]
    return {
        "team": {"id": config.team_id, "name": config.team_name},
        "me": {"id": me.id, "name": me.name, "real_name": me.real_name, "tz": me.tz},
        "users": [user.to_page() for user in state.workspace.users.values()],
        "channels": [_channel_shape(actor, channel) for channel in shown],
        "commands": [
            {"command": seed.command, "description": seed.description, "usage_hint": seed.usage_hint}
            for seed in commands
        ],
        "shortcuts": [asdict(seed) for seed in config.shortcuts],
        "bot": {
            "user_id": config.bot_user_id,
            "name": config.bot_name,
            "app_id": config.app_id,
            "home_tab": config.home_tab,
        },
        "clock": state.time_shape(),
        "frame": state.frame.shape(),
    }


def _channel_shape(actor: Actor, channel: Channel) -> Json:
    state, me = actor.state, actor.id
    last_read = state.last_read.get((me, channel.id), "")
    seen = state.messages.seen_by(channel.id, me, None)
    shape: Json = {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_member": me in channel.members,
        "is_im": channel.is_im,
        "topic": channel.topic,
        "unread": sum(message.ts > last_read and message.user != me for message in seen),
    }
    return shape | ({"user": state.bot} if channel.is_im else {})


async def page_messages(actor: Actor, asked: Json) -> Json:
    state = actor.state
    channel = state.workspace.visible(str(asked.get("channel", "")), actor.id)
    thread_ts = str(asked["thread_ts"]) if asked.get("thread_ts") else None
    found = state.messages.seen_by(channel.id, actor.id, thread_ts)
    if found and thread_ts is None:
        state.last_read[actor.id, channel.id] = found[-1].ts
    return {"messages": [message.to_page() for message in found]}


async def page_home(actor: Actor, _: Json) -> Json:
    view = actor.state.views.home(actor.id)
    return {"view": actor.state.view_shape(view) if view else None}


async def page_views(actor: Actor, _: Json) -> Json:
    """The modals that are open, the one on top last."""
    return {"views": [actor.state.view_shape(view) for view in actor.state.views.stack(actor.id)]}


async def send(actor: Actor, asked: Json) -> Json:
    channel = actor.state.workspace.visible(_text(asked, "channel"), actor.id)
    text, thread_ts = _text(asked, "text"), asked.get("thread_ts")
    if not text.strip():
        raise SlackError("no_text")
    if len(text) > POST_TEXT:
        raise SlackError("msg_too_long")
    if text.startswith("/") and not thread_ts:
        await run_command(actor, channel, text)
        return {"ok": True}
    return {"ok": True, "ts": _say(actor, channel, text, str(thread_ts) if thread_ts else None).ts}


def _say(actor: Actor, channel: Channel, text: str, thread_ts: str | None) -> Message:
    state = actor.state
    if channel.is_archived:
        raise SlackError("is_archived")
    if thread_ts is not None:
        thread_ts = state.messages.thread(channel.id, thread_ts)[0].ts
    if actor.id not in channel.members:
        channel.members.append(actor.id)
        state.announcer.membership(channel, actor.id, None, joined=True)
    written = as_message(text, state.workspace)
    ts = state.messages.next_ts()
    message = Message(ts=ts, channel=channel.id, user=actor.id, text=written, thread_ts=thread_ts)
    if f"<@{state.bot}>" in written and state.bot not in channel.members:
        absent = f"@{state.config.bot_name} is not in #{channel.name}: /invite it first."
        state.live.notice("info", absent, to=[actor.id])
    return state.messages.post(message)


async def action(actor: Actor, asked: Json) -> Json:
    container = clicks.find_container(actor, asked.get("container"))
    used = asked.get("action")
    if not isinstance(used, dict):
        raise SlackError("action_not_found")
    await clicks.click(actor, container, _text(asked, "block_id"), used, asked.get("state"))
    return {"ok": True}


async def view_submit(actor: Actor, asked: Json) -> Json:
    errors = await modals.submit(actor, _text(asked, "view_id"), asked.get("state"))
    return {"ok": False, "errors": errors} if errors else {"ok": True}


async def view_close(actor: Actor, asked: Json) -> Json:
    modals.close(actor, _text(asked, "view_id"))
    return {"ok": True}


async def options(actor: Actor, asked: Json) -> Json:
    container = clicks.find_container(actor, asked.get("container"))
    typed = str(asked.get("value", ""))
    return await clicks.suggest(actor, container, _text(asked, "block_id"), _text(asked, "action_id"), typed)


async def home_opened(actor: Actor, _: Json) -> Json:
    state = actor.state
    view = state.views.home(actor.id)
    event: Json = {
        "type": "app_home_opened",
        "user": actor.id,
        "channel": state.workspace.direct_message(actor.id).id,
        "tab": "home",
        "event_ts": state.messages.next_ts(),
    }
    state.events.emit("app_home_opened", event | ({"view": state.view_shape(view)} if view else {}))
    return {"ok": True}


async def shortcut(actor: Actor, asked: Json) -> Json:
    where = {name: str(asked.get(name) or "") for name in ("channel", "message_ts")}
    await use_shortcut(actor, _text(asked, "callback_id"), **where)
    return {"ok": True}


async def upload(actor: Actor, asked: Json) -> Json:
    """`content` is base64; without a `channel` the file is for a form."""
    channel = str(asked.get("channel") or "")
    return {"ok": True, "file": uploads.upload(actor, _text(asked, "name"), _text(asked, "content"), channel)}


async def switch_person(actor: Actor, asked: Json) -> Json:
    actor.state.me = _person(actor.state, _text(asked, "user"))
    actor.state.live.push({"type": "channels"})
    return {"ok": True}


def _text(asked: Json, name: str) -> str:
    value: Any = asked.get(name)
    if not isinstance(value, str):
        raise SlackError(f"missing_{name}")
    return value
