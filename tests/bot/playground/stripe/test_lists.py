"""Lists over the wire: pages, filters, windows, expansion."""

import httpx
import pytest

from bot.playground.company import Company
from bot.playground.stripe.store import Object
from tests.bot.playground.stripe.world import World

KINDS = (
    "customers",
    "products",
    "prices",
    "coupons",
    "promotion_codes",
    "subscriptions",
    "subscription_schedules",
    "invoiceitems",
    "invoices",
    "charges",
    "payment_intents",
    "refunds",
    "disputes",
    "credit_notes",
    "invoice_payments",
    "payment_methods",
    "balance_transactions",
    "events",
)


async def get(client: httpx.AsyncClient, path: str, **params: object) -> Object:
    response = await client.get(f"/v1/{path}", params=httpx.QueryParams([*pairs(params)]))
    assert response.status_code == 200, response.text
    body: Object = response.json()
    return body


def pairs(params: dict[str, object]) -> list[tuple[str, str]]:
    rows = []
    for name, value in params.items():
        many = value if isinstance(value, list) else [value]
        rows += [(f"{name}[]" if isinstance(value, list) else name, str(one)) for one in many]
    return rows


async def walk(client: httpx.AsyncClient, path: str, **params: object) -> list[Object]:
    rows: list[Object] = []
    cursor: dict[str, object] = {}
    while True:
        page = await get(client, path, limit=100, **params, **cursor)
        rows += page["data"]
        if not page["has_more"]:
            return rows
        cursor = {"starting_after": rows[-1]["id"]}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_is_listed_newest_first_and_read_by_id(
    reader: httpx.AsyncClient, history: Company, kind: str
) -> None:
    params: dict[str, object] = {"status": "all"} if kind == "subscriptions" else {}

    rows = await walk(reader, kind, **params)

    assert len(rows) == len(history.store[kind]) > 0
    times = [row["created"] for row in rows]
    assert times == sorted(times, reverse=True)
    assert await get(reader, f"{kind}/{rows[0]['id']}") == rows[0]


async def test_ten_at_a_time_unless_told(reader: httpx.AsyncClient) -> None:
    page = await get(reader, "charges")

    assert (page["object"], page["url"], len(page["data"]), page["has_more"]) == ("list", "/v1/charges", 10, True)


async def test_walking_back_gives_pages_newest_first(reader: httpx.AsyncClient) -> None:
    rows = [row["id"] for row in (await get(reader, "charges", limit=30))["data"]]

    page = await get(reader, "charges", limit=10, ending_before=rows[25])

    assert [row["id"] for row in page["data"]] == rows[15:25]
    assert page["has_more"] is True
    assert (await get(reader, "charges", ending_before=rows[0]))["data"] == []


async def test_objects_made_while_someone_pages_are_missed_not_doubled(client: httpx.AsyncClient, world: World) -> None:
    old = [world.customer(f"Old {number}") for number in range(15)]
    first = await get(client, "customers")

    world.go(1)
    new = world.customer("New")
    second = await get(client, "customers", starting_after=first["data"][-1]["id"])

    seen = [row["id"] for row in first["data"] + second["data"]]
    assert seen == old[::-1]
    assert (await get(client, "customers", ending_before=seen[0]))["data"][0]["id"] == new


async def test_a_cursor_that_was_deleted_is_refused(client: httpx.AsyncClient, world: World) -> None:
    customer = world.customer()
    world.billing.delete_customer(customer)

    response = await client.get("/v1/customers", params={"starting_after": customer})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "starting_after"
    gone = await get(client, f"customers/{customer}")
    assert gone == {"id": customer, "object": "customer", "deleted": True}


