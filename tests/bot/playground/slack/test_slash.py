import asyncio

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from tests.bot.playground.slack.helpers import Connect, Json, Person, until


async def test_command_reaches_the_app_and_its_answer_the_person(
    app: AsyncApp, connect: Connect, person: Person
) -> None:
    heard = []

    @app.command("/coffee")
    async def coffee(ack: AsyncAck, command: Json) -> None:
        heard.append(command)
        await ack("Brewing & co")

    await connect()

    assert await person.say("/coffee mrr <12m>") == {"ok": True}
    assert (heard[0]["text"], heard[0]["user_name"]) == ("mrr &lt;12m&gt;", "aino")
    seen = await person.sees()
    assert [(m["text"], m.get("ephemeral")) for m in seen] == [("Brewing & co", True)]


async def test_should_escape_names_people_and_channels(app: AsyncApp, connect: Connect, person: Person) -> None:
    heard = []

    @app.command("/who")
    async def who(ack: AsyncAck, command: Json) -> None:
        heard.append(command["text"])
        await ack()

    await connect()
    await person.say("/who @ben in #cs and @nobody")

    assert heard == ["<@U00000002|ben> in <#C00000002|cs> and @nobody"]


async def test_no_ack_within_three_seconds_is_operation_timeout(
    app: AsyncApp, connect: Connect, person: Person
) -> None:
    waiting, release = asyncio.Event(), asyncio.Event()

    @app.command("/coffee")
    async def coffee(ack: AsyncAck) -> None:
        waiting.set()
        await release.wait()
        await ack()

    await connect()
    said = asyncio.create_task(person.say("/coffee"))
    await waiting.wait()
    await person.advance(3)

    assert await said == {"ok": False, "error": "operation_timeout"}
    release.set()


async def test_without_a_connection_the_command_fails_at_once(
    person: Person, http: aiohttp.ClientSession, server: SlackServer
) -> None:
    async with http.ws_connect(f"{server.url}/_page/live") as page:
        assert await person.say("/coffee") == {"ok": False, "error": "dispatch_failed"}

        notice = await page.receive_json()
    assert notice == {
        "type": "notice",
        "level": "error",
        "text": "/coffee failed with the error dispatch_failed",
    }


async def test_bolt_comes_back_when_asked_to_reconnect(app: AsyncApp, connect: Connect, person: Person) -> None:
    @app.command("/coffee")
    async def coffee(ack: AsyncAck) -> None:
        await ack("fresh")

    await connect()
    assert await person.post("/_ctl/disconnect") == {"ok": True, "connections": 1}
    await until(lambda: person.server.state.sockets.count)

    assert await person.say("/coffee") == {"ok": True}
    assert [m["text"] for m in await person.sees()] == ["fresh"]


async def test_an_answer_slack_refuses_is_told_to_the_person(app: AsyncApp, connect: Connect, person: Person) -> None:
    @app.command("/coffee")
    async def coffee(ack: AsyncAck) -> None:
        await ack("x", blocks=[{"type": "alert"}])

    await connect()

    assert await person.say("/coffee") == {"ok": False, "error": "invalid_blocks"}


async def test_nobody_is_invited_by_an_unknown_name(person: Person) -> None:
    assert await person.say("/invite @nobody") == {"ok": False, "error": "user_not_found"}


async def test_unknown_command_is_refused(person: Person) -> None:
    assert await person.say("/tea") == {"ok": False, "error": "invalid_command"}
    assert await person.sees() == []


async def test_a_slash_in_a_thread_is_an_ordinary_message(person: Person) -> None:
    parent = await person.say("morning")

    reply = await person.say("/coffee", thread_ts=parent["ts"])

    seen = await person.sees(thread_ts=parent["ts"])
    assert [m["ts"] for m in seen] == [parent["ts"], reply["ts"]]


async def test_invite_brings_the_bot_into_a_channel(person: Person, client: AsyncWebClient) -> None:
    assert await person.say("/invite @kahvi", channel="C00000003") == {"ok": True}

    info = await client.conversations_info(channel="C00000003")
    assert info["channel"]["is_member"] is True
