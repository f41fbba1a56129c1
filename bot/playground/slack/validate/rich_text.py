"""The rich_text block and what it is made of."""

from typing import Any

from bot.playground.slack.validate.objects import ID, URL
from bot.playground.slack.validate.problem import Path, Problem
from bot.playground.slack.validate.spec import Bool, ByType, ListOf, Num, Obj, OneOf, Problems, Spec, Str

MOST_ELEMENTS = 3000

STYLE = Obj(
    {},
    {
        name: Bool()
        for name in (
            "bold",
            "italic",
            "strike",
            "code",
            "underline",
            "highlight",
            "client_highlight",
            "unlink",
        )
    },
)
_STYLED: dict[str, Spec] = {"style": STYLE}
INLINE: dict[str, Spec] = {
    "text": Obj({"text": Str(12_000)}, _STYLED),
    "link": Obj({"url": URL}, {"text": Str(3000), "unsafe": Bool(), **_STYLED}),
    "emoji": Obj({"name": Str(255)}, {"unicode": Str(255), "skin_tone": Num(1, 6, whole=True), **_STYLED}),
    "user": Obj({"user_id": ID}, _STYLED),
    "channel": Obj({"channel_id": ID}, _STYLED),
    "usergroup": Obj({"usergroup_id": ID}, _STYLED),
    "broadcast": Obj({"range": OneOf(("here", "channel", "everyone"))}, _STYLED),
    "color": Obj({"value": Str(255)}, _STYLED),
    "team": Obj({"team_id": ID}, _STYLED),
    "date": Obj(
        {"timestamp": Num(0, whole=True), "format": Str(255)},
        {"url": URL, "fallback": Str(3000), **_STYLED},
    ),
}
_inline = ListOf(ByType(INLINE), MOST_ELEMENTS, least=0)
_section = Obj({"elements": _inline})
PARTS: dict[str, Spec] = {
    "rich_text_section": _section,
    "rich_text_list": Obj(
        {
            "elements": ListOf(ByType({"rich_text_section": _section}), MOST_ELEMENTS),
            "style": OneOf(("bullet", "ordered")),
        },
        {"indent": Num(0, 8, whole=True), "offset": Num(0, whole=True), "border": Num(0, 1, whole=True)},
    ),
    "rich_text_preformatted": Obj({"elements": _inline}, {"border": Num(0, 1, whole=True), "language": Str(255)}),
    "rich_text_quote": Obj({"elements": _inline}, {"border": Num(0, 1, whole=True)}),
}
RICH_TEXT = Obj({"elements": ListOf(ByType(PARTS), MOST_ELEMENTS)}, {"block_id": ID})


def rich_text_length(value: Any) -> int:
    """Characters written in a rich text, links by their label."""
    if isinstance(value, list):
        return sum(rich_text_length(item) for item in value)
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    return (len(own) if isinstance(own, str) else 0) + rich_text_length(value.get("elements"))


def not_blank(value: dict[str, Any], path: Path) -> Problems:
    if rich_text_length(value) == 0 and not _has_symbol(value):
        yield Problem(path, "must not be empty")


def _has_symbol(value: Any) -> bool:
    """Mentions, emoji, dates and bare links show something though they hold no text."""
    if isinstance(value, list):
        return any(_has_symbol(item) for item in value)
    if not isinstance(value, dict):
        return False
    return (value.get("type") in INLINE and value.get("type") != "text") or _has_symbol(value.get("elements"))
