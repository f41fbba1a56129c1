"""What the files of a folder become."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ImportRejected, SourceRefused
from bot.sources.csv import read, reading
from storage.facts import (
    Account,
    CancelKind,
    Discount,
    Dispute,
    Duration,
    ExchangeRate,
    Interval,
    Invoice,
    Item,
    LineKind,
    Payment,
    PaymentMethod,
    Price,
    Product,
    Refund,
    Scheme,
    Status,
    Subscription,
    Tier,
)

Problems = Callable[[dict[str, Any]], Sequence[str]]
Facts = Callable[..., list[Any]]

ITEMS_HEADER = "item_id,subscription_id,started_at,interval,interval_count,unit_amount,quantity,product"
BARE = "subscription_id,account_id,status,currency,started_at\nS,A,active,usd,2026-01-01\n"


def day(month: int, number: int = 1) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


def items(*rows: str, header: str = ITEMS_HEADER) -> dict[str, str]:
    return {"subscriptions.csv": BARE, "items.csv": "\n".join((header, *rows)) + "\n"}


def test_example_folder_is_read_whole(example: Path) -> None:
    facts = read(example, zone=ZoneInfo("Europe/Helsinki"))

    counts = {kind: sum(isinstance(fact, kind) for fact in facts) for kind in {type(fact) for fact in facts}}
    assert counts == {
        Account: 4,
        PaymentMethod: 3,
        Product: 2,
        Price: 6,
        Subscription: 4,
        Invoice: 3,
        Payment: 4,
        Refund: 1,
        Dispute: 1,
        ExchangeRate: 3,
    }
    assert all(fact.source == "csv" for fact in facts if not isinstance(fact, ExchangeRate))
    assert facts == read(example, zone=ZoneInfo("Europe/Helsinki"))


def test_example_invoice_adds_up(example: Path) -> None:
    invoices = [fact for fact in read(example, zone=ZoneInfo("UTC")) if isinstance(fact, Invoice)]

    for invoice in invoices:
        lines = sum(line.amount - line.discount_repeating - line.discount_forever for line in invoice.lines)
        assert invoice.total - invoice.tax == lines
    assert [invoice.payment_refs for invoice in invoices] == [("P-1",), ("P-2",), ("P-3", "P-4")]


def test_short_form_is_one_item(facts: Facts) -> None:
    (subscription,) = facts(
        Subscription,
        {
            "subscriptions.csv": "subscription_id,account_id,status,currency,started_at,ended_at,cancel_kind,"
            "unit_amount,quantity,interval,interval_count,discount_percent\n"
            "S,A,ended,usd,2026-01-01,2026-07-01,voluntary,49,3,month,6,20\n"
        },
    )

    (item,) = subscription.items
    assert subscription == Subscription(
        id="S",
        account_id="A",
        source="csv",
        status=Status.ENDED,
        status_word="ended",
        currency="usd",
        started_at=day(1),
        ended_at=day(7),
        cancel_kind=CancelKind.VOLUNTARY,
        items=(Item(id="S", price_id=item.price_id, quantity=3),),
        discounts=(Discount(id="S/discount", duration=Duration.FOREVER, percent_off=Decimal(20)),),
    )


def test_a_quarter_is_three_months_in_either_form(facts: Facts) -> None:
    header = "subscription_id,account_id,status,currency,started_at"
    short = f"{header},unit_amount,interval,interval_count\nS,A,active,usd,2026-01-01,30,quarter,2\n"
    long_ = {"subscriptions.csv": f"{header}\nS,A,active,usd,2026-01-01\n"}
    items = f"{ITEMS_HEADER}\nI,S,2026-01-01,quarter,1,30,1,\n"

    assert [(one.interval, one.interval_count) for one in facts(Price, {"subscriptions.csv": short})] == [
        (Interval.MONTH, 6)
    ]
    assert [(one.interval, one.interval_count) for one in facts(Price, {**long_, "items.csv": items})] == [
        (Interval.MONTH, 3)
    ]


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [
        ("usd", "49.00", Decimal(4900)),
        ("USD", "0.0049", Decimal("0.49")),
        ("jpy", "4900", Decimal(4900)),
        ("jpy", "0.000000000001", Decimal("0.000000000001")),
        ("kwd", "4.9", Decimal(4900)),
        ("kwd", "999999999999999.999999999999", Decimal("999999999999999999.999999999000")),
    ],
)
def test_unit_prices_are_minor_units_of_the_currency(facts: Facts, currency: str, text: str, minor: Decimal) -> None:
    row = f"S,A,active,{currency},2026-01-01,{text},month\n"
    header = "subscription_id,account_id,status,currency,started_at,unit_amount,interval\n"
    (price,) = facts(Price, {"subscriptions.csv": header + row})

    assert minor == price.rates[currency.lower()].unit_amount


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [("usd", "49.90", 4990), ("jpy", "4990", 4990), ("kwd", "4.990", 4990), ("jpy", "49.0", 49)],
)
def test_amounts_are_whole_minor_units(facts: Facts, currency: str, text: str, minor: int) -> None:
    row = f"P,A,2026-01-01,{text},{currency},succeeded\n"
    (payment,) = facts(Payment, {"payments.csv": "payment_id,account_id,at,amount,currency,status\n" + row})

    assert minor == payment.amount


@pytest.mark.parametrize(
    ("currency", "text", "places"), [("usd", "4.999", "2"), ("jpy", "4.5", "0"), ("kwd", "4.9999", "3")]
)
def test_amount_finer_than_its_currency_is_a_problem(problems: Problems, currency: str, text: str, places: str) -> None:
    row = f"P,A,2026-01-01,{text},{currency},succeeded\n"
    told = problems({"payments.csv": "payment_id,account_id,at,amount,currency,status\n" + row})

    assert told == [
        (
            f'payments.csv line 2, column amount: "{text}" has more than the {places} decimal places '
            f"that {currency.upper()} has; round it"
        )
    ]


def test_one_price_for_the_same_amount_written_otherwise(facts: Facts) -> None:
    rows = "S,A,active,usd,2026-01-01,49,month\nT,B,active,usd,2026-01-01,49.000,month\n"
    header = "subscription_id,account_id,status,currency,started_at,unit_amount,interval\n"

    assert len(facts(Price, {"subscriptions.csv": header + rows})) == 1


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 0), ("Europe/Helsinki", 22), ("America/New_York", 5)])
def test_bare_days_start_in_the_zone_of_the_folder(facts: Facts, zone: str, hour: int) -> None:
    header = "account_id,name,created_at\n"
    bare, exact = facts(Account, {"accounts.csv": header + "A,a,2026-01-02\nB,b,2026-01-02T09:00:00+02:00\n"}, zone)

    assert hour == bare.created_at.hour
    assert datetime(2026, 1, 2, 7, tzinfo=UTC) == exact.created_at


def test_rows_of_one_item_are_its_history(facts: Facts) -> None:
    (subscription,) = facts(
        Subscription,
        items(
            "I,S,2026-03-01,month,1,60,2,Kit",
            "I,S,2026-01-01,month,1,49,2,Kit",
            "I,S,2026-02-01T12:00:00Z,month,1,49,5,Kit",
        ),
    )

    assert [
        ("I@2026-01-01", 2, day(1), day(2).replace(hour=12)),
        ("I@2026-02-01T12:00:00Z", 5, day(2).replace(hour=12), day(3)),
        ("I", 2, day(3), None),
    ] == [(item.id, item.quantity, item.started_at, item.ended_at) for item in subscription.items]


def test_item_may_rest_between_two_rows(facts: Facts) -> None:
    header = "item_id,subscription_id,started_at,ended_at,interval,interval_count,unit_amount"
    rows = ("I,S,2026-01-01,2026-02-01,month,1,49", "I,S,2026-03-01,2026-06-01,month,1,49")
    (subscription,) = facts(Subscription, items(*rows, header=header))

    assert [(day(1), day(2)), (day(3), day(6))] == [(item.started_at, item.ended_at) for item in subscription.items]


def test_tiers_and_inclusive_tax_make_the_price(facts: Facts) -> None:
    header = (
        "item_id,subscription_id,started_at,interval,interval_count,unit_amount,scheme,tax_inclusive_percent,pack_size"
    )
    files = items(
        "I,S,2026-01-01,year,2,,volume,,",
        "J,S,2026-01-01,month,1,119,,19,10",
        "K,S,2026-01-01,month,1,10.00,per_unit,21,",
        header=header,
    )
    tiers = "item_id,started_at,up_to,unit_amount,flat_amount\nI,2026-01-01,,0.4,5\nI,2026-01-01,10,0.5,\n"
    tiered, taxed, odd = facts(Price, {**files, "tiers.csv": tiers})

    assert (tiered.scheme, tiered.interval, tiered.interval_count) == (Scheme.VOLUME, Interval.YEAR, 2)
    assert (Tier(10, Decimal(50), Decimal(0)), Tier(None, Decimal(40), Decimal(500))) == tiered.rates["usd"].tiers
    assert (Decimal(10000), False, 10) == (taxed.rates["usd"].unit_amount, taxed.tax_inclusive, taxed.pack_size)
    assert Decimal("826.446280991736") == odd.rates["usd"].unit_amount


def test_discounts_reach_what_they_are_given_on(facts: Facts, folder: Callable[..., Path]) -> None:
    files = {
        **items("I,S,2026-01-01,month,1,49,1,Kit"),
        "discounts.csv": "discount_id,target_kind,target_id,duration,percent,amount,currency,products,counts_in_mrr\n"
        "D,account,B,forever,10,,,,\n"
        "E,subscription,S,repeating,,5.50,usd,Kit;,true\n"
        "F,item,I,once,100,,,,\n"
        "G,item,I,forever,50,,,,false\n",
    }
    (subscription,) = facts(Subscription, files)
    (kit,) = facts(Product, files)
    _, account = facts(Account, files)

    assert (Discount(id="D", duration=Duration.FOREVER, percent_off=Decimal(10)),) == account.discounts
    own = Discount(id="E", duration=Duration.REPEATING, amount_off=550, currency="usd", products=(kit.id,))
    assert (own,) == subscription.discounts
    assert tuple(discount.id for discount in subscription.items[0].discounts) == ("F",)


def test_default_card_is_the_only_one_or_the_one_that_says_so(facts: Facts) -> None:
    files = {
        "cards.csv": "account_id,exp_month,exp_year,last4,is_default\n"
        "A,1,2027,0001,\nB,1,2027,0002,\nB,1,2028,0003,true\n"
    }
    only, _, chosen = facts(PaymentMethod, files)

    assert [only.id, chosen.id] == [account.default_method_id for account in facts(Account, files)]


def test_line_takes_the_price_its_item_had(facts: Facts) -> None:
    files = {
        **items("I,S,2026-01-01,month,1,49,1,Kit", "I,S,2026-03-01,month,1,60,1,Kit"),
        "invoices.csv": "invoice_id,account_id,status,currency,total,issued_at\nV,A,paid,usd,109,2026-03-01\n",
        "invoice_lines.csv": "line_id,invoice_id,kind,amount,subscription_id,item_id,period_start,period_end,discount,"
        "discount_duration\n"
        "1,V,recurring,49,S,I,2026-02-01,2026-03-01,1,once\n2,V,recurring,60,S,I,2026-03-01,2026-04-01,2,\n"
        "3,V,credit,-3.00,,,,,,\n",
    }
    (invoice,) = facts(Invoice, files)
    (subscription,) = facts(Subscription, files)

    old, new, credit = invoice.lines
    assert [item.price_id for item in subscription.items] == [old.price_id, new.price_id]
    assert (old.discount_once, old.discount_forever, new.discount_once, new.discount_forever) == (100, 0, 0, 200)
    assert (LineKind.ONE_OFF, -300, None, day(3)) == (credit.kind, credit.amount, credit.price_id, credit.period_start)
    assert (invoice.subscription_id, invoice.total, invoice.amount_paid, invoice.tax) == ("S", 10900, 10900, 0)


def test_line_of_a_short_form_keeps_the_price_it_was_made_by(facts: Facts) -> None:
    files = {
        "invoices.csv": "invoice_id,account_id,status,currency,total,issued_at\nV,A,paid,usd,480,2025-01-01\n",
        "invoice_lines.csv": "line_id,invoice_id,kind,amount,quantity,subscription_id,period_start,period_end\n"
        "1,V,recurring,480,2,S,2025-01-01,2026-01-01\n2,V,recurring,49,1,S,2026-01-01,2026-02-01\n",
    }
    (invoice,) = facts(Invoice, files)
    (subscription,) = facts(Subscription, files)
    prices = {price.id: price for price in facts(Price, files)}

    yearly, monthly = invoice.lines
    assert (yearly.item_id, monthly.item_id) == ("S", "S")
    assert (Interval.YEAR, Decimal(24000)) == (
        prices[yearly.price_id].interval,
        prices[yearly.price_id].rates["usd"].unit_amount,
    )
    assert subscription.items[0].price_id == monthly.price_id


SUBSCRIPTION_COLUMNS = (
    "subscription_id,account_id,status,currency,started_at,ended_at,unit_amount,interval,"
    "discount_percent,discount_amount\n"
)
DISCOUNT_COLUMNS = "discount_id,target_kind,target_id,duration,percent,amount,currency,products\n"
TIERED = "item_id,subscription_id,started_at,interval,interval_count,unit_amount,scheme,ended_at"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            {"subscriptions.csv": SUBSCRIPTION_COLUMNS + "S,A,ended,usd,2026-01-01,,49,month,,\n"},
            "subscriptions.csv line 2, column ended_at: is empty, but the status is ended; write when it ended",
        ),
        (
            {"subscriptions.csv": SUBSCRIPTION_COLUMNS + "S,A,active,usd,2026-01-01,2026-02-01,49,month,,\n"},
            (
                "subscriptions.csv line 2, column ended_at: is filled, but the status is active; "
                "write ended, or use cancel_at for a day to come"
            ),
        ),
        (
            {"subscriptions.csv": SUBSCRIPTION_COLUMNS + "S,A,active,usd,2026-01-01,,49,month,1,1\n"},
            "subscriptions.csv line 2, column discount_amount: is filled beside discount_percent; keep one of the two",
        ),
        (
            {"subscriptions.csv": SUBSCRIPTION_COLUMNS + "S,A,active,usd,2026-01-01,,49,,,\n"},
            "subscriptions.csv line 2, column interval: is empty; the price of a subscription needs it",
        ),
        (
            {"subscriptions.csv": BARE},
            "subscriptions.csv line 2: has no price; fill unit_amount and interval, or add it to items.csv",
        ),
        (
            {"items.csv": ITEMS_HEADER + "\nI,S,2026-01-01,month,1,49,1,\n"},
            "subscriptions.csv line 2, column unit_amount: has a price here and in items.csv; keep one of the two",
        ),
        (
            items("I,S,2026-01-01,month,1,,1,"),
            "items.csv line 2, column unit_amount: is empty; write what one unit costs, 0 when it is free",
        ),
        (
            items("I,S,2026-01-01,month,1,,graduated,", header=TIERED),
            (
                'items.csv line 2, column scheme: is "graduated", but tiers.csv has no tiers for this item and '
                "started_at; add them"
            ),
        ),
        (
            items("I,S,2026-01-01,month,1,49,,2026-03-01", "I,S,2026-02-01,month,1,49,,", header=TIERED),
            "items.csv line 2, column ended_at: is after the item's next row (line 3) starts; mend or empty it",
        ),
        (
            items(
                "I,S,2026-01-01,month,1,49,1,", "I,S,2026-02-01,month,1,49,1,", "I@2026-01-01,S,2026-02-01,month,1,1,1,"
            ),
            "items.csv line 4, column item_id: is what Kahvi calls an earlier row of another item; rename it",
        ),
        (
            items("I,S,2026-01-01,month,1,49,1,", "I,S,2026-01-01T00:00:00Z,month,1,50,1,"),
            "items.csv line 3, column item_id, started_at: stands already in line 2; keep one of the two rows",
        ),
        (
            {**items("I,S,2026-01-01,month,1,49,1,"), "tiers.csv": "item_id,started_at,up_to\nI,2026-01-02,\n"},
            "tiers.csv line 2, column started_at: fits no row of items.csv; mend item_id or started_at",
        ),
        (
            {**items("I,S,2026-01-01,month,1,49,1,"), "tiers.csv": "item_id,started_at,up_to\nI,2026-01-01,\n"},
            "items.csv line 2, column scheme: is per_unit, but tiers.csv has tiers for it; write graduated or volume",
        ),
        (
            {
                **items("I,S,2026-01-01,month,1,1,volume,", header=TIERED),
                "tiers.csv": "item_id,started_at,up_to\nI,2026-01-01,10\n",
            },
            "tiers.csv line 2, column up_to: is the last tier and has an end; leave up_to empty in it",
        ),
        (
            {"discounts.csv": DISCOUNT_COLUMNS + "D,account,A,once,,,,\n"},
            "discounts.csv line 2, column percent: needs either percent or amount; fill one of the two",
        ),
        (
            {"discounts.csv": DISCOUNT_COLUMNS + "D,account,A,once,,5,,\n"},
            "discounts.csv line 2, column currency: is empty; an amount needs it",
        ),
        (
            {"discounts.csv": DISCOUNT_COLUMNS + "D,subscription,A,once,5,,,\n"},
            'discounts.csv line 2, column target_id: "A" is no subscription of these files; mend the id',
        ),
        (
            {"discounts.csv": DISCOUNT_COLUMNS + "D,account,A,once,5,,,Kti\n"},
            'discounts.csv line 2, column products: "Kti" is no product of these files; mend the name',
        ),
        (
            {
                "cards.csv": "account_id,exp_month,exp_year,is_default\nA,1,2027,true\nA,2,2027,true\n",
            },
            "cards.csv line 3, column is_default: is true for two cards of this account; keep one",
        ),
        (
            {
                "invoices.csv": "invoice_id,account_id,status,currency,total,issued_at\nV,A,paid,usd,1,2026-01-01\n",
                "invoice_lines.csv": "line_id,invoice_id,kind,amount,item_id\nL,V,one_off,1,X\n",
            },
            'invoice_lines.csv line 2, column item_id: "X" is no item of these files; add it or mend the id',
        ),
        (
            {
                "invoices.csv": "invoice_id,account_id,status,currency,total,issued_at\nV,A,paid,usd,1,2026-01-01\n",
                "invoice_lines.csv": "line_id,invoice_id,kind,amount,period_start\nL,V,recurring,1,2026-01-01\n",
            },
            "invoice_lines.csv line 2, column period_end: is empty; a recurring line needs it",
        ),
        (
            {
                "invoices.csv": "invoice_id,account_id,status,currency,total,issued_at\nV,A,paid,usd,1,2026-01-01\n",
                "invoice_lines.csv": "line_id,invoice_id,kind,amount,period_start,period_end\n"
                "L,V,recurring,1,2026-01-01,2026-01-01\n",
            },
            (
                "invoice_lines.csv line 2, column period_end: is the same as period_start; "
                "write the first day not paid for"
            ),
        ),
        (
            {"subscriptions.csv": None},
            "subscriptions.csv: is missing; add it, or both invoices.csv and invoice_lines.csv",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(problems: Problems, files: dict[str, Any], told: str) -> None:
    assert told in problems(files)


def test_item_of_two_subscriptions_is_told(problems: Problems) -> None:
    files = items("I,S,2026-01-01,month,1,49,1,", "I,T,2026-02-01,month,1,49,1,")
    told = problems({**files, "subscriptions.csv": BARE + "T,B,active,usd,2026-01-01\n"})

    assert "items.csv line 3, column item_id: is another subscription than in line 2; give it its own item_id" in told


def test_files_that_change_while_they_are_read_are_refused(
    folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder({})
    prints = iter(("before", "after"))
    monkeypatch.setattr(reading, "fingerprint", lambda _path: next(prints))

    with pytest.raises(ImportRejected) as rejected:
        read(path, zone=ZoneInfo("UTC"))

    assert "rename it into place" in rejected.value.problems[0]


@pytest.mark.parametrize(
    ("fault", "raised"),
    [(PermissionError(13, "Permission denied"), SourceRefused), (FileNotFoundError(2, "gone"), ImportRejected)],
    ids=["forbidden", "renamed away"],
)
@pytest.mark.parametrize("opened", [1, 3], ids=["before reading", "while reading"])
def test_file_that_cannot_be_opened_stops_the_read(
    folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, fault: OSError, raised: type[Exception], opened: int
) -> None:
    path, opens = folder({}), iter(range(1, 100))
    real = Path.open

    def opening(self: Path, *args: Any, **kwargs: Any) -> Any:
        if next(opens) >= opened:
            raise fault
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", opening)

    with pytest.raises(raised):
        read(path, zone=ZoneInfo("UTC"))


def test_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="cannot be read"):
        read(tmp_path / "nowhere", zone=ZoneInfo("UTC"))


def test_order_of_rows_changes_nothing_but_order(facts: Facts) -> None:
    header = "subscription_id,account_id,status,currency,started_at,unit_amount,interval\n"
    one, two = "S,A,active,usd,2026-01-01,49,month\n", "T,B,paused,eur,2026-01-01,12,year\n"

    forth = facts(Subscription, {"subscriptions.csv": header + one + two})
    back = facts(Subscription, {"subscriptions.csv": header + two + one})
    assert forth == back[::-1]
    assert replace(forth[0], id="T") != forth[1]
