import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.bot.playground.slack.helpers import Person


async def test_a_reaction_is_seen_once(client: AsyncWebClient, person: Person) -> None:
    ts = (await person.say("done"))["ts"]

    await client.reactions_add(channel="C00000002", timestamp=ts, name="coffee")

    seen = await person.sees()
    message = person.server.state.messages.require("C00000002", ts)
    message.reactions.append({"name": "eyes", "users": ["U00000002"], "count": 1})
    await client.reactions_add(channel="C00000002", timestamp=ts, name="eyes")
    assert message.reactions[1] == {"name": "eyes", "users": ["U00000002", "U0KAHVI01"], "count": 2}
    assert seen[0]["reactions"] == [{"name": "coffee", "users": ["U0KAHVI01"], "count": 1}]
    with pytest.raises(SlackApiError, match="already_reacted"):
        await client.reactions_add(channel="C00000002", timestamp=ts, name=":coffee:")
