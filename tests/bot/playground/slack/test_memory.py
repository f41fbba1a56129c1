"""Nothing that a long demo or a long test makes the server remember grows without end."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from bot.playground.slack.doors.errors import SlackError
from tests.bot.playground.slack.helpers import Person, until


async def test_the_oldest_triggers_and_response_urls_are_forgotten(server: SlackServer) -> None:
    trigger = server.state.triggers.issue("U00000001")
    key = server.state.response_urls.issue("U00000001", "C00000002").rsplit("/", 1)[1]
    for _ in range(2000):
        server.state.triggers.issue("U00000001")
        server.state.response_urls.issue("U00000001", "C00000002")

    with pytest.raises(SlackError, match="invalid_trigger_id"):
        server.state.triggers.redeem(trigger)
    with pytest.raises(SlackError, match="expired_url"):
        server.state.response_urls.find(key)


async def test_the_oldest_tickets_of_a_clock_that_stands_still_are_forgotten(
    server: SlackServer, http: aiohttp.ClientSession
) -> None:
    server.state.clock.stand(still=True)
    oldest = server.state.sockets.ticket()
    for _ in range(1000):
        newest = server.state.sockets.ticket()

    async with http.get(f"{server.url}/link/", params={"ticket": oldest}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (401, "invalid_ticket")
    async with http.ws_connect(f"{server.url}/link/", params={"ticket": newest}) as socket:
        assert (await socket.receive_json())["type"] == "hello"


async def test_the_oldest_messages_are_forgotten(client: AsyncWebClient, person: Person) -> None:
    first = await client.chat_postMessage(channel="#cs", text="first")
    message = person.server.state.messages.require("C00000002", first["ts"])
    for _ in range(person.server.config.kept):
        message.ts = person.server.state.messages.next_ts()
        person.server.state.messages.post(person.server.state.messages.snapshot(message))

    assert len(await person.sees()) == person.server.config.kept


async def test_events_that_nobody_takes_are_given_up_in_the_end(person: Person) -> None:
    for _ in range(1200):
        person.server.state.events.emit("app_mention", {"type": "app_mention"})

    await until(lambda: len(person.server.state.background._tasks) == 1000)
