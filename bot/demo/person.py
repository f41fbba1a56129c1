"""Somebody at the page of the local Slack, driven by code."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

Block = dict[str, Any]
Message = dict[str, Any]
View = dict[str, Any]
PATIENCE = 20.0  # seconds for anything to show


class Unseen(Exception):
    """Something that should have been seen was not."""


class Person:
    """Types, presses and reads as the page does; `channel` is the one that is open."""

    def __init__(self, http: aiohttp.ClientSession, url: str, channel: str) -> None:
        self._http = http
        self._url = url
        self.channel = channel

    async def types(self, text: str) -> None:
        await self._does("send", channel=self.channel, text=text)

    async def presses(self, message: Message, label: str) -> None:
        block, element = button(message, label)
        container = {"type": "message", "channel": self.channel, "message_ts": message["ts"]}
        action = {key: element[key] for key in ("type", "action_id", "value") if key in element}
        await self._does("action", container=container, block_id=block.get("block_id", ""), action=action)

    async def submits(self, view: View, answers: dict[str, str]) -> None:
        """Fill in a form, by label, and send it off; what has an initial value keeps it."""
        values = {block["block_id"]: _answer(block, answers) for block in view["blocks"] if block["type"] == "input"}
        await self._does("view_submit", view_id=view["id"], state={"values": values})

    async def awaits(self, what: str, wanted: Callable[[Message], bool], thread: str | None = None) -> Message:
        """The newest message that is as wanted, as soon as it shows."""
        async with _patience(what):
            while True:
                found = [message for message in await self._sees(thread) if wanted(message)]
                if found:
                    return found[-1]
                await asyncio.sleep(0.05)

    async def opens(self, what: str, command: str) -> View:
        """The form that a command opens, once it has something to fill in."""
        async with self._http.ws_connect(f"{self._url}/_page/live") as live, _patience(what):
            await self.types(command)
            while True:
                event = await live.receive_json()
                view: View = event.get("view") or {}
                if event["type"] in ("view_opened", "view_updated") and inputs(view):
                    return view

    async def _sees(self, thread: str | None) -> list[Message]:
        query = {"channel": self.channel, **({"thread_ts": thread} if thread else {})}
        async with self._http.get(f"{self._url}/_page/messages", params=query) as answer:
            found: list[Message] = (await answer.json())["messages"]
        return found

    async def _does(self, path: str, **body: object) -> None:
        async with self._http.post(f"{self._url}/_page/{path}", json=body) as answer:
            found = await answer.json()
        if not found.get("ok", True):
            raise Unseen(f"{path} was refused: {found}")


@asynccontextmanager
async def _patience(what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise Unseen(f"{what} did not show within {PATIENCE:.0f} s") from None


def words(message: Message) -> str:
    """All the text a reader sees in a message."""
    return " ".join([message.get("text") or "", *_texts(message.get("blocks") or [])])


def button(message: Message, label: str) -> tuple[Block, Block]:
    """The block and the button with this label; Unseen when there is none."""
    for block in message.get("blocks") or []:
        for element in block.get("elements", ()):
            if element.get("type") == "button" and element["text"]["text"] == label:
                return block, element
    raise Unseen(f"there is no button {label!r}")


def has_button(message: Message, label: str) -> bool:
    try:
        button(message, label)
    except Unseen:
        return False
    return True


def inputs(view: View) -> list[Block]:
    return [block for block in view.get("blocks", ()) if block["type"] == "input"]


def _answer(block: Block, answers: dict[str, str]) -> Block:
    element = block["element"]
    text = answers.get(block["label"]["text"])
    if element["type"] == "plain_text_input":
        state: Block = {"type": element["type"], "value": text or element.get("initial_value")}
    else:
        options = {option["text"]["text"]: option for option in element["options"]}
        state = {"type": element["type"], "selected_option": options[text] if text else element.get("initial_option")}
    return {element["action_id"]: state}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
