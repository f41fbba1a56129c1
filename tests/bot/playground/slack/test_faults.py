import asyncio
import time

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from tests.bot.playground.slack.helpers import Json, Person, until

CHART = {
    "type": "data_visualization",
    "title": "MRR",
    "chart": {"type": "pie", "segments": [{"label": "EU", "value": 1}]},
}


async def order(person: Person, kind: str, **more: object) -> None:
    assert await person.post("/_ctl/fault", method="chat.postMessage", kind=kind, **more) == {"ok": True}


async def test_429_carries_retry_after(client: AsyncWebClient, person: Person) -> None:
    await order(person, "429", retry_after=7, times=2)

    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            await client.chat_postMessage(channel="#cs", text="x")
        answer = refused.value.response
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        assert answer["error"] == "ratelimited"
    assert (await client.chat_postMessage(channel="#cs", text="x"))["ok"] is True


async def test_an_error_at_http_200(client: AsyncWebClient, person: Person) -> None:
    await order(person, "error", error="message_limit_exceeded")

    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="#cs", text="x")

    answer = refused.value.response
    assert (answer.status_code, answer["error"]) == (200, "message_limit_exceeded")


async def test_500_posts_nothing(client: AsyncWebClient, person: Person) -> None:
    await order(person, "500")

    assert (await client.auth_test())["ok"] is True
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="#cs", text="x")

    assert refused.value.response.status_code == 500
    assert await person.sees() == []


async def test_drop_after_accept_posts_and_never_answers(client: AsyncWebClient, person: Person) -> None:
    await order(person, "drop_after_accept")
    client.retry_handlers.clear()

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="#cs", text="x")

    assert [m["text"] for m in await person.sees()] == ["x"]


async def test_a_client_that_retries_by_itself_posts_twice(client: AsyncWebClient, person: Person) -> None:
    await order(person, "drop_after_accept")

    assert (await client.chat_postMessage(channel="#cs", text="x"))["ok"] is True

    assert [m["text"] for m in await person.sees()] == ["x", "x"]


async def test_429_may_come_without_retry_after(client: AsyncWebClient, person: Person) -> None:
    await order(person, "429", retry_after=None)

    with pytest.raises(SlackApiError, match="ratelimited") as refused:
        await client.chat_postMessage(channel="#cs", text="x")

    assert "Retry-After" not in refused.value.response.headers


async def test_a_body_may_be_cut_after_the_message_was_taken(client: AsyncWebClient, person: Person) -> None:
    await order(person, "cut_body")
    client.retry_handlers.clear()

    with pytest.raises(aiohttp.ClientPayloadError):
        await client.chat_postMessage(channel="#cs", text="x")

    assert [m["text"] for m in await person.sees()] == ["x"]


async def test_a_dropped_request_posts_nothing(client: AsyncWebClient, person: Person) -> None:
    await order(person, "drop")
    client.retry_handlers.clear()

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="#cs", text="x")

    assert await person.sees() == []


async def test_a_delayed_answer_comes_when_the_clock_says(client: AsyncWebClient, person: Person) -> None:
    await order(person, "delay", seconds=60)
    posting = asyncio.create_task(client.chat_postMessage(channel="#cs", text="x"))
    await until(lambda: not person.server.state.faults._ordered)
    assert await person.sees() == []

    await person.advance(60)

    assert (await posting)["ok"] is True


async def test_faults_may_strike_by_seeded_chance_after_some_have_passed(
    client: AsyncWebClient, person: Person
) -> None:
    async def struck() -> list[bool]:
        await order(person, "error", error="fatal_error", times=None, probability=0.3, seed=7, skip=5)
        found: list[bool] = []
        for _ in range(40):
            try:
                await client.chat_postMessage(channel="#cs", text="x")
                found.append(False)
            except SlackApiError:
                found.append(True)
        await person.post("/_ctl/reset_faults")
        return found

    first = await struck()

    assert first == await struck()
    assert not any(first[:5])
    assert 3 < sum(first) < 20


async def test_timeout_posts_nothing_and_outlasts_the_client(server: SlackServer, person: Person) -> None:
    await order(person, "timeout")
    hasty = AsyncWebClient(token=server.bot_token, base_url=server.api_url, timeout=1)

    with pytest.raises(TimeoutError):
        await hasty.chat_postMessage(channel="#cs", text="x")

    assert await person.sees() == []


