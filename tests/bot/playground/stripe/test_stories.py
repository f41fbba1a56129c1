"""What happens live: over /_ctl/story, as time goes by, and pushed to a webhook."""

import hashlib
import hmac
from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from tests.bot.playground.stripe.world import World


async def test_a_story_is_seen_by_the_next_reader(client: httpx.AsyncClient, world: World) -> None:
    customer = world.customer("Acme Corp")
    key = world.subscribe(customer)

    world.go(3)
    told = await client.post("/_ctl/story", json={"verb": "fail_payment", "customer": "Acme Corp"})
    assert told.status_code == 200
    assert (await client.get(f"/v1/subscriptions/{key}")).json()["status"] == "past_due"

    await client.post("/_ctl/story", json={"verb": "recover_payment", "customer": customer})
    await client.post("/_ctl/story", json={"verb": "change_quantity", "customer": customer, "quantity": 30})
    words = {"verb": "schedule_cancel", "customer": "Acme Corp", "feedback": "unused", "comment": "Bye"}
    await client.post("/_ctl/story", json=words)
    subscription = (await client.get(f"/v1/subscriptions/{key}")).json()
    assert subscription["items"]["data"][0]["quantity"] == 30
    assert subscription["cancellation_details"]["comment"] == "Bye"
    events = (await client.get("/v1/events", params={"limit": 1})).json()["data"]
    assert events[0]["type"] == "customer.subscription.updated"
    assert events[0]["data"]["object"]["cancel_at_period_end"] is True


async def test_someone_new_signs_up(client: httpx.AsyncClient, world: World) -> None:
    body = {"verb": "new_customer", "name": "Fresh Start", "plan": "business_monthly", "seats": 7}

    made = (await client.post("/_ctl/story", json=body)).json()["made"]

    assert (await client.get(f"/v1/customers/{made}")).json()["name"] == "Fresh Start"
    assert [level.mrr for level in world.truth.of(made)] == [7 * 2_900]


async def test_the_calendar_goes_on_with_the_clock(client: httpx.AsyncClient, world: World) -> None:
    key = world.subscribe(world.customer())
    world.moved = 31

    subscription = (await client.get(f"/v1/subscriptions/{key}")).json()

    assert subscription["items"]["data"][0]["current_period_start"] == world.start + 30 * 86_400
    assert (await client.get(f"/v1/invoices/{subscription['latest_invoice']}")).json()["status"] == "paid"


async def test_events_are_listed_for_thirty_days(client: httpx.AsyncClient, world: World) -> None:
    world.customer(card=None)
    assert len((await client.get("/v1/events")).json()["data"]) == 1

    world.moved = 31

    assert (await client.get("/v1/events")).json()["data"] == []


@pytest.fixture
async def inbox() -> AsyncIterator[tuple[str, list[tuple[str, bytes]], list[int]]]:
    """An address that keeps what it is sent, and answers with the status last put into the second list."""
    received: list[tuple[str, bytes]] = []
    answers = [200]

    async def keep(request: web.Request) -> web.Response:
        received.append((request.headers["Stripe-Signature"], await request.read()))
        return web.Response(status=answers[-1])

    app = web.Application()
    app.router.add_post("/hook", keep)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/hook", received, answers
    await runner.cleanup()


async def test_events_are_pushed_with_a_signature(
    client: httpx.AsyncClient, world: World, inbox: tuple[str, list[tuple[str, bytes]], list[int]]
) -> None:
    address, received, _ = inbox
    await client.post("/_ctl/webhook", json={"url": address, "secret": "whsec_local"})
    world.customer()

    assert (await client.post("/_ctl/deliver")).json() == {"accepted": 2}

    header, body = received[0]
    stamp, _, signed = header.removeprefix("t=").partition(",v1=")
    assert signed == hmac.new(b"whsec_local", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert b'"type":"customer.created"' in body


async def test_refused_events_wait_for_another_delivery(
    client: httpx.AsyncClient, world: World, inbox: tuple[str, list[tuple[str, bytes]], list[int]]
) -> None:
    address, received, answers = inbox
    await client.post("/_ctl/webhook", json={"url": address, "secret": "whsec_local"})
    world.customer(card=None)
    answers.append(503)

    assert (await client.post("/_ctl/deliver")).json() == {"accepted": 0}
    failed = (await client.get("/v1/events", params={"delivery_success": "false"})).json()["data"]
    assert [event["type"] for event in failed] == ["customer.created"]

    answers.append(200)
    assert (await client.post("/_ctl/deliver")).json() == {"accepted": 1}
    assert (await client.get("/v1/events", params={"delivery_success": "false"})).json()["data"] == []
    assert len(received) == 2


async def test_without_an_address_nothing_is_pushed(client: httpx.AsyncClient, world: World) -> None:
    world.customer()

    assert (await client.post("/_ctl/deliver")).json() == {"accepted": 0}


async def test_an_address_where_nobody_listens_keeps_the_events_waiting(
    client: httpx.AsyncClient, world: World
) -> None:
    await client.post("/_ctl/webhook", json={"url": "http://127.0.0.1:1/hook", "secret": "whsec_local"})
    world.customer(card=None)

    assert (await client.post("/_ctl/deliver")).json() == {"accepted": 0}
