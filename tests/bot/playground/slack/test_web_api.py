import json
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from bot.playground.slack.doors.registry import METHODS, Method
from bot.playground.slack.methods import load
from tests.bot.playground.slack.helpers import Json, Person
from tests.examples import tried

load()


async def raw(http: aiohttp.ClientSession, server: SlackServer, method: str, **request: Any) -> tuple[int, Json]:
    async with http.post(f"{server.api_url}{method}", **request) as answer:
        return answer.status, await answer.json()


async def test_auth_test_says_who_and_which_scopes(client: AsyncWebClient, server: SlackServer) -> None:
    answer = await client.auth_test()

    assert (answer["user_id"], answer["team"]) == (server.config.bot_user_id, "Kahvila")
    assert set(answer.headers["x-oauth-scopes"].split(",")) == set(server.config.scopes)


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-other", "auth.test", "invalid_auth"),
        ("app", "auth.test", "not_allowed_token_type"),
        ("bot", "apps.connections.open", "not_allowed_token_type"),
        ("bot", "chat.postmessage", "unknown_method"),
    ],
)
async def test_refusals_before_a_method_runs(
    server: SlackServer, http: aiohttp.ClientSession, token: str, method: str, error: str
) -> None:
    known = {"app": server.app_token, "bot": server.bot_token}
    headers = {"Authorization": f"Bearer {known.get(token, token)}"} if token else {}

    status, body = await raw(http, server, method, headers=headers)

    assert (status, body["ok"], body["error"]) == (200, False, error)


async def test_token_is_taken_from_form_and_query_too(server: SlackServer, http: aiohttp.ClientSession) -> None:
    for place in ("data", "params"):
        _, body = await raw(http, server, "auth.test", **{place: {"token": server.bot_token}})
        assert body["ok"] is True


async def test_api_test_echoes_without_a_token(server: SlackServer, http: aiohttp.ClientSession) -> None:
    _, body = await raw(http, server, "api.test", data={"foo": "bar"})

    assert body == {"ok": True, "args": {"foo": "bar"}}


async def test_missing_scope_names_what_is_needed_and_what_there_is(client: AsyncWebClient, person: Person) -> None:
    await person.post("/_ctl/scopes", scopes=["users:read"])

    with pytest.raises(SlackApiError) as refusal:
        await client.chat_postMessage(channel="#cs", text="hi")

    answer = refusal.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "chat:write",
        "users:read",
    )


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "invalid_json"),
        (b'{"a": NaN}', "invalid_json"),
        (b'{"a": 1e999}', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "invalid_json"),
        (b"[1]", "json_not_object"),
        (b"\xff\xfe", "invalid_json"),
    ],
)
async def test_bodies_that_are_no_json_are_refused(
    server: SlackServer, http: aiohttp.ClientSession, body: bytes, error: str
) -> None:
    headers = {"Content-Type": "application/json"}

    status, answer = await raw(http, server, "chat.postMessage", data=body, headers=headers)

    assert (status, answer["error"]) == (200, error)


async def test_an_empty_json_body_counts_as_no_arguments(server: SlackServer, http: aiohttp.ClientSession) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {server.bot_token}"}

    _, answer = await raw(http, server, "auth.test", data=b"", headers=headers)

    assert answer["ok"] is True


async def test_a_form_that_is_none_is_refused(server: SlackServer, http: aiohttp.ClientSession) -> None:
    headers = {"Content-Type": "multipart/form-data"}

    _, answer = await raw(http, server, "api.test", data=b"no boundary", headers=headers)

    assert answer["error"] == "invalid_form_data"


async def test_a_fault_of_our_own_is_an_internal_error(
    client: AsyncWebClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> Json:
        raise ZeroDivisionError

    monkeypatch.setitem(METHODS, "auth.test", Method(fail, (), "bot"))

    with pytest.raises(SlackApiError, match="internal_error"):
        await client.auth_test()
    assert "auth.test failed" in caplog.text


async def test_calls_are_recorded_without_tokens(
    client: AsyncWebClient, server: SlackServer, person: Person, http: aiohttp.ClientSession
) -> None:
    await client.chat_postMessage(channel="#cs", text="hi")
    await raw(http, server, "chat.delete", data={"token": server.bot_token, "channel": "C404", "ts": "1"})

    calls = (await person.get("/_ctl/calls"))["calls"]

    assert [(call["method"], call["outcome"]) for call in calls] == [
        ("chat.postMessage", "ok"),
        ("chat.delete", "channel_not_found"),
    ]
    assert server.bot_token not in json.dumps(calls)
    assert (await person.get("/_ctl/calls", method="chat.delete"))["calls"] == calls[1:]
    await person.post("/_ctl/reset_calls")
    assert (await person.get("/_ctl/calls"))["calls"] == []


async def test_memory_for_calls_is_bounded(client: AsyncWebClient, server: SlackServer) -> None:
    await client.api_call("api.test", json={"big": "x" * 100_000})
    assert server.state.calls.listed()[0]["args"] == {"not_kept": "100011 characters"}

    for number in range(1500):
        server.state.calls.record("api.test", {}, "ok", str(number))
    assert len(server.state.calls.listed()) == 1000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ARGUMENTS = (
    "channel ts text blocks view user users cursor limit types metadata thread_ts trigger_id view_id user_id "
    "email oldest attachments message"
)
PAGE_ARGUMENTS = (
    "channel text thread_ts container block_id action state view_id user method kind times advance_seconds set "
    "per_second scopes name"
)
PAGE_PATHS = "send action view_submit view_close options as"
CONTROL_PATHS = "clock fault pace scopes channel"
known_values = st.sampled_from(["C00000002", "#cs", "U00000001", "1.000001", "b2Zmc2V0OjE=", "[{}]", "{}"])


@tried(3)
@given(
    method=st.sampled_from(sorted(METHODS)),
    args=st.dictionaries(st.sampled_from(ARGUMENTS.split()), known_values | json_values, max_size=6),
)
async def test_no_arguments_break_a_method(
    server: SlackServer, http: aiohttp.ClientSession, method: str, args: Json
) -> None:
    token = server.app_token if method == "apps.connections.open" else server.bot_token
    status, body = await raw(http, server, method, json=args, headers={"Authorization": f"Bearer {token}"})

    assert status == 200
    assert body.get("error") != "internal_error"


@tried(2)
@given(
    path=st.sampled_from(
        [f"/_page/{name}" for name in PAGE_PATHS.split()] + [f"/_ctl/{name}" for name in CONTROL_PATHS.split()]
    ),
    args=st.dictionaries(
        st.sampled_from(PAGE_ARGUMENTS.split()),
        known_values | json_values | st.just({"type": "message", "channel": "C00000002", "message_ts": "1"}),
        max_size=6,
    ),
)
async def test_no_request_breaks_the_page_or_the_controls(
    server: SlackServer, http: aiohttp.ClientSession, path: str, args: Json
) -> None:
    async with http.post(f"{server.url}{path}", json=args) as answer:
        assert answer.status in (200, 400)
