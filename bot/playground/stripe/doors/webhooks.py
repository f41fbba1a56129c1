"""Events pushed to an address, signed as Stripe signs them; what was not accepted can be sent again."""

import hashlib
import hmac
from dataclasses import dataclass

import aiohttp

from bot.playground.stripe.store import Object, Store, dump


def signature(secret: str, second: int, body: str) -> str:
    """The value of `Stripe-Signature` for a body sent at a second."""
    signed = hmac.new(secret.encode(), f"{second}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={second},v1={signed}"


@dataclass(frozen=True)
class Endpoint:
    url: str
    secret: str


class Webhooks:
    """Sends each new event once to the registered endpoint; refused ones keep `pending_webhooks` at 1."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.endpoint: Endpoint | None = None
        self._waiting: list[Object] = []

    def note(self, event: Object) -> None:
        if self.endpoint:
            event["pending_webhooks"] = 1
            self._waiting.append(self._store.put("events", event))

    async def deliver(self) -> int:
        """Send everything that waits, oldest first; how many were accepted."""
        if self.endpoint is None:
            return 0
        waiting, self._waiting = self._waiting, []
        accepted = 0
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            for event in waiting:
                if await _send(session, self.endpoint, event):
                    event["pending_webhooks"] = 0
                    self._store.put("events", event)
                    accepted += 1
                else:
                    self._waiting.append(event)
        return accepted


async def _send(session: aiohttp.ClientSession, endpoint: Endpoint, event: Object) -> bool:
    body = dump(event)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(endpoint.secret, event["created"], body),
    }
    try:
        async with session.post(endpoint.url, data=body.encode(), headers=headers) as response:
            return response.status < 300
    except (TimeoutError, aiohttp.ClientError):
        return False
