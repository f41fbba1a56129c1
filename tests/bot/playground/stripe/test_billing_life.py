"""How subscriptions begin, renew and end, and how payments go."""

import pytest

from bot.playground.stripe.billing.books import Exhausted
from tests.bot.playground.stripe.world import World

DAY = 86_400


def test_the_first_period_is_paid_at_once(world: World) -> None:
    key = world.subscribe(world.customer())

    subscription, invoice = world.subscription(key), world.invoice(key)
    assert subscription["status"] == "active"
    assert (invoice["status"], invoice["total"], invoice["amount_paid"]) == ("paid", 15_000, 15_000)
    assert (invoice["billing_reason"], invoice["attempt_count"]) == ("subscription_create", 1)
    item = subscription["items"]["data"][0]
    assert item["current_period_end"] - item["current_period_start"] == 30 * DAY
    assert world.levels(key) == [(0, 15_000)]


def test_events_tell_a_sale_in_the_order_of_its_acts(world: World) -> None:
    world.subscribe(world.customer())

    assert world.events() == [
        "customer.created",
        "payment_method.attached",
        "invoice.created",
        "customer.subscription.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_a_renewal_stays_a_draft_for_an_hour(world: World) -> None:
    key = world.subscribe(world.customer())

    world.go(30.01)
    assert world.invoice(key)["status"] == "draft"
    assert world.invoice(key)["number"] is None

    world.go(30.1)
    invoice = world.invoice(key)
    assert (invoice["status"], invoice["billing_reason"]) == ("paid", "subscription_cycle")
    # The invoice speaks of the period in which its items were gathered, the line of what it pays for.
    assert (invoice["period_start"], invoice["period_end"]) == (world.start, world.start + 30 * DAY)
    assert invoice["lines"]["data"][0]["period"]["start"] == world.start + 30 * DAY


def test_a_trial_converts_when_it_ends(world: World) -> None:
    key = world.subscribe(world.customer(), trial=14)
    assert world.subscription(key)["status"] == "trialing"
    assert world.invoice(key)["total"] == 0

    world.go(20)
    assert world.subscription(key)["status"] == "active"
    assert world.invoice(key)["amount_paid"] == 15_000
    assert world.levels(key) == [(14, 15_000)]
    assert "customer.subscription.trial_will_end" in world.events()


def test_seats_changed_on_trial_cost_nothing_yet(world: World) -> None:
    key = world.subscribe(world.customer(), trial=14)

    world.go(5)
    world.billing.change_quantity(key, 20)
    world.billing.change_plan(key, world.prices["business_annual"], 20)
    world.go(20)

    assert [invoice["total"] for invoice in world.invoices(key)] == [0, 20 * 29_000]
    assert world.levels(key) == [(14, round(20 * 29_000 / 12))]


def test_a_trial_without_a_card_pauses(world: World) -> None:
    key = world.subscribe(world.customer(card=None), trial=14)

    world.go(60)

    paused = world.subscription(key)
    assert paused["status"] == "paused"
    assert paused["status_details"]["paused"]["subscription"]["type"] == "trial_end_without_payment_method"
    assert world.levels(key) == []


def test_a_trial_given_up_before_its_end_never_counts(world: World) -> None:
    key = world.subscribe(world.customer(), trial=14)
    world.go(3)
    world.billing.schedule_cancel(key, "unused", None)

    world.go(30)

    assert world.subscription(key)["status"] == "canceled"
    assert world.levels(key) == []
    assert "customer.subscription.trial_will_end" in world.events()


def test_retries_go_on_for_fifteen_days_and_then_it_is_canceled(world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer)
    world.billing.declines(customer, world.start + 20 * DAY, world.start + 90 * DAY, "expired_card")
    attempts = []
    for days in (30.1, 33.1, 38.1, 45.1):
        world.go(days)
        invoice = world.invoice(key)
        attempts.append((invoice["attempt_count"], world.subscription(key)["status"]))

    assert attempts == [(1, "past_due"), (2, "past_due"), (3, "past_due"), (4, "canceled")]
    ended = world.subscription(key)
    assert ended["cancellation_details"]["reason"] == "payment_failed"
    assert invoice["next_payment_attempt"] is None
    assert world.store["customers"][customer]["delinquent"] is True
    charge = world.store["charges"][next(world.store["charges"].walk())]
    assert (charge["status"], charge["failure_code"]) == ("failed", "expired_card")
    assert charge["outcome"]["advice_code"] == "confirm_card_data"
    assert [mrr for _, mrr in world.levels(key)] == [15_000, 0]


@pytest.mark.parametrize(("wish", "mrr"), [("unpaid", 0), ("past_due", 15_000)])
def test_what_follows_the_last_retry_is_the_accounts_choice(world: World, wish: Exhausted, mrr: int) -> None:
    customer = world.customer()
    key = world.subscribe(customer)
    world.books.habits[customer].when_exhausted = wish
    world.billing.declines(customer, world.start + 20 * DAY, world.start + 400 * DAY)

    world.go(46)

    assert world.subscription(key)["status"] == wish
    assert world.levels(key)[-1][1] == mrr


def test_an_unpaid_subscription_goes_on_making_drafts(world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer)
    world.books.habits[customer].when_exhausted = "unpaid"
    world.billing.declines(customer, world.start + 20 * DAY, world.start + 400 * DAY)

    world.go(70)

    assert [invoice["status"] for invoice in world.invoices(key)] == ["paid", "open", "draft"]


def test_a_card_that_works_again_is_charged_by_the_next_retry(world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer)
    world.billing.declines(customer, world.start + 29 * DAY, world.start + 32 * DAY)

    world.go(34)

    assert world.subscription(key)["status"] == "active"
    assert world.invoice(key)["attempt_count"] == 2
    assert world.store["customers"][customer]["delinquent"] is False
    assert world.levels(key) == [(0, 15_000)]


def test_a_payment_can_be_made_to_fail_and_to_recover_now(world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer)
    world.go(10)

    invoice = world.billing.fail_payment(customer)
    assert world.subscription(key)["status"] == "past_due"
    assert world.store["invoices"][invoice]["status"] == "open"
    assert world.billing.fail_payment(customer, "do_not_honor") == invoice
    assert world.store["invoices"][invoice]["attempt_count"] == 2

    assert world.billing.recover_payment(customer) == invoice
    assert world.subscription(key)["status"] == "active"
    assert world.store["invoices"][invoice]["amount_remaining"] == 0
    assert world.levels(key) == [(0, 15_000)]
    with pytest.raises(ValueError, match="no open invoice"):
        world.billing.recover_payment(customer)


def test_without_a_card_no_payment_fails_and_nothing_changes(world: World) -> None:
    customer = world.customer(card=None)
    key = world.subscribe(customer, due=14)
    world.go(20)
    before = (world.invoices(key), world.events())

    with pytest.raises(ValueError, match="has no card"):
        world.billing.fail_payment(customer)

    assert (world.invoices(key), world.events()) == before
    assert world.books.habits[customer].declines == []


def test_a_payment_that_recovered_or_ended_is_not_tried_again(world: World) -> None:
    first, second = world.customer(), world.customer()
    paid, ended = world.subscribe(first), world.subscribe(second)
    world.go(10)
    world.billing.fail_payment(first)
    world.billing.fail_payment(second)
    world.billing.recover_payment(first)
    world.billing.cancel(second)

    world.go(20)

    assert world.invoice(paid)["attempt_count"] == 2
    assert (world.invoice(ended)["attempt_count"], world.invoice(ended)["status"]) == (1, "open")


def test_seats_that_waited_for_a_renewal_are_billed_when_none_will_come(world: World) -> None:
    key = world.subscribe(world.customer())
    world.go(15)
    world.billing.change_quantity(key, 20)

    world.billing.cancel(key)

    assert [invoice["total"] for invoice in world.invoices(key)] == [15_000, 7_500]
    assert world.invoice(key)["status"] == "paid"
    assert world.subscription(key)["status"] == "canceled"


def test_nothing_is_billed_to_a_customer_that_is_gone(world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer, coupons=("launch",))
    world.billing.discount(customer, world.coupons["launch"])
    world.go(15)
    world.billing.change_quantity(key, 20)

    world.billing.delete_customer(customer)
    world.go(120)

    assert len(world.invoices(key)) == 1


def test_a_draft_of_a_customer_that_is_gone_stays_a_draft(world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer)
    world.go(30.02)
    assert world.invoice(key)["status"] == "draft"

    world.billing.delete_customer(customer)
    world.go(120)

    assert [invoice["status"] for invoice in world.invoices(key)] == ["paid", "draft"]


def test_an_open_invoice_of_a_customer_that_is_gone_stays_open(world: World) -> None:
    mailed, carded = world.customer("By mail"), world.customer("By card")
    sent, charged = world.subscribe(mailed, due=30), world.subscribe(carded)
    world.billing.fail_payment(carded)
    world.go(1)

    world.billing.delete_customer(mailed)
    world.billing.delete_customer(carded)
    world.go(120)

    assert {world.invoice(key)["status"] for key in (sent, charged)} == {"open"}


def test_a_first_payment_that_fails_begins_nothing(world: World) -> None:
    customer = world.customer()
    world.billing.declines(customer, world.start, world.start + 90 * DAY, "incorrect_cvc")
    key = world.subscribe(customer)
    assert world.subscription(key)["status"] == "incomplete"

    world.go(2)

    assert world.subscription(key)["status"] == "incomplete_expired"
    assert world.invoice(key)["status"] == "void"
    assert world.levels(key) == []


def test_a_first_payment_may_come_late(world: World) -> None:
    customer = world.customer()
    world.billing.declines(customer, world.start, world.start + 90 * DAY, "incorrect_cvc")
    key = world.subscribe(customer)
    world.go(0.5)

    world.billing.recover_payment(customer)
    world.go(2)

    assert world.subscription(key)["status"] == "active"
    assert world.levels(key) == [(0.5, 15_000)]


def test_notice_ends_it_with_the_period_and_keeps_the_words(world: World) -> None:
    key = world.subscribe(world.customer())
    world.go(10)
    world.billing.schedule_cancel(key, "too_expensive", "Budget cut")
    asked = world.subscription(key)
    assert (asked["cancel_at"], asked["canceled_at"]) == (world.start + 30 * DAY, world.start + 10 * DAY)
    assert asked["status"] == "active"

    world.go(31)

    ended = world.subscription(key)
    assert (ended["status"], ended["ended_at"]) == ("canceled", world.start + 30 * DAY)
    assert ended["canceled_at"] == world.start + 10 * DAY
    assert ended["cancellation_details"]["comment"] == "Budget cut"
    assert world.levels(key) == [(0, 15_000), (30, 0)]
    assert len(world.invoices(key)) == 1


def test_a_trial_that_ended_early_is_not_announced(world: World) -> None:
    key = world.subscribe(world.customer(), trial=14)
    world.billing.cancel(key)

    world.go(20)

    assert "customer.subscription.trial_will_end" not in world.events()


def test_notice_can_be_withdrawn(world: World) -> None:
    key = world.subscribe(world.customer())
    world.billing.schedule_cancel(key, "unused")
    world.billing.keep(key)

    world.go(31)

    assert world.subscription(key)["status"] == "active"
    assert world.subscription(key)["cancellation_details"]["feedback"] is None
    assert world.levels(key) == [(0, 15_000)]


def test_an_end_at_once_is_told_with_what_changed(world: World) -> None:
    key = world.subscribe(world.customer())
    world.go(3)

    world.billing.cancel(key, "switched_service", "Bye")

    last = next(iter(world.store["events"]))
    assert last["type"] == "customer.subscription.deleted"
    assert last["data"]["object"]["ended_at"] == world.start + 3 * DAY
    assert last["data"]["previous_attributes"]["status"] == "active"
    with pytest.raises(ValueError, match="no living subscription"):
        world.billing.cancel(world.subscription(key)["customer"])


def test_an_invoice_by_mail_falls_due_and_is_paid_late(world: World) -> None:
    customer = world.customer()
    world.books.habits[customer].pays_after = 40 * DAY
    key = world.subscribe(customer, "business_annual", 10, due=30)
    invoice = world.invoice(key)
    assert (invoice["status"], invoice["due_date"]) == ("open", world.start + 30 * DAY)

    world.go(31)
    assert world.subscription(key)["status"] == "past_due"
    assert "invoice.overdue" in world.events()

    world.go(41)
    assert world.subscription(key)["status"] == "active"
    assert world.invoice(key)["status"] == "paid"


def test_an_invoice_by_mail_that_is_paid_in_time_is_never_overdue(world: World) -> None:
    key = world.subscribe(world.customer(), due=30)

    world.go(35)

    assert "invoice.overdue" not in world.events()
    assert world.invoices(key)[0]["status"] == "paid"


@pytest.mark.parametrize(("behavior", "status"), [("void", "void"), ("keep_as_draft", "draft")])
def test_a_paused_collection_keeps_the_status_and_asks_for_nothing(world: World, behavior: str, status: str) -> None:
    key = world.subscribe(world.customer())
    world.go(10)
    world.billing.pause_collection(key, days=30, behavior=behavior)

    world.go(31)
    assert world.subscription(key)["status"] == "active"
    assert world.invoice(key)["status"] == status

    world.go(62)
    assert world.subscription(key)["pause_collection"] is None
    assert world.invoice(key)["status"] == "paid"
    assert world.levels(key) == [(0, 15_000)]


def test_a_collection_paused_for_good_can_be_resumed(world: World) -> None:
    key = world.subscribe(world.customer())
    world.billing.pause_collection(key)
    world.billing.resume_collection(key)
    world.billing.resume_collection(key)

    assert world.subscription(key)["pause_collection"] is None


def test_a_deleted_customer_leaves_a_tombstone_and_ended_subscriptions(world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer)

    world.billing.delete_customer(customer)

    assert customer not in world.store["customers"]
    assert world.store["customers"].tombstones[customer]["deleted"] is True
    assert world.subscription(key)["status"] == "canceled"
    assert world.events()[-1] == "customer.deleted"


def test_a_changed_customer_tells_the_old_name(world: World) -> None:
    customer = world.customer("Old")
    world.billing.update_customer(customer, name="New")

    event = next(iter(world.store["events"]))
    assert event["data"]["object"]["name"] == "New"
    assert event["data"]["previous_attributes"] == {"name": "Old"}
    assert world.billing.find_customer("New") == customer
    with pytest.raises(KeyError):
        world.billing.find_customer("Old")


def test_events_older_than_thirty_days_are_not_kept(world: World) -> None:
    world.books.events_since = world.start + DAY
    world.customer()

    assert world.events() == []
