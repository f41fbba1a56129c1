"""What the page of the local Stripe shows, and what a person can do there."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.playground.stripe.billing.billing import Card
from bot.playground.stripe.doors.server import StripeServer
from tests.bot.playground.stripe.world import World

RUNNING = ["fail_payment", "change_plan", "change_quantity", "schedule_cancel", "cancel", "expire_card", "renew_card"]


@pytest.fixture
async def page(served: StripeServer) -> AsyncIterator[httpx.AsyncClient]:
    """As a browser asks: without a key."""
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
        yield client


async def shown(page: httpx.AsyncClient, customer: str) -> dict[str, Any]:
    return dict((await page.get("/_ctl/customer", params={"id": customer})).json())


async def act(page: httpx.AsyncClient, verb: str, customer: str, **more: Any) -> None:
    answer = await page.post("/_ctl/story", json={"verb": verb, "customer": customer, **more})
    assert answer.status_code == 200, answer.text


async def test_customers_are_found_by_words_the_most_valuable_first(page: httpx.AsyncClient, world: World) -> None:
    small, large = world.customer("Acme Labs"), world.customer("Acme Corp")
    world.subscribe(small, seats=2)
    world.subscribe(large, "business_monthly", 40)
    world.subscribe(world.customer("Other"), seats=90)
    world.subscribe(world.customer("Acme in dinars"), "business_kwd", 1, currency="kwd")

    found = (await page.get("/_ctl/customers", params={"query": "acme"})).json()

    assert found["total"] == 3
    assert [(one["name"], one["plan"], one["mrr"], one["status"]) for one in found["customers"]] == [
        ("Acme Corp", "Business × 40", "$1,160.00", "active"),
        ("Acme Labs", "Team × 2", "$30.00", "active"),
        ("Acme in dinars", "Business", "KWD 8.950", "active"),
    ]


async def test_a_customer_is_shown_with_what_may_happen_to_it(page: httpx.AsyncClient, world: World) -> None:
    customer = world.customer("Acme Corp", Card("visa", "1881", 12, 2030))
    world.subscribe(customer, coupons=("partner",))

    seen = await shown(page, customer)

    assert (seen["card"]["words"], seen["card"]["expires"], seen["card"]["over"]) == (
        "Visa ending in 1881",
        "12/2030",
        False,
    )
    assert seen["discounts"] == [{"name": "Partner: 15 % off", "ends": None}]
    assert seen["choices"] == [*RUNNING, "end_discount"]
    plans = [one["name"] for one in seen["plans"]]
    assert plans[:5] == ["Business", "Business, annual", "Business, volume", "Enterprise", "Enterprise, annual"]
    assert not {"Team", "Storage", "Starter, free"} & set(plans)


async def test_one_who_left_can_only_be_looked_at(page: httpx.AsyncClient, world: World) -> None:
    customer = world.customer(card=None)
    world.subscribe(customer, due=14)
    await act(page, "cancel", customer)

    seen = await shown(page, customer)

    assert (seen["status"], seen["mrr"], seen["choices"], seen["card"]) == ("canceled", "", [], None)


async def test_a_card_expires_and_a_new_one_pays_what_is_owed(page: httpx.AsyncClient, world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer)

    await act(page, "expire_card", customer)
    seen = await shown(page, customer)
    assert (seen["card"]["expires"], seen["card"]["over"], "expire_card" in seen["choices"]) == ("10/2026", True, False)
    assert seen["card"]["declines"] == "expired_card"
    event = next(iter(world.store["events"]))
    assert (event["type"], event["data"]["previous_attributes"]["card"]["exp_year"]) == ("payment_method.updated", 2030)

    await act(page, "fail_payment", customer, code="expired_card")
    owing = await shown(page, customer)
    assert (owing["status"], owing["owes"], "recover_payment" in owing["choices"]) == ("past_due", "$150.00", True)

    await act(page, "renew_card", customer)
    paid = await shown(page, customer)
    assert (paid["status"], paid["owes"], paid["card"]["words"]) == ("active", None, "Visa ending in 1881")
    assert world.subscription(key)["status"] == "active"


@pytest.mark.parametrize("holder", ["customer", "subscription", "item"])
async def test_a_discount_ends_wherever_it_is(page: httpx.AsyncClient, world: World, holder: str) -> None:
    customer = world.customer()
    key = world.subscribe(customer, seats=10)
    if holder == "customer":
        world.billing.discount(customer, world.coupons["partner"])
    else:
        world.billing.discount(key, world.coupons["partner"], item=0 if holder == "item" else None)
    assert (await shown(page, customer))["mrr"] == "$127.50"

    await act(page, "end_discount", customer)

    seen = await shown(page, customer)
    assert (seen["mrr"], seen["discounts"]) == ("$150.00", [])
    assert "customer.discount.deleted" in world.events()
    assert world.levels(key)[-1][1] == 15_000


async def test_what_makes_no_sense_is_refused_in_words(page: httpx.AsyncClient, world: World) -> None:
    customer = world.customer(card=None)
    world.subscribe(customer, due=14)

    for verb, words in (("expire_card", "has no card"), ("end_discount", "has no discount")):
        answer = await page.post("/_ctl/story", json={"verb": verb, "customer": customer})
        assert (answer.status_code, words in answer.json()["error"]) == (400, True)
    nobody = await page.post("/_ctl/story", json={"verb": "cancel", "customer": "Nobody"})
    assert nobody.json() == {"error": "customer: There is no Nobody."}
    assert (await page.get("/_ctl/customer", params={"id": "cus_0"})).status_code == 404


async def test_what_happened_is_told_with_the_customer_it_is_about(page: httpx.AsyncClient, world: World) -> None:
    customer = world.customer("Acme Corp")
    world.subscribe(customer)

    told = (await page.get("/_ctl/happened")).json()

    assert told["now"] == world.start
    about = {(one["customer"], one["name"]) for one in told["events"]}
    assert about == {(customer, "Acme Corp"), (None, None)}
    assert len(told["events"]) == len(world.events())
    assert {"customer.created", "invoice.paid"} <= {one["type"] for one in told["events"]}


async def test_who_hears_of_acts_is_told_the_verb(served: StripeServer, page: httpx.AsyncClient, world: World) -> None:
    heard: list[str] = []
    served.acted, served.beside = heard.append, "http://127.0.0.1:1"
    customer = world.customer()
    world.subscribe(customer)

    await act(page, "schedule_cancel", customer)

    assert heard == ["schedule_cancel"]
    assert (await page.get("/_ctl/about")).json() == {"name": "Kettle", "beside": "http://127.0.0.1:1"}


async def test_other_sites_and_hosts_are_turned_away(page: httpx.AsyncClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        assert (await page.get("/_ctl/customers", headers=headers)).status_code == 403


async def test_the_page_is_served_with_a_policy(page: httpx.AsyncClient) -> None:
    index = await page.get("/")

    assert "<title>Billing stand-in</title>" in index.text
    assert index.headers["Content-Security-Policy"] == "default-src 'self'"
    assert (await page.get("/page/palette.css")).status_code == 200
    assert (await page.get("/page/..%2fstore.py")).status_code == 404


@pytest.mark.parametrize("quantity", ["NaN", "1e400", "1.5", "-5", "true", '"7"', "9" * 30, "9" * 5000, "[" * 30_000])
async def test_seats_that_are_no_count_change_nothing(page: httpx.AsyncClient, world: World, quantity: str) -> None:
    customer = world.customer("Acme Corp")
    world.subscribe(customer, seats=7)

    body = f'{{"verb": "change_quantity", "customer": "{customer}", "quantity": {quantity}}}'
    refused = await page.post("/_ctl/story", content=body)

    assert refused.status_code == 400
    assert (await shown(page, customer))["seats"] == 7
    await act(page, "change_quantity", customer, quantity=8)
    assert (await shown(page, customer))["seats"] == 8


@pytest.mark.parametrize(
    ("door", "told", "names"),
    [
        ("story", {"customer": "Acme Corp"}, "verb: Missing required argument"),
        ("story", {"verb": "change_quantity", "customer": "Acme Corp"}, "quantity: Missing required argument"),
        ("story", {"verb": "cancel", "customer": "Acme Corp", "soon": True}, "soon: Unexpected keyword argument"),
        ("story", {"verb": "discount", "customer": "Acme Corp", "coupon": "none"}, "coupon: There is no none."),
        ("revoke", {"permission": "parrots"}, "permission: there is no 'parrots'"),
        ("fault", {"path": "/v1", "kind": "flood"}, "kind: Input should be '429',"),
        (
            "story",
            {"verb": "change_quantity", "customer": "Acme Corp", "quantity": 3, "item": 1},
            "item must be a place",
        ),
        (
            "story",
            {"verb": "change_quantity", "customer": "Acme Corp", "quantity": 3, "item": -1},
            "item must be a place",
        ),
        ("story", {"verb": "cancel", "customer": "Acme Corp", "comment": "\ud800"}, "comment: Input should be text"),
        ("fault", {"path": "/v1", "kind": "500", "count": 2}, "count: Unexpected keyword argument"),
        ("fault", {"path": "/v1", "kind": "500", "times": 0}, "times: Input should be greater than or equal to 1"),
        ("fault", {"path": "/v1", "kind": "500", "after": -1}, "after: Input should be greater than or equal to 0"),
        ("fault", {"path": "/v1", "kind": "429", "retry_after": "nan"}, "retry_after: Input should be"),
        ("fault", {"path": "/v1", "kind": "429", "reason": "a\r\nb"}, "reason: String should match pattern"),
        ("pace", {"per_second": "fast"}, "per_second: Input should be a valid integer"),
        ("webhook", {"url": "http://127.0.0.1:1"}, "secret: Missing required argument"),
        ("webhook", {"url": "https://example.com/", "secret": "s"}, "url must be an address on loopback"),
        ("webhook", {"url": "http://127.0.0.1:1", "secret": "\ud800"}, "secret: Input should be text"),
        ("events", {}, "seed: Missing required argument"),
        ("events", {"seed": 1, "withheld": 2}, "withheld: Input should be less than or equal to 1"),
        ("events", {"seed": 1, "repeated": "nan"}, "repeated: Input should be"),
        ("events", {"seed": 1, "seconds": -1}, "seconds: Input should be greater than or equal to 0"),
    ],
)
async def test_what_is_wrong_with_an_order_is_told_by_its_name(
    page: httpx.AsyncClient, world: World, door: str, told: dict[str, Any], names: str
) -> None:
    world.subscribe(world.customer("Acme Corp"))

    refused = await page.post(f"/_ctl/{door}", content=json.dumps(told))

    assert refused.status_code == 400
    assert refused.json()["error"].startswith(names)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"[", "application/json; charset=nonsense", 400),
        (b"\xff", "application/json", 400),
        (b'"' + b"x" * 2 * 1024 * 1024, "application/json", 413),
    ],
)
async def test_what_cannot_be_read_is_told(page: httpx.AsyncClient, body: bytes, kind: str, status: int) -> None:
    refused = await page.post("/_ctl/story", content=body, headers={"Content-Type": kind})

    assert refused.status_code == status
    assert refused.json()["error"]


async def test_a_page_with_an_endless_name_is_not_there(page: httpx.AsyncClient) -> None:
    assert (await page.get(f"/page/{'x' * 300}")).status_code == 404
    assert (await page.get("/page/..%2fstore.py")).status_code == 404


async def test_what_is_no_object_is_told(page: httpx.AsyncClient) -> None:
    refused = await page.post("/_ctl/story", content="[]")

    assert (refused.status_code, refused.json()) == (400, {"error": "the body must be a JSON object"})
