from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from tests.bot.playground.slack.helpers import Connect, Json, Person

BUTTON = {
    "type": "button",
    "text": {"type": "plain_text", "text": "I'm on it"},
    "action_id": "ack",
    "value": "acme",
}
OWNER = {"type": "external_select", "action_id": "owner", "min_query_length": 1}
CARD: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Acme is at risk"}},
    {"type": "actions", "block_id": "act", "elements": [BUTTON, OWNER]},
]


async def posted(client: AsyncWebClient) -> Json:
    message = await client.chat_postMessage(channel="#cs", text="card", blocks=CARD)
    return {"type": "message", "channel": message["channel"], "message_ts": message["ts"]}


async def press(person: Person, container: Json, **more: Any) -> Any:
    action = {"type": "button", "action_id": "ack", "value": "forged"}
    return await person.post("/_page/action", container=container, block_id="act", action=action, **more)


async def test_a_click_carries_who_where_and_what_the_app_put_there(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person
) -> None:
    heard: list[Json] = []

    @app.action("ack")
    async def on_ack(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        await ack()

    await connect()
    container = await posted(client)

    assert await press(person, container) == {"ok": True}
    body = heard[0]
    assert (body["user"]["id"], body["channel"]["name"]) == ("U00000001", "cs")
    assert body["container"]["message_ts"] == body["message"]["ts"] == container["message_ts"]
    assert body["actions"][0]["value"] == "acme"
    assert body["state"]["values"]["act"]["owner"] == {"type": "external_select", "selected_option": None}


async def test_the_answer_may_replace_the_message_and_whisper(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person
) -> None:
    @app.action("ack")
    async def on_ack(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(text="Aino is on it", replace_original=True)
        await respond(text="Thank you")

    await connect()
    await press(person, await posted(client))

    seen = await person.sees()
    assert [(m["text"], m.get("ephemeral", False)) for m in seen] == [
        ("Aino is on it", False),
        ("Thank you", True),
    ]


async def test_a_click_on_an_ephemeral_comes_without_the_message(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person
) -> None:
    heard: list[Json] = []

    @app.action("ack")
    async def on_ack(ack: AsyncAck, body: Json, respond: AsyncRespond) -> None:
        heard.append(body)
        await ack()
        await respond(delete_original=True)

    await connect()
    answer = await client.chat_postEphemeral(channel="C00000002", user="U00000001", text="card", blocks=CARD)
    container = {"type": "message", "channel": "C00000002", "message_ts": answer["message_ts"]}
    await press(person, container)

    assert heard[0]["container"]["is_ephemeral"] is True
    assert "message" not in heard[0]
    assert await person.sees() == []


async def test_clicks_that_cannot_be(client: AsyncWebClient, person: Person) -> None:
    container = await posted(client)
    gone = {"type": "message", "channel": "C00000002", "message_ts": "1.000001"}
    action = {"type": "button", "action_id": "other"}

    wrong = await person.post("/_page/action", container=container, block_id="act", action=action)
    assert wrong == {"ok": False, "error": "action_not_found"}
    assert await press(person, gone) == {"ok": False, "error": "message_not_found"}
    assert await press(person, {"type": "view", "view_id": ""}) == {"ok": False, "error": "not_found"}
    assert await press(person, container) == {"ok": False, "error": "dispatch_failed"}


def option(number: int, text: str = "Ben") -> Json:
    return {"text": {"type": "plain_text", "text": text}, "value": str(number)}


async def offered(app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person, answer: Json) -> Any:
    @app.options("owner")
    async def owners(ack: AsyncAck, payload: Json) -> None:
        assert payload["value"] == "be"
        await ack(**answer)

    await connect()
    return await person.post(
        "/_page/options",
        container=await posted(client),
        block_id="act",
        action_id="owner",
        value="be",
    )


async def test_options_are_asked_of_the_app(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person
) -> None:
    answer = await offered(app, connect, client, person, {"options": [option(1)]})

    assert answer == {"options": [option(1)]}


async def test_options_in_a_modal_are_asked_of_the_app(
    app: AsyncApp, connect: Connect, server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    @app.options("owner")
    async def owners(ack: AsyncAck, body: Json) -> None:
        assert body["view"]["type"] == "modal"
        await ack(options=[option(7)])

    await connect()
    title = {"type": "plain_text", "text": "Assign"}
    field = {"type": "input", "block_id": "who", "label": title, "element": OWNER}
    view = {"type": "modal", "title": title, "submit": title, "blocks": [field]}
    opened = await client.views_open(trigger_id=server.state.triggers.issue("U00000001"), view=view)
    asked = {"container": {"type": "view", "view_id": opened["view"]["id"]}, "block_id": "who", "value": ""}

    assert await person.post("/_page/options", action_id="owner", **asked) == {"options": [option(7)]}
    wrong = await person.post("/_page/options", action_id="other", **asked)
    assert wrong == {"ok": False, "error": "action_not_found"}


async def test_a_click_in_a_thread_is_answered_in_the_thread(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person
) -> None:
    @app.action("ack")
    async def on_ack(ack: AsyncAck, respond: AsyncRespond, body: Json) -> None:
        await ack()
        await respond(text=body["container"]["thread_ts"], response_type="in_channel")

    await connect()
    parent = await client.chat_postMessage(channel="#cs", text="digest")
    card = await client.chat_postMessage(channel="#cs", text="card", blocks=CARD, thread_ts=parent["ts"])
    await press(person, {"type": "message", "channel": card["channel"], "message_ts": card["ts"]})

    seen = await person.sees(thread_ts=parent["ts"])
    assert [m["text"] for m in seen] == ["digest", "card", parent["ts"]]


async def test_option_groups_pass_too(app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person) -> None:
    group = {"label": {"type": "plain_text", "text": "CS"}, "options": [option(1)]}

    answer = await offered(app, connect, client, person, {"option_groups": [group]})

    assert answer == {"options": [], "option_groups": [group]}


@pytest.mark.parametrize("options", [[option(n) for n in range(101)], [option(1, "x" * 76)]])
async def test_too_many_or_too_long_options_are_refused(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person, options: list[Json]
) -> None:
    answer = await offered(app, connect, client, person, {"options": options})

    assert answer == {"ok": False, "error": "invalid_options"}


async def test_a_response_url_works_five_times_and_for_half_an_hour(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    async def use(url: str, **body: Any) -> tuple[int, str]:
        async with http.post(url, json=body) as answer:
            return answer.status, await answer.text()

    spent = server.state.response_urls.issue("U00000001", "C00000003")
    for number in range(5):
        assert await use(spent, text=str(number), response_type="in_channel") == (200, "ok")
    status, text = await use(spent, text="6")
    assert (status, "used_url" in text) == (404, True)
    assert [m["text"] for m in await person.sees("C00000003")] == list("01234")

    late = server.state.response_urls.issue("U00000001", "C00000003")
    await person.advance(1801)
    status, text = await use(late, text="late")
    assert (status, "expired_url" in text) == (404, True)


async def test_response_urls_can_be_made_to_fail(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    url = server.state.response_urls.issue("U00000001", "C00000002")
    await person.post("/_ctl/fault", method="response_url", kind="500")
    statuses = []
    for _ in range(2):
        async with http.post(url, json={"text": "x"}) as answer:
            statuses.append(answer.status)
    async with http.post(url, data=b"{", headers={"Content-Type": "application/json"}) as answer:
        statuses.append(answer.status)

    assert statuses == [500, 200, 400]
    calls = (await person.get("/_ctl/calls", method="response_url"))["calls"]
    assert [call["outcome"] for call in calls] == ["http_500", "ok"]


async def test_a_refused_answer_spends_no_use(server: SlackServer, http: aiohttp.ClientSession) -> None:
    url = server.state.response_urls.issue("U00000001", "C00000002")
    for body in ({}, {"text": "x", "blocks": [{"type": "alert"}]}):
        async with http.post(url, json=body) as answer:
            assert answer.status == 400
    assert server.state.response_urls.find(url.rsplit("/", 1)[1]).uses_left == 5
