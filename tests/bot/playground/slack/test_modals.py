import asyncio
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackConfig, SlackServer
from tests.bot.playground.slack.helpers import Connect, Json, Person, until


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def modal(title: str = "Exit interview", **more: Any) -> Json:
    reason = {"type": "static_select", "action_id": "pick", "options": [{"text": words("Price"), "value": "p"}]}
    note = {"type": "plain_text_input", "action_id": "text", "initial_value": "from billing", "max_length": 20}
    amount = {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"}
    return {
        "type": "modal",
        "callback_id": "exit",
        "title": words(title),
        "submit": words("Save"),
        "blocks": [
            {"type": "input", "block_id": "reason", "label": words("Why?"), "element": reason},
            {"type": "input", "block_id": "note", "label": words("Note"), "element": note},
            {"type": "input", "block_id": "seats", "label": words("Seats"), "element": amount, "optional": True},
        ],
        **more,
    }


CHOSEN = {"type": "static_select", "selected_option": {"text": words("Price"), "value": "p"}}
FILLED = {"values": {"reason": {"pick": CHOSEN}}}


async def opened(server: SlackServer, client: AsyncWebClient, view: Json | None = None) -> Json:
    trigger = server.state.triggers.issue("U00000001")
    answer = await client.views_open(trigger_id=trigger, view=view or modal())
    shape: Json = answer["view"]
    return shape


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


def answering(app: AsyncApp, heard: list[Json], **answer: Any) -> None:
    @app.view("exit")
    async def on_submit(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        await ack(**answer)


async def test_a_trigger_opens_one_modal_within_three_seconds(
    server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    trigger = server.state.triggers.issue("U00000001")
    await client.views_open(trigger_id=trigger, view=modal())
    assert await error_of(client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"

    late = server.state.triggers.issue("U00000001")
    await person.advance(3.5)
    assert await error_of(client.views_open(trigger_id=late, view=modal())) == "expired_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.3", view=modal())) == "invalid_trigger_id"


async def test_the_page_is_shown_what_opens_changes_and_closes(
    server: SlackServer, client: AsyncWebClient, person: Person, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect(f"{server.url}/_page/live") as page:
        view = await opened(server, client)
        await client.views_update(view_id=view["id"], view=modal("Updated"))
        await person.post("/_page/view_close", view_id=view["id"])
        news = [await page.receive_json() for _ in range(3)]

    assert [n["type"] for n in news] == ["view_opened", "view_updated", "view_closed"]
    assert [n["view"]["title"]["text"] for n in news] == ["Exit interview", "Updated", "Updated"]


async def test_a_submission_carries_every_value_and_closes_the_modal(
    app: AsyncApp, connect: Connect, server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    heard: list[Json] = []
    answering(app, heard)
    await connect()
    view = await opened(server, client, modal(private_metadata="acme"))

    answer = await person.post("/_page/view_submit", view_id=view["id"], state=FILLED)

    assert answer == {"ok": True}
    submitted = heard[0]["view"]
    assert (submitted["private_metadata"], submitted["callback_id"]) == ("acme", "exit")
    assert submitted["state"]["values"] == {
        "reason": {"pick": CHOSEN},
        "note": {"text": {"type": "plain_text_input", "value": "from billing"}},
        "seats": {"n": {"type": "number_input", "value": None}},
    }
    assert server.state.views.stack("U00000001") == []


@pytest.mark.parametrize(
    ("values", "block_id", "message"),
    [
        ({}, "reason", "Please complete this required field."),
        ({"note": {"text": {"value": "x" * 21}}}, "note", "Must be no more than 20 characters."),
        ({"seats": {"n": {"value": "1.5"}}}, "seats", "Please enter a valid number."),
        ({"seats": {"n": {"value": "0"}}}, "seats", "Must be at least 1."),
        ({"seats": {"n": {"value": "10"}}}, "seats", "Must be at most 9."),
        ({"mail": {"e": {"value": "nobody"}}}, "mail", "Please enter a valid email address."),
        ({"link": {"u": {"value": "example"}}}, "link", "Please enter a valid URL."),
    ],
)
async def test_slack_itself_refuses_unfinished_forms(
    client: AsyncWebClient, person: Person, values: Json, block_id: str, message: str
) -> None:
    content = modal()
    for name, action_id, kind in (("mail", "e", "email_text_input"), ("link", "u", "url_text_input")):
        element = {"type": kind, "action_id": action_id}
        asked = {"type": "input", "block_id": name, "label": words(name), "element": element, "optional": True}
        content["blocks"].append(asked)
    view = await opened(person.server, client, content)
    state = {"values": FILLED["values"] | values if values else {}}

    answer = await person.post("/_page/view_submit", view_id=view["id"], state=state)

    assert answer == {"ok": False, "errors": {block_id: message}}


async def test_errors_of_the_app_keep_the_modal_open(
    app: AsyncApp, connect: Connect, server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    answering(app, [], response_action="errors", errors={"note": "Too vague"})
    await connect()
    view = await opened(server, client)

    answer = await person.post("/_page/view_submit", view_id=view["id"], state=FILLED)

    assert answer == {"ok": False, "errors": {"note": "Too vague"}}
    assert [v.id for v in server.state.views.stack("U00000001")] == [view["id"]]


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"elsewhere": "x"}},
        {"response_action": "update", "view": {"type": "modal", "title": words("x" * 25), "blocks": []}},
        {"response_action": "push", "view": {"type": "home", "blocks": []}},
        {"response_action": "dance"},
    ],
)
async def test_answers_slack_refuses_are_told_to_the_person(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person, answer: Json
) -> None:
    answering(app, [], **answer)
    await connect()
    view = await opened(person.server, client)

    result = await person.post("/_page/view_submit", view_id=view["id"], state=FILLED)

    assert result["ok"] is False
    assert result["error"]
    assert len(person.server.state.views.stack("U00000001")) == 1


async def test_update_push_and_clear_in_the_answer(
    app: AsyncApp, connect: Connect, server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    answers: list[Json] = [
        {"response_action": "update", "view": modal("Second")},
        {"response_action": "push", "view": modal("Third")},
        {"response_action": "clear"},
    ]

    @app.view("exit")
    async def on_submit(ack: AsyncAck) -> None:
        await ack(**answers.pop(0))

    await connect()
    await opened(server, client)
    titles = []
    for _ in range(3):
        top = server.state.views.stack("U00000001")[-1]
        await person.post("/_page/view_submit", view_id=top.id, state=FILLED)
        stack = server.state.views.stack("U00000001")
        titles.append([view.content["title"]["text"] for view in stack])

    assert titles == [["Second"], ["Second", "Third"], []]


async def test_three_modals_are_the_deepest(server: SlackServer, client: AsyncWebClient) -> None:
    def trigger() -> str:
        return server.state.triggers.issue("U00000001")

    assert await error_of(client.views_push(trigger_id=trigger(), view=modal())) == "not_found"
    root = await opened(server, client)
    second = await client.views_push(trigger_id=trigger(), view=modal())
    third = await client.views_push(trigger_id=trigger(), view=modal())

    assert second["view"]["previous_view_id"] == third["view"]["root_view_id"] == root["id"]
    assert await error_of(client.views_push(trigger_id=trigger(), view=modal())) == "push_limit_reached"


async def test_an_old_hash_does_not_overwrite_a_newer_view(server: SlackServer, client: AsyncWebClient) -> None:
    view = await opened(server, client, modal(external_id="exit-acme"))
    newer = await client.views_update(external_id="exit-acme", hash=view["hash"], view=modal("Newer"))

    stale = client.views_update(view_id=view["id"], hash=view["hash"], view=modal("Stale"))

    assert await error_of(stale) == "hash_conflict"
    assert newer["view"]["id"] == view["id"]
    assert await error_of(client.views_update(view_id="V404", view=modal())) == "not_found"


async def test_a_view_in_vain_is_refused_with_its_place(server: SlackServer, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        await opened(server, client, modal("x" * 25))

    answer = refused.value.response
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    big = modal(private_metadata="x" * 250_000)
    assert await error_of(opened(server, client, big)) == "view_too_large"


async def test_closing_is_told_to_those_who_asked(
    app: AsyncApp, connect: Connect, server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    heard: list[Json] = []

    @app.view_closed("exit")
    async def on_close(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        await ack()

    await connect()
    view = await opened(server, client, modal(notify_on_close=True))
    await person.post("/_page/view_submit", view_id=view["id"], state={"values": {}})  # refused, and stays typed
    assert await person.post("/_page/view_close", view_id=view["id"]) == {"ok": True}
    await until(lambda: heard)

    assert (heard[0]["view"]["id"], heard[0]["is_cleared"]) == (view["id"], False)
    assert heard[0]["view"]["state"] == {"values": {}}


async def test_clear_on_close_closes_the_whole_stack(
    server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    await opened(server, client, modal(notify_on_close=True))
    trigger = server.state.triggers.issue("U00000001")
    top = await client.views_push(trigger_id=trigger, view=modal(clear_on_close=True, submit_disabled=True))

    assert top["view"]["submit_disabled"] is True
    assert await person.post("/_page/view_close", view_id=top["view"]["id"]) == {"ok": True}
    assert server.state.views.stack("U00000001") == []


async def test_an_external_id_names_one_view(server: SlackServer, client: AsyncWebClient) -> None:
    home = {"type": "home", "blocks": [], "external_id": "taken"}
    await client.views_publish(user_id="U00000001", view=home)

    assert await error_of(opened(server, client, modal(external_id="taken"))) == "duplicate_external_id"


async def test_a_form_of_somebody_else_or_a_home_cannot_be_submitted(
    server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    home = await client.views_publish(user_id="U00000001", view={"type": "home", "blocks": []})
    view = await opened(server, client)

    refused = {"ok": False, "error": "not_found"}
    assert await person.post("/_page/view_submit", view_id=home["view"]["id"]) == refused
    await person.post("/_page/as", user="U00000002")
    assert await person.post("/_page/view_submit", view_id=view["id"]) == refused


async def test_a_late_answer_to_a_form_is_a_timeout(
    app: AsyncApp, connect: Connect, server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    waiting, release = asyncio.Event(), asyncio.Event()

    @app.view("exit")
    async def on_submit(ack: AsyncAck) -> None:
        waiting.set()
        await release.wait()
        await ack()

    await connect()
    view = await opened(server, client)
    submitted = asyncio.create_task(person.post("/_page/view_submit", view_id=view["id"], state=FILLED))
    await waiting.wait()
    await person.advance(3)

    assert await submitted == {"ok": False, "error": "operation_timeout"}
    release.set()


async def test_home_is_published_shown_and_opened(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, person: Person
) -> None:
    heard: list[Json] = []

    @app.event("app_home_opened")
    async def on_home(event: Json) -> None:
        heard.append(event)

    await connect()
    assert await person.get("/_page/home") == {"view": None}
    button = {"type": "button", "action_id": "go", "text": words("Go")}
    home = {"type": "home", "blocks": [{"type": "actions", "block_id": "b", "elements": [button]}]}
    published = await client.views_publish(user_id="U00000001", view=home)
    again = await client.views_publish(user_id="U00000001", view=home, hash=published["view"]["hash"])
    await person.post("/_page/home_opened")
    await until(lambda: heard)

    shown = (await person.get("/_page/home"))["view"]
    assert shown["id"] == again["view"]["id"] == published["view"]["id"]
    assert (heard[0]["tab"], heard[0]["view"]["id"]) == ("home", shown["id"])
    stale = client.views_publish(user_id="U00000001", view=home, hash=published["view"]["hash"])
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(client.views_publish(user_id="U404", view=home)) == "invalid_arguments"


async def test_a_button_in_a_modal_gives_a_trigger_to_push_with(
    app: AsyncApp, connect: Connect, server: SlackServer, client: AsyncWebClient, person: Person
) -> None:
    @app.action("more")
    async def on_more(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        assert body["view"]["state"]["values"]["note"]["text"]["value"] == "typed"
        await client.views_push(trigger_id=body["trigger_id"], view=modal("Deeper"))
        await ack()

    await connect()
    button = {"type": "button", "action_id": "more", "text": words("More")}
    content = modal()
    content["blocks"].append({"type": "actions", "block_id": "more", "elements": [button]})
    view = await opened(server, client, content)

    answer = await person.post(
        "/_page/action",
        container={"type": "view", "view_id": view["id"]},
        block_id="more",
        action={"type": "button", "action_id": "more"},
        state={"values": {"note": {"text": {"type": "plain_text_input", "value": "typed"}}}},
    )

    assert answer == {"ok": True}
    assert [v.content["title"]["text"] for v in server.state.views.stack("U00000001")] == [
        "Exit interview",
        "Deeper",
    ]


async def test_an_app_whose_manifest_has_no_home_tab_publishes_none() -> None:
    asked = {"features": {"app_home": {"messages_tab_enabled": True}}}
    server = SlackServer(SlackConfig.from_manifest(asked, scopes=("chat:write",)))
    await server.start()
    try:
        client = AsyncWebClient(token=server.bot_token, base_url=server.api_url, timeout=60)
        publishing = client.views_publish(user_id="U00000001", view={"type": "home", "blocks": []})
        assert await error_of(publishing) == "not_enabled"
    finally:
        await server.stop()
