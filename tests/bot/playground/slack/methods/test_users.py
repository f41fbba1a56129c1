import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackConfig, SlackServer, UserSeed


async def test_people_have_names_zones_and_mail(client: AsyncWebClient) -> None:
    user = (await client.users_info(user="U00000003"))["user"]

    assert (user["real_name"], user["tz"]) == ("Carla Reyes", "America/New_York")
    assert user["profile"]["email"] == "carla@example.com"
    assert user["tz_offset"] in (-5 * 3600, -4 * 3600)


async def test_mail_is_hidden_without_its_scope(client: AsyncWebClient, server: SlackServer) -> None:
    server.state.scopes.remove("users:read.email")

    user = (await client.users_info(user="U00000001"))["user"]

    assert "email" not in user["profile"]
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.users_lookupByEmail(email="aino@example.com")


async def test_list_includes_the_bot(client: AsyncWebClient) -> None:
    members = (await client.users_list())["members"]

    assert [(m["name"], m["is_bot"]) for m in members] == [
        ("aino", False),
        ("ben", False),
        ("carla", False),
        ("dora", False),
        ("kahvi", True),
    ]


async def test_lookup_by_mail(client: AsyncWebClient) -> None:
    found = await client.users_lookupByEmail(email="Ben@Example.com")

    assert found["user"]["id"] == "U00000002"
    with pytest.raises(SlackApiError, match="users_not_found"):
        await client.users_lookupByEmail(email="nobody@example.com")
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.users_info(user="U404")


async def test_guests_and_strangers_are_marked(http: aiohttp.ClientSession) -> None:
    marks = ("is_restricted", "is_ultra_restricted", "is_stranger")
    users = (
        UserSeed(name="aino", real_name="Aino Virtanen"),
        UserSeed(name="gus", real_name="Gus Guest", is_restricted=True),
        UserSeed(name="uma", real_name="Uma Single", is_ultra_restricted=True),
        UserSeed(name="sam", real_name="Sam Elsewhere", is_stranger=True),
    )
    server = SlackServer(SlackConfig(users=users))
    await server.start()
    client = AsyncWebClient(token=server.bot_token, base_url=server.api_url, session=http)

    shown = [(await client.users_info(user=f"U0000000{number}"))["user"] for number in range(1, 5)]

    await server.stop()
    assert [[mark for mark in marks if user.get(mark)] for user in shown] == [
        [],
        ["is_restricted"],
        ["is_restricted", "is_ultra_restricted"],
        ["is_stranger"],
    ]
