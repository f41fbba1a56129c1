"""Composition objects: texts, options, confirmations, images, filters."""

import ipaddress
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from bot.playground.slack.validate.problem import Path, Problem
from bot.playground.slack.validate.spec import (
    Anything,
    Bool,
    ByType,
    ListOf,
    Obj,
    OneOf,
    Spec,
    Str,
    at_least_one,
    exactly_one,
    unique,
)

ID = Str(255)
URL = Str(3000, pattern=r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+", form="a valid URL")


def plain(longest: int, shortest: int = 1) -> Spec:
    return ByType({"plain_text": Obj({"text": Str(longest, shortest)}, {"emoji": Bool()})})


def mrkdwn(longest: int) -> Spec:
    return ByType({"mrkdwn": Obj({"text": Str(longest)}, {"verbatim": Bool()})})


def text(longest: int) -> Spec:
    """A text object of either kind."""
    return ByType({"plain_text": plain(longest), "mrkdwn": mrkdwn(longest)})


def option(words: Spec, *, with_url: bool = False) -> Spec:
    optional: dict[str, Spec] = {"description": words}
    return Obj({"text": words, "value": Str(150)}, optional | ({"url": URL} if with_url else {}))


def options(most: int, words: Spec | None = None) -> Spec:
    return ListOf(option(words or plain(75)), most)


def option_groups() -> Spec:
    group = Obj({"label": plain(75), "options": options(100)})
    return ListOf(group, 100)


def initial_options_offered(value: dict[str, Any], path: Path) -> Iterator[Problem]:
    """An initial option must be one of those on offer, and no two may share a value."""
    groups = value.get("option_groups") or [value]
    offered = [choice for group in groups for choice in group.get("options", ())]
    yield from unique("option value", [choice["value"] for choice in offered], path)
    chosen = value.get("initial_options") or [value[key] for key in ("initial_option",) if key in value]
    for choice in chosen:
        if choice not in offered:
            yield Problem(path, f"initial option is not among the options: {choice['value']}")


CONFIRM = Obj(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": OneOf(("primary", "danger"))},
)
CONVERSATION_FILTER = Obj(
    {},
    {
        "include": ListOf(OneOf(("im", "mpim", "private", "public")), 4),
        "exclude_external_shared_channels": Bool(),
        "exclude_bot_users": Bool(),
    },
    (at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),),
)
DISPATCH_CONFIG = Obj({}, {"trigger_actions_on": ListOf(OneOf(("on_enter_pressed", "on_character_entered")), 2)})
SLACK_FILE = Obj({}, {"id": Str(255), "url": URL}, (exactly_one("id", "url"),))


def reachable(value: dict[str, Any], path: Path) -> Iterator[Problem]:
    """Slack fetches images itself when the message is posted, so they must lie in the open."""
    address = value.get("image_url")
    if isinstance(address, str) and not _public(address):
        yield Problem((*path, "image_url"), "downloading image failed")


def _public(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal"))


IMAGE_SOURCE: dict[str, Spec] = {"image_url": URL, "slack_file": SLACK_FILE}
IMAGE_RULES = (exactly_one("image_url", "slack_file"), reachable)
IMAGE_ELEMENT = Obj({"alt_text": Str(2000)}, IMAGE_SOURCE, IMAGE_RULES)
ANYTHING = Anything()
