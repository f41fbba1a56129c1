from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from tests.bot.playground.slack.helpers import Json, Person
from tests.bot.playground.slack.validate.samples import MESSAGE_BLOCKS

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*MRR* 12 400 €"}}


async def refusal(call: Any) -> Json:
    with pytest.raises(SlackApiError) as refused:
        await call
    data: Json = refused.value.response.data
    return data


async def test_a_posted_message_is_seen_by_people_and_in_history(client: AsyncWebClient, person: Person) -> None:
    metadata = {"event_type": "digest", "event_payload": {"date": "2026-11-20"}}
    posted = await client.chat_postMessage(channel="#cs", text="MRR", blocks=[SECTION], metadata=metadata)

    history = await client.conversations_history(channel="C00000002", include_all_metadata=True)

    assert [m["ts"] for m in await person.sees()] == [posted["ts"]]
    message = history["messages"][0]
    assert (message["text"], message["metadata"], message["bot_id"]) == ("MRR", metadata, "B0KAHVI01")
    assert message["blocks"][0]["block_id"]
    without = await client.conversations_history(channel="C00000002")
    assert "metadata" not in without["messages"][0]


async def test_update_changes_text_and_blocks_and_keeps_metadata(client: AsyncWebClient) -> None:
    metadata = {"event_type": "card", "event_payload": {}}
    posted = await client.chat_postMessage(channel="#cs", text="a", blocks=[SECTION], metadata=metadata)

    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="b")

    history = await client.conversations_history(channel="C00000002", include_all_metadata=True)
    message = history["messages"][0]
    assert (message["text"], message.get("blocks"), message["metadata"]) == ("b", None, metadata)
    assert message["edited"]["user"] == "U0KAHVI01"


async def test_deleted_messages_are_gone(client: AsyncWebClient, person: Person) -> None:
    posted = await client.chat_postMessage(channel="#cs", text="a")

    await client.chat_delete(channel=posted["channel"], ts=posted["ts"])

    assert await person.sees() == []
    answer = await refusal(client.chat_delete(channel=posted["channel"], ts=posted["ts"]))
    assert answer["error"] == "message_not_found"


async def test_replies_stand_in_the_thread_and_not_in_the_channel(client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="#cs", text="digest")
    first = await client.chat_postMessage(channel="#cs", text="details", thread_ts=parent["ts"])
    second = await client.chat_postMessage(channel="#cs", text="more", thread_ts=first["ts"])

    replies = await client.conversations_replies(channel="C00000002", ts=parent["ts"])
    history = await client.conversations_history(channel="C00000002")

    assert [m["ts"] for m in replies["messages"]] == [parent["ts"], first["ts"], second["ts"]]
    assert [(m["ts"], m["reply_count"]) for m in history["messages"]] == [(parent["ts"], 2)]
    answer = await refusal(client.chat_postMessage(channel="#cs", text="x", thread_ts="1.000001"))
    assert answer["error"] == "thread_not_found"


async def test_a_reply_may_go_to_the_channel_as_well(client: AsyncWebClient, person: Person) -> None:
    parent = await client.chat_postMessage(channel="#cs", text="a")
    await client.chat_postMessage(channel="#cs", text="b", thread_ts=parent["ts"], reply_broadcast=True)

    assert [m["text"] for m in await person.sees()] == ["a", "b"]
    assert [m["text"] for m in await person.sees(thread_ts=parent["ts"])] == ["a", "b"]


async def test_blocks_in_attachments_are_checked_too(client: AsyncWebClient) -> None:
    attachment = {"color": "#c00", "blocks": [SECTION, {"type": "alert"}]}

    answer = await refusal(client.chat_postMessage(channel="#cs", text="x", attachments=[attachment]))

    assert answer["errors"][0].endswith("[json-pointer:/attachments/0/blocks/1]")


