"""Whatever the payload holds, reading it never fails."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.context.async_context import AsyncBoltContext

from bot.access import Asker
from handlers import parsing

names = st.sampled_from(["id", "value", "values", "selected_option", "selected_options", "team_id", "message_ts"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)
keys = st.sampled_from(["user", "team", "channel", "container", "actions", "view", "state", "text", "trigger_id"])


@given(st.dictionaries(keys, values | st.lists(values)))
def test_any_payload_can_be_read(body: dict[str, Any]) -> None:
    parsing.asker(body, AsyncBoltContext())
    assert isinstance(parsing.command_text(body) + parsing.pressed(body) + parsing.pressed_on(body), str)
    assert isinstance(parsing.view_id(body), str)


@given(st.dictionaries(st.text(max_size=3), st.dictionaries(st.just("value"), values)))
def test_any_form_can_be_read(inputs: dict[str, Any]) -> None:
    assert set(parsing.answers({"state": {"values": inputs}})) == set(inputs)


def test_commands_presses_and_forms_name_their_asker() -> None:
    context = AsyncBoltContext()
    command = {"user_id": "U1", "team_id": "T1", "channel_id": "C1"}
    press = {"user": {"id": "U1", "team_id": "T2"}, "team": {"id": "T1"}, "channel": {"id": "C1"}}
    form = {"user": {"id": "U1"}, "team": {"id": "T1"}}

    assert [parsing.asker(body, context) for body in (command, press, form)] == [
        Asker("U1", "T1", None, "C1"),
        Asker("U1", "T2", None, "C1"),
        Asker("U1", "T1", None, None),
    ]


@given(st.text(st.characters()) | st.text("ab\x00\x07\ud800\udfff\r\n\t"))
def test_what_was_typed_can_be_stored_and_keeps_its_lines(typed: str) -> None:
    for cleaned in (parsing.clean(typed), parsing.command_text({"text": typed})):
        assert cleaned.encode().decode() == cleaned
        assert "\x00" not in cleaned
    assert parsing.clean(parsing.clean(typed)) == parsing.clean(typed)
    assert parsing.clean("one\ntwo") == "one\ntwo"
