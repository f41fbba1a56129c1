import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import CommandSeed, SlackConfig, SlackServer
from tests.bot.playground.slack.helpers import Person


async def test_state_shows_what_this_person_may_see(client: AsyncWebClient, person: Person) -> None:
    await client.chat_postMessage(channel="#cs", text="news")

    state = await person.get("/_page/state")

    assert state["me"] == {
        "id": "U00000001",
        "name": "aino",
        "real_name": "Aino Virtanen",
        "tz": "Europe/Helsinki",
    }
    assert {"id": "U0KAHVI01", "is_bot": True}.items() <= state["users"][-1].items()
    channels = {c["name"]: c for c in state["channels"]}
    assert list(channels) == ["general", "cs", "secret", "old", "leads", "directmessage"]
    assert (channels["cs"]["unread"], channels["general"]["unread"]) == (1, 0)
    assert channels["directmessage"]["user"] == state["bot"]["user_id"] == "U0KAHVI01"
    assert state["commands"][0] == {
        "command": "/coffee",
        "description": "Coffee stats",
        "usage_hint": "[metric]",
    }

    await person.sees()
    await person.post("/_page/as", user="U00000002")
    other = await person.get("/_page/state")
    assert [c["name"] for c in other["channels"]] == ["general", "cs", "old", "directmessage"]


async def test_reading_a_channel_clears_its_count(client: AsyncWebClient, person: Person) -> None:
    await client.chat_postMessage(channel="#cs", text="news")
    await person.sees()

    state = await person.get("/_page/state")

    assert {c["name"]: c["unread"] for c in state["channels"]}["cs"] == 0


async def test_live_tells_of_messages_as_they_come_change_and_go(
    client: AsyncWebClient, server: SlackServer, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect(f"{server.url}/_page/live") as page:
        posted = await client.chat_postMessage(channel="#cs", text="a")
        await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="b")
        await client.chat_postEphemeral(channel="C00000002", user="U00000002", text="not for aino")
        await client.chat_delete(channel=posted["channel"], ts=posted["ts"])
        news = [await page.receive_json() for _ in range(3)]

    assert [(n["type"], n["message"]["text"]) for n in news] == [
        ("message", "a"),
        ("message_changed", "b"),
        ("message_deleted", "b"),
    ]


async def test_a_mention_where_the_bot_is_not_says_how_to_invite_it(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    async with http.ws_connect(f"{server.url}/_page/live") as page:
        await person.say("@kahvi hello", channel="C00000003")
        news = await page.receive_json()

    assert news["text"] == "@kahvi is not in #secret: /invite it first."


async def test_who_speaks_in_a_public_channel_joins_it(person: Person) -> None:
    await person.post("/_page/as", user="U00000002")
    await person.say("hi", channel="C00000001")
    channel = person.server.state.workspace.channels["C00000001"]
    channel.members.remove("U00000002")

    assert (await person.say("hi again", channel="C00000001"))["ok"] is True
    assert "U00000002" in channel.members


async def test_what_cannot_be_said(person: Person) -> None:
    assert await person.say("hi", channel="C00000004") == {"ok": False, "error": "is_archived"}
    assert await person.say(" ") == {"ok": False, "error": "no_text"}
    assert await person.say("x" * 40_001) == {"ok": False, "error": "msg_too_long"}
    assert await person.say("x", channel="C404") == {"ok": False, "error": "channel_not_found"}
    assert await person.say("x", thread_ts="1.000001") == {"ok": False, "error": "thread_not_found"}
    assert await person.post("/_page/as", user="U0KAHVI01") == {"ok": False, "error": "user_not_found"}


async def test_a_page_that_does_not_read_is_let_go(server: SlackServer, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"{server.url}/_page/live") as page:
        for number in range(3000):
            server.state.live.notice("info", str(number))
        while (frame := await page.receive()).type is aiohttp.WSMsgType.TEXT:
            continue

        assert frame.type is aiohttp.WSMsgType.CLOSE


def test_a_manifest_gives_commands_scopes_and_events() -> None:
    manifest = {
        "features": {
            "bot_user": {"display_name": "Kahvi"},
            "slash_commands": [
                {"command": "/coffee", "description": "Stats", "usage_hint": "[metric]", "should_escape": True}
            ],
        },
        "oauth_config": {"scopes": {"bot": ["chat:write", "commands"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
    }

    config = SlackConfig.from_manifest(manifest, team_name="Acme")

    coffee = CommandSeed(command="/coffee", description="Stats", usage_hint="[metric]", should_escape=True)
    assert (config.commands, config.scopes) == ((coffee,), ("chat:write", "commands"))
    assert (config.events, config.bot_name, config.team_name) == (("app_home_opened",), "Kahvi", "Acme")
