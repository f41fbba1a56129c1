"""The company is believable, the same for the same seed, and consistent in every object."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bot.money import exponent
from bot.playground.company import Company, Level
from bot.playground.company.names import NASTY
from bot.playground.company.rates import to_dollars
from bot.playground.stripe.billing.dates import DAY, seconds
from bot.playground.stripe.billing.lines import discounted
from bot.playground.stripe.store import Object, Store

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def digest(company: Company) -> str:
    told = hashlib.sha256()
    for name in Store.NAMES:
        for key in company.store[name].walk():
            told.update(company.store[name].text(key).encode())
    return told.hexdigest()


def dollars(level: Level) -> float:
    major = level.mrr / 10 ** exponent(level.currency)
    return major if level.currency == "usd" else major * float(to_dollars(level.currency, seconds(NOW)))


def by_account(company: Company, instant: datetime) -> Counter[str]:
    worth: Counter[str] = Counter()
    for level in company.truth.at(instant).values():
        worth[level.account] += round(dollars(level))
    return worth


def named(company: Company, name: str) -> Object:
    return company.store["customers"][company.billing.find_customer(name)]


def subscriptions(company: Company, name: str) -> list[Object]:
    found = company.store["subscriptions"]
    return [found[key] for key in found.walk(narrow=("customer", named(company, name)["id"]))]


def test_the_same_seed_and_moment_give_the_same_bytes() -> None:
    first, second, other = Company(5, NOW, 80, 14), Company(5, NOW, 80, 14), Company(6, NOW, 80, 14)

    assert digest(first) == digest(second) != digest(other)
    assert first.truth.levels == second.truth.levels


def test_an_hour_later_on_the_same_day_the_past_is_the_same() -> None:
    early, late = Company(5, NOW, 80, 14), Company(5, NOW + timedelta(hours=9), 80, 14)

    assert early.truth.levels != []
    known = {(level.subscription, level.at): level.mrr for level in late.truth.levels}
    assert all(known[level.subscription, level.at] == level.mrr for level in early.truth.levels)


def test_nothing_has_happened_after_now(company: Company) -> None:
    for name in Store.NAMES:
        assert all(held["created"] <= company.now for held in company.store[name])
    assert all(level.at <= NOW for level in company.truth.levels)
    assert all(due.at > company.now for due in company.books.agenda)


def test_revenue_grows_to_a_believable_size(company: Company) -> None:
    worth = [sum(by_account(company, NOW - timedelta(days=days)).values()) for days in (720, 540, 360, 180, 0)]

    assert worth == sorted(worth)
    assert 150_000 <= worth[-1] <= 250_000
    assert 24 <= sum(value >= 1_000 for value in by_account(company, NOW).values()) <= 80
    assert len(company.store["customers"]) >= 395


def test_every_kind_of_story_is_there(company: Company) -> None:
    store = company.store
    statuses = {held["status"] for held in store["subscriptions"]}
    assert statuses == {"active", "canceled", "past_due", "trialing", "unpaid", "paused", "incomplete_expired"}
    assert {held["status"] for held in store["invoices"]} == {"paid", "open", "void", "uncollectible", "draft"}
    assert {held["status"] for held in store["disputes"]} == {"needs_response", "won", "lost"}
    reasons = {held["cancellation_details"]["reason"] for held in store["subscriptions"]}
    assert reasons == {None, "cancellation_requested", "payment_failed", "payment_disputed"}
    assert {held["currency"] for held in store["subscriptions"]} == {"usd", "eur", "gbp", "jpy", "kwd"}
    durations = {store["coupons"][held["source"]["coupon"]]["duration"] for held in store["discounts"]}
    assert durations == {"once", "repeating", "forever"}
    for name in ("refunds", "credit_notes", "disputes"):
        assert len(store[name]) >= 3
    intervals = {item["price"]["recurring"]["interval"] for item in store["subscription_items"]}
    assert intervals == {"week", "month", "year"}
    schemes = {item["price"]["tiers_mode"] for item in store["subscription_items"]}
    assert schemes == {None, "graduated", "volume"}
    assert any(held["pause_collection"] for held in store["subscriptions"])
    assert len(store["customers"].tombstones) >= 1


def test_there_is_one_acme_corp_with_a_history_and_a_payment_that_failed_yesterday(company: Company) -> None:
    names = [held["name"] for held in company.store["customers"]]
    assert names.count("Acme Corp") == 1
    assert {"Acme Labs", "Acne Studios"} < set(names)

    acme, (subscription,) = named(company, "Acme Corp"), subscriptions(company, "Acme Corp")
    assert acme["email"] == "wile.coyote@acme.example"
    assert acme["metadata"]["csm"].endswith("@kettle.example")
    invoice = company.store["invoices"][subscription["latest_invoice"]]
    assert (subscription["status"], invoice["status"]) == ("past_due", "open")
    assert invoice["next_payment_attempt"] > company.now
    failed = company.store["charges"][next(company.store["charges"].walk(narrow=("customer", acme["id"])))]
    assert (failed["status"], datetime.fromtimestamp(failed["created"], UTC).date()) == (
        "failed",
        (NOW - timedelta(days=1)).date(),
    )
    assert len(company.truth.of(acme["id"])) >= 6


def test_yesterday_had_something_of_everything(company: Company) -> None:
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    before, after = by_account(company, midnight), by_account(company, midnight + timedelta(days=1))
    moved = {key: (before[key], after[key]) for key in before | after if before[key] != after[key]}

    assert any(old == 0 < new for old, new in moved.values())
    assert any(0 < old < new for old, new in moved.values())
    assert any(old > new > 0 for old, new in moved.values())
    assert any(old >= 1_000 and new == 0 for old, new in moved.values())
    (leaving,) = subscriptions(company, "Nordlicht Logistik GmbH")
    assert leaving["cancel_at_period_end"] is True
    assert leaving["cancel_at"] > company.now
    assert midnight < datetime.fromtimestamp(leaving["canceled_at"], UTC) < midnight + timedelta(days=1)
    assert after[leaving["customer"]] >= 2_000


def test_renewals_trials_and_cards_that_need_a_look_soon(company: Company) -> None:
    horizon = company.now + 14 * DAY
    annual = [
        held["customer"]
        for held in company.store["subscriptions"]
        if held["status"] == "active"
        and held["items"]["data"][0]["price"]["recurring"]["interval"] == "year"
        and held["items"]["data"][0]["current_period_end"] <= horizon
    ]
    worth = by_account(company, NOW)
    assert sum(worth[customer] >= 1_000 for customer in annual) >= 3
    trials = [held["trial_end"] for held in company.store["subscriptions"] if held["status"] == "trialing"]
    assert sum(end <= company.now + 7 * DAY for end in trials) >= 2
    soon = [
        held["customer"]
        for held in company.store["payment_methods"]
        if (held["card"]["exp_year"], held["card"]["exp_month"]) in {(2026, 11), (2026, 12), (2027, 1)}
    ]
    assert sum(worth[customer] >= 1_000 for customer in soon) >= 2
    overdue = [held for held in company.store["invoices"] if held["status"] == "open" and held["due_date"]]
    assert any(held["due_date"] < company.now for held in overdue)


def test_names_that_break_careless_programs_are_among_the_customers(company: Company) -> None:
    names = {held["name"] for held in company.store["customers"]}

    assert set(NASTY) < names
    assert all(held["email"].endswith(".example") for held in company.store["customers"])


def test_every_invoice_adds_up(company: Company) -> None:
    for invoice in company.store["invoices"]:
        lines = company.store.lines[invoice["id"]]
        taxes = sum(tax["amount"] for line in lines for tax in line["taxes"])
        assert invoice["total"] == sum(line["amount"] - discounted(line) for line in lines) + taxes
        taken = sum(row["amount"] for row in invoice["total_discount_amounts"])
        assert invoice["total_excluding_tax"] == sum(line["amount"] for line in lines) - taken
        assert invoice["amount_paid"] + invoice["amount_remaining"] == invoice["amount_due"]
        assert invoice["lines"]["data"] == lines[:10]
        assert all(discounted(line) <= max(0, line["amount"]) for line in lines)


def test_every_reference_leads_somewhere(company: Company) -> None:
    store = company.store
    customers = {held["id"] for held in store["customers"]} | set(store["customers"].tombstones)
    for kind in ("subscriptions", "invoices", "charges", "payment_intents", "payment_methods", "credit_notes"):
        assert {held["customer"] for held in store[kind]} <= customers
    for subscription in store["subscriptions"]:
        assert subscription["latest_invoice"] in store["invoices"]
        assert subscription["items"]["total_count"] >= 1
        assert all(key in store["discounts"] for key in subscription["discounts"])
    for charge in store["charges"]:
        assert charge["payment_intent"] in store["payment_intents"]
        assert (charge["balance_transaction"] is None) == (charge["status"] == "failed")
    for event in store["events"]:
        assert event["created"] >= company.now - 30 * DAY


def test_foreign_money_carries_the_days_rate(company: Company) -> None:
    for charge in company.store["charges"]:
        if charge["status"] == "succeeded":
            transaction = company.store["balance_transactions"][charge["balance_transaction"]]
            foreign = charge["currency"] != "usd"
            rate = float(to_dollars(charge["currency"], charge["created"])) if foreign else None
            assert transaction["exchange_rate"] == rate


@pytest.mark.parametrize("accounts", [0, 1, 5, 60])
def test_a_company_of_any_size(accounts: int) -> None:
    small = Company(2, NOW, accounts=accounts, months=3)

    assert len(small.store["customers"]) + len(small.store["customers"].tombstones) == accounts
    assert ("Acme Corp" in {held["name"] for held in small.store["customers"]}) == (accounts > 0)


@pytest.mark.parametrize("day", ["2027-03-31T01:00", "2028-02-29T12:00", "2027-01-01T00:00", "2027-10-31T23:59"])
def test_a_story_told_on_an_awkward_day(day: str) -> None:
    now = datetime.fromisoformat(day).replace(tzinfo=UTC)

    company = Company(9, now, accounts=58, months=12)

    (acme,) = subscriptions(company, "Acme Corp")
    assert acme["status"] == "past_due"
    failed = max(held["created"] for held in company.store["charges"] if held["status"] == "failed")
    assert failed >= company.today - DAY


def test_the_story_goes_on_after_now() -> None:
    company = Company(2, NOW, accounts=70, months=12)
    before = len(company.store["invoices"])
    customer = company.new_customer("Morning Glory", plan="business_monthly", seats=10)
    company.change_plan(customer, "business_annual", 18)

    company.billing.advance(company.now + 40 * DAY)

    assert len(company.store["invoices"]) > before + 40
    assert [level.mrr for level in company.truth.of(customer)] == [29_000, 43_500]
