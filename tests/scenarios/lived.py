"""A company that goes on living while Kahvi reads along: random acts, hour by hour."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot.ledger import LedgerRules
from bot.playground.company.company import Company
from bot.playground.stripe.doors.server import StripeServer
from bot.sources.stripe.source import StripeSource
from bot.sync import Sync
from storage.engine import Database

BEGIN = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
RULES = LedgerRules(ZoneInfo("UTC"), "usd")


@dataclass
class World:
    """The company behind its local Stripe; `now` moves when the test says so."""

    company: Company
    server: StripeServer
    now: datetime = BEGIN

    def pass_time(self, by: timedelta) -> None:
        self.now += by
        self.server.advance()

    def sync(self, database: Database, rules: LedgerRules = RULES, **more: Any) -> tuple[Sync, StripeSource]:
        """A reader of this company, with `more` for its StripeSource."""

        def clock() -> datetime:
            return self.now

        source = StripeSource(self.server.api_key, base_url=self.server.url, pace=None, clock=clock, **more)
        return Sync(database, source, rules, clock), source

    def acts(self, random: Random) -> None:
        """Something that a customer or the seller does now; what Stripe would refuse does not happen."""
        billing = self.company.billing
        living = [one for one in self.company.store["subscriptions"] if one["status"] == "active"]
        priced = sorted(one["customer"] for one in living if one["currency"] in ("usd", "eur", "gbp"))
        if not priced:
            return
        customer = random.choice(priced)
        deeds: list[Callable[[], object]] = [
            lambda: billing.change_quantity(customer, random.randint(1, 40), invoice_now=random.random() < 0.5),
            lambda: self.company.change_plan(customer, random.choice(["business_monthly", "team_monthly"])),
            lambda: billing.schedule_cancel(customer, feedback="too_expensive", comment="too dear"),
            lambda: billing.keep(customer),
            lambda: billing.cancel(customer),
            lambda: billing.fail_payment(customer),
            lambda: billing.recover_payment(customer),
            lambda: billing.refund(customer),
            lambda: billing.pause_collection(customer),
            lambda: billing.one_off(customer, 5000, "Training"),
            lambda: self.company.new_customer(f"New {random.randint(1, 10**6)}", seats=random.randint(1, 9)),
        ]
        with suppress(ValueError, KeyError, LookupError):
            random.choice(deeds)()


@asynccontextmanager
async def world(seed: int, accounts: int) -> AsyncIterator[World]:
    company = Company(seed, BEGIN, accounts=accounts, months=14)
    made = World(company, StripeServer(company.billing, lambda: BEGIN))
    made.server.clock = lambda: made.now
    await made.server.start()
    try:
        yield made
    finally:
        await made.server.stop()
