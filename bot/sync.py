"""Reads a billing source into facts, and keeps the ledger true to them.

The first read stores page by page and goes on after a kill; nobody is shown figures before it is whole. From then
on changes come in batches: facts, ledger and cursor in one transaction, so that no account is ever seen half
updated. A read that fails leaves everything as it was and notes why.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from sqlmodel import Session

from bot.clock import Clock, local_day, start_of_day
from bot.errors import SourceError, SourceRefused
from bot.ledger import LedgerMaker, LedgerRules, rebuild, update
from bot.sources.base import BillingSource, Changes, Page
from storage import fact_reader, fact_store, ledger, syncs
from storage.engine import Database
from storage.fact_store import ForeignIdError
from storage.facts import Account, Fact, Price, Subscription
from storage.syncs import SyncState
from storage.upsert import parts

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Progress:
    """What a full read is doing: the stage's name, its number of so many, and the objects read so far."""

    stage: str
    number: int
    stages: int
    objects: int


Watch = Callable[[Progress], None]


def unwatched(_: Progress) -> None:
    """For reads that nobody waits for."""


class Sync:
    """Reads one source into one database. Every method raises SourceError after noting it."""

    def __init__(self, database: Database, source: BillingSource, rules: LedgerRules, clock: Clock) -> None:
        self._database = database
        self._source = source
        self._rules = rules
        self._clock = clock

    async def state(self) -> SyncState:
        return await self._database.read(syncs.state, self._source.name)

    async def run(self, watch: Watch = unwatched, *, full: bool = False) -> None:
        """Bring facts and ledger up to date by the shortest way, or by reading everything."""
        if full or not await self.catch_up():
            await self.read_all(watch)

    async def catch_up(self) -> bool:
        """Read what changed since the last time; False when everything must be read (`read_all`) instead."""
        return await self._noting_failure(self._catch_up())

    async def read_all(self, watch: Watch = unwatched) -> None:
        """Read everything: the first time page by page, later to mend what changes alone have missed."""
        state = await self.state()
        work = self._compare(watch) if state.completed_at else self._first_read(state, watch)
        await self._noting_failure(work)

    async def _catch_up(self) -> bool:
        state = await self.state()
        if state.completed_at is None or state.cursor is None:
            return False
        cursor, more = state.cursor, True
        while more:
            changes = await self._source.changes(cursor)
            if changes is None:
                return False
            await self._database.write(self._apply, changes, self._clock())
            cursor, more = changes.cursor, changes.more
        return True

    async def _first_read(self, state: SyncState, watch: Watch) -> None:
        objects = state.objects if state.cursor else 0
        async for page in self._source.walk(state.cursor):
            objects += len(page.facts)
            await self._database.write(self._store_page, page, objects, self._clock())
            watch(self._progress(page, objects))
        now = self._clock()
        await self._database.write(fact_store.add_missing_accounts, self._source.name, now)
        await self._make_ledger(now)
        await self._database.write(self._succeeded, now, stage=None, completed_at=now)

    async def _make_ledger(self, now: datetime) -> None:
        """The first one, in portions made outside of the lock: nobody is shown it yet, and the bot has to write."""
        await self._database.write(ledger.clear)
        maker = await self._database.read(LedgerMaker, self._rules, now)
        for portion in parts(await self._database.read(fact_reader.ids_with_subscriptions)):
            found = await self._database.read(maker.movements_of, portion)
            await self._database.write(ledger.replace, portion, found)

    async def _compare(self, watch: Watch) -> None:
        """Read all, then apply only what differs, at once."""
        differing: list[Fact] = []
        seen: set[str] = set()
        objects, cursor = 0, ""
        async for page in self._source.walk(None):
            objects, cursor = objects + len(page.facts), page.cursor
            seen.update(fact.id for fact in page.facts if isinstance(fact, Account))
            differing.extend(await self._database.read(fact_reader.differing, page.facts))
            watch(self._progress(page, objects))
        log.info("everything read", objects=objects, differing=len(differing))
        changes = Changes(differing, cursor)
        await self._database.write(self._apply, changes, self._clock(), present=seen)

    def _store_page(self, session: Session, page: Page, objects: int, now: datetime) -> None:
        self._store(session, page.facts, now)
        syncs.note(session, self._source.name, cursor=page.cursor, stage=page.stage, objects=objects)

    def _store(self, session: Session, facts: Sequence[Fact], now: datetime) -> set[str]:
        try:
            return fact_store.store(session, facts, now)
        except ForeignIdError as error:
            raise SourceRefused(f"{error} Give each billing source a database of its own.") from None

    def _apply(self, session: Session, changes: Changes, now: datetime, *, present: set[str] | None = None) -> None:
        state = syncs.state(session, self._source.name)
        touched = self._repriced(session, changes.facts)
        touched |= self._store(session, changes.facts, now)
        if changes.snapshot:
            present = {fact.id for fact in changes.facts if isinstance(fact, Account)}
            subscriptions = {fact.id for fact in changes.facts if isinstance(fact, Subscription)}
            touched |= fact_store.end_missing(session, self._source.name, subscriptions, now)
        if present is not None:
            touched |= fact_store.tombstone_missing(session, self._source.name, present, now)
        if self._rules.key != state.ledger_rules:
            rebuild(session, self._rules, now)
        else:
            touched |= self._come_due(session, state, now)
            update(session, touched, self._rules, now)
        self._succeeded(session, now, cursor=changes.cursor)

    def _succeeded(self, session: Session, now: datetime, /, **values: object) -> None:
        syncs.note(
            session,
            self._source.name,
            succeeded_at=now,
            error=None,
            ledger_rules=self._rules.key,
            ledger_day=local_day(now, self._rules.zone),
            **values,
        )

    def _repriced(self, session: Session, facts: Sequence[Fact]) -> set[str]:
        """Accounts whose subscriptions named a price before the price itself was known."""
        new = [fact.id for fact in facts if isinstance(fact, Price)]
        return fact_reader.accounts_waiting_for(session, new) if new else set()

    def _come_due(self, session: Session, state: SyncState, now: datetime) -> set[str]:
        """Accounts with dated changes (a planned end, an item's next version) since the ledger's last day."""
        today = local_day(now, self._rules.zone)
        if state.ledger_day is None or state.ledger_day >= today:
            return set()
        since = start_of_day(state.ledger_day, self._rules.zone)
        return fact_reader.accounts_with_dates(session, since, now)

    def _progress(self, page: Page, objects: int) -> Progress:
        stages = list(self._source.stages)
        number = stages.index(page.stage) + 1 if page.stage in stages else len(stages)
        return Progress(page.stage, number, len(stages), objects)

    async def _noting_failure(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except SourceError as error:
            now = self._clock()
            await self._database.write(syncs.note, self._source.name, failed_at=now, error=str(error))
            raise
