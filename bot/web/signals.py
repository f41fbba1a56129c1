"""`POST /signals`: observations of accounts from another program, signed, each request kept once.

The header `Kahvi-Signature` is `t={unix seconds},v1={hex}`, where hex is HMAC-SHA256 of `{t}.{body}` with the secret.
`Idempotency-Key` names a request: the same key again gives the same answer and keeps nothing twice; without one the
body itself is the key, within a day where rows say no time. The key is not signed, so one signature is good for one
key only.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from sqlmodel import Session

from bot.clock import Clock, local_day
from bot.inputs import pushed
from bot.inputs.checks import AGAIN, NEVER, PUSHED, UNSIGNED, TurnedAway
from bot.inputs.keeping import keep
from bot.inputs.pushed import MOST, Refused
from bot.inputs.rules import Terms
from bot.web.server import read_body
from bot.web.signatures import stripe_signed, stripe_stamp
from storage import inbox, syncs
from storage.accounts import search
from storage.engine import Database
from storage.inbox import Entry

log = structlog.get_logger()

PATH = "/signals"
SIGNATURES = "signals signature"
LONGEST_KEY = 255
NOTED_EVERY = timedelta(seconds=10)
SHAPE = 'send {"signals": [{"account": …, "name": …, "value": …, "at": …}, …]}, at most 1,000 of them'

OTHER_BODY = "This Idempotency-Key came with another body before; send a new key."
OTHER_KEY = "This signature came with another Idempotency-Key before; sign the request anew."

Answer = dict[str, Any]


class _Conflict(Exception):
    """A request that says what another one said under the same name, or the same under another."""


@dataclass(frozen=True, slots=True)
class _Request:
    """Digests of what names a request, of its body, and of what was signed."""

    name: str
    body: str
    signed: str


class SignalsDoor:
    """`currency` and `zone` are those of figures; bare days are read in the zone."""

    def __init__(self, database: Database, secret: str, clock: Clock, zone: ZoneInfo, currency: str) -> None:
        self._database = database
        self._secret = secret
        self._clock = clock
        self._zone = zone
        self._currency = currency
        self._turned_away: dict[str, TurnedAway] = {}

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._receive)]

    async def _receive(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        now = self._clock()
        signature = request.headers.get("Kahvi-Signature", "")
        if not stripe_signed(self._secret, signature, body, now):
            await self._turn_away(UNSIGNED, now)
            return _said(401, "The request is not signed with the secret, or was signed more than 5 minutes ago.")
        rows = _rows(body)
        if rows is None:
            return _said(400, f"The body is not what is asked for; {SHAPE}.")
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > LONGEST_KEY:
            return _said(400, f"Idempotency-Key is longer than {LONGEST_KEY} characters; shorten it.")
        names = key.encode("utf-8", "surrogatepass") or self._named_by(body, rows)
        sent = _Request(*map(_digest, (names, body, stripe_stamp(signature).encode() + b"." + body)))
        try:
            answer = await self._database.write(self._kept, sent, rows)
        except _Conflict as conflict:
            await self._turn_away(AGAIN, now)
            return _said(409, str(conflict))
        log.info("signals came in", kept=answer["kept"], refused=len(answer["refused"]))
        return web.json_response(answer, status=422 if answer["refused"] and not answer["kept"] else 200)

    async def _turn_away(self, why: str, now: datetime) -> None:
        """Count the requests of a day that were turned away, for `kahvi doctor`; written down now and then only, for
        anybody may send them.
        """
        before = self._turned_away.get(why, NEVER)
        count = before.count + 1 if before.at.date() == now.date() else 1
        if abs(now - before.at) < NOTED_EVERY:
            self._turned_away[why] = TurnedAway(before.at, count)
            return
        self._turned_away[why] = TurnedAway(now, count)
        await self._database.write(syncs.note, why, cursor=self._turned_away[why].written())

    def _named_by(self, body: bytes, rows: list[Any]) -> bytes:
        """A body is its own name; one whose rows tell of now says something else on another day."""
        undated = any(isinstance(row, dict) and row.get("at") is None for row in rows)
        return body + (local_day(self._clock(), self._zone).isoformat().encode() if undated else b"")

    def _kept(self, session: Session, sent: _Request, rows: list[Any]) -> Answer:
        """Keep what is sound, and the answer with it, in one transaction."""
        now, entry = self._clock(), Entry(PUSHED, sent.name, "signals")
        before = inbox.take(session, entry, now)
        if before is not None and before.answer is not None:
            if before.answer["body"] != sent.body:
                raise _Conflict(OTHER_BODY)
            return cast("Answer", before.answer["answer"])
        if not inbox.note(session, Entry(SIGNATURES, sent.signed, "signature"), now):
            raise _Conflict(OTHER_KEY)
        known = {one.id for one in search.with_ids(session, sorted(pushed.accounts_named(rows)))}
        found = pushed.read(rows, Terms(self._zone, self._currency, now), known)
        keep(session, found.signals, now)
        answer: Answer = {
            "kept": len(found.signals),
            "refused": [asdict(one) for one in found.refused],
            "unknown": list(found.unknown),
        }
        syncs.note(session, PUSHED, cursor=now.isoformat(), error=_complaint(found.refused, len(rows)))
        inbox.finish(session, entry, now, {"body": sent.body, "answer": answer})
        return answer


def _complaint(refused: Sequence[Refused], rows: int) -> str | None:
    """What `kahvi doctor` says of the last request."""
    if not refused:
        return None
    first = refused[0]
    return f"{len(refused):,} of {rows:,} rows were refused; row {first.row}: {first.field} {first.reason}"


def _digest(sent: bytes) -> str:
    return hashlib.sha256(sent).hexdigest()


def _rows(body: bytes) -> list[Any] | None:
    """The rows of a body, numbers as they were written: a float would round them."""
    try:
        found = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    rows = found.get("signals") if isinstance(found, dict) else None
    return rows if isinstance(rows, list) and 0 < len(rows) <= MOST else None


def _said(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
