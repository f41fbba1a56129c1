"""What people do in Slack comes in here: noted by its id before it is handled, handled once, lost by no crash.

Every way in ends in `App.async_dispatch`, so a new listener has all of this without a line of its own:

- The same delivery come again, from whatever connection, is answered as the first time and does nothing.
- What a listener leaves to do after its answer (`Tasks.start`) is done by another process, or after a restart, when
  this one dies. So that work may run twice, and what it changes has to be the same then.
- A form is not kept: it is saved before its answer, or it stays open with all that was typed.
"""

import asyncio
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.clock import Clock
from bot.tasks import Begun, Tasks
from bot.telemetry import HANDLER_SECONDS
from storage import inbox
from storage.engine import Database
from storage.inbox import Entry, Known

log = structlog.get_logger()

SOURCE = "slack"
ATTEMPTS = 3
RENEW_SECONDS = inbox.LEASE.total_seconds() / 3
LOOK_AGAIN = 0.05  # seconds between two looks whether another has answered
SHORT_SECONDS, LONG_SECONDS = 0.8, 2.0  # that noting may take, of the three that Slack waits
FORM_SECONDS = 2.2  # to wait for the answer that another is working on; Slack waits three
PLAIN_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


class Kind(StrEnum):
    """Ways of asking.

    A command or a form that cannot be noted in time is handled all the same: asking twice does no harm there. A
    press or an event is not, and the person or Slack is told so by the missing answer.
    """

    COMMAND = "command"
    PRESS = "press"
    FORM = "form"
    EVENT = "event"


HARMLESS = (Kind.COMMAND, Kind.FORM)  # when they are not noted
KINDS: Mapping[str, Kind] = {
    "event_callback": Kind.EVENT,
    "block_actions": Kind.PRESS,
    "shortcut": Kind.PRESS,
    "message_action": Kind.PRESS,
    "view_submission": Kind.FORM,
    "view_closed": Kind.EVENT,
}


