"""Whole payloads: what holds across the blocks of one message, modal or Home tab."""

from collections.abc import Iterator
from typing import Any

from bot.playground.slack.validate.blocks import BLOCKS, ELEMENT_ONLY_ON, EVERYWHERE, MARKDOWN, ONLY_ON, Surface
from bot.playground.slack.validate.objects import plain
from bot.playground.slack.validate.problem import Path, Problem
from bot.playground.slack.validate.spec import Bool, ByType, Obj, Problems, Spec, Str
from bot.playground.slack.validate.tables import MOST_CHARACTERS, cell_characters

MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
HOLDING = {"container": ("child_blocks",), "carousel": ("elements",), "plan": ("tasks",)}
ONCE_OR_SO = {"table": 1, "data_visualization": 2}
_ANY_BLOCK = ByType(BLOCKS)


def check_message_blocks(blocks: list[Any], path: Path = ("blocks",)) -> list[Problem]:
    return check_blocks(blocks, "message", path)


def check_blocks(blocks: Any, surface: Surface, path: Path = ("blocks",)) -> list[Problem]:
    """Everything Slack would refuse about these blocks on this surface; empty when it would take them."""
    if not isinstance(blocks, list):
        return [Problem(path, "must be an array")]
    problems = list(_count(blocks, surface, path))
    for number, block in enumerate(blocks):
        problems += _check_block(block, surface, (*path, number))
    return problems or [*_across(blocks, path)]


def _count(blocks: list[Any], surface: Surface, path: Path) -> Problems:
    most = MOST_BLOCKS[surface]
    if len(blocks) > most:
        yield Problem(path, f"no more than {most} items allowed")


def _check_block(block: Any, surface: Surface, path: Path) -> Problems:
    problems = list(_ANY_BLOCK.check(block, path))
    yield from problems
    if problems:
        return
    for inner, place in _with_children(block, path):
        if surface not in ONLY_ON.get(inner["type"], EVERYWHERE):
            yield Problem((*place, "type"), f"unsupported type: {inner['type']} is not allowed in a {surface}")
        asked = inner.get("element", {})
        if surface != "modal" and asked.get("response_url_enabled"):
            yield Problem((*place, "element", "response_url_enabled"), f"is not allowed in a {surface}")
        element = asked.get("type")
        if surface not in ELEMENT_ONLY_ON.get(element, EVERYWHERE):
            yield Problem((*place, "element", "type"), f"{element} is not allowed in a {surface}")


def _with_children(block: dict[str, Any], path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    yield block, path
    for key in HOLDING.get(block["type"], ()):
        for number, child in enumerate(block.get(key, ())):
            yield child, (*path, key, number)


def _across(blocks: list[dict[str, Any]], path: Path) -> Problems:
    """Rules over blocks that are each right by themselves."""
    placed = [item for number, block in enumerate(blocks) for item in _with_children(block, (*path, number))]
    yield from _repeated_ids(placed)
    for kind, most in ONCE_OR_SO.items():
        found = [place for block, place in placed if block["type"] == kind]
        for place in found[most:]:
            yield Problem(place, f"no more than {most} {kind} blocks allowed")
    cells = sum(cell_characters(block) for block, _ in placed if "rows" in block)
    if cells > MOST_CHARACTERS:
        yield Problem(path, f"table cells must be less than {MOST_CHARACTERS + 1} characters in total")
    yield from _focused(placed)
    markdown = sum(len(block["text"]) for block, _ in placed if block["type"] == "markdown")
    if markdown > MARKDOWN:
        yield Problem(path, f"markdown blocks must be less than {MARKDOWN + 1} characters in total")


def _repeated_ids(placed: list[tuple[dict[str, Any], Path]]) -> Problems:
    blocks_seen: set[str] = set()
    for block, place in placed:
        block_id = block.get("block_id")
        if block_id in blocks_seen:
            yield Problem((*place, "block_id"), f"block_id already exists: {block_id}")
        if block_id:
            blocks_seen.add(block_id)
        yield from _repeated_actions(block, place)


def _focused(placed: list[tuple[dict[str, Any], Path]]) -> Problems:
    """Only one field may take the focus when a form opens."""
    places = [(*place, "element") for block, place in placed if block.get("element", {}).get("focus_on_load")]
    places += [
        (*place, "elements", number)
        for block, place in placed
        if block["type"] == "actions"
        for number, element in enumerate(block["elements"])
        if element.get("focus_on_load")
    ]
    for place in places[1:]:
        yield Problem((*place, "focus_on_load"), "only one element may have focus_on_load")


def _repeated_actions(block: dict[str, Any], place: Path) -> Problems:
    seen: set[str] = set()
    for key in ("elements", "actions"):
        for number, element in enumerate(block.get(key, ())):
            action_id = element.get("action_id")
            if action_id in seen:
                yield Problem((*place, key, number, "action_id"), f"action_id already exists: {action_id}")
            if action_id:
                seen.add(action_id)


_SHARED: dict[str, Spec] = {
    "private_metadata": Str(3000, 0),
    "callback_id": Str(255, 0),
    "external_id": Str(255, 0),
}
_MODAL = Obj(
    {"title": plain(24)},
    {
        **_SHARED,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": Bool(),
        "notify_on_close": Bool(),
        "submit_disabled": Bool(),
    },
)
_VIEWS: dict[str, Spec] = {"modal": _MODAL, "home": Obj({}, _SHARED)}


def check_view(view: Any, path: Path = ("view",)) -> list[Problem]:
    """Everything Slack would refuse about a modal or a Home tab."""
    if not isinstance(view, dict):
        return [Problem(path, "must be an object")]
    frame = {key: value for key, value in view.items() if key != "blocks"}
    problems = list(ByType(_VIEWS).check(frame, path))
    if "blocks" not in view:
        return [*problems, Problem(path, "missing required field: blocks")]
    surface: Surface = "home" if view.get("type") == "home" else "modal"
    problems += check_blocks(view["blocks"], surface, (*path, "blocks"))
    if not problems and surface == "modal" and "submit" not in view and _asks(view["blocks"]):
        problems.append(Problem(path, "submit is required when there is an input block"))
    return problems


def _asks(blocks: list[dict[str, Any]]) -> bool:
    return any(block["type"] == "input" for block in blocks)
