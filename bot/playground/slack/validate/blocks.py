"""Every block that may be sent, with its limits and the surfaces it may stand on."""

from typing import Any, Literal

from bot.playground.slack.validate.charts import DATA_VISUALIZATION
from bot.playground.slack.validate.elements import (
    FILE_INPUT,
    IN_ACTIONS,
    IN_CARD,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    OVERFLOW,
)
from bot.playground.slack.validate.objects import (
    ID,
    IMAGE_ELEMENT,
    IMAGE_RULES,
    IMAGE_SOURCE,
    URL,
    mrkdwn,
    plain,
    text,
)
from bot.playground.slack.validate.problem import Path, Problem
from bot.playground.slack.validate.rich_text import RICH_TEXT
from bot.playground.slack.validate.spec import (
    Bool,
    ByType,
    ListOf,
    Obj,
    OneOf,
    Problems,
    Spec,
    Str,
    at_least_one,
    at_most_one,
)
from bot.playground.slack.validate.tables import DATA_TABLE, TABLE

Surface = Literal["message", "modal", "home"]
MARKDOWN = 12_000
_BLOCK: dict[str, Spec] = {"block_id": ID}
_STATUS = ("pending", "in_progress", "complete", "error")

_CARD = Obj(
    {},
    {
        **_BLOCK,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "subtext": text(200),
        "hero_image": ByType({"image": IMAGE_ELEMENT}),
        "icon": ByType({"image": IMAGE_ELEMENT}),
        "slack_icon": Obj({"name": Str(255)}),
        "actions": ListOf(IN_CARD, 3),
    },
    (at_least_one("hero_image", "title", "actions", "body"), at_most_one("icon", "slack_icon")),
)
_AUTH_PROVIDER = Obj(
    {"value": Str(150), "name": plain(75), "is_connected": Bool()},
    {
        **_BLOCK,
        "description": plain(150),
        "icon_url": URL,
        "auth_url": URL,
        "disconnect_url": URL,
        "connected_identity": plain(75),
        "connected_context": plain(75),
        "accessory": ByType(OVERFLOW),
    },
)
_TASK_CARD = Obj(
    {"task_id": Str(255), "title": Str(255), "status": OneOf(_STATUS)},
    {
        **_BLOCK,
        "details": ByType({"rich_text": RICH_TEXT}),
        "output": ByType({"rich_text": RICH_TEXT}),
        "sources": ListOf(ByType({"url": Obj({"url": URL, "text": Str(255)})}), 50),
    },
)
_VIDEO = Obj(
    {
        "alt_text": Str(2000),
        "title": plain(200),
        "video_url": URL,
        "thumbnail_url": URL,
    },
    {
        **_BLOCK,
        "title_url": URL,
        "description": plain(200),
        "provider_icon_url": URL,
        "provider_name": Str(255),
        "author_name": Str(50),
    },
)


def _collapse_needs_leave(value: dict[str, Any], path: Path) -> Problems:
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield Problem((*path, "default_collapsed"), "requires is_collapsible")
    if value.get("has_header_divider") and value.get("is_collapsible"):
        yield Problem((*path, "has_header_divider"), "is not allowed with is_collapsible")


def _not_pending(value: dict[str, Any], path: Path) -> Problems:
    if value["status"] == "pending":
        yield Problem((*path, "status"), "a task card outside a plan must not be pending")


CHILDREN = (
    "actions",
    "context",
    "divider",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
    "table",
    "video",
)
BLOCKS: dict[str, Spec] = {
    "actions": Obj({"elements": ListOf(IN_ACTIONS, 25)}, _BLOCK),
    "alert": Obj(
        {"text": text(200)},
        {**_BLOCK, "level": OneOf(("default", "info", "warning", "error", "success"))},
    ),
    "auth_provider": _AUTH_PROVIDER,
    "card": _CARD,
    "carousel": Obj({"elements": ListOf(ByType({"card": _CARD}), 10)}, _BLOCK),
    "context": Obj(
        {"elements": ListOf(ByType({"image": IMAGE_ELEMENT, "mrkdwn": mrkdwn(3000), "plain_text": plain(3000)}), 10)},
        _BLOCK,
    ),
    "context_actions": Obj({"elements": ListOf(IN_CONTEXT_ACTIONS, 5)}, _BLOCK),
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
    "divider": Obj({}, _BLOCK),
    "header": Obj({"text": plain(150)}, _BLOCK),
    "image": Obj({"alt_text": Str(2000)}, {**_BLOCK, **IMAGE_SOURCE, "title": plain(2000)}, IMAGE_RULES),
    "input": Obj(
        {"label": plain(2000), "element": IN_INPUT},
        {**_BLOCK, "hint": plain(2000), "optional": Bool(), "dispatch_action": Bool()},
    ),
    "markdown": Obj({"text": Str(MARKDOWN)}, _BLOCK),
    "plan": Obj({"title": Str(255)}, {**_BLOCK, "tasks": ListOf(ByType({"task_card": _TASK_CARD}), 50)}),
    "rich_text": RICH_TEXT,
    "section": Obj(
        {},
        {
            **_BLOCK,
            "text": text(3000),
            "fields": ListOf(text(2000), 10),
            "accessory": IN_SECTION,
            "expand": Bool(),
        },
        (at_least_one("text", "fields"),),
    ),
    "table": TABLE,
    "task_card": Obj(_TASK_CARD.required, _TASK_CARD.optional, (_not_pending,)),
    "video": _VIDEO,
}
BLOCKS["container"] = Obj(
    {"child_blocks": ListOf(ByType({name: BLOCKS[name] for name in CHILDREN}), 10)},
    {
        **_BLOCK,
        "title": plain(150),
        "rich_text_title": ByType({"rich_text": RICH_TEXT}),
        "subtitle": text(150),
        "width": OneOf(("narrow", "standard", "wide", "full")),
        "icon": ByType({"image": IMAGE_ELEMENT}),
        "is_collapsible": Bool(),
        "default_collapsed": Bool(),
        "has_header_divider": Bool(),
    },
    (at_least_one("title", "rich_text_title"), _collapse_needs_leave),
)

EVERYWHERE: tuple[Surface, ...] = ("message", "modal", "home")
ONLY_ON: dict[str, tuple[Surface, ...]] = {
    "alert": ("modal",),
    "auth_provider": ("home",),
    "card": ("message", "home"),
    "carousel": ("message", "home"),
    "container": ("message",),
    "context_actions": ("message",),
    "data_table": ("message", "home"),
    "data_visualization": ("message",),
    "markdown": ("message",),
    "plan": ("message",),
    "table": ("message", "modal"),
    "task_card": ("message",),
}
ELEMENT_ONLY_ON: dict[str, tuple[Surface, ...]] = dict.fromkeys(FILE_INPUT, ("modal",))
