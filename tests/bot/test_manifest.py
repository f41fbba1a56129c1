"""manifest.yml asks for what the code uses, and for nothing else; and it is a manifest that Slack accepts."""

import re
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import register_handlers
from bot.commands.doctor import asked_scopes
from bot.manifest import NAME, manifest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / NAME).read_text()

# The scopes of each method that is called. History is read where the scope was granted, and only then.
METHODS = {
    "apps.connections.open": set(),
    "auth.test": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": set(),
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.members": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": set(),
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "users.info": {"users:read", "users:read.email"},
    "users.list": {"users:read", "users:read.email"},
    "users.lookupByEmail": {"users:read.email"},
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}
WRITTEN = re.compile(r'"((?:apps|auth|chat|conversations|files|reactions|usergroups|users|views)\.[a-zA-Z.]+)"')
CALLED = re.compile(r"client\.((?:apps|auth|chat|conversations|files|reactions|usergroups|users|views)_\w+)\(")

NO_SERVICES: Any = None  # listeners only keep them


def sources() -> str:
    apart = ("playground", "demo")  # what they call is not the app's
    files = [file for top in ("handlers", "bot") for file in (ROOT / top).rglob("*.py") if not {*apart} & {*file.parts}]
    return "\n".join(file.read_text() for file in files)


def used_methods() -> set[str]:
    """By name, as in "chat.update", and by the client's own functions, as in client.views_open(...)."""
    code = sources()
    by_function = {method.replace(".", "").lower(): method for method in METHODS}
    functions = {name: name.replace("_", "").lower() for name in CALLED.findall(code)}
    return set(WRITTEN.findall(code)) | {by_function.get(folded, name) for name, folded in functions.items()}


def test_its_commands_are_those_that_are_listened_to() -> None:
    heard: list[str] = []

    class Listening(AsyncApp):
        def command(self, command: Any, *_: Any, **__: Any) -> Any:
            heard.append(command)
            return lambda listener: listener

    app = Listening(client=AsyncWebClient(token="xoxb-1"), signing_secret="unused")
    register_handlers(app, NO_SERVICES)

    assert sorted(heard) == sorted(entry["command"] for entry in manifest()["features"]["slash_commands"])


def test_its_scopes_are_those_of_the_methods_that_are_called() -> None:
    unknown = used_methods() - METHODS.keys()
    assert unknown == set(), "say in METHODS which scopes these need"
    needed = {"commands", "app_mentions:read"}.union(*(METHODS[method] for method in used_methods()))

    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == needed
    assert asked_scopes() == needed


def test_its_events_and_shortcuts_are_those_that_are_listened_to() -> None:
    heard: dict[str, set[str]] = {"event": set(), "message_shortcut": set()}

    class Listening(AsyncApp):
        def event(self, event: Any, *_: Any, **__: Any) -> Any:
            heard["event"].add(event)
            return lambda listener: listener

        def message_shortcut(self, callback_id: Any, *_: Any, **__: Any) -> Any:
            heard["message_shortcut"].add(callback_id)
            return lambda listener: listener

    register_handlers(Listening(client=AsyncWebClient(token="xoxb-1"), signing_secret="unused"), NO_SERVICES)
    assert set(manifest()["settings"]["event_subscriptions"]["bot_events"]) == heard["event"]
    assert {one["callback_id"] for one in manifest()["features"]["shortcuts"]} == heard["message_shortcut"]


def test_it_needs_no_address_to_be_reached_at() -> None:
    settings = manifest()["settings"]

    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert not re.search(r"^\s*(request_)?url:", TEXT, re.MULTILINE)


@pytest.mark.parametrize(
    ("path", "least", "most"),
    [
        ("display_information.name", 1, 35),
        ("display_information.description", 1, 140),
        ("display_information.long_description", 175, 4000),
        ("features.bot_user.display_name", 1, 80),
    ],
)
def test_its_texts_keep_slacks_limits(path: str, least: int, most: int) -> None:
    value: Any = manifest()
    for name in path.split("."):
        value = value[name]

    assert least <= len(value) <= most


def test_its_commands_keep_slacks_limits() -> None:
    for entry in manifest()["features"]["slash_commands"]:
        assert re.fullmatch(r"/[a-z-]{1,31}", entry["command"])
        assert 1 <= len(entry["description"]) <= 2000
        assert 1 <= len(entry["usage_hint"]) <= 1000
