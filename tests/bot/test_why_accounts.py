"""The accounts that stand behind a figure, with the rows and bills of each."""

from datetime import date
from decimal import Decimal

import pytest

from bot.figures.why_told import why_told
from bot.messages.telling import detail_shown, detail_typed
from storage.engine import Database
from storage.states import Cause
from tests import factories
from tests.bot.digest.company import BACK, GREW, LEFT, NEW, SHRANK, hold, movement
from tests.bot.why_company import LONG_AGO, TENTH, asked, said, settled


@pytest.fixture
def company(database: Database) -> Database:
    return settled(database)


def test_the_accounts_behind_it_have_their_rows_and_bills(company: Database) -> None:
    found = asked(company, "mrr")
    acme = next(one for one in found.accounts if one.account_id == "acme")

    assert [(one.account_id, one.amount) for one in found.accounts] == [
        ("p1", -100_000),
        ("p2", -64_000),
        ("p3", -50_000),
        ("acme", 30_050),
        ("nova", 9_900),
    ]
    assert [(step.day, step.amount) for step in acme.steps] == [(TENTH, 30_050)]
    assert [bill.number for bill in acme.bills[acme.steps[0]]] == ["AC-9"]
    lines = "\n".join(detail_typed(why_told(found, accounts=6).details[1]))
    assert "10 Nov 2026  +$300.50 · Pro · expansion: more seats" in lines
    assert "billed $300.50 for 6 on AC-9, 10 Nov 2026 – 10 Dec 2026" in lines


def test_each_row_of_a_day_has_its_own_bill(company: Database) -> None:
    """Who changes plans moves by two rows; only one of them is billed."""
    told = [
        movement("mover", LONG_AGO, NEW, 10_000, price_id="a"),
        movement("mover", TENTH, GREW, 9_000, price_id="pro"),
        movement("mover", TENTH, GREW, -5_000, price_id="z"),
        movement("mover", TENTH, GREW, -5_000, price_id="a"),
    ]
    bill = factories.invoice(
        "in-2",
        [factories.line("il-2", 9_000, factories.at(10, 11), subscription_id="sub-mover")],
        number="M-2",
        account_id="mover",
    )
    with company.writing() as session:
        hold(session, told, [bill])
    mover = next(one for one in asked(company, "mrr").accounts if one.account_id == "mover")

    assert [(step.amount, [one.number for one in mover.bills[step]]) for step in mover.steps] == [
        (-5_000, []),
        (9_000, ["M-2"]),
        (-5_000, []),
    ]


def test_a_bill_of_another_price_stands_with_what_grew(company: Database) -> None:
    """Less was billed than is asked, and the source knows it as another price."""
    told = [
        movement("mover", LONG_AGO, NEW, 5_000, price_id="lite"),
        movement("mover", TENTH, GREW, 9_000, price_id="pro"),
        movement("mover", TENTH, GREW, -5_000, price_id="lite"),
    ]
    lines = [
        factories.line(f"il-{price}", 8_900, factories.at(10, 11), subscription_id="sub-mover", price_id=price)
        for price in ("special", "lite")
    ]
    with company.writing() as session:
        hold(session, told, [factories.invoice("in-2", lines, number="M-2", account_id="mover")])

    def billed(where: str) -> list[tuple[int, list[str | None]]]:
        mover = next(one for one in asked(company, "mrr", where=where).accounts if one.account_id == "mover")
        return [(step.amount, [one.price_id for one in mover.bills[step]]) for step in mover.steps]

    assert billed("") == [(-5_000, ["lite"]), (9_000, ["special"])]
    assert billed("plan:pro") == [(9_000, [])]


def test_who_came_and_left_stands_behind_both_and_behind_no_level(company: Database) -> None:
    """Guest is in new and in churned MRR; Again left and came back, so that its last movement is no churn."""
    told = [
        movement("guest", date(2026, 11, 3), NEW, 60_000, price_id="lite"),
        movement("guest", date(2026, 11, 20), LEFT, -60_000, price_id="lite"),
        movement("again", LONG_AGO, NEW, 80_000, price_id="lite"),
        movement("again", date(2026, 11, 4), LEFT, -80_000, price_id="lite"),
        movement("again", date(2026, 11, 6), BACK, 81_000, price_id="lite"),
    ]
    with company.writing() as session:
        hold(session, told)

    assert [one.account_id for one in asked(company, "churned_mrr").accounts] == ["p1", "again", "p2", "guest", "p3"]
    assert [one.account_id for one in asked(company, "new_mrr").accounts] == ["guest", "nova"]
    assert [one.account_id for one in asked(company, "mrr_churn").accounts] == ["p1", "again", "p2", "p3"]
    level = asked(company, "mrr").accounts
    assert [(one.account_id, one.amount) for one in level if one.name in {"Guest", "Again"}] == [("again", 1_000)]


