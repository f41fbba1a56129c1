"""HTTP mode: signed requests to the addresses the app gave, as an app without Socket Mode receives them."""

import hashlib
import hmac
import json
import secrets
import time
from contextlib import suppress
from dataclasses import asdict
from urllib.parse import urlencode

import aiohttp

from bot.playground.loopback import is_own_address
from bot.playground.slack.doors.errors import NoConnectionError, RefusedByAppError, SlackError
from bot.playground.slack.doors.retry import FIRST, Retry
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.config import Addresses, SlackConfig
from bot.playground.slack.world.models import Json
from bot.playground.strict_json import parse_json

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
LARGEST_ANSWER = 1024 * 1024


class RequestUrls:
    """`addresses` are where each kind of payload goes; without any the app is in Socket Mode."""

    def __init__(self, clock: Clock, config: SlackConfig) -> None:
        self._clock = clock
        self._secret = config.signing_secret
        self._http: aiohttp.ClientSession | None = None
        self._wall_time = False
        self.addresses = checked(config.addresses)
        self.in_use = config.addresses != Addresses()

    async def use(self, addresses: Addresses, *, wall_time: bool = False) -> None:
        """Change to these addresses; the one for events must answer Slack's challenge, or SlackError.

        `wall_time` stamps requests by the time outside, for an app whose clock does not follow this server's.
        """
        self._wall_time = wall_time
        if addresses.events:
            await self._challenge(checked(addresses).events)
        self.addresses = checked(addresses)
        self.in_use = addresses != Addresses()

    async def _challenge(self, address: str) -> None:
        challenge = secrets.token_urlsafe(32)
        asked = {"type": "url_verification", "challenge": challenge, "token": "verification-token"}
        try:
            answer = await self._clock.within(3.0, self._post(address, JSON, json.dumps(asked), FIRST))
        except (NoConnectionError, RefusedByAppError, TimeoutError):
            answer = {}
        if challenge not in (answer.get("challenge"), answer.get("text")):
            raise SlackError("url_verification_failed")

    async def deliver(self, kind: str, payload: Json, retry: Retry = FIRST) -> Json:
        """What the app answered; raises NoConnectionError and RefusedByAppError."""
        if kind == "events_api":
            return await self._post(self.addresses.events, JSON, json.dumps(payload), retry)
        if kind == "slash_commands":
            return await self._post(self.addresses.commands, FORM, urlencode(payload, errors="replace"), retry)
        suggesting = payload["type"] == "block_suggestion"
        address = self.addresses.options if suggesting else self.addresses.interactivity
        return await self._post(address, FORM, urlencode({"payload": json.dumps(payload)}), retry)

    async def _post(self, address: str, kind: str, body: str, retry: Retry) -> Json:
        if not address:
            raise NoConnectionError
        if self._http is None:
            self._http = aiohttp.ClientSession()
        headers = {"Content-Type": kind, **self._signature(body), **_retry_headers(retry)}
        try:
            async with self._http.post(address, data=body.encode(), headers=headers, allow_redirects=False) as answer:
                if not 200 <= answer.status < 300:
                    raise RefusedByAppError(answer.status, final=answer.headers.get("X-Slack-No-Retry") == "1")
                return _read(answer.content_type, await answer.content.read(LARGEST_ANSWER))
        except (aiohttp.ClientError, OSError):
            raise NoConnectionError from None

    def _signature(self, body: str) -> dict[str, str]:
        stamp = str(int(time.time() if self._wall_time else self._clock.now()))
        signed = hmac.new(self._secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signed}"}

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()


def checked(addresses: Addresses) -> Addresses:
    """The addresses; ValueError when one leads to another machine."""
    for name, address in asdict(addresses).items():
        if address and not is_own_address(address):
            raise ValueError(f"{name} must be an address on loopback: the local Slack calls no other machine")
    return addresses


def _retry_headers(retry: Retry) -> dict[str, str]:
    if not retry.number:
        return {}
    return {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": f"http_{retry.reason}"}


def _read(kind: str, body: bytes) -> Json:
    """The app's words as Socket Mode would carry them: an object, or a text to show."""
    text = body.decode(errors="replace").strip()
    if kind == JSON:
        with suppress(ValueError):
            parsed = parse_json(text)
            return parsed if isinstance(parsed, dict) else {}
    return {"text": text} if text else {}
