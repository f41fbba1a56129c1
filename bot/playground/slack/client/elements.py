"""Finding what a person means in a message or a form, and what using it sends."""

from collections.abc import Iterator

from bot.playground.slack.doors.posting import interactive_elements
from bot.playground.slack.people.forms import VALUE_KEYS, all_blocks
from bot.playground.slack.world.models import Json


class Unseen(Exception):
    """There is no such thing to see."""


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every block with each element of it that can be used."""
    for block in all_blocks(blocks):
        inner = block["elements"] if block["type"] == "carousel" else [block]
        for one in inner:
            yield from ((block, element) for element in interactive_elements(one))


def find(blocks: list[Json], named: str) -> tuple[Json, Json]:
    """The block and element a person would call so: a button's or field's label, a placeholder, or an action id."""
    for block, element in elements(blocks):
        labels = (element.get("text"), block.get("label"), element.get("placeholder"))
        if named == element.get("action_id") or named in [_plain(label) for label in labels]:
            return block, element
    raise Unseen(f"there is no {named!r}")


def find_button(blocks: list[Json], label: str) -> tuple[Json, Json]:
    """The block and the button that reads `label`; Unseen when there is none."""
    for block, element in elements(blocks):
        if element["type"] == "button" and _plain(element["text"]) == label:
            return block, element
    raise Unseen(f"there is no button {label!r}")


def has_button(blocks: list[Json], label: str) -> bool:
    return any(element["type"] == "button" and _plain(element["text"]) == label for _, element in elements(blocks))


def offered(element: Json) -> dict[str, Json]:
    """The options of a menu by their text."""
    groups = element.get("option_groups") or [element]
    return {_plain(option["text"]): option for group in groups for option in group.get("options", ())}


def used(element: Json, chosen: list[str], offer: dict[str, Json]) -> Json:
    """An element as it is sent once `chosen` was picked among `offer`, or typed."""
    if element["type"] == "button":
        return {"type": "button", "action_id": element["action_id"]}
    key = "selected_option" if element["type"] == "overflow" else VALUE_KEYS[element["type"]][0]
    values = [_option(offer, one) for one in chosen] if key.startswith("selected_option") else list(chosen)
    many = key.endswith("s")
    return {"type": element["type"], "action_id": element["action_id"], key: values if many else values[0]}


def _option(offer: dict[str, Json], text: str) -> Json:
    if text not in offer:
        raise Unseen(f"there is no option {text!r} among {', '.join(offer) or 'none'}")
    return offer[text]


def _plain(words: object) -> str:
    return str(words.get("text", "")) if isinstance(words, dict) else ""