async def test_a_deleted_reply_leaves_the_thread(client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="#cs", text="a")
    reply = await client.chat_postMessage(channel="#cs", text="b", thread_ts=parent["ts"])

    await client.chat_delete(channel="C00000002", ts=reply["ts"])

    replies = await client.conversations_replies(channel="C00000002", ts=parent["ts"])
    assert [m["text"] for m in replies["messages"]] == ["a"]


async def test_markdown_text_becomes_a_block(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="#cs", markdown_text="**bold**")

    assert [(b["type"], b["text"]) for b in posted["message"]["blocks"]] == [("markdown", "**bold**")]


async def test_another_name_takes_its_scope(client: AsyncWebClient, server: SlackServer) -> None:
    server.state.scopes.add("chat:write.customize")

    posted = await client.chat_postMessage(channel="#cs", text="x", username="Coffee")

    assert posted["message"]["username"] == "Coffee"


async def test_an_archived_channel_takes_no_updates(client: AsyncWebClient, person: Person) -> None:
    metadata = {"event_type": "a", "event_payload": {}}
    posted = await client.chat_postMessage(channel="#cs", text="x")
    changed = await client.chat_update(channel="C00000002", ts=posted["ts"], text="y", metadata=metadata)
    await person.post("/_ctl/channel", channel="C00000002", is_archived=True)

    assert changed["message"]["metadata"] == metadata
    answer = await refusal(client.chat_update(channel="C00000002", ts=posted["ts"], text="z"))
    assert answer["error"] == "is_archived"


async def test_ephemerals_have_a_length(client: AsyncWebClient) -> None:
    call = client.chat_postEphemeral(channel="C00000002", user="U00000001", text="x" * 40_001)

    assert (await refusal(call))["error"] == "msg_too_long"


async def test_ephemerals_are_seen_by_one_person_only(client: AsyncWebClient, person: Person) -> None:
    await client.chat_postEphemeral(channel="C00000002", user="U00000001", text="only you")

    assert [(m["text"], m["ephemeral"]) for m in await person.sees()] == [("only you", True)]
    await person.post("/_page/as", user="U00000002")
    assert await person.sees() == []
    assert (await client.conversations_history(channel="C00000002"))["messages"] == []


async def test_a_direct_message_goes_to_a_person_by_id(client: AsyncWebClient, person: Person) -> None:
    posted = await client.chat_postMessage(channel="U00000001", text="hello")

    opened = await client.conversations_open(users="U00000001")
    assert posted["channel"] == opened["channel"]["id"]
    assert [m["text"] for m in await person.sees(posted["channel"])] == ["hello"]


