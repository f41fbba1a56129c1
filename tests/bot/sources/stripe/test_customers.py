from datetime import UTC, datetime
from typing import Any

import pytest

from bot.sources.stripe.customers import deleted_customer, parse_customer, parse_method
from bot.sources.stripe.discounts import Known
from bot.sources.stripe.fields import Unreadable
from storage.facts import Account, PaymentMethod
from tests.bot.sources.stripe import payloads as stripe

CARD = PaymentMethod(
    id="pm_1",
    account_id="cus_1",
    source="stripe",
    kind="card",
    brand="visa",
    last4="4242",
    exp_month=4,
    exp_year=2027,
)


def account_of(**over: Any) -> Account:
    account = next(iter(parse_customer(stripe.customer(**over), Known())))
    assert isinstance(account, Account)
    return account


def test_a_customer_gives_an_account_and_its_card() -> None:
    expected = Account(
        id="cus_1",
        source="stripe",
        name="Acme Oy",
        email="billing@acme.example",
        country="FI",
        region="EMEA",
        segment="Enterprise",
        currency="usd",
        owner_email="mira@kahvi.example",
        default_method_id="pm_1",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        attributes={"plan_owner": "x"},
    )

    assert [expected, CARD] == list(parse_customer(stripe.customer(), Known()))


@pytest.mark.parametrize(
    ("over", "name"),
    [
        ({"name": None, "description": "Acme by phone"}, "Acme by phone"),
        ({"name": "", "description": None}, "billing@acme.example"),
        ({"name": 7, "description": None, "email": None}, "cus_1"),
    ],
)
def test_a_name_falls_back_to_what_else_names_the_customer(over: stripe.Object, name: str) -> None:
    account = next(iter(parse_customer(stripe.customer(**over), Known())))

    assert isinstance(account, Account)
    assert name == account.name


def test_an_owner_that_is_no_address_stays_a_label() -> None:
    account = account_of(metadata={"csm": "Mira"})

    assert (account.owner_email, dict(account.attributes)) == (None, {"csm": "Mira"})


def test_labels_are_bounded_in_number_and_length() -> None:
    metadata = {f"key {number}": "x" * 10_000 for number in range(500)}

    account = account_of(metadata=metadata)

    lengths = {len(value) for value in account.attributes.values()}
    assert (50, {500}) == (len(account.attributes), lengths)


def test_an_old_card_is_read_as_the_default_method() -> None:
    card = {"id": "card_1", "object": "card", "brand": "Visa", "last4": "0341", "exp_month": 12, "exp_year": 2026}
    raw = stripe.customer(invoice_settings={"default_payment_method": None}, default_source=card)

    account, method = parse_customer(raw, Known())

    assert isinstance(account, Account)
    assert isinstance(method, PaymentMethod)
    assert account.default_method_id == "card_1"
    assert (method.kind, method.brand, method.exp_month, method.exp_year) == ("card", "Visa", 12, 2026)


def test_a_stub_of_a_deleted_customer_says_nothing_by_itself() -> None:
    assert list(parse_customer({"id": "cus_1", "object": "customer", "deleted": True}, Known())) == []


def test_a_tombstone_keeps_the_name_and_drops_card_and_discounts() -> None:
    at = datetime(2026, 2, 1, tzinfo=UTC)

    tomb = deleted_customer(stripe.customer(discount=stripe.discount()), at)

    assert ("Acme Oy", at, None, ()) == (tomb.name, tomb.deleted_at, tomb.default_method_id, tomb.discounts)


def test_a_method_by_itself_names_its_customer() -> None:
    assert list(parse_method(stripe.method())) == [CARD]
    assert list(parse_method(stripe.method(customer=None))) == []


def test_a_bank_account_is_read_under_its_type() -> None:
    raw = stripe.method(type="us_bank_account", us_bank_account={"bank_name": "STRIPE TEST BANK", "last4": "6789"})

    (method,) = parse_method(raw)

    assert (
        method.kind,
        method.brand,
        method.last4,
        method.exp_month,
    ) == ("us_bank_account", "STRIPE TEST BANK", "6789", None)


@pytest.mark.parametrize("own", [None, 7, "", "x" * 300, "cus\0", "cus\x1f1"])
def test_without_a_usable_id_it_is_unreadable(own: object) -> None:
    with pytest.raises(Unreadable, match="no usable id"):
        list(parse_customer(stripe.customer(id=own), Known()))
