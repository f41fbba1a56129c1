from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.bot.playground.slack.helpers import Json
from tests.bot.playground.slack.validate import samples


async def refusal(client: AsyncWebClient, **given: Any) -> Json:
    with pytest.raises(SlackApiError) as refused:
        await client.blocks_validate(**given)
    data: Json = refused.value.response.data
    return data


async def test_right_payloads_of_each_kind_pass(client: AsyncWebClient) -> None:
    assert (await client.blocks_validate(blocks=[samples.LINE, samples.TABLE]))["ok"] is True
    assert (await client.blocks_validate(message={"text": "x", "blocks": [samples.SECTION]}))["ok"] is True
    assert (await client.blocks_validate(view=samples.MODAL))["ok"] is True


@pytest.mark.parametrize(
    ("given", "error", "pointer"),
    [
        ({"blocks": [{"type": "header"}]}, "invalid_blocks", "/0"),
        ({"message": {"blocks": [samples.DIVIDER, samples.ALERT]}}, "invalid_message", "/blocks/1/type"),
        ({"message": "[]"}, "invalid_message", ""),
        ({"view": {"type": "modal", "blocks": []}}, "invalid_view", ""),
        ({"view": "[]"}, "invalid_view", ""),
    ],
)
async def test_errors_carry_json_pointers(client: AsyncWebClient, given: Json, error: str, pointer: str) -> None:
    answer = await refusal(client, **given)

    assert (answer["error"], answer["errors"][0]["pointer"]) == (error, pointer)


async def test_exactly_one_payload_is_asked_for(client: AsyncWebClient) -> None:
    assert (await refusal(client))["error"] == "invalid_arguments"
    assert (await refusal(client, blocks="[]", message="{}"))["error"] == "invalid_arguments"
    assert (await refusal(client, blocks="{"))["error"] == "invalid_arguments"
