"""Reads a billing source into facts, and keeps the ledger true to them.

The first read stores page by page and goes on after a kill; nobody is shown figures before it is whole. From then
on changes come in batches: facts, ledger and cursor in one transaction, so that no account is ever seen half
updated. A read that fails leaves everything as it was and notes why.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar
from uuid import uuid4

import structlog
from sqlmodel import Session

from bot.clock import Clock, local_day, start_of_day
from bot.errors import SourceBusy, SourceError, SourceRefused
from bot.ledger import LedgerRules, update
from bot.making import making
from bot.metrics.policy import MetricsPolicy
from bot.metrics.spans import BETWEEN_BILLS
from bot.new_ledger import NewLedger
from bot.policies import rules_in_force
from bot.sources.base import BillingSource, Changes, Page
from storage import fact_reader, fact_store, fate_reader, ledger, quarantine, risks, syncs
from storage.engine import Database
from storage.fact_store import ForeignIdError
from storage.facts import Account, Dispute, ExchangeRate, Fact, Payment, PaymentMethod, Price, Refund, Subscription
from storage.faults import Held
from storage.states import Fault
from storage.syncs import SyncState

P = ParamSpec("P")
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
Seen = Callable[[int, int], None]  # accounts done, of so many
Finish = Callable[[Session, LedgerRules], T]


def unwatched(_: Progress) -> None:
    """For reads that nobody waits for."""


def unseen(_done: int, _all: int) -> None:
    """For a ledger that nobody waits for."""


def _nothing(_: Session) -> None:
    pass


def _nothing_more(_session: Session, _rules: LedgerRules) -> None:
    pass


class Sync:
    """Reads one source into one database. Every method raises SourceError after noting it."""

    def __init__(self, database: Database, source: BillingSource, rules: LedgerRules, clock: Clock) -> None:
        self._database = database
        self._source = source
        self._rules = rules
        self._clock = clock
        self._holder = uuid4().hex

    async def state(self) -> SyncState:
        return await self._database.read(syncs.state, self._source.name)

    async def run(self, watch: Watch = unwatched, *, full: bool = False) -> None:
        """Bring facts and ledger up to date by the shortest way, or by reading everything."""
        if full or not await self.catch_up():
            await self.read_all(watch)

    async def catch_up(self) -> bool:
        """Read what changed since the last time; False when everything must be read (`read_all`) instead."""
        return await self._alone(lambda: self._noted(self._catch_up))

    async def read_all(self, watch: Watch = unwatched) -> None:
        """Read everything: the first time page by page, later to mend what changes alone have missed."""
        await self._alone(lambda: self._noted(lambda: self._read_all(watch)))

    async def remake(self, policy: MetricsPolicy, finish: Finish[T], watch: Seen) -> T:
        """Make the whole ledger anew from the stored facts by another policy, without asking the source.

        `finish` runs in the transaction that puts the new ledger in the place of the old one, with its rules: what it
        raises leaves everything as it was. Before a first read is whole there is no ledger, and `finish` runs alone.
        """
        return await self._alone(lambda: self._remake(replace(self._rules, policy=policy), finish, watch))

    async def _remake(self, rules: LedgerRules, finish: Finish[T], watch: Seen) -> T:
        state = await self.state()
        if state.completed_at is None or state.ledger_rules == rules.key:
            return await self._write(finish, rules)
        now, ids = self._clock(), await self._database.read(fact_reader.ids_with_subscriptions)
        with NewLedger() as new:
            seen = 0
            async with making(self._database, rules, now, ids) as portions:
                async for made in portions:
                    new.add(made)
                    await self._write(_nothing)  # to keep the lease
                    seen += len(made.account_ids)
                    watch(seen, len(ids))
            return await self._write(self._put_in_force, new, rules, now, finish)

    def _put_in_force(
        self, session: Session, new: NewLedger, rules: LedgerRules, now: datetime, finish: Finish[T]
    ) -> T:
        new.replace(session, now)
        syncs.note(session, self._source.name, ledger_rules=rules.key, ledger_day=local_day(now, rules.zone))
        return finish(session, rules)

    async def _read_all(self, watch: Watch) -> None:
        state = await self.state()
        await (self._compare(watch) if state.completed_at else self._first_read(state, watch))

    async def _catch_up(self) -> bool:
        state = await self.state()
        if state.completed_at is None or state.cursor is None:
            return False
        rules = await self._database.read(rules_in_force, self._rules)
        if state.ledger_rules != rules.key:
            await self._remake(rules, _nothing_more, unseen)
        cursor, more = state.cursor, True
        while more:
            changes = await self._source.changes(cursor)
            if changes is None:
                return False
            await self._write(self._apply, changes)
            cursor, more = changes.cursor, changes.more
        return True

    async def _first_read(self, state: SyncState, watch: Watch) -> None:
        objects = state.objects if state.cursor else 0
        if not state.cursor:
            await self._write(quarantine.told_all, self._source.name, (), self._clock())
        async for page in self._source.walk(state.cursor):
            objects += len(page.facts)
            await self._write(self._store_page, page, objects)
            watch(self._progress(page, objects))
        now = self._clock()
        await self._write(fact_store.add_missing_accounts, self._source.name, now)
        await self._make_ledger(now)
        await self._write(self._succeeded, now, stage=None, completed_at=now)

    async def _make_ledger(self, now: datetime) -> None:
        """The first one, in portions made outside of the lock: nobody is shown it yet, and the bot has to write."""
        await self._write(ledger.clear)
        rules = await self._database.read(rules_in_force, self._rules)
        ids = await self._database.read(fact_reader.ids_with_subscriptions)
        async with making(self._database, rules, now, ids) as portions:
            async for made in portions:
                await self._write(made.store, now)

    async def _compare(self, watch: Watch) -> None:
        """Read all, then apply only what differs, at once; changes first, since they tell when they happened."""
        await self._catch_up()
        await self._source.confirm((await self.state()).cursor)
        differing: list[Fact] = []
        seen: set[str] = set()
        unread: list[Held] = []
        objects, cursor = 0, ""
        async for page in self._source.walk(None):
            objects, cursor = objects + len(page.facts), page.cursor
            seen.update(fact.id for fact in page.facts if isinstance(fact, Account))
            differing.extend(await self._database.read(fact_reader.differing, page.facts))
            unread.extend(page.unread)
            await self._write(syncs.note, self._source.name, stage=page.stage, objects=objects)
            watch(self._progress(page, objects))
        log.info("everything read", objects=objects, differing=len(differing), unread=len(unread))
        await self._write(self._apply, Changes(differing, cursor, unread=unread), present=seen)

    def _store_page(self, session: Session, page: Page, objects: int) -> None:
        now = self._clock()
        self._store(session, page.facts, now)
        self._hold(session, page.facts, page.unread, now)
        syncs.note(session, self._source.name, cursor=page.cursor, stage=page.stage, objects=objects)

    def _store(
        self, session: Session, facts: Sequence[Fact], now: datetime, changed_at: Mapping[str, datetime] | None = None
    ) -> set[str]:
        try:
            return fact_store.store(session, facts, now, changed_at)
        except ForeignIdError as error:
            raise SourceRefused(f"{error} Give each billing source a database of its own.") from None

    def _hold(
        self, session: Session, facts: Sequence[Fact], unread: Sequence[Held], now: datetime, *, whole: bool = False
    ) -> set[str]:
        """Hold what could not be read, and what could be no longer; the accounts whose ledger that changes."""
        before = quarantine.unread(session)
        if whole:
            quarantine.told_all(session, self._source.name, unread, now)
        elif before or unread:
            ids = {fact.id for fact in facts if not isinstance(fact, ExchangeRate)}
            quarantine.mended(session, self._source.name, ids)
            quarantine.told(session, self._source.name, unread, now)
        return quarantine.accounts_of(session, before ^ quarantine.unread(session))

    def _apply(self, session: Session, changes: Changes, *, present: set[str] | None = None) -> None:
        now, state = self._clock(), syncs.state(session, self._source.name)
        touched = self._repriced(session, changes.facts)
        touched |= self._store(session, changes.facts, now, changes.changed_at)
        whole = changes.snapshot or present is not None
        touched |= self._hold(session, changes.facts, changes.unread, now, whole=whole)
        if changes.snapshot:
            present = {fact.id for fact in changes.facts if isinstance(fact, Account)}
            subscriptions = {fact.id for fact in changes.facts if isinstance(fact, Subscription)}
            touched |= fact_store.end_missing(session, self._source.name, subscriptions, now)
        if present is not None:
            touched |= fact_store.tombstone_missing(session, self._source.name, present, now)
        touched |= self._come_due(session, state, now)
        fact_store.add_missing_accounts(session, self._source.name, now)
        update(session, touched, rules_in_force(session, self._rules), now)
        risks.touch(session, touched | _told_of(changes.facts))
        self._succeeded(session, now, cursor=changes.cursor)

    def _succeeded(self, session: Session, now: datetime, /, **values: object) -> None:
        syncs.note(
            session,
            self._source.name,
            succeeded_at=now,
            error=None,
            ledger_rules=rules_in_force(session, self._rules).key,
            ledger_day=local_day(now, self._rules.zone),
            **values,
        )

    def _repriced(self, session: Session, facts: Sequence[Fact]) -> set[str]:
        """Accounts whose subscriptions waited for a price or a rate, or whose days an exchange rate judges."""
        new = [fact.id for fact in facts if isinstance(fact, Price)]
        waiting = fact_reader.accounts_waiting_for(session, new) if new else set()
        if new:
            waiting |= quarantine.accounts_with(session, Fault.NO_PRICE)
        rated = {fact.currency for fact in facts if isinstance(fact, ExchangeRate) and fact.base == self._rules.base}
        if rated:
            waiting |= fact_reader.accounts_in_several_currencies(session)
            waiting |= quarantine.accounts_without_rate(session, rated)
        return waiting

    def _come_due(self, session: Session, state: SyncState, now: datetime) -> set[str]:
        """Accounts with dated changes (a planned end, an item's next version) since the ledger's last day."""
        today = local_day(now, self._rules.zone)
        if state.ledger_day is None or state.ledger_day >= today:
            return set()
        since = start_of_day(state.ledger_day, self._rules.zone)
        found = fact_reader.accounts_with_dates(session, since, now)
        if rules_in_force(session, self._rules).policy.follows_bills:
            found |= fate_reader.accounts_with_bills_ending(session, since - BETWEEN_BILLS, now)
        return found

    def _progress(self, page: Page, objects: int) -> Progress:
        stages = list(self._source.stages)
        number = stages.index(page.stage) + 1 if page.stage in stages else len(stages)
        return Progress(page.stage, number, len(stages), objects)

    async def _alone(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do the work as the only process that reads this source."""
        if not await self._database.write(syncs.take_lease, self._source.name, self._holder, self._clock()):
            raise SourceBusy(f"Another process is reading {self._source.name} now; wait until it is done.")
        try:
            return await work()
        finally:
            await self._database.write(syncs.end_lease, self._source.name, self._holder)

    async def _noted(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read, and note why when it fails."""
        try:
            return await read()
        except SourceBusy:
            raise
        except SourceError as error:
            await self._note(str(error))
            raise
        except Exception as error:
            await self._note(f"The read stopped at an unforeseen fault ({type(error).__name__}); the log has it whole.")
            raise

    async def _write(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write only while nobody else has taken over, so that what is read late never covers what was read later."""

        def fenced(session: Session) -> T:
            if not syncs.hold_lease(session, self._source.name, self._holder, self._clock()):
                raise SourceBusy(f"Another process has taken over the reading of {self._source.name}.")
            return work(session, *args, **kwargs)

        return await self._database.write(fenced)

    async def _note(self, error: str) -> None:
        await self._database.write(syncs.note, self._source.name, failed_at=self._clock(), error=error)


def _told_of(facts: Iterable[Fact]) -> set[str]:
    """The accounts of facts that change no figure, and tell of trouble or of its end: disputes, refunds, cards."""
    beside = (fact for fact in facts if isinstance(fact, Dispute | Payment | PaymentMethod | Refund))
    return {fact.account_id for fact in beside if fact.account_id is not None}
