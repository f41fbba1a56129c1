"""`POST /stripe/webhook`: a hint that something changed, noted at once; the next read of Stripe says what.

Classic events and thin notifications alike: of both only the type, and the id of what it is about, are kept.
"""

import re
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.web.parsing import json_object
from bot.web.server import read_body
from bot.web.signatures import stripe_signed
from storage import inbox
from storage.engine import Database
from storage.inbox import Entry

log = structlog.get_logger()

PATH = "/stripe/webhook"
SOURCE = "stripe"
WORD = re.compile(r"[\w.\-:\[\]]{1,255}", re.ASCII)


class StripeDoor:
    """`live`: whether the key that is read with is a live one; `hinted` is called after something new was noted."""

    def __init__(
        self, database: Database, secret: str, clock: Clock, hinted: Callable[[], None], *, live: bool
    ) -> None:
        self._database = database
        self._secret = secret
        self._clock = clock
        self._hinted = hinted
        self._live = live

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._receive)]

    async def _receive(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if not stripe_signed(self._secret, request.headers.get("Stripe-Signature", ""), body, self._clock()):
            return web.Response(status=400, text="Not signed by Stripe")
        event = json_object(body)
        entry = None if event is None else _entry(event)
        if event is None or entry is None:
            return web.Response(status=400, text="Not an event")
        if event.get("livemode") is not self._live:
            log.warning("an event of the other mode is left alone", id=entry.id, live=not self._live)
            return web.Response(text="Not of this mode")
        if await self._database.write(inbox.note, entry, self._clock()):
            self._hinted()
        return web.Response(text="Noted")


def _entry(event: dict[str, Any]) -> Entry | None:
    own, kind, about = event.get("id"), event.get("type"), _about(event)
    if not (_is_word(own) and _is_word(kind)):
        return None
    return Entry(SOURCE, str(own), str(kind), about if _is_word(about) else None)


def _about(event: dict[str, Any]) -> Any:
    """The id of what the event is about: a thin notification names it, a classic event shows it."""
    data = event.get("data")
    shown = data.get("object") if isinstance(data, dict) else None
    for place in (event.get("related_object"), shown):
        if isinstance(place, dict):
            return place.get("id")
    return None


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and WORD.fullmatch(value) is not None
