"""The values of a form: what stands in it at first, and what Slack itself refuses before asking the app."""

import re
from collections.abc import Iterator
from typing import Any

from bot.playground.slack.doors.posting import interactive_elements
from bot.playground.slack.world.models import Json

VALUE_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
REQUIRED = "Please complete this required field."


def all_blocks(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield block
        yield from block.get("child_blocks", ())


def find_element(blocks: list[Json], block_id: str, action_id: str) -> Json | None:
    for block in all_blocks(blocks):
        for element in interactive_elements(block) if block.get("block_id") == block_id else ():
            if element.get("action_id") == action_id:
                return element
    return None


def initial_values(blocks: list[Json]) -> Json:
    """`state.values` of a form nobody has touched."""
    values: Json = {}
    for block in all_blocks(blocks):
        for element in interactive_elements(block):
            if element["type"] in VALUE_KEYS:
                key, initial = VALUE_KEYS[element["type"]]
                many = key in ("selected_options", "files") or element["type"].startswith("multi_")
                value = element.get(initial, [] if many else None)
                field = {"type": element["type"], key: value}
                values.setdefault(block["block_id"], {})[element["action_id"]] = field
    return values


def merged(blocks: list[Json], *layers: Any) -> Json:
    """Values of the fields these blocks hold, each later layer over the earlier ones."""
    values = initial_values(blocks)
    for layer in layers:
        for block_id, fields in layer.items() if isinstance(layer, dict) else ():
            known = values.get(block_id, {})
            for action_id in known.keys() & (fields.keys() if isinstance(fields, dict) else ()):
                if isinstance(fields[action_id], dict):
                    known[action_id] = {**fields[action_id], "type": known[action_id]["type"]}
    return values


def refused(blocks: list[Json], values: Json) -> dict[str, str]:
    """Messages by block_id for fields that are missing or malformed."""
    problems: dict[str, str] = {}
    for block in all_blocks(blocks):
        if block["type"] == "input":
            element = block["element"]
            key = VALUE_KEYS[element["type"]][0]
            value = values[block["block_id"]][element["action_id"]].get(key)
            message = _problem(element, value, optional=bool(block.get("optional")))
            if message:
                problems[block["block_id"]] = message
    return problems


def _problem(element: Json, value: Any, *, optional: bool) -> str:
    if value in (None, "", []):
        return "" if optional else REQUIRED
    if not isinstance(value, str):
        return ""
    check = FORMS.get(element["type"])
    return check(element, value) if check else ""


def _email_problem(_: Json, value: str) -> str:
    valid = re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value)
    return "" if valid else "Please enter a valid email address."


def _url_problem(_: Json, value: str) -> str:
    return "" if re.fullmatch(r"https?://\S+", value) else "Please enter a valid URL."


def _length_problem(element: Json, value: str) -> str:
    longest, shortest = element.get("max_length", 3000), element.get("min_length", 0)
    if len(value) > longest:
        return f"Must be no more than {longest} characters."
    return f"Must be at least {shortest} characters." if len(value) < shortest else ""


def _number_problem(element: Json, value: str) -> str:
    decimals = r"(\.\d+)?" if element["is_decimal_allowed"] else ""
    if not re.fullmatch(rf"-?\d+{decimals}", value):
        return "Please enter a valid number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Must be at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Must be at most {element['max_value']}."
    return ""


FORMS = {
    "plain_text_input": _length_problem,
    "email_text_input": _email_problem,
    "url_text_input": _url_problem,
    "number_input": _number_problem,
}
