"""One list of Web API calls for any Slack, and what came of each: the error or `ok`, and the types of what it tells."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.bot.playground.slack.helpers import Json

Trigger = Callable[[AsyncWebClient], Awaitable[str]]


class Probe:
    """Calls by name; `trigger` makes a trigger id, which every stand-in does in a way of its own."""

    def __init__(self, url: str, token: str, trigger: Trigger) -> None:
        self._client = AsyncWebClient(token=token, base_url=url)
        self._trigger = trigger
        self.outcomes: dict[str, str | None] = {}
        self.shapes: dict[str, dict[str, set[str]]] = {}

    async def call(self, named: str, method: str, /, **arguments: Any) -> Json:
        try:
            answer = await self._client.api_call(method, json=arguments)
        except SlackApiError as error:
            self.outcomes[named] = error.response.get("error")
            return {}
        data: Json = answer.data if isinstance(answer.data, dict) else {}
        self.outcomes[named], self.shapes[named] = "ok", shape(data)
        return data

    async def run(self) -> "Probe":
        call = self.call
        await call("who", "auth.test")
        channels = (await call("list", "conversations.list"))["channels"]
        channel = next(one["id"] for one in channels if one["name"] == "general")
        await call("join", "conversations.join", channel=channel)
        metadata = {"event_type": "kahvi", "event_payload": {"key": "1"}}
        ts = (await call("post", "chat.postMessage", channel=channel, text="x", metadata=metadata))["ts"]
        await self._messages(channel, ts)
        found = (await call("history", "conversations.history", channel=channel, include_all_metadata=True))["messages"]
        assert found[-1]["metadata"] == metadata
        await self._places(channel)
        await self._files(channel)
        await self._views()
        await self._refusals(channel, ts)
        self._client.token = "xoxb-another"
        await call("wrong token", "auth.test")
        self._client.token = None
        await call("no token", "auth.test")
        return self

    async def _messages(self, channel: str, ts: str) -> None:
        call = self.call
        await call("reply", "chat.postMessage", channel=channel, text="r", thread_ts=ts)
        await call("update", "chat.update", channel=channel, ts=ts, text="y")
        await call("replies", "conversations.replies", channel=channel, ts=ts)
        await call("permalink", "chat.getPermalink", channel=channel, message_ts=ts)
        await call("react", "reactions.add", channel=channel, timestamp=ts, name="coffee")
        await call("react again", "reactions.add", channel=channel, timestamp=ts, name="coffee")

    async def _places(self, channel: str) -> None:
        """Channels, people, and what only one of them sees."""
        call = self.call
        await call("channel", "conversations.info", channel=channel)
        await call("members", "conversations.members", channel=channel)
        people = (await call("people", "users.list"))["members"]
        person = next(one["id"] for one in people if one["name"] == "carla")
        await call("person", "users.info", user=person)
        await call("by e-mail", "users.lookupByEmail", email="aino@example.com")
        direct = (await call("direct", "conversations.open", users=person)).get("channel") or {}
        await call("to one", "chat.postMessage", channel=direct.get("id"), text="x")
        await call("ephemeral", "chat.postEphemeral", channel=channel, user=person, text="x")
        await call("leave", "conversations.leave", channel=channel)
        await call("join again", "conversations.join", channel=channel)
        await call("no such channel", "conversations.info", channel="C404")
        await call("history of none", "conversations.history", channel="C404")
        await call("no such emoji", "reactions.add", channel=channel, timestamp="1.000001", name="coffee")
        await call("remove what is not", "reactions.remove", channel=channel, timestamp="1.000001", name="coffee")

    async def _files(self, channel: str) -> None:
        """A file's three steps, and what becomes of it."""
        call = self.call
        place = await call("upload", "files.getUploadURLExternal", filename="x.txt", length=5)
        file = place["file_id"]
        await call("no bytes yet", "files.completeUploadExternal", files=[{"id": file}], channel_id=channel)
        async with aiohttp.ClientSession() as http, http.post(place["upload_url"], data=b"hello") as answer:
            self.outcomes["bytes"] = str(answer.status)
        await call("share", "files.completeUploadExternal", files=[{"id": file, "title": "t"}], channel_id=channel)
        await call("file", "files.info", file=file)
        await call("delete file", "files.delete", file=file)
        await call("file that is gone", "files.info", file=file)
        await call("upload of nothing", "files.getUploadURLExternal", filename="x.txt", length=0)
        await call("no file", "files.completeUploadExternal", files=[{"id": "F404"}])

    async def _views(self) -> None:
        call, trigger = self.call, await self._trigger(self._client)
        user = (await call("by e-mail", "users.lookupByEmail", email="aino@example.com"))["user"]["id"]
        await call("home", "views.publish", user_id=user, view={"type": "home", "blocks": []})
        view = (await call("open", "views.open", trigger_id=trigger, view=modal("a")))["view"]
        await call("open again", "views.open", trigger_id=trigger, view=modal("a"))
        await call("stale view", "views.update", view_id=view["id"], hash="1.x", view=modal("b"))
        await call("update view", "views.update", view_id=view["id"], hash=view["hash"], view=modal("b"))
        await call("no such view", "views.update", view_id="V404", view=modal("b"))
        await call("no trigger", "views.open", trigger_id="1.2.3", view=modal("a"))

    async def _refusals(self, channel: str, ts: str) -> None:
        call = self.call
        await call("no text", "chat.postMessage", channel=channel)
        await call("no channel", "chat.postMessage", channel="C404", text="x")
        await call("update nothing", "chat.update", channel=channel, ts="1.000001", text="y")
        await call("delete", "chat.delete", channel=channel, ts=ts)
        await call("delete again", "chat.delete", channel=channel, ts=ts)
        await call("no user", "users.info", user="U404")
        await call("no e-mail", "users.lookupByEmail", email="nobody@example.com")
        await call("blocks of no kind", "chat.postMessage", channel=channel, text="x", blocks=[{"type": "none"}])
        await call("unknown method", "none.such")


def modal(title: str) -> Json:
    text = {"type": "plain_text", "text": title}
    return {"type": "modal", "title": text, "blocks": [{"type": "section", "text": text}]}


def shape(value: Any, at: str = "") -> dict[str, set[str]]:
    """The types of JSON at each path to a plain value in it; all entries of a list are at one path."""
    if not isinstance(value, dict | list):
        return {at: {type(value).__name__}}
    inside = (
        [(f"{at}.{key}", one) for key, one in value.items()]
        if isinstance(value, dict)
        else [(f"{at}[]", one) for one in value]
    )
    found: dict[str, set[str]] = {}
    for path, one in inside:
        for place, types in shape(one, path).items():
            found.setdefault(place, set()).update(types)
    return found