def test_who_carries_what_they_decided_themselves_is_named_though_numbers_are_equal(database: Database) -> None:
    """As much was lost to a failed payment as passed through."""
    told = [
        *(movement(one, LONG_AGO, NEW, amount) for one, amount in (("vol", 5_000), ("dun", 10_000))),
        movement("vol", TENTH, LEFT, -5_000, cause=Cause.CANCELLED),
        movement("dun", TENTH, LEFT, -10_000, cause=Cause.PAYMENT_FAILED),
        movement("guest", date(2026, 11, 2), NEW, 10_000),
        movement("guest", TENTH, LEFT, -10_000, cause=Cause.CANCELLED),
    ]
    with database.writing() as session:
        hold(session, told, [factories.account(one) for one in ("vol", "dun", "guest")])

    assert [one.account_id for one in asked(database, "voluntary_churned_mrr").accounts] == ["guest", "vol"]


def test_who_undid_what_it_did_is_not_counted_among_those_who_grew(database: Database) -> None:
    told = [
        *(movement(one, LONG_AGO, NEW, 5_000) for one in ("acme", "nil")),
        movement("acme", TENTH, GREW, 3_000),
        movement("nil", TENTH, GREW, 700),
        movement("nil", date(2026, 11, 12), SHRANK, -700),
    ]
    with database.writing() as session:
        hold(session, told, [factories.account("acme", name="Acme"), factories.account("nil")])

    assert "Acme grew" in said(asked(database, "mrr"))


def test_a_level_that_nobody_moved_is_told_by_who_pays_it_down_to_the_bills(company: Database) -> None:
    found = asked(company, "mrr", where="name:acme", today=date(2027, 1, 5))
    lines = "\n".join(detail_typed(why_told(found, accounts=6).details[0]))

    assert not found.accounts
    assert [(one.account_id, one.amount) for one in found.payers] == [("acme", Decimal(526_050))]
    assert lines.startswith("The accounts with most MRR\n  Acme <!channel> & *Co*  $5,260\n")
    assert "10 Nov 2026  +$300.50 · Pro · expansion: more seats" in lines
    assert "billed $300.50 for 6 on AC-9" in lines
    assert not asked(company, "new_mrr", today=date(2027, 1, 5)).payers


def test_who_came_and_left_within_the_period_stands_behind_it_though_they_are_back_where_they_were(
    company: Database,
) -> None:
    with company.writing() as session:
        brief = [movement("brief", TENTH, NEW, 70_000), movement("brief", date(2026, 11, 20), LEFT, -70_000)]
        hold(session, brief, [factories.account("brief")])

    for metric in ("churned_mrr", "churned_customers", "new_mrr"):
        assert [one.account_id for one in asked(company, metric).accounts if one.amount == 0] == ["brief"]
    assert "brief" not in [one.account_id for one in asked(company, "mrr").accounts]


def test_only_accounts_that_carry_a_figure_stand_behind_it(company: Database) -> None:
    """Whoever came in the period was not there at its start."""
    assert "nova" in [one.account_id for one in asked(company, "mrr").accounts]
    assert [one.account_id for one in asked(company, "nrr").accounts] == ["p1", "p2", "p3", "acme"]


@pytest.mark.parametrize(
    ("metric", "behind"),
    [
        ("expansion_mrr", ["acme"]),
        ("voluntary_churned_mrr", ["p1"]),
        ("involuntary_churned_mrr", ["p2", "p3"]),
        ("churned_customers", ["p1", "p2", "p3"]),
        ("quick_ratio", ["acme", "nova"]),
    ],
)
def test_who_did_something_else_does_not_stand_behind_it(company: Database, metric: str, behind: list[str]) -> None:
    assert [one.account_id for one in asked(company, metric).accounts] == behind


@pytest.mark.parametrize("metric", ["reactivation_mrr", "contraction_mrr", "reactivated_customers", "fx"])
def test_nobody_stands_behind_what_nobody_carries(company: Database, metric: str) -> None:
    """MRR moved, and nothing of it was this."""
    assert asked(company, metric).accounts == ()


def test_what_cannot_be_told_has_nothing_behind_it(company: Database) -> None:
    told = why_told(asked(company, "cac"), accounts=6)

    assert "spend acquisition AMOUNT" in str(told.lines)
    assert told.details == ()


def test_bills_lead_to_their_page(database: Database) -> None:
    bill = factories.invoice(
        "in-1",
        [factories.line("il-1", 9_900, factories.at(10, 11), subscription_id="sub-nova", quantity=Decimal(2))],
        number="N-1",
        hosted_url="https://invoice.example/i?a=1|2>",
        account_id="nova",
    )
    with database.writing() as session:
        hold(session, [movement("nova", TENTH, NEW, 9_900, price_id="pro")], [factories.account("nova"), bill])
    detail = why_told(asked(database, "mrr"), accounts=6).details[1]

    assert "<https://invoice.example/i?a=1%7C2%3E|N-1>" in str(list(detail_shown(detail)))
    assert "billed $99 for 2 on N-1" in "\n".join(detail_typed(detail))
