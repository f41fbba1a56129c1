"""The arguments of one call, however they were sent: query, form or JSON body."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.playground.slack.doors.errors import SlackError, invalid_arguments
from bot.playground.slack.world.models import Json
from bot.playground.strict_json import parse_json

TRUE = frozenset({"1", "true", "True"})


async def read_arguments(request: web.Request) -> Json:
    """Query and body together; raises SlackError for a body that cannot be read as what it claims to be."""
    found: Json = dict(request.query)
    kind = request.content_type
    if kind == "application/json":
        return found | _json_object(await request.read())
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = await read_form(request)
        return found | {key: value for key, value in form.items() if isinstance(value, str)}
    return found


async def read_form(request: web.Request) -> Mapping[str, Any]:
    """The fields of a form; raises SlackError for a body that is none."""
    try:
        return await request.post()
    except (ValueError, AssertionError, LookupError):
        raise SlackError("invalid_form_data") from None


def _json_object(body: bytes) -> Json:
    """An empty body counts as no arguments, since clients send one when they have only query arguments."""
    if not body.strip():
        return {}
    try:
        parsed = parse_json(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise SlackError("json_not_object")
    return parsed


class Arguments:
    """Typed access to the arguments of a call; each getter refuses what it cannot read."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    def text(self, name: str) -> str:
        """A required text."""
        value = self.optional(name)
        if not value:
            raise invalid_arguments(f"missing required field: {name}")
        return value

    def optional(self, name: str) -> str:
        value = self.raw.get(name)
        if value is None:
            return ""
        if isinstance(value, dict | list):
            raise invalid_arguments(f"must be a string [json-pointer:/{name}]")
        return str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.raw.get(name)
        if value is None or value == "":
            return default
        return value if isinstance(value, bool) else str(value) in TRUE

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number of at least 1, cut to `most`."""
        value = self.optional(name) or str(default)
        if not value.isascii() or not value.isdigit() or int(value) < 1:
            raise SlackError("invalid_limit" if name == "limit" else "invalid_arguments")
        return min(int(value), most)

    def decoded(self, name: str) -> Any:
        """A value given as JSON or as text of JSON; None when absent."""
        value = self.raw.get(name)
        if not isinstance(value, str):
            return value
        try:
            return parse_json(value) if value else None
        except ValueError:
            raise invalid_arguments(f"must be valid JSON [json-pointer:/{name}]") from None
