"""Facts are stored whole, in any order, any number of times, and read back as they were."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlmodel import SQLModel

from storage import facts as f
from storage.engine import Database
from storage.fact_reader import (
    SINGLE,
    accounts,
    differing,
    exchange_rates,
    histories,
    invoices,
    prices,
    subscriptions_of,
)
from storage.fact_store import ForeignIdError, add_missing_accounts, end_missing, folded, store, tombstone_missing
from storage.tables import AccountRow, DiscountRow, InvoiceLineRow, InvoiceRow, ItemRow, SubscriptionRow
from storage.upsert import table_of
from tests.factories import JANUARY, account, at, invoice, item, line, price, subscription

DISCOUNT = f.Discount(id="d", duration=f.Duration.FOREVER, percent_off=Decimal("12.5"), products=("x", "y"))
TIERED = price(
    "tiered",
    None,
    scheme=f.Scheme.VOLUME,
    rates={"usd": f.Rate(None, (f.Tier(10, Decimal("0.5"), Decimal(0)), f.Tier(None, Decimal("0.25"), Decimal(3))))},
)
EVERYTHING: list[f.Fact] = [
    account(name='Ærø "& <b>" Ltd', attributes={"tier": "gold"}, discounts=(DISCOUNT,)),
    account("other", deleted_at=at(3)),
    f.Product(id="product-pro", source="test", name="Pro"),
    price(rates={"usd": f.Rate(Decimal("0.000000000001")), "jpy": f.Rate(Decimal(700))}),
    TIERED,
    subscription(
        items=[item(quantity=3, discounts=(DISCOUNT,)), item("tiered", started_at=at(2))],
        discounts=(DISCOUNT, replace(DISCOUNT, id="e", ends_at=at(9))),
        cancel_kind=f.CancelKind.VOLUNTARY,
        cancel_comment="too dear\nfor us",
    ),
    invoice("in_1", [line("il_1", 5000, at(1)), line("il_2", -200, at(2), proration=True)], payment_refs=("pi_1",)),
    f.Payment(
        id="ch_1",
        account_id="acme",
        source="test",
        at=at(1),
        amount=10**12,
        currency="usd",
        status=f.PaymentStatus.FAILED,
        intent_ref="pi_1",
        failure_code="card_declined",
    ),
    f.PaymentMethod(
        id="pm_1", account_id="acme", source="test", kind="card", brand="visa", last4="4242", exp_month=1, exp_year=2027
    ),
    f.Refund(
        id="re_1",
        account_id="acme",
        source="test",
        payment_id="ch_1",
        amount=1,
        currency="usd",
        status="succeeded",
        reason=None,
        created_at=at(4),
    ),
    f.Dispute(
        id="dp_1",
        account_id=None,
        source="test",
        payment_id="ch_1",
        amount=1,
        currency="usd",
        status="lost",
        reason="fraudulent",
        created_at=at(4),
    ),
    f.ExchangeRate(day=at(1).date(), currency="eur", base="usd", rate=Decimal("1.123456789")),
]


def read_everything(database: Database) -> list[object]:
    with database.reading() as session:
        return [
            accounts(session, ["acme", "other"]),
            prices(session),
            subscriptions_of(session, ["acme"]),
            invoices(session, ["in_1"]),
            exchange_rates(session, "usd"),
            differing(session, EVERYTHING),
        ]


def test_facts_come_back_as_they_were(database: Database) -> None:
    with database.writing() as session:
        touched = store(session, EVERYTHING, JANUARY)

    assert touched == {"acme", "other"}
    assert read_everything(database)[-1] == []


def test_order_and_repetition_make_no_difference(database: Database) -> None:
    with database.writing() as session:
        store(session, EVERYTHING, JANUARY)
    once = read_everything(database)

    for seed in range(5):
        shuffled = Random(seed).sample(EVERYTHING, len(EVERYTHING))
        for fact in shuffled:
            with database.writing() as session:
                store(session, [fact], JANUARY)

    assert read_everything(database) == once


def test_of_one_object_what_is_stored_last_stands_whatever_the_clock_says(database: Database) -> None:
    old, new = subscription(items=[item(quantity=1)]), subscription(items=[item(quantity=9)])
    with database.writing() as session:
        store(session, [old], JANUARY + timedelta(hours=2))
        touched = store(session, [new], JANUARY)

    with database.reading() as session:
        assert touched == {"acme"}
        assert subscriptions_of(session, ["acme"]) == [new]


def test_parts_that_are_gone_are_removed(database: Database) -> None:
    both = subscription(items=[item("pro", discounts=(DISCOUNT,)), item("tiered")], discounts=(DISCOUNT,))
    fewer = subscription(items=[item("tiered")])
    with database.writing() as session:
        store(session, [both, invoice("in_1", [line("a", 1, at(1)), line("b", 2, at(1))])], JANUARY)
        store(session, [fewer, invoice("in_1", [line("b", 3, at(1))])], JANUARY + timedelta(1))

    with database.reading() as session:
        assert subscriptions_of(session, ["acme"]) == [fewer]
        assert [one.id for one in invoices(session, ["in_1"])["in_1"].lines] == ["b"]


def test_when_a_subscription_was_first_seen_changed_is_kept(database: Database) -> None:
    seats = [subscription(items=[item(quantity=n)]) for n in (1, 1, 2, 2)]
    for day, one in enumerate(seats, start=1):
        with database.writing() as session:
            store(session, [one], at(day))

    with database.reading() as session:
        [history] = histories(session)
    assert history.changed_at == {"sub": at(3)}


def test_an_id_of_another_source_is_refused_and_changes_nothing(database: Database) -> None:
    with database.writing() as session:
        store(session, [account()], JANUARY)

    with pytest.raises(ForeignIdError, match="'acme' belongs to the source 'test'"), database.writing() as session:
        store(session, [account("new", source="csv"), account(source="csv")], JANUARY)

    with database.reading() as session:
        assert list(accounts(session, ["acme", "new"])) == ["acme"]


def test_what_a_snapshot_no_longer_names_is_marked_and_ended(database: Database) -> None:
    with database.writing() as session:
        store(session, [account(), account("gone"), subscription(), subscription("old", account_id="gone")], JANUARY)
        marked = tombstone_missing(session, "test", {"acme"}, at(9))
        ended = end_missing(session, "test", {"sub"}, at(9))

    with database.reading() as session:
        assert (marked, ended) == ({"gone"}, {"gone"})
        assert accounts(session, ["gone"])["gone"].deleted_at == at(9)
        assert [s.ended_at for s in subscriptions_of(session, ["acme", "gone"])] == [None, at(9)]


def test_an_account_that_only_subscriptions_name_gets_one_until_it_is_read(database: Database) -> None:
    with database.writing() as session:
        store(session, [subscription(account_id="gone")], JANUARY)
        add_missing_accounts(session, "test", at(9))
        before = accounts(session, ["gone"])["gone"]
        store(session, [account("gone", name="Gone Ltd")], JANUARY)

    with database.reading() as session:
        assert (before.name, before.deleted_at) == ("Deleted customer gone", at(9))
        assert accounts(session, ["gone"])["gone"].name == "Gone Ltd"


def test_more_rows_than_one_statement_takes(database: Database) -> None:
    many = [account(f"a{n}") for n in range(2500)]
    with database.writing() as session:
        store(session, many, JANUARY)
        store(session, many, JANUARY)

    with database.reading() as session:
        assert len(accounts(session, [one.id for one in many])) == 2500


def test_every_field_of_a_fact_has_its_column() -> None:
    whole: dict[type, type[SQLModel]] = {
        f.Account: AccountRow, f.Subscription: SubscriptionRow, f.Item: ItemRow, f.Discount: DiscountRow,
        f.Invoice: InvoiceRow, f.InvoiceLine: InvoiceLineRow, **SINGLE,
    }  # fmt: skip
    for kind, model in whole.items():
        assert set(f.columns_of(kind)) <= set(table_of(model).columns.keys()), kind


def test_folding_forgets_case_accents_and_spaces() -> None:
    assert folded("  ÉCOLE  Über\u00a0GmbH ") == "ecole uber gmbh"
