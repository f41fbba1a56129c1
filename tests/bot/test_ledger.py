"""The ledger is a function of the facts: rebuilt or updated, it is the same to the cent."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.figures import Asked, Grounds
from bot.ledger import LedgerRules, update
from bot.metrics.windows import Window
from storage import facts as f
from storage import ledger
from storage.engine import Database
from storage.fact_reader import ids_with_subscriptions
from storage.fact_store import store
from storage.movements import WHOLE, Movement
from storage.states import Cause, MovementKind
from tests.factories import JANUARY, account, at, invoice, item, line, payment, price, subscription

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)
RULES = LedgerRules(ZoneInfo("UTC"), "usd")


def company(accounts: int, seed: int = 1) -> list[f.Fact]:
    """Accounts with a monthly subscription of random seats, some ended, some in euro, each with its invoices."""
    random = Random(seed)
    facts: list[f.Fact] = [
        price(rates={"usd": f.Rate(Decimal(5000)), "eur": f.Rate(Decimal(4500))}),
        f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal("1.1")),
    ]
    for number in range(accounts):
        name, currency = f"account-{number:03}", random.choice(["usd", "eur"])
        months, seats = range(random.randint(1, 4), 5), random.randint(1, 9)
        ended = at(28, month=random.randint(months[0], 4)) if random.random() < 0.3 else None
        unit = {"usd": 5000, "eur": 4500}[currency]
        facts += [
            account(name),
            subscription(
                f"sub-{number}",
                [item(quantity=seats)],
                account_id=name,
                currency=currency,
                started_at=at(1, month=months[0]),
                ended_at=ended,
                status=f.Status.ENDED if ended else f.Status.ACTIVE,
            ),
            *(
                invoice(
                    f"in-{number}-{month}",
                    [
                        line(
                            f"il-{number}-{month}",
                            unit * seats,
                            at(1, month=month),
                            quantity=Decimal(seats),
                            subscription_id=f"sub-{number}",
                        )
                    ],
                    account_id=name,
                    currency=currency,
                )
                for month in months
            ),
        ]
    return facts


def all_movements(database: Database) -> list[Movement]:
    with database.reading() as session:
        return [m for number in range(40) for m in ledger.story(session, f"account-{number:03}")]


def test_updating_account_by_account_equals_rebuilding(database: Database) -> None:
    with database.writing() as session:
        store(session, company(40), JANUARY)
        update(session, ids_with_subscriptions(session), RULES, NOW)
    rebuilt = all_movements(database)

    ids = [f"account-{number:03}" for number in range(40)]
    for part in (ids[:7], ids[7:], ids[3:9], Random(2).sample(ids, 5)):
        with database.writing() as session:
            update(session, part, RULES, NOW)

    assert all_movements(database) == rebuilt
    assert len(rebuilt) > 40


def test_the_companys_book_is_the_sum_of_its_accounts(database: Database) -> None:
    with database.writing() as session:
        store(session, company(40), JANUARY)
        update(session, ids_with_subscriptions(session), RULES, NOW)
    with database.reading() as session:
        asked = Asked(session, (Window.last(200, date(2026, 4, 21)),), Grounds("usd", ZoneInfo("UTC")))
        book = asked.books[WHOLE]
        levels = ledger.levels(session, [f"account-{number:03}" for number in range(40)])

    by_currency = {c: sum(level.get(c, 0) for level in levels.values()) for c in ("usd", "eur")}
    assert book.levels(date(2026, 4, 21)) == by_currency
    assert book.customers(date(2026, 4, 21)) == len(levels)
    assert book.mrr(date(2026, 4, 21)) == by_currency["usd"] + by_currency["eur"] * Decimal("1.1")


def test_a_window_nets_what_an_account_did(database: Database) -> None:
    seats = [
        item(quantity=n, id=f"v{i}", started_at=at(day, month=3), ended_at=end)
        for i, (n, day, end) in enumerate([(2, 1, at(5, month=3)), (5, 5, at(9, month=3)), (3, 9, None)])
    ]
    gone = [item(id="g", started_at=at(1, month=2), ended_at=at(7, month=3))]
    with database.writing() as session:
        store(session, [price(), subscription(items=seats), subscription("two", gone, account_id="left")], JANUARY)
        update(session, ids_with_subscriptions(session), RULES, NOW)
    with database.reading() as session:
        found = {c.account_id: c for c in ledger.changes_by_account(session, date(2026, 3, 2), date(2026, 4, 1))}

    assert (found["acme"].kind, found["acme"].before, found["acme"].amount) == (MovementKind.EXPANSION, 10_000, 5_000)
    assert (found["left"].kind, found["left"].before, found["left"].amount) == (MovementKind.CHURN, 5_000, -5_000)


def test_a_move_between_prices_does_not_hide_what_carried_a_change(database: Database) -> None:
    def row(sub: str, price_id: str, amount: int, cause: Cause) -> Movement:
        day = date(2026, 3, 2)
        return Movement("acme", day, sub, price_id, "product", "usd", MovementKind.EXPANSION, amount, 0, cause)

    moved = [row("a", "old", -9_000, Cause.PLAN), row("a", "new", 9_000, Cause.PLAN), row("b", "p", 100, Cause.SEATS)]
    with database.writing() as session:
        ledger.append(session, moved)
    with database.reading() as session:
        [found] = ledger.changes_by_account(session, date(2026, 3, 1), date(2026, 4, 1))

    assert (found.amount, found.cause) == (100, Cause.SEATS)


def test_currencies_are_those_of_all_days(database: Database) -> None:
    def moved(day: int, currency: str) -> Movement:
        ids = (date(2026, 3, day), f"{currency}-{day}", "p", "product")
        return Movement("acme", *ids, currency, MovementKind.EXPANSION, 100, 0, Cause.ADDED)

    with database.reading() as session:
        assert ledger.currencies(session) == set()
    days = {2: ("usd",), 3: ("eur", "gbp", "usd"), 5: ("chf", "eur")}
    with database.writing() as session:
        ledger.append(session, [moved(day, currency) for day, met in days.items() for currency in met])
    with database.reading() as session:
        assert ledger.currencies(session) == {"chf", "eur", "gbp", "usd"}


def test_an_unpaid_subscription_that_is_paid_for_later_was_gone_meanwhile(database: Database) -> None:
    unpaid = subscription("s1", [item()], account_id="acme", status=f.Status.UNPAID)
    failed = payment("py1", 5000, account_id="acme", at=at(9, month=2), status=f.PaymentStatus.FAILED)
    paid = invoice("in1", account_id="acme", subscription_id="s1", paid_at=at(3, month=4))
    expected = [
        (date(2026, 1, 1), MovementKind.NEW, Cause.STARTED),
        (date(2026, 2, 9), MovementKind.CHURN, Cause.PAYMENT_FAILED),
        (date(2026, 4, 3), MovementKind.REACTIVATION, Cause.STARTED),
    ]
    with database.writing() as session:
        store(session, [account(), price(), unpaid, failed], at(10, month=2))
        update(session, ["acme"], RULES, NOW)
        assert moves(session) == expected[:2]

        store(session, [replace(unpaid, status=f.Status.ACTIVE), paid], at(5, month=4))
        store(session, [replace(unpaid, status=f.Status.ACTIVE), paid], at(6, month=4))
        update(session, ["acme"], RULES, NOW)
        assert moves(session) == expected


def test_an_unpaid_subscription_that_is_cancelled_later_left_when_it_was_given_up(database: Database) -> None:
    unpaid = subscription("s1", [item()], account_id="acme", status=f.Status.UNPAID)
    failed = payment("py1", 5000, account_id="acme", at=at(9, month=2), status=f.PaymentStatus.FAILED)
    over = replace(unpaid, status=f.Status.ENDED, ended_at=at(3, month=4), cancel_kind=f.CancelKind.VOLUNTARY)
    with database.writing() as session:
        store(session, [account(), price(), unpaid, failed], at(10, month=2))
        store(session, [over], at(3, month=4))
        update(session, ["acme"], RULES, NOW)

        assert moves(session)[1:] == [(date(2026, 2, 9), MovementKind.CHURN, Cause.PAYMENT_FAILED)]


def moves(session: Session) -> list[tuple[date, MovementKind, Cause]]:
    return [(one.day, one.kind, one.cause) for one in ledger.story(session, "acme")]
