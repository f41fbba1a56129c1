"""`/_page/*`: what the web page asks and does in the name of one person."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.playground.slack.doors.arguments import read_arguments
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.posting import POST_TEXT
from bot.playground.slack.people import clicks, modals
from bot.playground.slack.people.slash import INVITE, run_command
from bot.playground.slack.people.writing import as_message
from bot.playground.slack.world.announce import announce_membership
from bot.playground.slack.world.models import Channel, Json, Message
from bot.playground.slack.world.state import State

Answer = Callable[[State, Json], Awaitable[Json]]


def routes(state: State) -> list[web.RouteDef]:
    reads = {"state": page_state, "messages": page_messages, "home": page_home}
    acts = {
        "send": send,
        "action": action,
        "view_submit": view_submit,
        "view_close": view_close,
        "options": options,
        "home_opened": home_opened,
        "as": switch_person,
    }
    found = [web.get(f"/_page/{name}", _answering(state, answer)) for name, answer in reads.items()]
    found += [web.post(f"/_page/{name}", _answering(state, answer)) for name, answer in acts.items()]
    return [*found, web.get("/_page/live", state.live.connect)]


def _answering(state: State, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await answer(state, await read_arguments(request)))
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.code})

    return handle


async def page_state(state: State, _: Json) -> Json:
    config, me = state.config, state.workspace.user(state.me)
    shown = [
        channel
        for channel in state.workspace.channels.values()
        if state.me in channel.members or channel.kind == "channel"
    ]
    commands = [*config.commands, INVITE]
    return {
        "team": {"id": config.team_id, "name": config.team_name},
        "me": {"id": me.id, "name": me.name, "real_name": me.real_name},
        "users": [user.to_page() for user in state.workspace.users.values()],
        "channels": [_channel_shape(state, channel) for channel in shown],
        "commands": [
            {"command": seed.command, "description": seed.description, "usage_hint": seed.usage_hint}
            for seed in commands
        ],
        "bot": {"user_id": config.bot_user_id, "name": config.bot_name, "app_id": config.app_id},
    }


def _channel_shape(state: State, channel: Channel) -> Json:
    last_read = state.last_read.get((state.me, channel.id), "")
    seen = state.messages.seen_by(channel.id, state.me, None)
    shape: Json = {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_member": state.me in channel.members,
        "is_im": channel.is_im,
        "topic": channel.topic,
        "unread": sum(message.ts > last_read and message.user != state.me for message in seen),
    }
    return shape | ({"user": state.bot} if channel.is_im else {})


async def page_messages(state: State, asked: Json) -> Json:
    channel = state.workspace.visible(str(asked.get("channel", "")), state.me)
    thread_ts = str(asked["thread_ts"]) if asked.get("thread_ts") else None
    found = state.messages.seen_by(channel.id, state.me, thread_ts)
    if found and thread_ts is None:
        state.last_read[state.me, channel.id] = found[-1].ts
    return {"messages": [message.to_page() for message in found]}


async def page_home(state: State, _: Json) -> Json:
    view = state.views.home(state.me)
    return {"view": state.view_shape(view) if view else None}


async def send(state: State, asked: Json) -> Json:
    channel = state.workspace.visible(_text(asked, "channel"), state.me)
    text, thread_ts = _text(asked, "text"), asked.get("thread_ts")
    if not text.strip():
        raise SlackError("no_text")
    if len(text) > POST_TEXT:
        raise SlackError("msg_too_long")
    if text.startswith("/") and not thread_ts:
        await run_command(state, channel, text)
        return {"ok": True}
    return {"ok": True, "ts": _say(state, channel, text, str(thread_ts) if thread_ts else None).ts}


def _say(state: State, channel: Channel, text: str, thread_ts: str | None) -> Message:
    if channel.is_archived:
        raise SlackError("is_archived")
    if thread_ts is not None:
        thread_ts = state.messages.thread(channel.id, thread_ts)[0].ts
    if state.me not in channel.members:
        channel.members.append(state.me)
        announce_membership(state, channel, state.me, None, joined=True)
    written = as_message(text, state.workspace)
    ts = state.messages.next_ts()
    message = Message(ts=ts, channel=channel.id, user=state.me, text=written, thread_ts=thread_ts)
    if f"<@{state.bot}>" in written and state.bot not in channel.members:
        state.live.notice("info", f"@{state.config.bot_name} is not in #{channel.name}: /invite it first.")
    return state.messages.post(message)


async def action(state: State, asked: Json) -> Json:
    container = clicks.find_container(state, asked.get("container"))
    used = asked.get("action")
    if not isinstance(used, dict):
        raise SlackError("action_not_found")
    await clicks.click(state, container, _text(asked, "block_id"), used, asked.get("state"))
    return {"ok": True}


async def view_submit(state: State, asked: Json) -> Json:
    errors = await modals.submit(state, _text(asked, "view_id"), asked.get("state"))
    return {"ok": False, "errors": errors} if errors else {"ok": True}


async def view_close(state: State, asked: Json) -> Json:
    modals.close(state, _text(asked, "view_id"))
    return {"ok": True}


async def options(state: State, asked: Json) -> Json:
    container = clicks.find_container(state, asked.get("container"))
    typed = str(asked.get("value", ""))
    return await clicks.suggest(state, container, _text(asked, "block_id"), _text(asked, "action_id"), typed)


async def home_opened(state: State, _: Json) -> Json:
    view = state.views.home(state.me)
    event: Json = {
        "type": "app_home_opened",
        "user": state.me,
        "channel": state.workspace.direct_message(state.me).id,
        "tab": "home",
        "event_ts": state.messages.next_ts(),
    }
    state.events.emit("app_home_opened", event | ({"view": state.view_shape(view)} if view else {}))
    return {"ok": True}


async def switch_person(state: State, asked: Json) -> Json:
    user = state.workspace.user(_text(asked, "user"))
    if user.is_bot or user.deleted:
        raise SlackError("user_not_found")
    state.me = user.id
    state.live.push({"type": "channels"})
    return {"ok": True}


def _text(asked: Json, name: str) -> str:
    value: Any = asked.get(name)
    if not isinstance(value, str):
        raise SlackError(f"missing_{name}")
    return value
