"""Windows without inputs: those that wait, tell, or confirm."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.messages import blocks as b

NOT_DONE = "not_done"
# Under which name an input has what was given to it, and under which what it begins with.
BEGINS_WITH = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_conversation": "initial_conversation",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
}
KEPT = ("type", "callback_id", "title", "submit", "close", "private_metadata")


def waiting(title: str) -> b.Block:
    """What stands in the window until there is something to show."""
    return _window(title, [b.section("One moment …")])


def window(title: str, message: b.Message) -> b.Block:
    """A message in a window of its own."""
    return _window(title, message.blocks)


def told(title: str, text: str) -> b.Block:
    return _window(title, [b.section(text)])


def still_open(view: Mapping[str, Any], sentence: str) -> b.Block:
    """A window without inputs as it stands, with a sentence on top: what its button does was not done."""
    kept = {name: view[name] for name in KEPT if view.get(name)}
    rest = [one for one in view.get("blocks") or () if one.get("block_id") != NOT_DONE]
    return {**kept, "blocks": [b.section(sentence, block_id=NOT_DONE), *rest][: b.BLOCKS_PER_VIEW]}


def given_back(view: Mapping[str, Any], sentence: str) -> b.Block:
    """A form with all that was filled in, and a sentence on top: it was not saved."""
    values = (view.get("state") or {}).get("values") or {}
    blocks = [_refilled(one, values.get(one.get("block_id")) or {}) for one in view.get("blocks") or ()]
    return still_open({**view, "blocks": blocks}, sentence)


def _refilled(block: b.Block, given: Mapping[str, Any]) -> b.Block:
    """An input that begins with what was given to it; any other block as it is."""
    if "element" not in block:
        return block
    found = given.get(block["element"]["action_id"]) or {}
    fresh = {name: value for name, value in block["element"].items() if name not in BEGINS_WITH.values()}
    begins = {name: found[key] for key, name in BEGINS_WITH.items() if found.get(key)}
    return {**block, "element": {**fresh, **begins}}


def open_again(action: str, value: str) -> b.Message:
    """A fresh button, when Slack no longer takes the first press."""
    text = "Slack did not wait for the form. Press once more:"
    return b.Message(text, [b.section(text), b.actions(b.button("Open the form", action, value))])


def _window(title: str, blocks: Sequence[b.Block]) -> b.Block:
    return {
        "type": "modal",
        "callback_id": "window",
        "title": {"type": "plain_text", "text": b.plain(title, b.VIEW_TITLE)},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": list(blocks)[: b.BLOCKS_PER_VIEW],
    }
