"""What cannot be valued is found, said in words, and keeps its subscription out."""

from decimal import Decimal

import pytest

from bot.metrics.quarantine import CHECKS, WORDS, Suspect, faults, left_out
from bot.metrics.rates import Rates
from storage.facts import Interval, InvoiceLine, Price, Rate, Scheme, Status, Subscription, Usage
from storage.faults import Held
from storage.states import Fault
from tests.factories import at, item, line, price, subscription

DOLLARS = Rates("usd")


def found(one: Subscription, *known: Price, lines: list[InvoiceLine] | None = None) -> list[tuple[Fault, str]]:
    suspect = Suspect(one, lines or [], {each.id: each for each in known or (price(),)}, DOLLARS)
    return [(held.fault, held.detail) for held in faults(suspect)]


def test_a_sound_subscription_has_no_faults() -> None:
    bills = [line("il", 5000, at(1)), line("credit", -2500, at(1), proration=True)]

    assert found(subscription(items=[item(quantity=0)]), lines=bills) == []


@pytest.mark.parametrize(
    ("one", "known", "fault", "detail"),
    [
        (
            subscription(items=[item(quantity=-2)]),
            price(),
            Fault.NEGATIVE_QUANTITY,
            "has -2 of pro",
        ),
        (
            subscription(items=[item("gone")]),
            price(),
            Fault.NO_PRICE,
            "names the price gone, which is not known",
        ),
        (
            subscription(items=[item()]),
            price(rates={"eur": Rate(Decimal(1))}),
            Fault.NO_PRICE,
            "names the price pro, which has no amount in USD",
        ),
        (
            subscription(items=[item()], currency="sek"),
            price(rates={"sek": Rate(Decimal(1))}),
            Fault.NO_RATE,
            "is billed in SEK, which has no exchange rate",
        ),
        (
            subscription(items=[item()], started_at=at(9), ended_at=at(8), status=Status.ENDED),
            price(),
            Fault.DATES_REVERSED,
            "has a life that ends on 2026-01-08, before it starts on 2026-01-09",
        ),
        (
            subscription(items=[item(started_at=at(9), ended_at=at(8))]),
            price(),
            Fault.DATES_REVERSED,
            "has an item item-pro that ends on 2026-01-08, before it starts on 2026-01-09",
        ),
        (
            subscription(items=[item(quantity=10**9)]),
            price(amount="100000"),
            Fault.TOO_LARGE,
            "asks more than all reason for pro",
        ),
        (
            subscription(items=[item()]),
            price(interval_count=999_999_999, nickname="Pro"),
            Fault.ENDLESS_INTERVAL,
            "is billed for Pro every 999,999,999 months",
        ),
        (
            subscription(items=[item()]),
            price(interval=Interval.YEAR, interval_count=101),
            Fault.ENDLESS_INTERVAL,
            "is billed for pro every 101 years",
        ),
        (
            subscription(items=[item()]),
            price(amount="-5000"),
            Fault.NEGATIVE_PRICE,
            "asks less than nothing for pro",
        ),
    ],
)
def test_a_fault_is_found_and_said(one: Subscription, known: Price, fault: Fault, detail: str) -> None:
    assert found(one, known) == [(fault, detail)]


def test_bills_with_reversed_dates_or_amounts_beyond_reason_are_found() -> None:
    one = subscription(items=[item()])
    backwards = line("il", 5000, at(9), period_end=at(8))

    assert found(one, lines=[backwards]) == [
        (Fault.DATES_REVERSED, "has a bill il that ends on 2026-01-08, before it starts on 2026-01-09")
    ]
    assert found(one, lines=[line("il", 10**14, at(9))]) == [(Fault.TOO_LARGE, "was billed more than all reason")]


def test_bills_tell_the_worth_of_an_item_whose_price_is_gone() -> None:
    one = subscription(items=[item("gone")])

    assert found(one, lines=[line("il", 5000, at(1), item_id="item-gone", price_id="gone")]) == []


@pytest.mark.parametrize(
    "known",
    [
        price(amount=None, usage=Usage.METERED, scheme=Scheme.PER_UNIT),
        price(amount=None, interval=None),
        price(interval=Interval.DAY),
        price(interval=Interval.YEAR, interval_count=100),
    ],
)
def test_what_is_not_asked_for_each_period_needs_no_amount(known: Price) -> None:
    assert found(subscription(items=[item()]), known) == []


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.NEVER_STARTED])
def test_what_never_was_in_force_is_not_looked_at(status: Status) -> None:
    assert found(subscription(items=[item("gone", quantity=-1)], status=status)) == []


def test_only_a_missing_rate_leaves_a_subscription_in_the_ledger() -> None:
    def one(fault: Fault) -> list[Held]:
        return [Held("subscription", "sub", fault, "is odd")]

    assert {fault for fault in Fault if not left_out(one(fault))} == {Fault.NO_RATE}
    assert not left_out([])


def test_every_fault_has_words_and_every_check_a_fault() -> None:
    assert set(WORDS) == set(Fault)
    assert set(CHECKS) <= set(Fault)
    assert all(words.remedy.endswith(".") and words.short for words in WORDS.values())
