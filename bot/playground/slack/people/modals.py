"""A person submits or closes a modal; what the app answers happens to the stack of views."""

from typing import Any

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.methods.views import view_content
from bot.playground.slack.people.actor import Actor
from bot.playground.slack.people.clicks import own_view
from bot.playground.slack.people.forms import all_blocks, merged, refused
from bot.playground.slack.people.payloads import deliver, interactive
from bot.playground.slack.world.models import Json, View


async def submit(actor: Actor, view_id: str, given: Any) -> dict[str, str]:
    """Errors by block_id, none when the app accepted; raises SlackError for everything else."""
    state, view = actor.state, own_view(actor, view_id)
    if view.content["type"] != "modal":
        raise SlackError("not_found")
    blocks = view.content["blocks"]
    view.values = merged(blocks, view.values, given.get("values") if isinstance(given, dict) else None)
    errors = refused(blocks, view.values)
    if errors:
        return errors
    payload = interactive(actor, "view_submission") | {
        "trigger_id": state.triggers.issue(actor.id),
        "view": state.view_shape(view),
        "response_urls": [],
    }
    return _apply(actor, view, await deliver(actor, "interactive", payload, "Submitting"))


def _apply(actor: Actor, view: View, answer: Json) -> dict[str, str]:
    state = actor.state
    try:
        match answer.get("response_action"):
            case None:
                state.views.close(view)
            case "errors":
                return _errors(view, answer.get("errors"))
            case "update":
                state.views.update(view, view_content(answer.get("view"), "modal"), None)
            case "push":
                state.views.push(view.user, view_content(answer.get("view"), "modal"))
            case "clear":
                _tell_closed(actor, state.views.clear(view.user), cleared=True)
            case unknown:
                return _unknown_action(unknown)
    except SlackError as error:
        detail = error.extra.get("errors") or [error.code]
        actor.complain(f"The app answered what Slack refuses: {detail[0]}")
        raise
    return {}


def _unknown_action(name: object) -> dict[str, str]:
    raise SlackError("invalid_response_action", errors=[f"invalid_response_action {name}"])


def _errors(view: View, errors: Any) -> dict[str, str]:
    """Errors may only name input blocks of the view."""
    inputs = {block["block_id"] for block in all_blocks(view.content["blocks"]) if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not inputs.issuperset(errors):
        raise SlackError("invalid_response_errors")
    return {block_id: str(message) for block_id, message in errors.items()}


def close(actor: Actor, view_id: str) -> None:
    """Close one modal, or all of them when it says clear_on_close."""
    views, view = actor.state.views, own_view(actor, view_id)
    if view.content.get("clear_on_close"):
        _tell_closed(actor, views.clear(view.user), cleared=True)
        return
    views.close(view)
    _tell_closed(actor, [view], cleared=False)


def _tell_closed(actor: Actor, closed: list[View], *, cleared: bool) -> None:
    state = actor.state
    for view in closed:
        if view.content.get("notify_on_close"):
            payload = interactive(actor, "view_closed") | {
                "view": state.view_shape(view) | {"state": {"values": {}}},  # Slack forgets what was typed
                "is_cleared": cleared,
            }
            # The modal is gone, so nobody is told when the app does not answer.
            state.background.run(state.outbound.deliver_quietly("interactive", payload))
