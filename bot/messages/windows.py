"""Windows without inputs: those that wait, tell, or confirm."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.messages import blocks as b

NOT_DONE = "not_done"
# What a form says that others saved since it was opened.
CHANGED = "Somebody else changed this meanwhile: copy what you typed, close this, and open it again."
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
