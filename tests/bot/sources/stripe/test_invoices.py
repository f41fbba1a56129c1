from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.sources.stripe.discounts import Known, coupon_of
from bot.sources.stripe.fields import Unreadable
from bot.sources.stripe.invoices import deleted_invoice, invoice_coupons, parse_invoice
from bot.sources.stripe.lines import line_prices
from bot.sources.stripe.pending import parse_pending
from storage.facts import Collection, Invoice, InvoiceLine, InvoiceStatus, LineKind, Usage
from tests.bot.sources.stripe import payloads as stripe

FEB, MAR = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)


def one(known: Known | None = None, **over: Any) -> Invoice:
    invoice = next(parse_invoice(stripe.invoice(**over), known or Known()))
    assert isinstance(invoice, Invoice)
    return invoice


def only_line(known: Known | None = None, **over: Any) -> InvoiceLine:
    (line,) = one(known, lines=stripe.listed([stripe.line(**over)])).lines
    return line


def test_an_invoice_of_today() -> None:
    expected = Invoice(
        id="in_1",
        account_id="cus_1",
        source="stripe",
        status=InvoiceStatus.PAID,
        status_word="paid",
        currency="usd",
        total=24500,
        tax=0,
        amount_due=24500,
        amount_paid=24500,
        issued_at=datetime(2026, 2, 1, 1, tzinfo=UTC),
        number="ACME-0002",
        subscription_id="sub_1",
        paid_at=datetime(2026, 2, 1, 1, 1, 40, tzinfo=UTC),
        attempt_count=1,
        hosted_url="https://invoice.stripe.com/i/acct/live_x",
        payment_refs=("pi_1",),
        lines=(
            InvoiceLine(
                id="il_1",
                kind=LineKind.RECURRING,
                amount=24500,
                quantity=Decimal(5),
                period_start=FEB,
                period_end=MAR,
                subscription_id="sub_1",
                item_id="si_1",
                price_id="price_1",
                description="5 x Team (at $49.00 / month)",
            ),
        ),
    )

    assert expected == one()


def test_an_invoice_of_old() -> None:
    (old,) = parse_invoice(stripe.old_invoice(), Known())

    assert isinstance(old, Invoice)
    assert (
        old.subscription_id,
        old.payment_refs,
        old.tax,
        old.status,
        old.collection,
        old.due_at,
        old.issued_at,
    ) == ("sub_old", ("pi_old", "ch_old"), 3828, InvoiceStatus.OPEN, Collection.INVOICE, MAR, FEB)
    (line,) = old.lines
    assert (
        line.subscription_id,
        line.item_id,
        line.price_id,
        line.kind,
        line.discount_repeating,
        line.tax_inside,
    ) == ("sub_old", "si_old", "plan_gold", LineKind.RECURRING, 500, 3828)


def test_discounts_of_a_line_are_split_by_how_long_they_repeat() -> None:
    known = Known(coupons={"ONCE": coupon_of(stripe.coupon("ONCE", duration="once")), "GONE": None})
    invoice = one(
        known,
        discounts=[stripe.discount("di_forever", source=stripe.coupon())],
        total_discount_amounts=[
            {"amount": 100, "discount": stripe.discount("di_once", source="ONCE")},
            {"amount": 40, "discount": stripe.discount("di_ends", source="GONE", end=stripe.MAR)},
            {"amount": 20, "discount": stripe.discount("di_gone", source="GONE")},
        ],
        lines=stripe.listed(
            [
                stripe.line(
                    discount_amounts=[
                        {"amount": 4900, "discount": "di_forever"},
                        {"amount": 100, "discount": "di_once"},
                        {"amount": 40, "discount": "di_ends"},
                        {"amount": 20, "discount": "di_gone"},
                        {"amount": 1, "discount": "di_never_seen"},
                    ]
                )
            ]
        ),
    )

    (line,) = invoice.lines
    assert (line.discount_forever, line.discount_repeating, line.discount_once) == (4900, 40, 121)


def test_the_coupons_and_prices_that_must_be_known() -> None:
    raw = stripe.invoice(
        discounts=[stripe.discount(source="A")],
        total_discount_amounts=[{"amount": 1, "discount": stripe.discount(source=stripe.coupon("B"))}],
        lines=stripe.listed([stripe.line(discounts=[stripe.discount(source="C")]), stripe.old_line()]),
    )

    assert ({"A", "B", "C"}, {"price_1"}) == (set(invoice_coupons(raw)), set(line_prices(raw)))


def test_a_metered_price_makes_a_usage_line() -> None:
    assert only_line(Known(usages={"price_1": Usage.METERED})).kind == LineKind.USAGE
    assert only_line(Known(usages={"price_1": Usage.LICENSED})).kind == LineKind.RECURRING
    assert only_line(Known(usages={"price_1": None})).kind == LineKind.RECURRING


def added(*, proration: bool, subscription: str | None) -> stripe.Object:
    details = {"invoice_item": "ii_1", "proration": proration, "subscription": subscription}
    return {"type": "invoice_item_details", "invoice_item_details": details, "subscription_item_details": None}


