"""Subscriptions read off invoice lines, where there is no subscriptions.csv."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.clock import start_of_day
from bot.sources.csv.invoices import interval_of
from storage.facts import Interval, Invoice, Price, Status, Subscription

Problems = Callable[[dict[str, Any]], Sequence[str]]
Facts = Callable[..., list[Any]]
UTC = ZoneInfo("UTC")


def day(text: str) -> datetime:
    return start_of_day(date.fromisoformat(text), UTC)


def invoiced(*lines: str, statuses: dict[str, str] | None = None, newest: str | None = None) -> dict[str, Any]:
    """Files with one invoice per line: "account,start,end,amount,product,plan,subscription_id,quantity[,item_id]"."""
    rows = [line.split(",") for line in lines]
    invoices = [
        f"V{n},{row[0]},{(statuses or {}).get(row[1], 'paid')},usd,{row[3]},{row[1]}" for n, row in enumerate(rows)
    ]
    if newest:
        invoices.append(f"N,B,paid,usd,0,{newest}")
    body = [
        f"L{n},V{n},recurring,{row[3]},{row[1]},{row[2]},{row[4]},{row[5]},{row[6]},{row[7]},{''.join(row[8:])}"
        for n, row in enumerate(rows)
    ]
    header = "line_id,invoice_id,kind,amount,period_start,period_end,product,plan,subscription_id,quantity,item_id"
    return {
        "subscriptions.csv": None,
        "invoices.csv": "\n".join(("invoice_id,account_id,status,currency,total,issued_at", *invoices)),
        "invoice_lines.csv": "\n".join((header, *body)),
    }


def test_lines_that_follow_each_other_are_one_subscription(facts: Facts) -> None:
    files = invoiced(
        "A,2026-09-01,2026-10-01,98,Kit,Basic,,2",
        "A,2026-10-01,2026-11-01,98,Kit,Basic,,2",
        "A,2026-11-01,2026-12-01,240,Kit,Pro,,3",
    )
    (subscription,) = facts(Subscription, files)
    prices = {price.id: price for price in facts(Price, files)}
    invoices = facts(Invoice, files)

    assert ("A/Kit", Status.ACTIVE, day("2026-09-01"), day("2026-12-01"), None) == (
        subscription.id,
        subscription.status,
        subscription.started_at,
        subscription.current_period_end,
        subscription.ended_at,
    )
    (item,) = subscription.items
    assert (
        prices[item.price_id].nickname,
        prices[item.price_id].rates["usd"].unit_amount,
        item.quantity,
    ) == ("Pro", 8000, 3)
    assert {("A/Kit", item.id)} == {(line.subscription_id, line.item_id) for one in invoices for line in one.lines}
    assert [prices[one.lines[0].price_id].nickname for one in invoices] == ["Basic", "Basic", "Pro"]


@pytest.mark.parametrize(
    ("newest", "status"),
    [("2026-10-31", Status.ACTIVE), ("2026-11-01", Status.ENDED), ("2026-12-24", Status.ACTIVE)],
    ids=["within the grace", "beyond it", "in the future"],
)
def test_subscription_ends_when_the_folder_goes_on_without_it(facts: Facts, newest: str, status: Status) -> None:
    (subscription,) = facts(Subscription, invoiced("A,2026-09-01,2026-10-01,49,Kit,,,1", newest=newest))

    assert status == subscription.status
    assert (day("2026-10-01") if status is Status.ENDED else None) == subscription.ended_at


def test_old_export_ends_nobody(facts: Facts) -> None:
    (subscription,) = facts(Subscription, invoiced("A,2025-01-01,2025-02-01,49,Kit,,,1"))

    assert Status.ACTIVE is subscription.status


def test_coming_back_after_a_gap_begins_a_new_subscription(facts: Facts) -> None:
    files = invoiced("A,2026-01-01,2026-02-01,49,Kit,,S,1", "A,2026-10-01,2026-11-01,49,Kit,,S,1")

    assert [
        ("S@2026-01-01", Status.ENDED, day("2026-02-01"), ("S/Kit@2026-01-01",)),
        ("S", Status.ACTIVE, None, ("S/Kit",)),
    ] == [
        (one.id, one.status, one.ended_at, tuple(item.id for item in one.items)) for one in facts(Subscription, files)
    ]


def test_products_without_an_id_are_subscriptions_of_their_own(facts: Facts) -> None:
    files = invoiced(
        "A,2026-10-01,2026-11-01,49,Kit,,,1", "A,2026-10-01,2026-11-01,9,Mail,,,1", "A,2026-10-01,2026-11-01,5,,,,1"
    )

    assert {"A/Kit", "A/Mail", "A"} == {one.id for one in facts(Subscription, files)}


def test_lines_of_one_product_at_one_time_are_several_items(facts: Facts) -> None:
    files = invoiced(
        "A,2026-09-01,2026-10-01,49,Kit,Base,S,1",
        "A,2026-09-01,2026-10-01,9,Kit,Extra,S,1",
        "A,2026-10-01,2026-11-01,9,Kit,Extra,S,1",
        "A,2026-10-01,2026-11-01,49,Kit,Base,S,1",
    )
    (subscription,) = facts(Subscription, files)
    prices = {price.id: price.nickname for price in facts(Price, files)}

    assert [(one.id, prices[one.price_id]) for one in subscription.items] == [("S/Kit", "Base"), ("S/Kit#2", "Extra")]


def test_item_that_is_no_longer_invoiced_ends_before_its_subscription(facts: Facts) -> None:
    files = invoiced(
        "A,2026-01-01,2027-01-01,490,Kit,,S,1,I",
        "A,2026-01-01,2026-02-01,9,Mail,,S,1,J",
        newest="2026-11-01",
    )
    (subscription,) = facts(Subscription, files)

    assert [("I", None), ("J", day("2026-02-01"))] == [(item.id, item.ended_at) for item in subscription.items]


@pytest.mark.parametrize("status", ["draft", "void"])
def test_draft_and_void_invoices_make_no_subscription(facts: Facts, status: str) -> None:
    files = invoiced("A,2026-09-01,2026-10-01,49,Kit,,,1", statuses={"2026-09-01": status})

    assert facts(Subscription, files) == []
    assert [line.subscription_id for one in facts(Invoice, files) for line in one.lines] == [None]


def test_two_currencies_are_two_subscriptions(facts: Facts) -> None:
    files = invoiced("A,2026-09-01,2026-10-01,49,Kit,,,1", "A,2026-10-01,2026-11-01,49,Kit,,,1")
    files["invoices.csv"] = files["invoices.csv"].replace("V1,A,paid,usd", "V1,A,paid,eur")

    assert [(one.id, one.currency) for one in facts(Subscription, files)] == [
        ("A/Kit/usd", "usd"),
        ("A/Kit/eur", "eur"),
    ]


def test_subscription_of_two_accounts_is_told(problems: Problems) -> None:
    told = problems(invoiced("A,2026-09-01,2026-10-01,49,Kit,,S,1", "B,2026-09-01,2026-10-01,49,Kit,,S,1"))

    assert told == [
        (
            'invoice_lines.csv line 3, column subscription_id: "S" belongs to account "A" in line 2; give it '
            "an id of its own"
        )
    ]


@pytest.mark.parametrize(
    ("start", "end", "interval"),
    [
        ("2026-01-01", "2026-02-01", (Interval.MONTH, 1)),
        ("2026-01-01", "2026-01-31", (Interval.MONTH, 1)),
        ("2026-01-31", "2026-02-28", (Interval.MONTH, 1)),
        ("2026-02-01", "2026-03-01", (Interval.MONTH, 1)),
        ("2026-11-15", "2027-02-15", (Interval.MONTH, 3)),
        ("2026-01-01", "2026-12-31", (Interval.YEAR, 1)),
        ("2024-02-29", "2026-02-28", (Interval.YEAR, 2)),
        ("2026-01-01", "2026-01-08", (Interval.WEEK, 1)),
        ("2026-01-01", "2026-01-29", (Interval.WEEK, 4)),
        ("2026-01-01", "2026-01-11", (Interval.DAY, 10)),
    ],
)
def test_interval_of_a_period(start: str, end: str, interval: tuple[Interval, int]) -> None:
    assert interval == interval_of(day(start), day(end), UTC)