class App(AsyncApp):
    """A Bolt app whose deliveries are handled once each; `take_up` what a crash has left."""

    def __init__(self, database: Database, clock: Clock, tasks: Tasks, **bolt: Any) -> None:
        super().__init__(**bolt)
        self._database = database
        self._clock = clock
        self._tasks = tasks
        self._at_work: set[str] = set()  # ids of what this process handles

    async def keep_leases(self) -> None:
        """Until cancelled, keep other processes from what this one is still at work on."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self._renew()
            except SQLAlchemyError as error:
                log.warning("leases could not be renewed", error=type(error).__name__)

    async def _renew(self) -> None:
        if self._at_work:
            await self._database.write(inbox.renew, SOURCE, sorted(self._at_work), self._clock())

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        kind = kind_of(req.body)
        if kind is None:
            return await super().async_dispatch(req)  # a question that changes nothing, such as for options
        entry = Entry(SOURCE, delivery_id(kind, req.body), kind, payload=None if kind is Kind.FORM else dict(req.body))
        try:
            known = await self._noted(entry, kind)
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("a delivery could not be noted", kind=kind, error=type(error).__name__)
            if kind in HARMLESS:
                return await super().async_dispatch(req)
            return unanswered()
        return await self._handle(entry, req) if known is None else await self._answer_again(entry, known)

    async def take_up(self, *, alone: bool = False) -> int:
        """Do what was promised and broken off; how many were taken up.

        `alone`: no other process lives on this database, as at the start with SQLite.
        """
        await self._renew()  # a clock that was set forward makes our own leases look as if they were over
        now = self._clock()
        left: list[Entry] = []
        if await self._database.read(inbox.has_left, SOURCE, now, alone=alone):
            left = await self._database.write(inbox.take_left, SOURCE, now, alone=alone)
        self._at_work |= {entry.id for entry in left}  # the last of them has to wait for the others
        for entry in left:
            await self._take_up(entry, now)
        return len(left)

    async def _take_up(self, entry: Entry, now: datetime) -> None:
        if entry.attempts >= ATTEMPTS:
            log.error("a delivery is given up: each try ended the process", id=entry.id, kind=entry.kind)
            await self._database.write(inbox.finish, entry, now)
            self._at_work.discard(entry.id)
            return
        log.info("a delivery is taken up again", id=entry.id, kind=entry.kind)
        await self._handle(entry, AsyncBoltRequest(mode="socket_mode", body=entry.payload or {}))

    async def _noted(self, entry: Entry, kind: Kind) -> Known | None:
        given_up = threading.Event()

        def taken(session: Session) -> Known | None:
            found = inbox.take(session, entry, self._clock())
            if given_up.is_set():
                raise TimeoutError  # Slack was told that it did not work: to do it later would do it twice
            return found

        try:
            async with asyncio.timeout(SHORT_SECONDS if kind in HARMLESS else LONG_SECONDS):
                return await self._database.write(taken)
        except TimeoutError:
            given_up.set()
            raise

    async def _handle(self, entry: Entry, req: AsyncBoltRequest) -> BoltResponse:
        with HANDLER_SECONDS.labels(f"{entry.kind} ack").time():
            return await self._dispatched(entry, req)

    async def _dispatched(self, entry: Entry, req: AsyncBoltRequest) -> BoltResponse:
        self._at_work.add(entry.id)
        with self._tasks.held() as begun:
            try:
                response = await super().async_dispatch(req)
            except BaseException:
                self._at_work.discard(entry.id)
                begun.answered.set()
                raise
        self._finish(entry, begun, _stored(response))
        try:
            if begun.tasks and entry.payload is None:
                await self._database.write(inbox.promise, entry, dict(req.body))
        except SQLAlchemyError as error:
            log.warning("a delivery could not be kept", id=entry.id, error=type(error).__name__)
            return unanswered()
        finally:
            begun.answered.set()  # it is sent before anything else has its turn
        return response

    def _finish(self, entry: Entry, begun: Begun, answer: dict[str, Any]) -> None:
        async def finish() -> None:
            try:
                await self._database.write(inbox.finish, entry, self._clock(), answer)
            except SQLAlchemyError as error:
                log.warning("a delivery may be handled again", id=entry.id, error=type(error).__name__)
            finally:
                self._at_work.discard(entry.id)

        self._tasks.follow(begun, finish)

    async def _answer_again(self, entry: Entry, known: Known) -> BoltResponse:
        log.info("a delivery came again", id=entry.id, kind=entry.kind)
        if entry.kind == Kind.FORM and not await self._is_handled(entry, known):
            return unanswered()  # Slack says so in the form
        return _restored((await self._database.read(inbox.known, entry)).answer)

    async def _is_handled(self, entry: Entry, known: Known) -> bool:
        """Wait a while for whichever machine is at work on it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FORM_SECONDS):
                while not known.handled:
                    await asyncio.sleep(LOOK_AGAIN)
                    known = await self._database.read(inbox.known, entry)
        return known.handled


def kind_of(body: Mapping[str, Any]) -> Kind | None:
    """What kind of delivery this is; None for what is only asked, and for each letter that somebody types into a form.

    The next letter tells all that stands in the form, so that nothing is lost with one of them.
    """
    if "command" in body:
        return Kind.COMMAND
    kind = KINDS.get(str(body.get("type")))
    return None if kind is Kind.PRESS and _is_typing(body.get("actions")) else kind


def _is_typing(actions: object) -> bool:
    return (
        isinstance(actions, list)
        and bool(actions)
        and all(isinstance(one, dict) and one.get("type") == "plain_text_input" for one in actions)
    )


def delivery_id(kind: Kind, body: Mapping[str, Any]) -> str:
    """What Slack gives each thing a person did once, however often it tells us of it.

    Not the id and hash of a form: those stay the same when a form with errors is sent again.
    """
    given = body.get("event_id") or body.get("trigger_id")
    if isinstance(given, str) and PLAIN_ID.fullmatch(given):
        return f"{kind}:{given}"
    whole = json.dumps(body, sort_keys=True, default=str).encode()
    return f"{kind}:{hashlib.sha256(whole).hexdigest()}"


def unanswered() -> BoltResponse:
    """Over a socket nothing is sent for this, over HTTP it is sent: Slack tries again, or tells the person."""
    return BoltResponse(status=503, body="")


def _stored(response: BoltResponse) -> dict[str, Any]:
    return {"status": response.status, "body": response.body or "", "headers": dict(response.headers)}


def _restored(answer: dict[str, Any] | None) -> BoltResponse:
    return BoltResponse(**answer) if answer else BoltResponse(status=200, body="")
