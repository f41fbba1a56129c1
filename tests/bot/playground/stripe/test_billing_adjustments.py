"""Refunds, disputes, credit notes, write-offs, one-off invoices."""

import pytest

from bot.playground.stripe.store import Object
from tests.bot.playground.stripe.world import World


def last_event(world: World) -> Object:
    return next(iter(world.store["events"]))


def test_a_refund_in_two_parts(world: World) -> None:
    customer = world.customer()
    world.subscribe(customer)

    world.billing.refund(customer, 5_000)
    charge = world.billing.last_charge(customer)
    assert (charge["amount_refunded"], charge["refunded"]) == (5_000, False)

    refund = world.store["refunds"][world.billing.refund(customer)]
    assert refund["amount"] == 10_000
    assert world.billing.last_charge(customer)["refunded"] is True
    assert world.store["balance_transactions"][refund["balance_transaction"]]["amount"] == -10_000
    assert last_event(world)["type"] == "charge.refunded"


def test_nothing_paid_means_nothing_to_refund(world: World) -> None:
    with pytest.raises(ValueError, match="paid nothing"):
        world.billing.refund(world.customer())


@pytest.mark.parametrize(("won", "status", "moves"), [(True, "won", 2), (False, "lost", 1)])
def test_a_dispute_takes_the_money_until_it_is_won(world: World, won: bool, status: str, moves: int) -> None:
    customer = world.customer()
    world.subscribe(customer)
    key = world.billing.dispute(customer, "unrecognized")
    dispute = world.store["disputes"][key]
    assert (dispute["status"], dispute["amount"]) == ("needs_response", 15_000)
    assert world.store["charges"][dispute["charge"]]["disputed"] is True

    world.billing.close_dispute(key, won=won)

    assert world.store["disputes"][key]["status"] == status
    assert len(world.store["disputes"][key]["balance_transactions"]) == moves


def test_a_credit_note_on_a_paid_invoice_refunds_it(world: World) -> None:
    key = world.subscribe(world.customer())
    invoice = world.invoice(key)

    note = world.store["credit_notes"][world.billing.credit_note(invoice["id"], 4_000, memo="Outage")]

    assert (note["type"], note["post_payment_amount"], note["memo"]) == ("post_payment", 4_000, "Outage")
    assert world.store["refunds"][note["refunds"][0]["refund"]]["amount"] == 4_000
    assert world.invoice(key)["post_payment_credit_notes_amount"] == 4_000


def test_a_credit_note_on_an_open_invoice_lowers_what_is_owed(world: World) -> None:
    key = world.subscribe(world.customer(), due=30)
    invoice = world.invoice(key)["id"]

    world.billing.credit_note(invoice, 4_000)
    assert world.invoice(key)["amount_remaining"] == 11_000

    world.billing.credit_note(invoice, 11_000)
    assert world.invoice(key)["status"] == "paid"


def test_invoices_are_voided_or_given_up(world: World) -> None:
    first = world.subscribe(world.customer(), due=30)
    second = world.subscribe(world.customer(), due=30)

    world.billing.void(world.invoice(first)["id"])
    world.billing.write_off(world.invoice(second)["id"])
    world.go(31)

    assert world.invoices(first)[0]["status"] == "void"
    assert world.invoices(second)[0]["status"] == "uncollectible"
    assert "invoice.overdue" not in world.events()


def test_one_off_work_is_invoiced_without_a_subscription(world: World) -> None:
    customer = world.customer()
    made = world.store["invoices"][world.billing.one_off(customer, 30_000, "Workshop")]

    assert (made["parent"], made["billing_reason"], made["status"]) == (None, "manual", "paid")
    details = made["lines"]["data"][0]["parent"]
    assert details["type"] == "invoice_item_details"
    assert world.truth.levels == []


def test_a_one_off_that_fails_is_tried_again(world: World) -> None:
    customer = world.customer()
    world.billing.declines(customer, world.start - 9, world.start + 86_400)
    key = world.billing.one_off(customer, 30_000, "Workshop")
    assert world.store["invoices"][key]["status"] == "open"

    world.go(4)

    assert world.store["invoices"][key]["status"] == "paid"
    assert world.store["customers"][customer]["delinquent"] is False
