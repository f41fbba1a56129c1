"""Somebody at the page, driven by code."""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.playground.slack.client.door import Door
from bot.playground.slack.client.elements import Unseen, find, find_button, offered, used
from bot.playground.slack.world.models import Json

Answers = Mapping[str, str | Sequence[str]]


class Person:
    """Types, presses, fills in and reads as the page does; `channel` is the one that is open.

    Messages and views are Slack's own shapes. What the local Slack refuses raises Refused, and what is not there to
    be used raises Unseen.
    """

    def __init__(self, door: Door, name: str, channel: str, team: str = "") -> None:
        self._door = door
        self.channel = channel
        self._who = {"as": name, "team": team}

    async def _does(self, path: str, **body: Any) -> Json:
        return await self._door.do(f"/_page/{path}", **body, **self._who)

    async def _reads(self, path: str, **query: str) -> Json:
        return await self._door.read(f"/_page/{path}", **query, **self._who)

    async def types(self, text: str, thread: str = "") -> str:
        """Send a message or a command; the ts of the message."""
        return str((await self._does("send", channel=self.channel, text=text, thread_ts=thread)).get("ts", ""))

    async def sees(self, thread: str = "") -> list[Json]:
        """What stands in the channel, or in a thread of it, oldest first."""
        found: list[Json] = (await self._reads("messages", channel=self.channel, thread_ts=thread))["messages"]
        return found

    async def last(self, thread: str = "") -> Json:
        found = await self.sees(thread)
        if not found:
            raise Unseen(f"nothing stands in {self.channel}")
        return found[-1]

    async def presses(self, where: Json, label: str) -> None:
        """Press a button of a message or a view."""
        block, button = find_button(where["blocks"], label)
        await self._uses(where, block, used(button, [], {}))

    async def chooses(self, where: Json, named: str, *chosen: str, typed: str = "") -> None:
        """Pick from a menu, or a date, or type, as a person sees it; `named` is its label, placeholder or action id.

        `typed` is what was typed into a menu that suggests, unless it was the text itself.
        """
        block, element = find(where["blocks"], named)
        await self._uses(where, block, await self._used(where, block, element, list(chosen), typed))

    async def _uses(self, where: Json, block: Json, action: Json) -> None:
        ids = {"container": container(where), "block_id": block["block_id"]}
        stands = {"state": {"values": {block["block_id"]: {action["action_id"]: action}}}}
        await self._does("action", **ids, action=action, **(stands if block["type"] == "input" else {}))

    async def _used(self, where: Json, block: Json, element: Json, chosen: list[str], typed: str = "") -> Json:
        offer = offered(element)
        if element["type"].endswith("external_select"):
            for text in [typed] if typed else chosen:
                offer |= offered(await self._suggested(where, block, element, text))
        return used(element, chosen, offer)

    async def suggested(self, where: Json, named: str, typed: str) -> Json:
        """The `options` or `option_groups` that a menu offers for what was typed."""
        return await self._suggested(where, *find(where["blocks"], named), typed)

    async def _suggested(self, where: Json, block: Json, element: Json, typed: str) -> Json:
        ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
        return await self._does("options", container=container(where), value=typed, **ids)

    async def views(self) -> list[Json]:
        """The modals that are open, the one on top last."""
        found: list[Json] = (await self._reads("views"))["views"]
        return found

    async def view(self) -> Json:
        """The modal on top; Unseen when none is open."""
        found = await self.views()
        if not found:
            raise Unseen("no form is open")
        return found[-1]

    async def submits(self, view: Json, answers: Answers) -> Json:
        """Fill in fields by their labels and send the form; `errors` by block id stand in the answer when refused."""
        values: Json = {}
        for named, given in answers.items():
            block, element = find(view["blocks"], named)
            filled = await self._used(view, block, element, [given] if isinstance(given, str) else list(given))
            values.setdefault(block["block_id"], {})[element["action_id"]] = filled
        return await self.sends(view, values)

    async def sends(self, view: Json, values: Json) -> Json:
        """Send the form with `state.values` as Slack writes them; fields that are not named keep what they hold."""
        form = {"view_id": view["id"], "state": {"values": values}}
        return await self._door.ask("/_page/view_submit", **form, **self._who)

    async def uses_shortcut(self, callback_id: str, message: Json | None = None) -> None:
        """Pick a global shortcut, or one from the menu of a message."""
        where = {} if message is None else {"channel": message["channel"], "message_ts": message["ts"]}
        await self._does("shortcut", callback_id=callback_id, **where)

    async def uploads(self, name: str, content: bytes, *, for_form: bool = False) -> Json:
        """Share a file in the channel, or keep it to choose it in a form; Slack's shape of it."""
        sent = base64.b64encode(content).decode()
        where = {} if for_form else {"channel": self.channel}
        file: Json = (await self._does("upload", name=name, content=sent, **where))["file"]
        return file

    async def closes(self, view: Json) -> None:
        await self._does("view_close", view_id=view["id"])

    async def opens_home(self) -> None:
        await self._does("home_opened")

    async def home(self) -> Json:
        """What stands in the Home tab; Unseen when the app published nothing."""
        view: Json | None = (await self._reads("home"))["view"]
        if view is None:
            raise Unseen("nothing stands in the Home tab")
        return view

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[AsyncIterator[Json]]:
        """What the page is told as it happens, from now on."""
        async with self._door.watch(**self._who) as socket:

            async def told() -> AsyncIterator[Json]:
                while True:
                    yield await socket.receive_json()

            yield told()


def container(where: Json) -> Json:
    """How the page names a message or a view."""
    if where["type"] in ("modal", "home"):
        return {"type": "view", "view_id": where["id"]}
    return {"type": "message", "channel": where["channel"], "message_ts": where["ts"]}
