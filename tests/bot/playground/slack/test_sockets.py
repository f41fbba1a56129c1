import asyncio
import functools
import operator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from tests.bot.playground.slack.helpers import Person, ack, connected, until


async def test_a_ticket_opens_one_connection_within_a_minute(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    opening = AsyncWebClient(base_url=server.api_url)
    url = (await opening.apps_connections_open(app_token=server.app_token))["url"]
    await http.ws_connect(url)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
        await http.ws_connect(url)

    late = (await opening.apps_connections_open(app_token=server.app_token))["url"]
    await person.advance(61)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
        await http.ws_connect(late)


async def test_each_envelope_goes_to_exactly_one_connection(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    sockets = [await connected(server, http) for _ in range(3)]

    async def acknowledge(socket: aiohttp.ClientWebSocketResponse, received: list[str]) -> None:
        while True:
            envelope = await socket.receive_json()
            received.append(envelope["payload"]["text"])
            await ack(socket, envelope)

    inboxes: list[list[str]] = [[] for _ in sockets]
    tasks = [asyncio.create_task(acknowledge(*pair)) for pair in zip(sockets, inboxes, strict=True)]
    for number in range(9):
        assert await person.say(f"/coffee {number}") == {"ok": True}
    for task in tasks:
        task.cancel()

    assert sorted(functools.reduce(operator.iadd, inboxes, [])) == [str(n) for n in range(9)]
    assert [len(inbox) for inbox in inboxes] == [3, 3, 3]


async def test_an_envelope_goes_past_a_connection_that_just_broke(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    sockets = [await connected(server, http) for _ in range(2)]
    broken = server.state.sockets._open[1]
    assert broken._req is not None
    assert broken._req.transport is not None
    broken._req.transport.abort()
    delivery = asyncio.create_task(server.state.sockets.deliver("slash_commands", {"text": "x"}))
    await ack(sockets[0], await sockets[0].receive_json(), text="here")

    assert await delivery == {"text": "here"}


async def test_ten_connections_are_the_most(server: SlackServer, http: aiohttp.ClientSession) -> None:
    kept = [await connected(server, http) for _ in range(10)]
    answer = await AsyncWebClient(base_url=server.api_url).apps_connections_open(app_token=server.app_token)
    eleventh = await http.ws_connect(answer["url"])

    assert server.state.sockets.count == len(kept)
    assert await eleventh.receive_json() == {
        "type": "disconnect",
        "reason": "too_many_websockets",
        "debug_info": {},
    }


async def test_events_come_again_until_acknowledged(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    socket = await connected(server, http)
    await person.say("hello")

    envelopes = [await socket.receive_json()]
    for wait in (3, 3, 60, 3):
        await person.advance(wait)
        if wait == 60 or len(envelopes) == 1:
            envelopes.append(await socket.receive_json())
    await person.advance(300)
    last = await socket.receive_json()
    await ack(socket, last)
    envelopes.append(last)

    assert [e["retry_attempt"] for e in envelopes] == [0, 1, 2, 3]
    assert [e["retry_reason"] for e in envelopes] == ["", "timeout", "timeout", "timeout"]
    assert len({e["payload"]["event_id"] for e in envelopes}) == 1
    assert len({e["envelope_id"] for e in envelopes}) == 4


async def test_an_acknowledged_event_does_not_come_again(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    socket = await connected(server, http)
    await person.say("first")
    await ack(socket, await socket.receive_json())
    await until(lambda: not server.state.background._tasks)
    await person.advance(1000)
    await person.say("second")

    assert (await socket.receive_json())["payload"]["event"]["text"] == "second"


async def test_an_event_waits_for_a_connection(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    await person.say("is anybody there")
    socket = await connected(server, http)
    await person.advance(60)

    envelope = await socket.receive_json()
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (2, "connection_failed")
    await ack(socket, envelope)


async def test_disconnect_asks_clients_to_come_back(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    old = await connected(server, http)

    assert await person.post("/_ctl/disconnect") == {"ok": True, "connections": 1}
    assert (await old.receive_json())["reason"] == "refresh_requested"
    new = await connected(server, http)
    command = asyncio.create_task(person.say("/coffee"))
    await ack(new, await new.receive_json())
    assert await command == {"ok": True}


async def test_a_warning_leaves_the_connection_in_use(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    socket = await connected(server, http)

    await person.post("/_ctl/disconnect", reason="warning")

    assert (await socket.receive_json())["reason"] == "warning"
    assert server.state.sockets.count == 1
    assert await person.post("/_ctl/disconnect", cut=True) == {"ok": True, "connections": 1}
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_pings_are_answered_and_nonsense_is_ignored(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    answer = await AsyncWebClient(base_url=server.api_url).apps_connections_open(app_token=server.app_token)
    socket = await http.ws_connect(answer["url"], autoping=False)
    await socket.receive_json()
    for nonsense in ("", "{", "[]", '{"envelope_id": 7}', '{"envelope_id": "unknown"}'):
        await socket.send_str(nonsense)
    await socket.ping(b"still there?")

    pong = await socket.receive()
    assert (pong.type, bytes(pong.data)) == (aiohttp.WSMsgType.PONG, b"still there?")


async def test_a_late_ack_changes_nothing(server: SlackServer, http: aiohttp.ClientSession, person: Person) -> None:
    socket = await connected(server, http)
    command = asyncio.create_task(person.say("/coffee"))
    envelope = await socket.receive_json()
    await person.advance(3)
    assert (await command)["error"] == "operation_timeout"

    await ack(socket, envelope, text="too late")
    await socket.ping()

    assert await person.sees() == []
