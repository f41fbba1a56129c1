"""Reading what Slack sends; nothing here raises, whatever the payload holds.

What people typed is made fit for storing and for showing here, once.
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext

from bot.access import Asker

Body = Mapping[str, Any]
DIGITS = 7  # of a place in a list

_HALVES = re.compile("[\ud800-\udfff]")  # half a character: no database and no answer takes one
_WRAPPED = re.compile(r"<(?:mailto:)?((?<=:)[^<>|]+|https?://[^<>|]+|[@#!][^<>|]+)(?:\|([^<>]*))?>")
_CONTROLS = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f]")


def asker(body: Body, context: AsyncBoltContext) -> Asker:
    """Who asks and where, from a command, a press or a form."""
    user, team, channel = (_mapping(body.get(key)) for key in ("user", "team", "channel"))
    installed = context.authorize_result
    return Asker(
        user=str(user.get("id") or body.get("user_id") or ""),
        team=user.get("team_id") or team.get("id") or body.get("team_id"),
        home=installed.team_id if installed else None,
        channel=channel.get("id") or body.get("channel_id") or _mapping(body.get("container")).get("channel_id"),
    )


def command_text(body: Body) -> str:
    """What stands after the command, on one line."""
    return " ".join(clean(str(body.get("text") or "")).split())


def as_typed(text: str) -> str:
    """A command's text as the person typed it, without what Slack wraps round addresses and makes of signs."""
    return unescape(_WRAPPED.sub(lambda found: found[2] or found[1], text))


def pressed(body: Body) -> str:
    """The value of the button that was pressed."""
    return clean(str(_action(body).get("value") or ""))


def chosen(body: Body) -> str:
    """The value that was chosen from a menu."""
    return clean(str(_mapping(_action(body).get("selected_option")).get("value") or ""))


def chosen_beside(body: Body) -> tuple[str, str]:
    """The value that was chosen from a menu, and what stands behind the colon of its action id."""
    return chosen(body), clean(_behind_colon(_action(body)))


def typed_so_far(body: Body) -> str:
    """What was typed into a menu that suggests."""
    return clean(str(body.get("value") or ""))


def chosen_person(body: Body) -> tuple[str, str]:
    """The person who was chosen from a menu, and what stands behind the colon of its action id."""
    action = _action(body)
    return str(action.get("selected_user") or ""), _behind_colon(action)


def place_of(value: str) -> tuple[int, str]:
    """The place in a list at which a page begins, and the question behind it: "16:region:EU"."""
    start, _, asked = value.partition(":")
    return (int(start) if start.isdecimal() and len(start) <= DIGITS else 0), asked


def pressed_on(body: Body) -> str:
    """The ts of the message whose button was pressed, empty in a form."""
    return str(_mapping(body.get("container")).get("message_ts") or "")


def view_id(body: Body) -> str:
    """The window in which something was pressed or submitted; empty for a message and for the Home tab."""
    view = _mapping(body.get("view"))
    return "" if view.get("type") == "home" else str(view.get("id") or "")


def view_title(body: Body) -> str:
    """What stands above the window in which something was pressed."""
    return str(_mapping(_mapping(body.get("view")).get("title")).get("text") or "")


def answers(view: Body) -> dict[str, Any]:
    """What stands in a form's inputs, by block: text, a chosen value, or a list of them; None for what is empty."""
    values = _mapping(_mapping(view.get("state")).get("values"))
    return {block_id: _answer(_mapping(_mapping(inputs).get("value"))) for block_id, inputs in values.items()}


def _action(body: Body) -> Body:
    """What was pressed or chosen."""
    actions = body.get("actions")
    return _mapping(actions[0]) if isinstance(actions, list) and actions else {}


def _behind_colon(action: Body) -> str:
    return str(action.get("action_id") or "").partition(":")[2]


def _answer(element: Body) -> Any:
    if "selected_options" in element:
        chosen = element["selected_options"]
        return [_clean(_mapping(option).get("value")) for option in chosen] if isinstance(chosen, list) else []
    if isinstance(element.get("selected_users"), list):
        return [_clean(user) for user in element["selected_users"]]
    for key in ("value", "selected_time", "selected_date", "selected_conversation", "selected_user"):
        if key in element:
            return _clean(element[key])
    return _clean(_mapping(element.get("selected_option")).get("value"))


def clean(text: str) -> str:
    """Text without control characters but line breaks and tabs; halves of characters are replaced."""
    return _CONTROLS.sub("", _HALVES.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n")))


def _clean(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
