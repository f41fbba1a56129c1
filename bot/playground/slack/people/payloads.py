"""What every interactive payload carries."""

from bot.playground.slack.doors.errors import NoConnectionError, SlackError
from bot.playground.slack.world.models import Json, Message, View
from bot.playground.slack.world.state import State


def person(state: State) -> Json:
    user = state.workspace.user(state.me)
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": state.config.team_id}


def interactive(state: State, kind: str) -> Json:
    config = state.config
    return {
        "type": kind,
        "team": {"id": config.team_id, "domain": config.team_domain},
        "user": person(state),
        "api_app_id": config.app_id,
        "token": "verification-token",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def in_message(state: State, message: Message) -> Json:
    """Container, channel and message; an ephemeral message is named but not shown to the app."""
    channel = state.workspace.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    shape: Json = {"container": container, "channel": {"id": channel.id, "name": channel.name}}
    if message.ephemeral_to is None:
        shape["message"] = message.to_api()
    return shape


def in_view(state: State, view: View) -> Json:
    return {"container": {"type": "view", "view_id": view.id}, "view": state.view_shape(view)}


async def deliver(state: State, kind: str, payload: Json, what: str) -> Json:
    """The app's answer, or SlackError and a notice to the person when it does not come in time."""
    try:
        return await state.sockets.deliver(kind, payload)
    except NoConnectionError:
        error = "dispatch_failed"
    except TimeoutError:
        error = "operation_timeout"
    state.live.notice("error", f"{what} failed with the error {error}")
    raise SlackError(error)
