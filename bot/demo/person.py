"""Waiting for what a person at the page would see."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from bot.playground.slack.client import Person, Unseen
from bot.playground.slack.world.models import Json

PATIENCE = 20.0  # seconds for anything to show


async def awaits(person: Person, what: str, wanted: Callable[[Json], bool], thread: str = "") -> Json:
    """The newest message that is as wanted, as soon as it shows."""
    async with _patience(what):
        while True:
            found = [message for message in await person.sees(thread) if wanted(message)]
            if found:
                return found[-1]
            await asyncio.sleep(0.05)


async def opens(person: Person, what: str, command: str) -> Json:
    """The form that a command opens, once it has something to fill in."""
    async with person.watching() as told, _patience(what):
        await person.types(command)
        async for event in told:
            view: Json = event.get("view") or {}
            if event["type"] in ("view_opened", "view_updated") and inputs(view):
                return view
    raise Unseen(f"{what} did not show")


async def opens_home(person: Person) -> Json:
    """The Home tab, once it was made for this opening."""
    async with person.watching() as told, _patience("the Home tab"):
        await person.opens_home()
        async for event in told:
            if event["type"] == "home":
                return await person.home()
    raise Unseen("the Home tab did not show")


@asynccontextmanager
async def _patience(what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise Unseen(f"{what} did not show within {PATIENCE:.0f} s") from None


def words(message: Json) -> str:
    """All the text a reader sees in a message."""
    return " ".join([message.get("text") or "", *_texts(message.get("blocks") or [])])


def inputs(view: Json) -> list[Json]:
    return [block for block in view.get("blocks", ()) if block["type"] == "input"]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
