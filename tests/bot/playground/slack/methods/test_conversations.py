import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import ChannelSeed, SlackConfig, SlackServer
from tests.bot.playground.slack.helpers import Person


async def error_of(client: AsyncWebClient, method: str, **args: object) -> str:
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json=args)
    return str(refused.value.response["error"])


async def test_list_shows_public_channels_and_private_ones_of_the_bot(client: AsyncWebClient) -> None:
    public = await client.conversations_list()
    private = await client.conversations_list(types="private_channel")
    direct = await client.conversations_list(types=["im"])

    assert [(c["name"], c["is_member"]) for c in public["channels"]] == [
        ("general", False),
        ("cs", True),
        ("old", True),
    ]
    assert [c["name"] for c in private["channels"]] == ["leads"]
    assert [c["user"] for c in direct["channels"]] == ["U00000001", "U00000002", "U00000003"]


async def test_list_pages_with_cursors(client: AsyncWebClient) -> None:
    found = []
    async for page in await client.conversations_list(limit=1, exclude_archived=True):
        found += [channel["name"] for channel in page["channels"]]

    assert found == ["general", "cs"]
    assert await error_of(client, "conversations.list", cursor="nonsense") == "invalid_cursor"
    assert await error_of(client, "conversations.list", cursor="bm9uc2Vuc2U6MQ==") == "invalid_cursor"
    assert await error_of(client, "conversations.list", types="rooms") == "invalid_types"
    assert await error_of(client, "conversations.list", limit="many") == "invalid_limit"


async def test_private_channels_need_their_own_scope(client: AsyncWebClient, server: SlackServer) -> None:
    server.state.scopes.remove("groups:read")

    assert await error_of(client, "conversations.list", types="private_channel") == "missing_scope"
    assert await error_of(client, "conversations.info", channel="C00000005") == "missing_scope"


async def test_info_hides_private_channels_from_outsiders(client: AsyncWebClient) -> None:
    info = await client.conversations_info(channel="C00000001")

    assert (info["channel"]["name"], info["channel"]["num_members"]) == ("general", 3)
    assert await error_of(client, "conversations.info", channel="C00000003") == "channel_not_found"


async def test_join_public_channels_only(client: AsyncWebClient) -> None:
    joined = await client.conversations_join(channel="C00000001")
    again = await client.conversations_join(channel="C00000001")

    assert (joined["channel"]["is_member"], again["warning"]) == (True, "already_in_channel")
    members = await client.conversations_members(channel="C00000001")
    assert members["members"] == ["U00000001", "U00000002", "U00000003", "U0KAHVI01"]
    assert await error_of(client, "conversations.join", channel="C00000004") == "is_archived"
    wrong = await error_of(client, "conversations.join", channel="C00000005")
    assert wrong == "method_not_supported_for_channel_type"


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("", "users_list_not_supplied"),
        ("U404", "user_not_found"),
        ("U00000001,U00000002", "too_many_users"),
        ("U0KAHVI01", "invalid_user_combination"),
        ("U00000004", "user_disabled"),
    ],
)
async def test_direct_messages_that_cannot_be_opened(client: AsyncWebClient, users: str, error: str) -> None:
    assert await error_of(client, "conversations.open", users=users) == error


async def test_open_twice_gives_the_same_conversation(client: AsyncWebClient) -> None:
    first = await client.conversations_open(users="U00000002", return_im=True)
    second = await client.conversations_open(users=["U00000002"])

    known = await client.conversations_open(channel=first["channel"]["id"])
    assert known["channel"]["id"] == first["channel"]["id"]
    assert first["channel"]["user"] == "U00000002"
    assert second["channel"]["id"] == first["channel"]["id"]


async def test_history_is_newest_first_bounded_and_paged(client: AsyncWebClient) -> None:
    sent = [(await client.chat_postMessage(channel="#cs", text=str(n)))["ts"] for n in range(5)]

    page = await client.conversations_history(channel="C00000002", limit=2)
    rest = await client.conversations_history(channel="C00000002", cursor=page["response_metadata"]["next_cursor"])
    between = await client.conversations_history(channel="C00000002", oldest=sent[1], latest=sent[3])
    inclusive = await client.conversations_history(channel="C00000002", oldest=sent[1], latest=sent[3], inclusive=True)

    assert ([m["text"] for m in page["messages"]], page["has_more"]) == (["4", "3"], True)
    assert ([m["text"] for m in rest["messages"]], rest["has_more"]) == (["2", "1", "0"], False)
    assert [m["text"] for m in between["messages"]] == ["2"]
    assert [m["text"] for m in inclusive["messages"]] == ["3", "2", "1"]


async def test_history_refuses_outsiders_and_bad_bounds(client: AsyncWebClient, person: Person) -> None:
    await person.say("hello", channel="C00000001")

    assert await error_of(client, "conversations.history", channel="C00000001") == "not_in_channel"
    bad = await error_of(client, "conversations.history", channel="C00000002", oldest="yesterday")
    assert bad == "invalid_ts_oldest"
    gone = await error_of(client, "conversations.replies", channel="C00000002", ts="1.000001")
    assert gone == "thread_not_found"


async def test_an_administrator_archives_renames_and_removes(client: AsyncWebClient, person: Person) -> None:
    await person.post("/_ctl/channel", channel="#cs", name="success", is_archived=True, bot_is_member=False)
    for _ in range(2):
        await person.post("/_ctl/channel", channel="#secret", bot_is_member=True)

    assert (await client.conversations_info(channel="C00000003"))["channel"]["is_member"] is True
    info = (await client.conversations_info(channel="C00000002"))["channel"]

    assert (info["name"], info["is_archived"], info["is_member"]) == ("success", True, False)


async def test_another_company_joins_and_leaves_a_channel(client: AsyncWebClient, person: Person) -> None:
    async def shared() -> tuple[list[str], bool]:
        listed = (await client.conversations_list(types="public_channel,private_channel"))["channels"]
        info = (await client.conversations_info(channel="C00000002"))["channel"]
        return [channel["name"] for channel in listed if channel["is_ext_shared"]], info["is_ext_shared"]

    assert await shared() == ([], False)
    await person.post("/_ctl/channel", channel="C00000002", is_ext_shared=True)
    assert await shared() == (["cs"], True)
    await person.post("/_ctl/channel", channel="C00000002", is_ext_shared=False)
    assert await shared() == ([], False)


async def test_a_channel_may_be_shared_from_the_start(http: aiohttp.ClientSession) -> None:
    server = SlackServer(SlackConfig(channels=(ChannelSeed(name="with-acme", is_ext_shared=True, bot_is_member=True),)))
    await server.start()
    client = AsyncWebClient(token=server.bot_token, base_url=server.api_url, session=http)

    channel = (await client.conversations_info(channel="C00000001"))["channel"]

    await server.stop()
    assert (channel["is_ext_shared"], channel["is_shared"]) == (True, True)
