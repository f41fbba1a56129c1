"""Stripe behind the protocol of a billing source."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import datetime

import httpx
import structlog

from bot.clock import Clock, utc_now
from bot.errors import SourceDown
from bot.sources.base import Changes, Check, Page
from bot.sources.stripe import cursor as cursors
from bot.sources.stripe.checks import check_source
from bot.sources.stripe.client import StripeClient, Vanished
from bot.sources.stripe.cursor import Position
from bot.sources.stripe.events import newest_event, read_feed
from bot.sources.stripe.identity import confirm, remember
from bot.sources.stripe.kinds import BY_NAME, WALK, Kind
from bot.sources.stripe.pace import Sleep
from bot.sources.stripe.rates import last_rates
from bot.sources.stripe.reader import Reader, Rows
from bot.sources.stripe.refresh import read_again

log = structlog.get_logger()


class StripeSource:
    """Reads one Stripe account with one key, at most `pace` requests a second (None: without pause).

    A full secret live key is refused unless `allow_full_key`: reading needs none of what it can do.
    """

    name = "stripe"
    stages: Sequence[str] = tuple(kind.name for kind in WALK)

    def __init__(
        self,
        key: str,
        *,
        base_url: str = "https://api.stripe.com",
        pace: float | None = 10,
        in_flight: int = 4,
        allow_full_key: bool = False,
        clock: Clock = utc_now,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = StripeClient(
            key,
            base_url,
            pace=pace,
            in_flight=in_flight,
            allow_full_key=allow_full_key,
            transport=transport,
            sleep=sleep,
        )
        self._reader = Reader(self._client)
        self._clock = clock

    @property
    def notices(self) -> Sequence[str]:
        """What this server cannot give, one sentence each."""
        return self._reader.notices

    def account_url(self, account_id: str) -> str:
        part = "test/" if self._client.key_kind.test else ""
        return f"https://dashboard.stripe.com/{part}customers/{account_id}"

    def read_until(self, cursor: str) -> datetime | None:
        position = cursors.loads(cursor, self.stages)
        return None if position is None else position.at

    async def check(self) -> Sequence[Check]:
        return await check_source(self._client)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def walk(self, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Reads every list; the next page is fetched while the caller stores this one."""
        position = await self._begin(cursor)
        fetching = self._fetch(position)
        try:
            while fetching is not None:
                page, position = await fetching
                fetching = self._fetch(position)
                yield page
        finally:
            if fetching is not None:
                fetching.cancel()
                await asyncio.gather(fetching, return_exceptions=True)

    async def _begin(self, cursor: str | None) -> Position:
        """Where to go on; the newest event is noted before anything is listed, so that no change is missed."""
        now = self._clock()
        position = await self._confirmed(cursor)
        if position is not None and not position.too_old(now):
            return position
        known = position.landmarks if position else {}
        return Position(stage=self.stages[0], at=now, event=await newest_event(self._reader), landmarks=known)

    async def confirm(self, cursor: str | None) -> None:
        """Raises SourceRefused when what was read up to this cursor belongs to another account than the key."""
        await self._confirmed(cursor)

    async def _confirmed(self, cursor: str | None) -> Position | None:
        position = cursors.loads(cursor, self.stages)
        if position is not None:
            await confirm(self._reader, position.landmarks)
        return position

    def _fetch(self, position: Position) -> "asyncio.Task[tuple[Page, Position]] | None":
        if position.stage == cursors.EVENTS:
            return None
        return asyncio.create_task(self._page(position))

    async def _page(self, position: Position) -> tuple[Page, Position]:
        kind = BY_NAME[position.stage]
        rows, start = await self._rows(kind, position)
        read = await self._reader.facts(kind, rows.data)
        facts, told = last_rates(read.facts, position.told)
        position = replace(position, landmarks=remember(position.landmarks, facts))
        if rows.more:
            onward = replace(position, after=rows.last, before=start, told=told)
        else:
            following = self.stages.index(kind.name) + 1
            onward = position.started(self.stages[following] if following < len(self.stages) else cursors.EVENTS)
        return Page(kind.name, facts, onward.dumps(), read.unread), onward

    async def _rows(self, kind: Kind, position: Position) -> tuple[Rows, str | None]:
        """The next page and where it began: a page earlier, or at the top, when the object to go on from is gone."""
        for start in dict.fromkeys((position.after, position.before, None)):
            try:
                rows = await self._reader.rows(kind, [("starting_after", start)] if start else [])
            except Vanished:
                log.info("stripe.vanished", stage=kind.name, id=start)
                continue
            if rows.more and rows.last == start:
                raise SourceDown(f"Stripe repeats the same page of {kind.name}; the next sync tries again.")
            return rows, start
        raise SourceDown(f"Stripe forgets where its list of {kind.name} begins; the next sync tries again.")

    async def changes(self, cursor: str) -> Changes | None:
        """Reads again what events name; one request when there are none."""
        now = self._clock()
        position = cursors.loads(cursor, self.stages)
        if position is None or position.stage != cursors.EVENTS:
            return None
        if position.too_old(now):
            await self.confirm(cursor)
            return None
        feed = await read_feed(self._reader, position, now)
        read = await read_again(self._reader, feed.touched)
        onward = replace(feed.position, landmarks=remember(position.landmarks, read.facts))
        return Changes(read.facts, onward.dumps(), feed.more, unread=read.unread, changed_at=feed.changed_at)