def test_what_was_added_by_hand_is_one_off_and_a_correction_is_not() -> None:
    by_hand = only_line(parent=added(proration=False, subscription="sub_1"))
    correction = only_line(parent=added(proration=True, subscription="sub_1"), amount=-1200, subtotal=-1200)

    assert (by_hand.kind, by_hand.proration, by_hand.item_id) == (LineKind.ONE_OFF, False, None)
    assert (
        correction.kind,
        correction.proration,
        correction.amount,
        correction.subscription_id,
    ) == (LineKind.RECURRING, True, -1200, "sub_1")


def test_inclusive_tax_stays_inside_the_amount() -> None:
    taxes = [
        {"amount": 4744, "tax_behavior": "inclusive", "type": "tax_rate_details"},
        {"amount": 99, "tax_behavior": "exclusive", "type": "tax_rate_details"},
    ]

    line = only_line(taxes=taxes, subtotal=24500 - 4744)

    assert (line.amount, line.tax_inside) == (24500, 4744)


def test_an_amount_that_is_net_of_item_discounts_gives_way_to_the_subtotal() -> None:
    assert only_line(amount=19600, subtotal=24500).amount == 24500
    assert only_line(amount=-19600, subtotal=-24500).amount == -24500


def test_a_fraction_of_a_unit_is_exact() -> None:
    assert Decimal("2.5") == only_line(quantity=2, quantity_decimal="2.5").quantity
    assert Decimal(2) == only_line(quantity=2, quantity_decimal=None).quantity


def test_a_line_without_a_sound_period_stands_at_the_invoice() -> None:
    line = only_line(period={"start": "soon", "end": None})

    assert (datetime(2026, 2, 1, 1, tzinfo=UTC),) * 2 == (line.period_start, line.period_end)


def test_an_unknown_status_keeps_its_word() -> None:
    invoice = one(status="simmering")

    assert (invoice.status, invoice.status_word) == (InvoiceStatus.UNKNOWN, "simmering")


def test_a_thrown_away_draft_leaves_a_void_invoice() -> None:
    tomb = deleted_invoice(stripe.invoice(status="draft"))

    assert (tomb.id, tomb.status, tomb.status_word, tomb.lines) == ("in_1", InvoiceStatus.VOID, "deleted", ())


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ({"total": "24500"}, "total"),
        ({"total": 10**30}, "total"),
        ({"customer": None}, "customer"),
        ({"currency": "dollars"}, "currency"),
        ({"effective_at": None, "status_transitions": None, "created": None}, "issued"),
        ({"lines": [{"id": "il_1", "amount": None}]}, "amount"),
        ({"lines": [{"id": None, "amount": 1}]}, "id"),
    ],
)
def test_what_it_cannot_do_without(over: stripe.Object, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        one(**over)


def test_durations_of_unknown_words_count_once() -> None:
    seasonal = stripe.discount("di_1", source=stripe.coupon(duration="seasonal"))

    line = only_line(discounts=[seasonal], discount_amounts=[{"amount": 5, "discount": "di_1"}])

    assert line.discount_once == 5


def test_an_item_that_waited_is_void_with_the_invoice_that_holds_it() -> None:
    today = {"subscription": "sub_1", "subscription_item": "si_1", "proration": True, "invoice_item": "ii_1"}
    by_hand = {"subscription": None, "invoice_item": "ii_2"}
    lines = [
        stripe.line(id="il_1", parent={"subscription_item_details": today}),
        stripe.line(id="il_2", parent={"invoice_item_details": by_hand}),
        stripe.line(id="il_3", parent=None, subscription="sub_1", invoice_item="ii_3"),
    ]

    _, *items = parse_invoice(stripe.invoice(lines=stripe.listed(lines)), Known())

    (by_itself,) = parse_pending(stripe.pending(invoice="in_1"), Known())
    assert isinstance(by_itself, Invoice)
    assert items == [by_itself, replace(by_itself, id="ii_3")]


@pytest.mark.parametrize(
    "over",
    [
        {"attempt_count": 10**9 + 1},
        {"amount_paid": 10**14},
        {"total_taxes": [{"amount": 10**13}] * 2},
        {"lines": stripe.listed([stripe.line(amount=10**14)])},
        {"lines": stripe.listed([stripe.line(quantity_decimal=str(10**14))])},
        {"lines": stripe.listed([stripe.line(discount_amounts=[{"amount": 10**13, "discount": "di"}] * 2)])},
        {"lines": stripe.listed([stripe.line(taxes=[{"amount": 10**13, "tax_behavior": "inclusive"}] * 2)])},
    ],
)
def test_an_absurd_number_or_sum_makes_an_invoice_unreadable(over: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="beyond all reason"):
        one(**over)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://invoice.stripe.com/i/acct_1/live_x?s=ap", True),
        ("http://127.0.0.1:8080/i", True),
        ("javascript:alert(1)", False),
        ("slack://open", False),
        ("https://a.example/|x> <!channel>", False),
        ("https://a.example/\n", False),
        ("https://", False),
        ("https://a.example/" + "x" * 2000, False),
        (7, False),
    ],
)
def test_only_a_sound_web_address_becomes_a_link(address: object, *, shown: bool) -> None:
    assert one(hosted_invoice_url=address).hosted_url == (address if shown else None)
