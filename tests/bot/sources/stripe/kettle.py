"""A company's billing behind a local Stripe on a real socket, and sources that read from it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.playground.company import Company
from bot.playground.stripe.doors.faults import Fault
from bot.playground.stripe.doors.server import StripeServer
from bot.sources.base import Page
from bot.sources.stripe import StripeSource
from storage.facts import ExchangeRate, Fact

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
Known = dict[tuple[type, str], Any]  # facts as a store would hold them


class Waits:
    """Sleeps for the source without waiting, and remembers how long it would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@dataclass
class Kettle:
    """`now` is the time for the server and for every source."""

    company: Company
    server: StripeServer
    now: datetime = START
    waits: Waits = field(default_factory=Waits)
    sources: list[StripeSource] = field(default_factory=list)

    def source(self, **options: Any) -> StripeSource:
        options = {"pace": None, "sleep": self.waits, "clock": lambda: self.now} | options
        source = StripeSource(options.pop("key", self.server.api_key), base_url=self.server.url, **options)
        self.sources.append(source)
        return source

    def later(self, **span: float) -> None:
        """Let time pass, and the billing with it."""
        self.now += timedelta(**span)
        self.server.advance()

    def fault(self, path: str, kind: Any, **more: Any) -> None:
        self.server.faults.waiting.append(Fault(path, kind, **more))

    def asked(self) -> dict[str, int]:
        """How often each endpoint was asked since the last call of this."""
        counts = {address.removeprefix("GET /v1/"): count for address, count in self.server.calls.endpoints.items()}
        self.server.calls.endpoints.clear()
        return counts

    def ids(self, kind: str) -> set[str]:
        return set(self.company.store[kind].walk())


@asynccontextmanager
async def open_kettle(accounts: int, months: int) -> AsyncIterator[Kettle]:
    company = Company(3, START, accounts, months)
    kettle = Kettle(company, StripeServer(company.billing, lambda: kettle.now))
    await kettle.server.start()
    yield kettle
    for source in kettle.sources:
        await source.aclose()
    await kettle.server.stop()


async def walked(source: StripeSource, cursor: str | None = None) -> list[Page]:
    return [page async for page in source.walk(cursor)]


def merged(*groups: list[Fact] | tuple[Fact, ...]) -> Known:
    """Facts as a store would hold them: the last of each id; rates apart, they have none."""
    return {(type(fact), fact.id): fact for group in groups for fact in group if not isinstance(fact, ExchangeRate)}


def of(pages: list[Page]) -> Known:
    return merged(*(list(page.facts) for page in pages))
