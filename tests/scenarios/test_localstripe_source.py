"""The Stripe source against localstripe, somebody else's stand-in that answers in shapes of 2017.

It has plans but no prices, lists oldest first, keeps the period on the subscription, and lacks some endpoints. It is
run as a program of its own and never imported.
"""

import asyncio
import contextlib
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.clock import utc_now
from bot.errors import SourceRefused
from bot.figures import Asked, Grounds, load
from bot.ledger import LedgerRules
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from bot.sources.stripe import StripeSource
from bot.sync import Sync
from storage import ledger
from storage.engine import Database
from storage.facts import (
    Account,
    Fact,
    Interval,
    Invoice,
    InvoiceStatus,
    LineKind,
    Payment,
    PaymentMethod,
    Price,
    Status,
    Subscription,
)
from storage.movements import WHOLE

PROGRAM = shutil.which("localstripe", path=str(Path(sys.executable).parent))
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="localstripe is not installed")
KEY = "sk_test_localstripe"


@dataclass
class LocalStripe:
    url: str
    http: httpx.AsyncClient

    async def make(self, path: str, **fields: Any) -> dict[str, Any]:
        answer = await self.http.post(f"/v1/{path}", json=fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
async def localstripe() -> AsyncIterator[LocalStripe]:
    with socket.socket(socket.AF_INET6) as free:
        free.bind(("::1", 0))
        port = free.getsockname()[1]
    program = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        "--port",
        str(port),
        "--from-scratch",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        transport = httpx.AsyncHTTPTransport(retries=8)  # it takes a moment to listen
        async with httpx.AsyncClient(base_url=url, auth=(KEY, ""), transport=transport, timeout=30) as http:
            await http.get("/v1/customers")
            yield LocalStripe(url, http)
    finally:
        with contextlib.suppress(ProcessLookupError):
            program.terminate()
        await program.wait()


async def subscribed(local: LocalStripe, name: str = "Acme Oy") -> tuple[str, str]:
    """A customer with a card, and its subscription of three seats of Gold, paid for the first year."""
    card = {"number": "4242424242424242", "exp_month": 4, "exp_year": 2030, "cvc": "123"}
    method = await local.make("payment_methods", type="card", card=card)
    customer = await local.make("customers", name=name, email="pay@acme.example", metadata={"segment": "SMB"})
    await local.make(f"payment_methods/{method['id']}/attach", customer=customer["id"])
    await local.make(f"customers/{customer['id']}", invoice_settings={"default_payment_method": method["id"]})
    subscription = await local.make("subscriptions", customer=customer["id"], items=[{"plan": "gold", "quantity": 3}])
    return customer["id"], subscription["id"]


async def test_a_stand_in_of_2017_is_read_as_far_as_it_goes(localstripe: LocalStripe) -> None:
    await localstripe.make("coupons", id="TWENTY", duration="forever", percent_off=20)
    await localstripe.make("plans", id="gold", amount=9900, currency="eur", interval="year", product={"name": "Gold"})
    customer, subscription = await subscribed(localstripe)
    source = StripeSource(KEY, base_url=localstripe.url, pace=None)

    pages = [page async for page in source.walk(None)]

    facts: list[Fact] = [fact for page in pages for fact in page.facts]
    (account,) = (fact for fact in facts if isinstance(fact, Account))
    assert (account.id, account.name, account.segment) == (customer, "Acme Oy", "SMB")
    (price,) = (fact for fact in facts if isinstance(fact, Price))
    assert (price.id, price.interval, price.rates["eur"].unit_amount) == ("gold", Interval.YEAR, 9900)
    (held,) = (fact for fact in facts if isinstance(fact, Subscription))
    assert (held.id, held.status, held.currency) == (subscription, Status.ACTIVE, "eur")
    assert held.current_period_start is not None
    assert [(item.price_id, item.quantity) for item in held.items] == [("gold", 3)]
    (invoice,) = (fact for fact in facts if isinstance(fact, Invoice))
    assert (invoice.status, invoice.total, invoice.subscription_id) == (InvoiceStatus.PAID, 29700, subscription)
    (line,) = invoice.lines
    assert (line.kind, line.amount, line.price_id, line.item_id) == (
        LineKind.RECURRING,
        29700,
        "gold",
        held.items[0].id,
    )
    (payment,) = (fact for fact in facts if isinstance(fact, Payment))
    assert {payment.id, payment.intent_ref} & set(invoice.payment_refs)
    assert [fact.exp_month for fact in facts if isinstance(fact, PaymentMethod)] == [4]
    assert "This server has no disputes (404); they are left out." in source.notices
    assert [one for page in pages for one in page.unread] == []
    await source.aclose()


async def test_a_check_says_what_it_lacks(localstripe: LocalStripe) -> None:
    source = StripeSource(KEY, base_url=localstripe.url, pace=None)

    bad = [line.detail for line in await source.check() if not line.ok]

    assert bad == [
        "This server has no subscription_schedules (404); they are left out.",
        "This server has no disputes (404); they are left out.",
    ]
    await source.aclose()


async def test_many_customers_are_paged_although_the_oldest_come_first(localstripe: LocalStripe) -> None:
    made = {(await localstripe.make("customers", name=f"Customer {number}"))["id"] for number in range(120)}
    source = StripeSource(KEY, base_url=localstripe.url, pace=None)

    facts = [fact async for page in source.walk(None) for fact in page.facts]

    assert {fact.id for fact in facts if isinstance(fact, Account)} == made
    await source.aclose()


async def test_its_events_cannot_be_followed_and_that_is_said(localstripe: LocalStripe) -> None:
    await localstripe.make("customers", name="Acme Oy")
    source = StripeSource(KEY, base_url=localstripe.url, pace=None)
    pages = [page async for page in source.walk(None)]

    with pytest.raises(SourceRefused, match=r"refuses to give events.*ending_before"):
        await source.changes(pages[-1].cursor)

    await source.aclose()


async def test_its_figures_are_right(localstripe: LocalStripe, database: Database) -> None:
    await localstripe.make("plans", id="gold", amount=9900, currency="eur", interval="year", product={"name": "Gold"})
    await localstripe.make("plans", id="team", amount=2500, currency="eur", interval="month", product={"name": "Team"})
    yearly, _ = await subscribed(localstripe)
    monthly, _ = await subscribed(localstripe, "Globex")
    await localstripe.make("subscriptions", customer=monthly, items=[{"plan": "team", "quantity": 2}])
    source = StripeSource(KEY, base_url=localstripe.url, pace=None)
    await Sync(database, source, LedgerRules(ZoneInfo("UTC"), "eur"), utc_now).run()
    await source.aclose()

    tomorrow = utc_now().date() + timedelta(days=1)
    with database.reading() as session:
        levels = ledger.levels(session, [yearly, monthly])
        asked = Asked(session, (Window.last(30, tomorrow),), Grounds("eur", ZoneInfo("UTC")))
        roll = load(asked, (Roll,))[WHOLE][0].of(Roll)

    assert levels == {yearly: {"eur": 2475}, monthly: {"eur": 2475 + 5000}}
    assert (roll.new, roll.end, roll.customers_end) == (9950, 9950, 2)
