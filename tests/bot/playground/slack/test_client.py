"""The typed client of the control door, and people driven by it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from bot.playground.slack.client import Control, Person, Refused, Unseen
from bot.playground.slack.faults.faults import Fault
from tests.bot.playground.slack.helpers import Connect, Json, until
from tests.bot.playground.slack.test_modals import modal

MENU = {
    "type": "static_select",
    "action_id": "level",
    "placeholder": {"type": "plain_text", "text": "How bad?"},
    "options": [{"text": {"type": "plain_text", "text": word}, "value": word[0]} for word in ("Low", "High")],
}
OWNER = {"type": "external_select", "action_id": "owner", "min_query_length": 1}
BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, "value": "acme"}
CARD: list[Json] = [{"type": "actions", "block_id": "act", "elements": [BUTTON, MENU, OWNER]}]


@pytest.fixture
async def slack(server: SlackServer) -> AsyncIterator[Control]:
    async with Control(server.url) as control:
        yield control


@pytest.fixture
def ben(slack: Control) -> Person:
    return slack.person("ben", "#cs")


async def test_anybody_acts_whoever_sits_at_the_page(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, ben: Person, server: SlackServer
) -> None:
    heard: list[Json] = []

    @app.command("/coffee")
    async def coffee(ack: AsyncAck, command: Json) -> None:
        heard.append(command)
        await ack("Brewing")

    @app.action("go")
    @app.action("level")
    async def on_action(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        await ack()

    await connect()
    await client.chat_postMessage(channel="#cs", text="card", blocks=CARD)
    await ben.types("/coffee mrr")
    card = (await ben.sees())[0]
    await ben.presses(card, "Go")
    await ben.chooses(card, "How bad?", "High")

    assert heard[0]["user_name"] == "ben"
    assert [body["user"]["name"] for body in heard[1:]] == ["ben", "ben"]
    assert heard[1]["actions"][0]["value"] == "acme"
    assert heard[2]["actions"][0]["selected_option"]["value"] == "H"
    assert (await ben.last())["ephemeral"] is True
    assert server.state.me == "U00000001"


async def test_a_menu_with_typing_is_asked_for_its_options(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, ben: Person
) -> None:
    chosen: list[Json] = []

    @app.options("owner")
    async def owners(ack: AsyncAck, payload: Json) -> None:
        await ack(options=[{"text": {"type": "plain_text", "text": f"{payload['value']}!"}, "value": "a"}])

    @app.action("owner")
    async def on_owner(ack: AsyncAck, action: Json) -> None:
        chosen.append(action["selected_option"])
        await ack()

    await connect()
    await client.chat_postMessage(channel="#cs", text="card", blocks=CARD)
    card = await ben.last()

    assert (await ben.suggested(card, "owner", "An"))["options"][0]["value"] == "a"
    with pytest.raises(Unseen, match="no option 'Ann'"):
        await ben.chooses(card, "owner", "Ann")
    assert chosen == []


async def test_a_form_is_filled_in_by_its_labels(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, ben: Person, server: SlackServer
) -> None:
    heard: list[Json] = []

    @app.view("exit")
    async def on_submit(ack: AsyncAck, view: Json) -> None:
        heard.append(view["state"]["values"])
        await ack()

    await connect()
    with pytest.raises(Unseen, match="no form is open"):
        await ben.view()
    await client.views_open(trigger_id=server.state.triggers.issue("U00000002"), view=modal())

    refused = await ben.submits(await ben.view(), {"Note": "words"})
    done = await ben.submits(await ben.view(), {"Why?": "Price", "Note": "words"})

    assert refused == {"ok": False, "errors": {"reason": "Please complete this required field."}}
    assert done == {"ok": True}
    assert heard[0]["note"]["text"]["value"] == "words"
    assert heard[0]["reason"]["pick"]["selected_option"]["value"] == "p"
    assert await ben.views() == []


async def test_the_home_tab_is_opened_and_read(
    app: AsyncApp, connect: Connect, client: AsyncWebClient, ben: Person
) -> None:
    opened: list[str] = []

    @app.event("app_home_opened")
    async def on_home(event: Json) -> None:
        view = {"type": "home", "blocks": [{"type": "divider"}]}
        await client.views_publish(user_id=event["user"], view=view)
        opened.append(event["user"])

    await connect()
    with pytest.raises(Unseen, match="nothing stands in the Home tab"):
        await ben.home()
    await ben.opens_home()
    await until(lambda: opened)

    assert (await ben.home())["blocks"][0]["type"] == "divider"


async def test_what_slack_refuses_a_person_is_raised(ben: Person, slack: Control) -> None:
    with pytest.raises(Refused, match="invalid_command"):
        await ben.types("/nothing")
    with pytest.raises(Refused, match="user_not_found"):
        await slack.person("nobody", "#cs").sees()
    with pytest.raises(Refused, match="channel_not_found"):
        await slack.person("ben", "#secret").sees()
    with pytest.raises(Unseen, match="nothing stands"):
        await slack.person("ben", "#general").last()


async def test_everything_that_was_sent_is_read(slack: Control, client: AsyncWebClient, ben: Person) -> None:
    posted = await client.chat_postMessage(channel="#cs", text="a", metadata={"event_type": "k", "event_payload": {}})
    await client.chat_postMessage(channel="#cs", text="b", thread_ts=posted["ts"])
    await client.chat_postEphemeral(channel="C00000002", user="U00000002", text="c")
    await ben.types("d")

    found = await slack.messages("#cs")

    assert [(m["text"], m["ephemeral_to"]) for m in found] == [
        ("a", None),
        ("b", None),
        ("c", "U00000002"),
        ("d", None),
    ]
    assert found[0]["metadata"] == {"event_type": "k", "event_payload": {}}
    assert [call["method"] for call in await slack.calls()] == [*["chat.postMessage"] * 2, "chat.postEphemeral"]
    assert len(await slack.messages()) == 4


async def test_the_clock_stands_still_when_told(slack: Control) -> None:
    moment = datetime(2030, 1, 7, 8, tzinfo=UTC)
    await slack.set_clock(moment, still=True)
    await slack.advance(1.5)

    assert (await slack.now() - moment).total_seconds() == 1.5
    await slack.set_clock(moment)
    assert await slack.now() > moment


async def test_an_administrator_changes_people_channels_and_tokens(slack: Control, client: AsyncWebClient) -> None:
    await slack.user("ben", is_restricted=True, tz="Asia/Tokyo", email="b@b.example")
    await slack.channel("#general", is_archived=True)
    ben = (await client.users_info(user="U00000002"))["user"]
    assert (ben["is_restricted"], ben["tz_offset"], ben["profile"]["email"]) == (True, 32_400, "b@b.example")
    with pytest.raises(SlackApiError, match="is_archived"):
        await client.chat_postMessage(channel="#general", text="x")

    await slack.refuse_token()
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()
    await slack.take_token()
    assert (await client.auth_test())["ok"] is True
    with pytest.raises(Refused, match="tz must be a zone"):
        await slack.user("ben", tz="Mars/Base")
    with pytest.raises(Refused, match="user_not_found"):
        await slack.user("nobody", deleted=True)


async def test_a_guest_knows_only_the_channels_they_are_in(slack: Control, server: SlackServer) -> None:
    await slack.user("carla", is_ultra_restricted=True)
    server.state.workspace.channels["C00000001"].members.remove("U00000003")

    with pytest.raises(Refused, match="channel_not_found"):
        await slack.person("carla", "#general").sees()
    assert await slack.person("carla", "#cs").sees() == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("chat.postMessage", "duplicate"), "only deliveries come twice"),
        (Fault("events_api", "500"), "a delivery to the app fails by"),
        (Fault("auth.test", "500", probability=2), "probability must be a number from 0 to 1"),
        (Fault("auth.test", "500", skip=-1), "skip must be at least 0"),
    ],
)
async def test_faults_that_make_no_sense_are_refused(slack: Control, fault: Fault, message: str) -> None:
    with pytest.raises(Refused, match=message):
        await slack.fault(fault)
