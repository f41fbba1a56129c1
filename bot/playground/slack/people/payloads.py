"""What every interactive payload carries, and handing it to the app."""

from bot.playground.slack.doors.errors import NoConnectionError, RefusedByAppError, SlackError
from bot.playground.slack.people.actor import Actor
from bot.playground.slack.world.models import Json, Message, View
from bot.playground.slack.world.state import State


def interactive(actor: Actor, kind: str) -> Json:
    config = actor.state.config
    return {
        "type": kind,
        "team": {"id": config.team_id, "domain": config.team_domain},
        "user": actor.to_payload(),
        "api_app_id": config.app_id,
        "token": "verification-token",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def in_message(state: State, message: Message) -> Json:
    """Container, channel and message; an ephemeral message is named but not shown to the app."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    shape: Json = {"container": container, "channel": channel_shape(state, message.channel)}
    if message.ephemeral_to is None:
        shape["message"] = message.to_api()
    return shape


def channel_shape(state: State, channel_id: str) -> Json:
    """A channel as payloads name it: those of private ones do not tell the name."""
    channel = state.workspace.channels[channel_id]
    return {"id": channel.id, "name": "privategroup" if channel.kind == "group" else channel.name}


def in_view(state: State, view: View) -> Json:
    return {"container": {"type": "view", "view_id": view.id}, "view": state.view_shape(view)}


async def deliver(actor: Actor, kind: str, payload: Json, what: str) -> Json:
    """The app's answer, or SlackError and a notice to the person when it does not come in time.

    Where the app is not installed there is nobody to ask.
    """
    if not actor.state.listens:
        raise SlackError("app_not_installed")
    try:
        return await actor.state.outbound.deliver(kind, payload)
    except NoConnectionError:
        error = "dispatch_failed"
    except TimeoutError:
        error = "operation_timeout"
    except RefusedByAppError as refusal:
        error = refusal.code
    actor.complain(f"{what} failed with the error {error}")
    raise SlackError(error)
