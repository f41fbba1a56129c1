"""A person submits or closes a modal; what the app answers happens to the stack of views."""

from typing import Any

from bot.playground.slack.doors.errors import NoConnectionError, SlackError
from bot.playground.slack.methods.views import view_content
from bot.playground.slack.people.clicks import own_view
from bot.playground.slack.people.forms import all_blocks, merged, refused
from bot.playground.slack.people.payloads import deliver, interactive
from bot.playground.slack.world.models import Json, View
from bot.playground.slack.world.state import State


async def submit(state: State, view_id: str, given: Any) -> dict[str, str]:
    """Errors by block_id, none when the app accepted; raises SlackError for everything else."""
    view = own_view(state, view_id)
    if view.content["type"] != "modal":
        raise SlackError("not_found")
    blocks = view.content["blocks"]
    view.values = merged(blocks, view.values, given.get("values") if isinstance(given, dict) else None)
    errors = refused(blocks, view.values)
    if errors:
        return errors
    payload = interactive(state, "view_submission") | {
        "trigger_id": state.triggers.issue(state.me),
        "view": state.view_shape(view),
        "response_urls": [],
    }
    return _apply(state, view, await deliver(state, "interactive", payload, "Submitting"))


def _apply(state: State, view: View, answer: Json) -> dict[str, str]:
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
                _tell_closed(state, state.views.clear(view.user), cleared=True)
            case unknown:
                return _unknown_action(unknown)
    except SlackError as error:
        detail = error.extra.get("errors") or [error.code]
        state.live.notice("error", f"The app answered what Slack refuses: {detail[0]}")
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


def close(state: State, view_id: str) -> None:
    """Close one modal, or all of them when it says clear_on_close."""
    view = own_view(state, view_id)
    if view.content.get("clear_on_close"):
        _tell_closed(state, state.views.clear(view.user), cleared=True)
        return
    state.views.close(view)
    _tell_closed(state, [view], cleared=False)


def _tell_closed(state: State, closed: list[View], *, cleared: bool) -> None:
    for view in closed:
        if view.content.get("notify_on_close"):
            payload = interactive(state, "view_closed") | {
                "view": state.view_shape(view),
                "is_cleared": cleared,
            }
            state.background.run(_deliver_quietly(state, payload))


async def _deliver_quietly(state: State, payload: Json) -> None:
    """The modal is gone, so nobody is told when the app does not answer."""
    try:
        await state.sockets.deliver("interactive", payload)
    except (NoConnectionError, TimeoutError):
        return
