import json
from typing import Any

from bot.playground.slack.doors.errors import SlackError, invalid_arguments
from bot.playground.slack.doors.posting import refuse, with_ids
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.validate import check_view
from bot.playground.slack.world.models import Json, View

LARGEST = 250_000


def view_content(view: Any, kind: str) -> Json:
    """A view the app sent, checked and with its ids filled in; raises SlackError."""
    if not isinstance(view, dict):
        raise invalid_arguments("missing required field: view")
    if view.get("type") != kind:
        raise invalid_arguments(f"must be {kind} [json-pointer:/view/type]")
    if len(json.dumps(view)) > LARGEST:
        raise SlackError("view_too_large")
    refuse(check_view(view), "invalid_arguments")
    with_ids(view["blocks"])
    return view


def _content(call: Call, kind: str) -> Json:
    return view_content(call.args.decoded("view"), kind)


def _answer(call: Call, view: View) -> Json:
    return {"view": call.state.view_shape(view)}


def _redeem(call: Call) -> str:
    return call.state.triggers.redeem(call.args.text("trigger_id"))


@method("views.open", tier=4)
def open_view(call: Call) -> Json:
    content = _content(call, "modal")
    return _answer(call, call.state.views.open(_redeem(call), content))


@method("views.push", tier=4)
def push(call: Call) -> Json:
    content = _content(call, "modal")
    return _answer(call, call.state.views.push(_redeem(call), content))


@method("views.update", tier=4)
def update(call: Call) -> Json:
    reference = call.args.optional("view_id") or call.args.optional("external_id")
    if not reference:
        raise invalid_arguments("missing required field: view_id")
    view = call.state.views.find(reference)
    content = _content(call, str(view.content["type"]))
    return _answer(call, call.state.views.update(view, content, call.args.optional("hash") or None))


@method("views.publish", tier=4)
def publish(call: Call) -> Json:
    if not call.state.config.home_tab:
        raise SlackError("not_enabled")
    content = _content(call, "home")
    user = call.args.text("user_id")
    if user not in call.state.workspace.users:
        raise invalid_arguments("user_not_found [json-pointer:/user_id]")
    return _answer(call, call.state.views.publish(user, content, call.args.optional("hash") or None))
