"""One account whole, in a bounded number of queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from storage import exit_interviews, journal, signals
from storage import facts as f
from storage.accounts.story import SHOWN, AccountStory, departure, depth, glance
from storage.alerts import Alert, add
from storage.engine import Database
from storage.inputs import Signal
from storage.states import NoteKind
from tests.company import ACME, PLAN, fill, running, stored
from tests.factories import account, at, invoice, payment

MOST = 12
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
ALERT: dict[str, Any] = {
    "id": "a",
    "cause_key": "k",
    "account_id": "acme",
    "rule": "r",
    "object_id": "o",
    "evidence": {},
    "since": NOW,
    "opened_at": NOW,
}


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are run on the reading engine meanwhile."""
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            found.append(statement)

    event.listen(database._reader, "before_cursor_execute", note)
    yield found
    event.remove(database._reader, "before_cursor_execute", note)


async def told(database: Database, account_id: str, now: datetime) -> AccountStory:
    """What stands on the card, behind it, and in the form for an exit."""
    first, second, third = [await database.read(part, account_id, now) for part in (glance, depth, departure)]
    assert first
    assert second
    assert third
    deep = {name: getattr(second, name) for name in ("discounts", "payments", "methods", "peers")}
    return replace(first, **deep, interviews=third.interviews)


async def test_everything_about_an_account_is_there(database: Database, morning: datetime) -> None:
    await stored(database, morning)

    found = await told(database, "acme", morning)

    assert found.account.name == "Acme Robotics"
    assert found.read_at == morning
    assert [(plan.product, plan.quantity) for plan in found.plans] == [("Pro", 40)]
    assert (found.subscriptions.count, found.subscriptions.since) == (1, at(1, 3))
    assert [one.id for one in found.invoices.shown] == ["in-acme"]
    assert [one.id for one in found.payments] == ["py-2", "py-1"]
    assert found.paid == {"usd": 195_000}
    assert [method.last4 for method in found.methods] == ["4242"]
    assert sum(movement.amount for movement in found.movements) == 200_000


async def test_an_account_that_is_not_stored_is_none(database: Database, morning: datetime) -> None:
    for part in (glance, depth, departure):
        assert await database.read(part, "nobody", morning) is None


async def test_twelve_queries_do_whatever_the_size(database: Database, morning: datetime) -> None:
    many: list[f.Fact] = [
        account("big", name="Big"),
        *(payment(f"p{number}", 100, account_id="big", at=at(1) + timedelta(hours=number)) for number in range(1200)),
        *(
            invoice(f"i{number}", account_id="big", status=f.InvoiceStatus.OPEN, issued_at=at(1), amount_due=100)
            for number in range(40)
        ),
    ]
    for number in range(1100):
        one = running("big", 1, at(1, 3) + timedelta(minutes=number))
        items = tuple(f.Item(**{**_fields(item), "id": f"item-{number}"}) for item in one.items)
        many.append(f.Subscription(**{**_fields(one), "id": f"s{number}", "items": items}))
    await database.write(fill, [*PLAN, *many], morning)

    for part in (glance, depth, departure):
        with counted(database) as statements:
            await database.read(part, "big", morning)
        assert len(statements) <= MOST
    found = await told(database, "big", morning)
    assert (found.subscriptions.count, len(found.subscriptions.shown)) == (1100, SHOWN)
    assert (found.invoices.count, len(found.invoices.shown), len(found.payments)) == (40, SHOWN, SHOWN)
    assert [plan.quantity for plan in found.plans] == [1100]
    assert found.paid == {"usd": 120_000}


@pytest.mark.parametrize("leaving", [False, True])
async def test_twelve_queries_tell_one_of_which_everything_is_known(
    database: Database, morning: datetime, *, leaving: bool
) -> None:
    until: dict[str, Any] = {"cancel_at": at(1, 12), "cancel_requested_at": at(1, 11)} if leaving else {}
    tried = invoice("i", account_id="x", status=f.InvoiceStatus.OPEN, amount_due=100, payment_refs=("py",))
    said = exit_interviews.Said(reason="price", competitor="initech", tags=("sso",))
    await stored(database, morning, account("x", name="X", segment="smb"), running("x", 2, **until), tried)
    with database.writing() as session:
        add(session, Alert(**{**ALERT, "account_id": "x"}))
        exit_interviews.save(session, exit_interviews.Entry("V", "x", None, "U1", morning, said))
        journal.add(session, journal.Entry("n", "x", NoteKind.PROMISE, "Soon", "U1", morning))
        signals.store(session, [Signal("x", "logins", morning, Decimal(3))], morning)
    for part in (glance, depth, departure):
        with counted(database) as statements:
            await database.read(part, "x", morning)
        assert len(statements) <= MOST


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


async def test_live_subscriptions_come_first_and_ended_ones_give_no_plan(database: Database, morning: datetime) -> None:
    old = running("acme", 3, at(1, 2), status=f.Status.ENDED, status_word="canceled", ended_at=at(1, 3))
    ended = f.Subscription(**{**_fields(old), "id": "sub-old"})
    await database.write(fill, [*PLAN, *ACME, ended], morning)

    found = await told(database, "acme", morning)

    assert [one.id for one in found.subscriptions.shown] == ["sub-acme", "sub-old"]
    assert found.subscriptions.since == at(1, 2)
    assert [plan.quantity for plan in found.plans] == [40]


async def test_only_discounts_in_force_are_told_once_each(database: Database, morning: datetime) -> None:
    over = f.Discount(id="over", duration=f.Duration.REPEATING, amount_off=5, currency="usd", ends_at=at(1, 5))
    own = f.Discount(id="own", duration=f.Duration.ONCE, amount_off=500, currency="usd")
    on_subscription = f.Discount(id="sub", duration=f.Duration.FOREVER, amount_off=7, currency="usd")
    one = running("x", 1, discounts=(over, on_subscription))
    item = f.Item(**{**_fields(one.items[0]), "discounts": (f.Discount(id="item", duration=f.Duration.FOREVER),)})
    whole = f.Subscription(**{**_fields(one), "items": (item,)})
    await database.write(fill, [*PLAN, account("x", discounts=(own,)), whole], morning)

    found = await told(database, "x", morning)

    assert sorted(discount.id for discount in found.discounts) == ["item", "own", "sub"]


async def test_a_source_without_payments_tells_what_invoices_say(database: Database, morning: datetime) -> None:
    paid = invoice("i", account_id="x", amount_paid=9_900, total=9_900, amount_due=9_900)
    yen = invoice("j", account_id="x", amount_paid=5_000, currency="jpy")
    await database.write(fill, [account("x"), paid, yen], morning)

    assert (await told(database, "x", morning)).paid == {"jpy": 5_000, "usd": 9_900}


async def test_live_alerts_and_the_newest_notes_stand_on_it(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    alert = Alert(**ALERT)
    await database.write(add, alert)
    for number in range(5):
        entry = exit_interviews.Entry(f"V{number}", "acme", None, "U1", morning + timedelta(minutes=number), note="x")
        await database.write(exit_interviews.save, entry)

    found = await told(database, "acme", morning)

    assert list(found.alerts) == [alert]
    assert [[entry.id for entry in one.entries] for one in found.interviews] == [["V0", "V1", "V2", "V3", "V4"]]


@pytest.mark.parametrize("account_id", ["empty", "trial", "gone", "deleted", "globex"])
async def test_every_state_can_be_told(database: Database, morning: datetime, account_id: str) -> None:
    await stored(database, morning)

    assert (await told(database, account_id, morning)).account.id == account_id
