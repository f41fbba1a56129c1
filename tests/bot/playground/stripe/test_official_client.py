"""The official library reads this server as it reads the real one."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from bot.playground.company import Company
from bot.playground.stripe.doors.faults import Fault
from bot.playground.stripe.doors.server import StripeServer
from bot.playground.stripe.doors.webhooks import signature
from tests.bot.playground.stripe.world import World


def client_of(server: StripeServer, **options: Any) -> Any:
    return stripe.StripeClient(server.api_key, base_addresses={"api": server.url}, **options).v1


async def ask(question: Callable[[], Any]) -> Any:
    """The library waits for its answer, so it asks from a thread."""
    return await asyncio.to_thread(question)


async def test_auto_paging_reads_everything(shown: StripeServer, history: Company) -> None:
    client = client_of(shown)

    def read() -> list[str]:
        params = {"status": "all", "limit": 100, "expand": ["data.discounts.source.coupon", "data.customer"]}
        return [one.id for one in client.subscriptions.list(params).auto_paging_iter()]

    assert await ask(read) == list(history.store["subscriptions"].walk())


async def test_auto_paging_runs_forward_in_time_from_a_cursor(shown: StripeServer, history: Company) -> None:
    client = client_of(shown)
    events = list(history.store["events"].walk())

    def read() -> list[str]:
        params = {"ending_before": events[120], "limit": 50}
        return [one.id for one in client.events.list(params).auto_paging_iter()]

    assert await ask(read) == events[:120][::-1]


async def test_retrieve_with_expansion(served: StripeServer, world: World) -> None:
    client = client_of(served)
    key = world.subscribe(world.customer(), "enterprise_monthly", 60, coupons=("partner",))
    paths = ["latest_invoice.payments", "discounts.source.coupon", "items.data.price.tiers"]

    found = await ask(lambda: client.subscriptions.retrieve(key, {"expand": paths}))

    assert found.items.data[0].price.tiers[1].up_to == 200
    assert found.discounts[0].source.coupon.percent_off == 15
    assert found.latest_invoice.payments.data[0].status == "paid"


async def test_its_errors_are_told_apart(served: StripeServer, world: World) -> None:
    client = client_of(served)
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await ask(lambda: client.customers.retrieve("cus_none"))
    assert (missing.value.code, missing.value.http_status) == ("resource_missing", 404)

    served.keys.revoke("invoices")
    with pytest.raises(stripe.PermissionError, match="rak_invoice_read"):
        await ask(client.invoices.list)

    stranger: Any = stripe.StripeClient("rk_test_stranger_0000", base_addresses={"api": served.url}).v1
    with pytest.raises(stripe.AuthenticationError):
        await ask(stranger.invoices.list)


async def test_it_retries_when_told_to(served: StripeServer, world: World) -> None:
    world.customer()
    client = client_of(served, max_network_retries=1)

    served.faults.waiting.append(Fault("/v1/customers", "500", should_retry=True))

    found = await ask(client.customers.list)

    assert len(found.data) == 1
    assert served.calls.endpoints["GET /v1/customers"] == 2


async def test_a_limit_is_its_rate_limit_error(served: StripeServer) -> None:

    served.faults.waiting.append(Fault("/v1/customers", "429", should_retry=False))

    with pytest.raises(stripe.RateLimitError):
        await ask(client_of(served).customers.list)


async def test_it_verifies_our_signatures() -> None:

    body = '{"id":"evt_1","object":"event"}'
    header = signature("whsec_local", int(time.time()), body)

    assert stripe.WebhookSignature.verify_header(body, header, "whsec_local", 300)
