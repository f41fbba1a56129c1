"""Very many accounts, computed on demand."""

from datetime import UTC, datetime
from fractions import Fraction

import httpx
import pytest

from bot.playground.company import Company
from bot.playground.company.lives import lives
from bot.playground.company.times import Times
from bot.playground.stripe.billing import pricing
from bot.playground.stripe.doors.server import StripeServer
from bot.playground.stripe.store import Object

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def light() -> Company:
    return Company(1, NOW, accounts=3_000, months=24, detail="light")


def test_walks_and_reads_as_a_full_collection_does(light: Company) -> None:
    held = light.store["subscriptions"]
    keys = list(held.walk())

    assert len(keys) == len(held) == len(set(keys)) == 3_000
    created = [held[key]["created"] for key in keys]
    assert created == sorted(created, reverse=True)
    assert list(held.walk(after=keys[10]))[:5] == keys[11:16]
    assert list(held.walk(before=keys[10]))[:5] == keys[9:4:-1]
    assert list(held.walk(since=created[100], until=created[50] + 1)) == keys[50:101]
    assert list(held.walk(narrow=("customer", held[keys[7]]["customer"]))) == [keys[7]]
    assert held.get("sub_999999999999") is None
    assert held.get("sub_x") is None
    with pytest.raises(KeyError):
        held["sub_000000009999"]


def test_the_same_seed_gives_the_same_accounts(light: Company) -> None:
    again = Company(1, NOW, accounts=3_000, months=24, detail="light")
    other = Company(2, NOW, accounts=3_000, months=24, detail="light")
    key = "sub_000000000123"

    assert again.store["subscriptions"].text(key) == light.store["subscriptions"].text(key)
    assert [level.mrr for level in other.light.levels()] != [level.mrr for level in light.light.levels()]


def test_invoices_walk_and_read_as_a_full_collection_does(light: Company) -> None:
    held = light.store["invoices"]
    keys = list(held.walk())

    assert len(keys) == len(held) == len(set(keys)) > 6_000
    created = [held[key]["created"] for key in keys]
    assert created == sorted(created, reverse=True)
    assert list(held.walk(after=keys[10])) == keys[11:]
    assert list(held.walk(before=keys[50])) == keys[49::-1]
    assert list(held.walk(since=created[100], until=created[50] + 1)) == keys[50:101]
    customer = held[keys[7]]["customer"]
    theirs = [key for key in keys if held[key]["customer"] == customer]
    assert list(held.walk(narrow=("customer", customer))) == theirs
    assert list(held.walk(before=theirs[-1], narrow=("customer", customer))) == theirs[-2::-1]
    for unknown in ("in_000000000001_99", "in_000000009999_00", "in_1", "in_x_00", "in_000000000001", f"{keys[0]}0"):
        assert unknown not in held


def test_levels_are_what_the_subscriptions_say(light: Company) -> None:
    told = {level.subscription: level.mrr for level in light.light.levels()}

    for subscription in light.store["subscriptions"]:
        item = subscription["items"]["data"][0]
        extras = light.books.extras(item["price"])
        exact = Fraction(pricing.period_amount(item["price"], extras, item["quantity"], subscription["currency"]))
        live = 0 if subscription["ended_at"] else round(exact / pricing.months(item["price"]))
        assert told[subscription["id"]] == live
    ended = sum(value == 0 for value in told.values())
    assert 450 <= ended <= 750


def test_who_they_are_and_why_they_left_is_as_in_their_lives(light: Company) -> None:
    told = list(lives(Times(1, NOW, 3_000, 24)))

    for subscription, one in zip(reversed(list(light.store["subscriptions"])), told, strict=True):
        customer = light.store["customers"][subscription["customer"]]
        assert (customer["name"], customer["created"]) == (one.name, one.began)
        assert customer["metadata"].get("csm") == one.owner
        assert subscription["ended_at"] == (one.left.at if one.left else None)
        leaving = one.left or one.to_leave
        assert subscription["cancellation_details"]["feedback"] == (leaving.feedback if leaving else None)
        assert subscription["cancel_at"] == (one.to_leave.at if one.to_leave else None)
        assert (subscription["status"] == "canceled") == (one.left is not None)
        item = subscription["items"]["data"][0]
        assert (item["quantity"], item["price"]["unit_amount"]) == (one.steps[-1].seats, one.steps[-1].price)


def test_periods_hold_today_or_end_with_the_subscription(light: Company) -> None:
    for subscription in light.store["subscriptions"]:
        item = subscription["items"]["data"][0]
        if subscription["ended_at"]:
            assert item["current_period_start"] < subscription["ended_at"] == item["current_period_end"]
        else:
            assert item["current_period_start"] <= light.today < item["current_period_end"]


def test_what_invoices_charge_for_a_change_is_what_is_left_of_the_period(light: Company) -> None:
    changes = [one for one in light.store["invoices"] if one["billing_reason"] == "subscription_update"]
    assert changes
    for invoice in changes:
        back, charged = invoice["lines"]["data"]
        credited = back["parent"]["subscription_item_details"]["proration_details"]["credited_items"]
        before = light.store["invoices"][credited["invoice"]]["lines"]["data"][-1]
        assert credited["invoice_line_items"] == [before["id"]]
        assert back["period"] == charged["period"]
        assert back["period"]["start"] == invoice["created"] < back["period"]["end"] == before["period"]["end"]
        assert -back["amount"] <= before["amount"]


