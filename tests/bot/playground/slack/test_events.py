from collections.abc import Callable

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from tests.bot.playground.slack.helpers import Connect, Json, Person, connected, until


@pytest.fixture
def heard(app: AsyncApp) -> list[Json]:
    """Every event the app is told of, in order; whatever the app itself does is left out by Bolt."""
    events: list[Json] = []

    def listening(name: str) -> Callable[[Json], object]:
        async def on_event(event: Json) -> None:
            events.append(event)

        return app.event(name)(on_event) or on_event

    for name in ("message", "app_mention", "member_joined_channel", "channel_archive", "channel_rename"):
        listening(name)
    return events


async def test_messages_where_the_bot_is_and_nowhere_else(connect: Connect, person: Person, heard: list[Json]) -> None:
    await connect()
    await person.say("not for the bot", channel="C00000003")
    await person.say("hi & <bye> see https://example.com #cs")
    await until(lambda: heard)

    assert [e["text"] for e in heard] == ["hi &amp; &lt;bye&gt; see <https://example.com> <#C00000002|cs>"]
    assert (heard[0]["channel_type"], heard[0]["user"]) == ("channel", "U00000001")


async def test_direct_messages_and_private_channels_say_so(connect: Connect, person: Person, heard: list[Json]) -> None:
    await connect()
    await person.say("psst", channel="C00000005")
    await person.say("@kahvi hello", channel="D00000001")
    await until(lambda: len(heard) == 2)

    assert sorted(e["channel_type"] for e in heard) == ["group", "im"]


async def test_a_mention_comes_as_message_and_as_mention(connect: Connect, person: Person, heard: list[Json]) -> None:
    await connect()
    await person.say("@Kahvi how is Acme?")
    await until(lambda: len(heard) == 2)

    assert sorted(e["type"] for e in heard) == ["app_mention", "message"]
    assert {e["text"] for e in heard} == {"<@U0KAHVI01> how is Acme?"}


async def test_joining_renaming_and_archiving_are_told(
    connect: Connect, person: Person, client: AsyncWebClient, heard: list[Json]
) -> None:
    await connect()
    await client.conversations_join(channel="C00000001")
    await person.post("/_ctl/channel", channel="C00000001", name="all", is_archived=True)
    await until(lambda: len(heard) == 3)

    assert sorted(e["type"] for e in heard) == ["channel_archive", "channel_rename", "member_joined_channel"]


async def test_edits_and_deletions_of_own_messages_are_events(
    server: SlackServer, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    socket = await connected(server, http)
    posted = await client.chat_postMessage(channel="#cs", text="a")
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="b")
    await client.chat_delete(channel=posted["channel"], ts=posted["ts"])

    made, changed, deleted = [(await socket.receive_json())["payload"]["event"] for _ in range(3)]

    assert (made["text"], made["bot_id"]) == ("a", "B0KAHVI01")
    assert changed["subtype"] == "message_changed"
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("a", "b")
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", posted["ts"])
