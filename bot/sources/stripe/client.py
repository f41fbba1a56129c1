"""Asks Stripe over HTTP: one pinned version, a pace, retries; answers are parsed JSON objects."""

import asyncio
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import structlog

from bot.errors import SettingsError, SourceDown, SourceRefused
from bot.sources.stripe.pace import Pace, Sleep
from bot.telemetry import STRIPE_REQUESTS

API_VERSION = "2026-10-28.endive"
FIRST_WAIT, LONGEST_WAIT, PATIENCE = 0.5, 5.0, 60.0  # seconds
OK, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY = 200, 400, 401, 403, 404, 409, 429
SERVER_ERRORS = 500

FULL_KEY = (
    "The Stripe key is a full live secret key, which can move money; make a restricted key (rk_live_...) with Read"
    " permissions, or allow full keys in the settings."
)

Query = Sequence[tuple[str, str]]

log = structlog.get_logger()


class NotFound(SourceRefused):
    """Stripe has nothing at this address."""


class Vanished(SourceRefused):
    """The object that a list was to go on from is gone."""


class ExpandRefused(SourceRefused):
    """The server cannot put these objects inside its answer."""


class KeyRefused(SourceRefused):
    """Stripe does not know the key: nothing at all can be read."""


class Forbidden(SourceRefused):
    """The key may not read this."""


class _Again(Exception):  # private: a step of the retry loop, not an error anyone sees
    """Worth another try, after `wait` seconds where the server names them."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class KeyKind:
    """What the beginning of a key tells: whether it may do everything, and whether it reads test data."""

    full: bool
    test: bool


def kind_of(key: str) -> KeyKind:
    return KeyKind(full=key.startswith("sk_"), test="_test_" in key[:9])


class StripeClient:
    """GET requests with one key. Raises SourceRefused (or one of its kinds above) or SourceDown."""

    def __init__(
        self,
        key: str,
        base_url: str,
        *,
        pace: float | None,
        in_flight: int,
        allow_full_key: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        key = key.strip()
        if not re.fullmatch(r"[!-~]+", key):
            raise SettingsError("The Stripe key is empty or holds characters no key has; copy it again from Stripe.")
        self.key_kind = kind_of(key)
        self.key_allowed = allow_full_key or not (self.key_kind.full and not self.key_kind.test)
        self.version_seen: str | None = None
        self._key = key
        self._pace = Pace(pace, in_flight, sleep)
        self._sleep = sleep
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION, "User-Agent": "Kahvi"},
            timeout=httpx.Timeout(30, connect=10),
            transport=transport,
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, query: Query = (), patience: float = PATIENCE) -> dict[str, Any]:
        """The object at `/v1/{path}`; tries again for up to `patience` seconds where that may help."""
        if not self.key_allowed:
            raise SourceRefused(FULL_KEY)
        started = asyncio.get_running_loop().time()
        slept, backoff = 0.0, FIRST_WAIT
        while True:
            try:
                return await self._once(path, query)
            except _Again as again:
                wait = again.wait if again.wait is not None else backoff * random.uniform(0.5, 1)  # noqa: S311 - jitter, no secret
                spent = max(slept, asyncio.get_running_loop().time() - started)
                if spent + wait > patience:
                    raise SourceDown(f"Stripe did not answer {path}: {again}; the next sync tries again.") from None
                log.info("stripe.again", path=path, reason=str(again), wait=round(wait, 2))
            await self._sleep(wait)
            slept, backoff = slept + wait, min(backoff * 2, LONGEST_WAIT)

    async def _once(self, path: str, query: Query) -> dict[str, Any]:
        async with self._pace.turn():
            try:
                answer = await self._http.get(f"/v1/{path}", params=list(query))
            except httpx.UnsupportedProtocol:
                raise SourceRefused("Stripe's address must begin with https:// (or http:// on this machine).") from None
            except httpx.RequestError as error:
                STRIPE_REQUESTS.labels("0").inc()
                raise _Again(f"the connection failed ({type(error).__name__})") from None
        STRIPE_REQUESTS.labels(str(answer.status_code)).inc()
        self.version_seen = answer.headers.get("stripe-version", self.version_seen)
        if answer.status_code == OK:
            return _object(answer)
        raise self._refusal(path, answer)

    def _refusal(self, path: str, answer: httpx.Response) -> Exception:
        status = answer.status_code
        advice = answer.headers.get("stripe-should-retry")
        again = advice == "true" or (advice != "false" and (status in (CONFLICT, TOO_MANY) or status >= SERVER_ERRORS))
        if again:
            return _Again(f"it answered {status}", _seconds(answer.headers.get("retry-after")))
        if status == TOO_MANY or status >= SERVER_ERRORS:
            return SourceDown(f"Stripe answered {path} with {status}; the next sync tries again.")
        return self._final(path, status, _error(answer))

    def _final(self, path: str, status: int, error: dict[str, Any]) -> SourceRefused:
        said = self._said(error)
        kind = path.split("/", 1)[0]
        if status == UNAUTHORIZED:
            return KeyRefused("Stripe does not accept the key; make a new restricted key and set it for Kahvi.")
        if status == FORBIDDEN:
            return Forbidden(f"The Stripe key may not read {kind}; {remedy(kind, said)}")
        if status == NOT_FOUND:
            return NotFound(f"Stripe has nothing at {path}; check the address and the version of the server.")
        if error.get("code") == "resource_missing" and error.get("param") in ("starting_after", "ending_before"):
            return Vanished(f"Stripe no longer has the object that {kind} was read up to.")
        if status == BAD_REQUEST and "expand" in said.lower():
            return ExpandRefused(f"Stripe cannot expand {kind} as asked: {said}")
        return SourceRefused(f"Stripe refuses to give {kind} ({status}): {said}")

    def _said(self, error: dict[str, Any]) -> str:
        message = error.get("message")
        if not isinstance(message, str) or not message:
            return "it does not say why"
        return message.replace(self._key, "(key)")[:300]


def remedy(kind: str, said: str = "") -> str:
    """What to do about a missing permission, with Stripe's name of it where the refusal tells."""
    named = re.search(r"\brak_\w+", said)
    extra = f" ({named[0]})" if named else ""
    return f"give the restricted key Read on {PERMISSIONS.get(kind, kind.capitalize())}{extra} in Stripe's dashboard."


PERMISSIONS = {
    "charges": "Charges and Refunds",
    "invoiceitems": "Invoices",
    "refunds": "Charges and Refunds",
    "balance_transactions": "Balance transactions",
    "payment_methods": "PaymentMethods",
    "subscription_items": "Subscriptions",
    "subscription_schedules": "Subscriptions",
    "plans": "Prices (named Plans in some dashboards)",
    "prices": "Prices (named Plans in some dashboards)",
}


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _object(answer: httpx.Response) -> dict[str, Any]:
    """The body of a good answer; a cut or garbled one is worth another try."""
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise _Again("its answer is cut short or garbled") from None
    if not isinstance(body, dict):
        raise SourceRefused("The server does not answer like Stripe; check its address.")
    return body


def _error(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}