async def test_disjoint_windows_add_up_to_the_list(reader: httpx.AsyncClient) -> None:
    whole = await walk(reader, "invoices")
    middle = whole[len(whole) // 2]["created"]

    older = await walk(reader, "invoices", **{"created[lt]": middle})
    newer = await walk(reader, "invoices", **{"created[gte]": middle})

    assert newer + older == whole
    assert await walk(reader, "invoices", **{"created[lte]": middle - 1}) == older
    assert await walk(reader, "invoices", **{"created[gt]": middle - 1}) == newer
    assert {row["created"] for row in await walk(reader, "invoices", created=middle)} == {middle}


async def test_canceled_subscriptions_are_listed_only_on_request(reader: httpx.AsyncClient) -> None:
    everything = await walk(reader, "subscriptions", status="all")

    default = await walk(reader, "subscriptions")
    canceled = await walk(reader, "subscriptions", status="canceled")
    ended = await walk(reader, "subscriptions", status="ended")

    assert default == [row for row in everything if row["status"] != "canceled"]
    assert canceled == [row for row in everything if row["status"] == "canceled"] != []
    assert {row["status"] for row in ended} == {"canceled", "incomplete_expired"}


async def test_filters_narrow_a_list(reader: httpx.AsyncClient) -> None:
    subscription = (await get(reader, "subscriptions", limit=1))["data"][0]
    customer, key = subscription["customer"], subscription["id"]
    price = subscription["items"]["data"][0]["price"]["id"]

    of_customer = await walk(reader, "invoices", customer=customer, status="paid")
    of_subscription = await walk(reader, "invoices", subscription=key)
    with_price = await walk(reader, "subscriptions", price=price)
    items = await walk(reader, "subscription_items", subscription=key)
    cards = await walk(reader, f"customers/{customer}/payment_methods")

    assert {(row["customer"], row["status"]) for row in of_customer} == {(customer, "paid")}
    assert {row["parent"]["subscription_details"]["subscription"] for row in of_subscription} == {key}
    assert key in {row["id"] for row in with_price}
    assert [row["id"] for row in items[::-1]] == [row["id"] for row in subscription["items"]["data"]]
    assert {row["customer"] for row in cards} == {customer}
    waiting = await walk(reader, "invoiceitems", pending="true")
    assert {row["invoice"] for row in waiting} == {None}
    assert {row["active"] for row in await walk(reader, "prices", active="false")} == {False}


async def test_events_by_type(reader: httpx.AsyncClient) -> None:
    wanted = ["invoice.payment_failed", "customer.subscription.deleted"]

    listed = await walk(reader, "events", types=wanted)
    invoices = await walk(reader, "events", type="invoice.*")

    assert {row["type"] for row in listed} == set(wanted)
    assert {row["type"].split(".")[0] for row in invoices} == {"invoice"}
    assert await walk(reader, "events", delivery_success="false") == []


async def test_all_lines_of_an_invoice_beyond_the_first_ten(client: httpx.AsyncClient, world: World) -> None:
    modules = [(f"module_{number}", 1) for number in range(1, 13)]
    invoice = world.invoice(world.subscribe(world.customer(), *modules[0], *modules[1:]))
    inline = [row["id"] for row in invoice["lines"]["data"]]

    first = await get(client, f"invoices/{invoice['id']}/lines")
    rest = await get(client, f"invoices/{invoice['id']}/lines", starting_after=inline[-1])
    back = await get(client, f"invoices/{invoice['id']}/lines", ending_before=rest["data"][0]["id"], limit=4)

    assert [row["id"] for row in first["data"]] == inline
    assert (first["has_more"], rest["has_more"], back["has_more"]) == (True, False, True)
    assert len(rest["data"]) == 2
    assert [row["id"] for row in back["data"]] == inline[-4:]
    wrong = await client.get(f"/v1/invoices/{invoice['id']}/lines", params={"starting_after": "il_no"})
    assert wrong.status_code == 400


async def test_what_a_sync_of_subscriptions_expands(client: httpx.AsyncClient, world: World) -> None:
    key = world.subscribe(world.customer(), "team_monthly", 10, ("support", 1), coupons=("partner",))
    world.billing.discount(key, world.coupons["nonprofit"], item=1)

    plain = (await get(client, "subscriptions"))["data"][0]
    assert plain["discounts"] == world.subscription(key)["discounts"]

    paths = ["data.discounts.source.coupon", "data.items.data.discounts", "data.customer", "data.latest_invoice"]
    full = (await get(client, "subscriptions", expand=paths))["data"][0]
    assert full["discounts"][0]["source"]["coupon"]["percent_off"] == 15.0
    assert full["items"]["data"][1]["discounts"][0]["source"]["coupon"] == "NONPROFIT30"
    assert full["customer"]["name"] == "Kahvila Oy"
    assert full["latest_invoice"]["id"] == plain["latest_invoice"]
    assert (await get(client, "subscriptions"))["data"][0] == plain


async def test_fields_that_come_only_on_request(client: httpx.AsyncClient, world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer, "enterprise_monthly", 60, coupons=("partner",))
    world.billing.refund(customer, 100)
    invoice = world.invoice(key)
    assert "payments" not in await get(client, f"invoices/{invoice['id']}")

    full = await get(client, f"invoices/{invoice['id']}", expand=["payments.data.payment.payment_intent"])
    assert full["payments"]["data"][0]["payment"]["payment_intent"]["amount"] == invoice["total"]
    prices = await walk(client, "prices", expand=["data.tiers", "data.currency_options"])
    tiered = {row["id"]: row["tiers"] for row in prices if row["tiers_mode"]}
    assert len(tiered[world.prices["enterprise_monthly"]]) == 3
    assert next(row for row in prices if not row["tiers_mode"])["tiers"] is None
    fields = ["total_discount_amounts.discount.source.coupon", "parent.subscription_details.subscription"]
    deep = await get(client, f"invoices/{invoice['id']}", expand=fields)
    assert deep["total_discount_amounts"][0]["discount"]["source"]["coupon"]["id"] == "PARTNER15"
    assert deep["parent"]["subscription_details"]["subscription"]["id"] == key
    one = await get(client, f"subscriptions/{key}", expand=["items.data.price.tiers"])
    assert one["items"]["data"][0]["price"]["tiers"][0]["up_to"] == 50
    coupons = await walk(client, "coupons", expand=["data.applies_to"])
    assert [row["id"] for row in coupons if row["applies_to"]] == ["SUPPORT20"]
    charge = (await get(client, "charges", expand=["data.refunds", "data.balance_transaction"]))["data"][0]
    assert charge["refunds"]["data"][0]["amount"] == 100
    assert charge["balance_transaction"]["type"] == "charge"
    holder = await get(client, f"customers/{customer}", expand=["subscriptions"])
    assert [row["id"] for row in holder["subscriptions"]["data"]] == [key]
    lines = await get(client, f"invoices/{invoice['id']}/lines", expand=["data.pricing.price_details.price"])
    assert lines["data"][0]["pricing"]["price_details"]["price"]["tiers_mode"] == "graduated"


async def test_an_expanded_customer_that_was_deleted_is_a_tombstone(client: httpx.AsyncClient, world: World) -> None:
    customer = world.customer()
    world.subscribe(customer)
    world.billing.delete_customer(customer)

    charge = (await get(client, "charges", expand=["data.customer"]))["data"][0]

    assert charge["customer"] == {"id": customer, "object": "customer", "deleted": True}


@pytest.mark.parametrize(
    ("path", "expand", "message"),
    [
        ("subscriptions", "data.items.data.price.tiers", "You cannot expand more than 4 levels of a property."),
        ("subscriptions", "customer", "try expanding 'data.customer' instead"),
        ("subscriptions", "data.metadata", "This property cannot be expanded (metadata)"),
        ("subscriptions", "data.nonsense", "This property cannot be expanded (nonsense)"),
        ("subscriptions", "data.items.price", "try expanding 'data.price' instead"),
        ("subscriptions/{key}", "data.customer", "This property cannot be expanded (data)"),
    ],
)
async def test_expansions_that_stripe_refuses(
    client: httpx.AsyncClient, world: World, path: str, expand: str, message: str
) -> None:
    key = world.subscribe(world.customer())

    response = await client.get(f"/v1/{path.format(key=key)}", params={"expand[]": expand})

    assert response.status_code == 400
    assert message in response.json()["error"]["message"]


async def test_what_is_embedded_may_be_named_without_effect(client: httpx.AsyncClient, world: World) -> None:
    world.subscribe(world.customer())

    plain = await get(client, "subscriptions")

    assert await get(client, "subscriptions", expand=["data.items", "data.items.data.price", "data"]) == plain
    empty = ["data.default_payment_method", "data.default_payment_method.customer"]
    assert await get(client, "subscriptions", expand=empty) == plain
    customers = await get(client, "customers")
    assert await get(client, "customers", expand=["data.discount.source.coupon"]) == customers


async def test_lists_come_in_smaller_pages_on_demand(client: httpx.AsyncClient, world: World) -> None:
    customers = [world.customer() for _ in range(5)]
    await client.post("/_ctl/pace", json={"rows_of_a_page": 2})

    page = await get(client, "customers", limit=100)
    following = await get(client, "customers", limit=100, starting_after=page["data"][-1]["id"])

    assert [len(one["data"]) for one in (page, following)] == [2, 2]
    assert page["has_more"]
    assert {one["id"] for one in (*page["data"], *following["data"])} < set(customers)
    assert (await client.post("/_ctl/pace", json={"rows_of_a_page": None})).json()["rows_of_a_page"] is None
    assert len((await get(client, "customers", limit=100))["data"]) == 5


async def test_events_come_late_twice_and_in_any_order_on_demand(client: httpx.AsyncClient, world: World) -> None:
    for _ in range(12):
        world.customer()
    orderly = [one["id"] for one in (await get(client, "events", limit=100))["data"]]
    world.go(1)
    trouble = {"seed": 4, "withheld": 0.3, "seconds": 3600, "repeated": 0.3}
    await client.post("/_ctl/events", json=trouble)
    for _ in range(12):
        world.customer()

    early = [one["id"] for one in (await get(client, "events", limit=100))["data"]]
    world.go(1.1)
    late = [one["id"] for one in (await get(client, "events", limit=100))["data"]]

    assert len(set(late)) == 2 * len(set(orderly))
    assert set(early) < set(late)  # some were withheld
    assert len(late) > len(set(late))  # some come twice
    assert [one for one in dict.fromkeys(late) if one in orderly] != orderly  # in another order
    half, rest = late[:20], await get(client, "events", limit=100, starting_after=late[19])
    assert set(half) | {one["id"] for one in rest["data"]} == set(late)