async def test_permalink_points_into_the_thread(client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="#cs", text="a")
    reply = await client.chat_postMessage(channel="#cs", text="b", thread_ts=parent["ts"])

    link = await client.chat_getPermalink(channel="C00000002", message_ts=reply["ts"])

    digits = reply["ts"].replace(".", "")
    assert link["permalink"] == (
        f"https://kahvila.slack.com/archives/C00000002/p{digits}?thread_ts={parent['ts']}&cid=C00000002"
    )


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"channel": "C404", "text": "x"}, "channel_not_found"),
        ({"channel": "#secret", "text": "x"}, "channel_not_found"),
        ({"channel": "#old", "text": "x"}, "is_archived"),
        ({"channel": "#cs", "text": ""}, "no_text"),
        ({"channel": "#cs", "text": "  "}, "no_text"),
        ({"channel": "#cs", "text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"channel": "#cs", "text": "x", "blocks": [{"type": "alert"}]}, "invalid_blocks"),
        ({"channel": "#cs", "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"channel": "#cs", "markdown_text": "y" * 12_001}, "msg_too_long"),
        ({"channel": "#cs", "text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"channel": "#cs", "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        ({"channel": "#cs", "text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ({"channel": "#cs", "text": "x", "username": "Boss"}, "missing_scope"),
        ({"text": "x"}, "invalid_arguments"),
        ({"channel": "#cs", "text": ["x"]}, "invalid_arguments"),
        ({"channel": "U0KAHVI01", "text": "x"}, "channel_not_found"),
        ({"channel": "#cs", "text": "x", "attachments": {}}, "invalid_attachments"),
        ({"channel": "#cs", "text": "x", "metadata": [1]}, "invalid_metadata_format"),
    ],
)
async def test_what_cannot_be_posted(client: AsyncWebClient, args: Json, error: str) -> None:
    assert (await refusal(client.api_call("chat.postMessage", json=args)))["error"] == error


@pytest.mark.parametrize("name", MESSAGE_BLOCKS)
async def test_every_kind_of_block_is_posted_and_given_ids(client: AsyncWebClient, name: str) -> None:
    posted = await client.chat_postMessage(channel="#cs", text="x", blocks=[MESSAGE_BLOCKS[name]])

    block = posted["message"]["blocks"][0]
    assert MESSAGE_BLOCKS[name]["type"] == block["type"]
    assert block["block_id"]


async def test_metadata_has_a_size(client: AsyncWebClient) -> None:
    metadata = {"event_type": "a", "event_payload": {"x": "y" * 16_000}}

    answer = await refusal(client.chat_postMessage(channel="#cs", text="x", metadata=metadata))

    assert answer["error"] == "metadata_too_large"


async def test_block_text_has_a_budget_over_the_whole_message(client: AsyncWebClient) -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2800}}

    answer = await refusal(client.chat_postMessage(channel="#cs", text="x", blocks=[block] * 5))

    assert answer["error"] == "msg_blocks_too_long"


async def test_refused_blocks_are_named_with_their_place(client: AsyncWebClient) -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}

    answer = await refusal(client.chat_postMessage(channel="#cs", text="x", blocks=[SECTION, block]))

    place = "must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    assert answer["errors"] == [place]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {place}"]


async def test_public_channels_take_posts_from_outside_only_with_the_scope(
    client: AsyncWebClient, server: SlackServer
) -> None:
    assert (await client.chat_postMessage(channel="#general", text="x"))["ok"] is True

    server.state.scopes.remove("chat:write.public")
    answer = await refusal(client.chat_postMessage(channel="#general", text="x"))
    assert answer["error"] == "not_in_channel"


async def test_too_long_a_text_is_cut_when_posted_and_refused_when_updated(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="#cs", text="x" * 40_001)

    assert (posted["warning"], len(posted["message"]["text"])) == ("message_truncated", 40_000)
    answer = await refusal(client.chat_update(channel="C00000002", ts=posted["ts"], text="x" * 4001))
    assert answer["error"] == "msg_too_long"


async def test_messages_of_others_are_not_ours_to_change(client: AsyncWebClient, person: Person) -> None:
    ts = (await person.say("mine"))["ts"]

    updated = await refusal(client.chat_update(channel="C00000002", ts=ts, text="yours"))
    deleted = await refusal(client.chat_delete(channel="C00000002", ts=ts))

    assert (updated["error"], deleted["error"]) == ("cant_update_message", "cant_delete_message")


@pytest.mark.parametrize(
    ("channel", "user", "error"),
    [
        ("C00000001", "U00000001", "not_in_channel"),
        ("C00000005", "U00000002", "user_not_in_channel"),
        ("C00000004", "U00000001", "is_archived"),
    ],
)
async def test_where_ephemerals_cannot_go(client: AsyncWebClient, channel: str, user: str, error: str) -> None:
    answer = await refusal(client.chat_postEphemeral(channel=channel, user=user, text="x"))

    assert answer["error"] == error


async def test_timestamps_rise_even_when_the_clock_is_set_back(client: AsyncWebClient, person: Person) -> None:
    first = await client.chat_postMessage(channel="#cs", text="1")
    await person.advance(-3600)
    second = await client.chat_postMessage(channel="#cs", text="2")

    assert first["ts"] < second["ts"]