async def test_a_fault_may_wait_for_a_block_type_or_a_channel(client: AsyncWebClient, person: Person) -> None:
    await order(person, "error", error="invalid_blocks", block_type="data_visualization", times=None)
    await order(person, "error", error="is_archived", channel="C00000005")

    assert (await client.chat_postMessage(channel="C00000002", text="x"))["ok"] is True
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await client.chat_postMessage(channel="C00000002", text="x", blocks=[CHART])
    with pytest.raises(SlackApiError, match="is_archived"):
        await client.chat_postMessage(channel="C00000005", text="x")

    await person.post("/_ctl/reset_faults")
    assert (await client.chat_postMessage(channel="#cs", text="x", blocks=[CHART]))["ok"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "chat.postMessage"},
        {"method": "chat.postMessage", "kind": "explode"},
        {"kind": "500"},
        {"method": "chat.postMessage", "kind": "429", "retry_after": "soon"},
        {"method": "chat.postMessage", "kind": "429", "count": 1},
        {"method": "chat.postMessage", "kind": "delay", "seconds": None},
        {"method": "chat.postMessage", "kind": "error", "error": None},
    ],
)
async def test_orders_that_make_no_sense_are_refused(
    server: SlackServer, http: aiohttp.ClientSession, wrong: Json
) -> None:
    async with http.post(f"{server.url}/_ctl/fault", json=wrong) as answer:
        assert (answer.status, (await answer.json())["ok"]) == (400, False)


async def test_pace_holds_each_channel_to_a_message_a_second(client: AsyncWebClient, person: Person) -> None:
    await person.post("/_ctl/pace", per_second=1, burst=2)
    for _ in range(2):
        await client.chat_postMessage(channel="#cs", text="x")
    with pytest.raises(SlackApiError, match="ratelimited"):
        await client.chat_postMessage(channel="#cs", text="x")

    await client.chat_postMessage(channel="#general", text="another channel")
    await person.advance(1)
    await client.chat_postMessage(channel="#cs", text="x")
    await person.post("/_ctl/pace")
    for _ in range(5):
        await client.chat_postMessage(channel="#cs", text="x")
    assert len(await person.sees()) == 8


async def test_the_clock_can_be_set_and_moved(client: AsyncWebClient, person: Person) -> None:
    await person.post("/_ctl/clock", set="2030-01-07T08:00:00+02:00")
    told = await person.post("/_ctl/clock", advance_seconds=60)

    assert told["now"].startswith("2030-01-07T06:01:0")
    posted = await client.chat_postMessage(channel="#cs", text="x")
    assert posted["ts"].startswith("18939")
    assert abs(float(posted["ts"]) - told["epoch"]) < 60


async def test_a_pace_of_nothing_is_refused(server: SlackServer, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{server.url}/_ctl/pace", json={"per_second": 0}) as answer:
        assert answer.status == 400


@pytest.mark.parametrize(
    ("door", "wrong", "names"),
    [
        ("tiers", {}, "on: Missing required keyword only argument"),
        ("tiers", {"on": "maybe"}, "on: Input should be a valid boolean"),
        ("clock", {"set": "noon"}, "set: Input should be a valid datetime"),
        ("clock", {}, "give advance_seconds, set or still"),
        ("clock", {"set": "2030-01-07T08:00:00", "advance_seconds": 5}, "give advance_seconds or set, not both"),
        ("pace", {"per_second": "fast"}, "per_second: Input should be a valid number"),
        ("pace", {"per_second": 5e-324}, "per_second: Input should be greater than"),
        ("pace", {"per_second": 1, "burst": 0}, "burst: Input should be greater than or equal to 1"),
        ("pace", {"per_second": 1, "burst": "nan"}, "burst: Input should be"),
        ("channel", {"channel": "#cs", "is_archive": True}, "is_archive: Unexpected keyword argument"),
        ("channel", {"channel": "#cs", "name": ""}, "invalid_name_required"),
        ("channel", {"channel": "#cs", "name": "x" * 81}, "invalid_name_maxlength"),
        ("channel", {"channel": "#cs", "name": "general"}, "name_taken"),
        ("user", {"user": "dora", "tz": "Mars/Base"}, "tz must be a zone"),
        ("user", {"user": "dora", "tz": "Europe"}, "tz must be a zone"),
        ("user", {"user": "dora", "tz": "x" * 5_000}, "tz must be a zone"),
        ("user", {"user": "dora", "real_name": "\ud800"}, "real_name: Input should be text without halves"),
        ("addresses", {"event": "http://127.0.0.1:1"}, "event: there is no such address"),
        ("addresses", {"commands": "ftp://127.0.0.1/"}, "commands must be an address on loopback"),
        ("scopes", {"scopes": ["Chat Write"]}, "a scope is written like chat:write"),
    ],
)
async def test_what_is_wrong_with_an_order_is_told_by_its_name(
    server: SlackServer, http: aiohttp.ClientSession, door: str, wrong: Json, names: str
) -> None:
    async with http.post(f"{server.url}/_ctl/{door}", json=wrong) as answer:
        assert answer.status == 400
        assert str((await answer.json())["error"]).startswith(names)


@pytest.mark.parametrize("wrong", [{}, {"advance_seconds": "x"}, {"advance_seconds": 1e12}, {"set": "noon"}])
async def test_a_clock_cannot_be_moved_nowhere(server: SlackServer, http: aiohttp.ClientSession, wrong: Json) -> None:
    async with http.post(f"{server.url}/_ctl/clock", json=wrong) as answer:
        assert answer.status == 400
    assert abs(server.state.clock.now() - time.time()) < 60