def test_credit_is_used_up_by_later_invoices(light: Company) -> None:
    some = 0
    for customer in light.store["customers"]:
        balance = 0
        for key in reversed(list(light.store["invoices"].walk(narrow=("customer", customer["id"])))):
            invoice = light.store["invoices"][key]
            assert invoice["starting_balance"] == balance
            balance = invoice["ending_balance"]
            assert invoice["amount_due"] == max(0, invoice["total"] + invoice["starting_balance"])
            assert invoice["amount_due"] == invoice["amount_paid"] + invoice["amount_remaining"]
            some += balance < 0
        assert customer["balance"] == balance
    assert some


def test_who_fails_to_pay_has_an_invoice_that_is_tried_again(light: Company) -> None:
    open_ = {one["subscription"]: one for one in map(_open, light.store["invoices"]) if one["subscription"]}
    failing = {one["id"] for one in light.store["subscriptions"] if one["status"] == "past_due"}

    assert open_.keys() == failing != set()
    for one in open_.values():
        assert one["invoice"]["attempt_count"] >= 1
        assert one["invoice"]["next_payment_attempt"] > light.today


def _open(invoice: Object) -> Object:
    details = invoice["parent"]["subscription_details"]
    return {"subscription": details["subscription"] if invoice["status"] == "open" else None, "invoice": invoice}


def test_an_account_hangs_together(light: Company) -> None:
    subscription = light.store["subscriptions"]["sub_000000000042"]
    invoice = light.store["invoices"][subscription["latest_invoice"]]

    assert invoice["customer"] == subscription["customer"] in light.store["customers"]
    assert invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]
    assert invoice["total"] == sum(line["amount"] for line in invoice["lines"]["data"])
    first = list(light.store["invoices"].walk(narrow=("subscription", subscription["id"])))[-1]
    assert light.store["invoices"][first]["created"] == subscription["created"]


async def test_is_served_in_pages(light: Company) -> None:
    server = StripeServer(light.billing, lambda: NOW)
    await server.start()
    paths = ["data.discounts.source.coupon", "data.items.data.discounts"]
    params: list[tuple[str, str | int | float | bool | None]] = [
        ("status", "all"),
        ("limit", "100"),
        *(("expand[]", path) for path in paths),
    ]
    async with httpx.AsyncClient(base_url=server.url, auth=(server.api_key, "")) as client:
        page = (await client.get("/v1/subscriptions", params=params)).json()
        customer = (await client.get(f"/v1/customers/{page['data'][0]['customer']}")).json()
        customers = (await client.get("/v1/customers", params={"limit": 1})).json()
        lines = (await client.get(f"/v1/invoices/{page['data'][0]['latest_invoice']}/lines")).json()
    await server.stop()

    assert [row["id"] for row in page["data"]] == list(light.store["subscriptions"].walk())[:100]
    assert customer == customers["data"][0]
    assert len(lines["data"]) >= 1


def test_objects_may_change() -> None:
    light = Company(1, NOW, accounts=50, months=24, detail="light")
    key = next(one["id"] for one in light.store["subscriptions"] if one["status"] == "active")

    light.billing.schedule_cancel(key, "unused")
    light.billing.change_quantity(key, 99)

    changed = light.store["subscriptions"][key]
    assert changed["cancel_at_period_end"] is True
    assert changed["items"]["data"][0]["quantity"] == 99
    told = [event["type"] for event in light.store["events"]]
    assert told.count("customer.subscription.updated") == 2


def test_objects_that_were_added_come_first() -> None:
    light = Company(1, NOW, accounts=50, months=24, detail="light")
    key = next(one["id"] for one in light.store["subscriptions"] if one["status"] == "active")
    held = light.store["invoices"]
    old = list(held.walk())
    customer = light.store["subscriptions"][key]["customer"]
    theirs = list(held.walk(narrow=("customer", customer)))

    light.billing.renew_card(customer)
    failed = light.billing.fail_payment(customer)
    light.billing.change_quantity(key, 99)
    light.billing.cancel(customer)
    light.new_customer("One more")

    keys = list(held.walk())
    new = keys[: len(keys) - len(old)]
    assert (len(new), keys[len(new) :], len(held)) == (3, old, len(keys))
    assert (new[2], held[failed]["status"]) == (failed, "open")
    assert list(held.walk(narrow=("customer", customer))) == [*new[1:], *theirs]
    assert [list(held.walk(after=one))[:1] for one in keys[:5]] == [[one] for one in keys[1:6]]
    assert [list(held.walk(before=one)) for one in keys[:5]] == [keys[:place][::-1] for place in range(5)]
    assert list(held.walk(since=light.now)) == new
    assert next(iter(light.store["customers"]))["name"] == "One more"
    assert len(light.store["customers"]) == len(light.store["subscriptions"]) == 51


@pytest.mark.parametrize("customer", ["cus_x", "cus_000000009999"])
def test_who_is_not_there_has_nothing(light: Company, customer: str) -> None:
    for name in ("subscriptions", "invoices"):
        assert list(light.store[name].walk(narrow=("customer", customer))) == []
