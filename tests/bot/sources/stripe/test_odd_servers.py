"""Servers that answer like Stripe only in part: what can be read is read, and the rest is said."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.errors import SourceDown, SourceRefused
from bot.sources.stripe import StripeSource
from storage.facts import Account, Invoice, Price, Subscription
from storage.faults import Held
from storage.states import Fault
from tests.bot.sources.stripe import payloads as stripe
from tests.bot.sources.stripe.kettle import Waits, of, walked

Handler = Callable[[httpx.Request], httpx.Response | None]


def source(lists: dict[str, list[Any]], first: Handler = lambda _: None) -> StripeSource:
    """Serves these lists whole, unless `first` has an answer."""

    def answer(request: httpx.Request) -> httpx.Response:
        given = first(request)
        if given is not None:
            return given
        return httpx.Response(200, json=stripe.listed(lists.get(request.url.path.removeprefix("/v1/"), [])))

    return StripeSource("rk_test_x", pace=None, sleep=Waits(), transport=httpx.MockTransport(answer))


def error(status: int, message: str = "", **more: Any) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": message, **more}})


async def test_only_the_expansion_that_is_refused_is_left_out() -> None:
    asked: list[list[str]] = []

    def refuse(request: httpx.Request) -> httpx.Response | None:
        expands = request.url.params.get_list("expand[]")
        if request.url.path == "/v1/customers":
            asked.append(expands)
        return (
            error(400, "This property cannot be expanded (default_source).")
            if "data.default_source" in expands
            else None
        )

    read = source({"customers": [stripe.customer()]}, refuse)

    facts = of(await walked(read))

    assert facts[Account, "cus_1"].name == "Acme Oy"
    assert [len(expands) for expands in asked] == [3, 2]
    assert list(read.notices) == ["This server cannot expand data.default_source of customers; it is left out."]


async def test_all_expansions_are_left_out_when_the_server_names_none() -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        return error(400, "Bad expand") if "expand[]" in request.url.params else None

    facts = of(await walked(source({"invoices": [stripe.old_invoice()]}, refuse)))

    assert facts[Invoice, "in_old"].total == 19300


async def test_plans_stand_in_for_prices_where_there_are_none() -> None:
    def old(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(404, text="404: Not Found") if request.url.path == "/v1/prices" else None

    read = source({"plans": [stripe.old_plan()], "subscriptions": [stripe.old_subscription()]}, old)

    facts = of(await walked(read))

    assert facts[Price, "plan_gold"].id == facts[Subscription, "sub_old"].items[0].price_id
    assert read.notices == []


async def test_a_list_that_is_missing_is_said_and_one_that_is_needed_is_refused() -> None:
    def without(path: str) -> Handler:
        return lambda request: error(404) if request.url.path == path else None

    read = source({"customers": [stripe.customer()]}, without("/v1/disputes"))
    await walked(read)

    assert list(read.notices) == ["This server has no disputes (404); they are left out."]
    with pytest.raises(SourceRefused, match="nothing at customers"):
        await walked(source({}, without("/v1/customers")))


async def test_what_cannot_be_read_is_told_and_the_rest_goes_on() -> None:
    bad = [None, 7, {"id": "cus_x\0"}, stripe.customer("cus_2", id=None)]
    fortnightly = stripe.price("price_2", recurring={"interval": "fortnight", "interval_count": 1})
    ownerless = stripe.subscription("sub_2", customer=None)
    pages = await walked(
        source(
            {
                "prices": [fortnightly],
                "customers": [*bad, stripe.customer()],
                "subscriptions": [ownerless],
                "charges": [{"id": "ch_1", "customer": "cus_1", "amount": "much"}],
            }
        )
    )

    assert (Account, "cus_1") in of(pages)
    assert [one for page in pages for one in page.unread] == [
        Held("price", "price_2", Fault.UNKNOWN_INTERVAL, "recurs by the unknown interval fortnight"),
        Held("customer", "?", Fault.UNREADABLE, "is no object"),
        Held("customer", "?", Fault.UNREADABLE, "is no object"),
        Held("customer", "cus_x", Fault.UNREADABLE, "has no usable id"),
        Held("customer", "?", Fault.UNREADABLE, "has no usable id"),
        Held("subscription", "sub_2", Fault.NO_CUSTOMER, "names no customer"),
        Held("charge", "ch_1", Fault.UNREADABLE, "has a amount that is no whole amount", "cus_1"),
    ]


async def test_a_server_that_repeats_its_page_does_not_keep_us_for_ever() -> None:
    def loop(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/v1/customers":
            return httpx.Response(200, json=stripe.listed([stripe.customer()], more=True))
        return None

    with pytest.raises(SourceDown, match="repeats the same page of customers"):
        await walked(source({}, loop))


async def test_a_server_that_is_no_stripe_is_refused() -> None:
    with pytest.raises(SourceRefused, match="does not answer like Stripe"):
        await walked(source({}, lambda _: httpx.Response(200, json={"hello": "world"})))


async def test_coupons_and_prices_that_no_list_showed_are_fetched_once() -> None:
    asked: list[str] = []

    def single(request: httpx.Request) -> httpx.Response | None:
        path = request.url.path.removeprefix("/v1/")
        if "/" not in path:
            return None
        asked.append(path)
        body = {"coupons/TWENTY": stripe.coupon(applies_to={"products": ["prod_9"]}), "prices/price_1": stripe.price()}
        return httpx.Response(200, json=body[path]) if path in body else error(404)

    subscriptions = [
        stripe.subscription(f"sub_{number}", discounts=[stripe.discount(), stripe.discount("di_2", source="GONE")])
        for number in range(3)
    ]
    read = source({"subscriptions": subscriptions, "invoices": [stripe.invoice(), stripe.invoice("in_2")]}, single)

    facts = of(await walked(read))

    assert sorted(asked) == ["coupons/GONE", "coupons/TWENTY", "prices/price_1"]
    first, second = facts[Subscription, "sub_0"].discounts
    assert (first.products, second.duration) == (("prod_9",), "unknown")


async def test_twice_the_same_discount_or_item_is_stored_once() -> None:
    doubled = stripe.subscription(
        items=stripe.listed([stripe.item(), stripe.item()]),
        discounts=[stripe.discount(source=stripe.coupon()), stripe.discount(source=stripe.coupon())],
    )

    facts = of(await walked(source({"coupons": [stripe.coupon()], "subscriptions": [doubled]})))

    assert [len(facts[Subscription, "sub_1"].items), len(facts[Subscription, "sub_1"].discounts)] == [1, 1]


async def test_a_coupon_that_could_not_be_fetched_now_is_fetched_next_time() -> None:
    down = True

    def single(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/v1/coupons/TWENTY":
            return None
        return error(500) if down else httpx.Response(200, json=stripe.coupon())

    read = source({"subscriptions": [stripe.subscription(discounts=[stripe.discount()])]}, single)
    with pytest.raises(SourceDown):
        await walked(read)
    down = False

    facts = of(await walked(read))

    assert [discount.duration for discount in facts[Subscription, "sub_1"].discounts] == ["forever"]


@pytest.mark.parametrize("path", ["/v1/invoices/in_1/lines", "/v1/events"])
async def test_no_list_that_repeats_itself_is_read_for_ever(path: str) -> None:
    def loop(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != path:
            return None
        shown = stripe.event("evt_1", "balance.available", {"object": "balance"}) if "events" in path else stripe.line()
        return httpx.Response(200, json=stripe.listed([shown], more=True))

    read = source({"invoices": [stripe.invoice(lines=stripe.listed([stripe.line()], more=True))]}, loop)

    pages = await walked(read)
    changes = await read.changes(pages[-1].cursor)

    assert changes is not None
    assert len(of(pages)[Invoice, "in_1"].lines) == 1


async def test_the_first_lines_of_an_invoice_count_whatever_its_list_of_lines_says() -> None:
    halves = {"object": "list", "data": 7, "has_more": True}
    read = source(
        {
            "invoices": [
                stripe.invoice("in_2", lines=halves),
                stripe.invoice(lines=stripe.listed([stripe.line()], more=True)),
            ]
        }
    )

    facts = of(await walked(read))

    assert (len(facts[Invoice, "in_1"].lines), facts[Invoice, "in_2"].lines) == (1, ())
