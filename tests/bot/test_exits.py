"""Who left and why: reasons by interview before billing's, sums that are the catalogue's, and honest words."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from bot.figures import Asked, load
from bot.figures.exit_views import VIEWS, reasons
from bot.figures.exits import Exit, Exits, Told, exits
from bot.figures.exits_told import exits_told
from bot.messages import exit_report
from bot.messages.blocks import Message
from bot.messages.exit_report import Look
from bot.messages.phrases import in_plain_text
from bot.metrics.periods import span
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from bot.playground.slack.validate import check_message_blocks
from storage import alerts, exit_interviews, exit_reasons
from storage import facts as f
from storage.alerts import Alert
from storage.engine import Database
from storage.exit_interviews import Entry, Said
from storage.exit_reasons import Set
from storage.movements import WHOLE
from storage.states import IcpFit
from tests.bot.messages.hostile import alive, texts
from tests.company import LEAVING, fill, running, stored
from tests.factories import account, at
from tests.storage.test_dimensions import GROUNDS

TODAY = date(2026, 11, 23)


def asked(database: Database, period: str = "90d", where: str = "") -> Exits:
    found = span(period, TODAY)
    assert found is not None
    with database.reading() as session:
        return exits(session, found, where, GROUNDS)


def note(account_id: str, reason: str, at_: datetime, id_: str = "V1") -> Entry:
    return Entry(id_, account_id, None, "U1", at_, Said(reason=reason))


def ended(account_id: str, seats: int, day: datetime, **values: Any) -> f.Subscription:
    state = {"status": f.Status.ENDED, "status_word": "canceled", "ended_at": day, **values}
    return running(account_id, seats, **state)


async def test_an_interview_says_more_than_billing_and_what_nobody_knows_is_said(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)
    unknown = ended("silent", 4, at(1, 10))
    budget = ended("asked", 2, at(2, 10), cancel_kind=f.CancelKind.VOLUNTARY, cancel_reason="too_expensive")
    await database.write(fill, [account("silent"), unknown, account("asked"), budget], morning)
    await database.write(exit_interviews.save, note("asked", "acquired", morning - timedelta(days=9), "V0"))
    await database.write(exit_interviews.save, note("asked", "shut_down", morning))

    found = asked(database)

    assert [(one.account_id, one.lost, one.reason, one.told) for one in found.exits] == [
        ("silent", Decimal(20_000), None, Told.NOBODY),
        ("gone", Decimal(15_000), "price", Told.BILLING),
        ("asked", Decimal(10_000), "shut_down", Told.INTERVIEW),
    ]
    assert [(reason, tally.count) for reason, tally in found.by_reason] == [(None, 1), ("price", 1), ("shut_down", 1)]
    lines = [in_plain_text(line) for line in exits_told(found, reasons).lines]
    assert lines == [
        "3 customers left with $450 MRR.",
        "Avoidable: 1 with $150.",
        "Not avoidable: 1 with $100. Not judged: 1 with $200.",
        "Natural churn, whatever one does: 1 with $100.",
        "Flagged by an alert two weeks before or earlier: none.",
        "Without an interview: 2 with $350.",
        "Nobody knows why 1 with $200 left: ask them, while they remember.",
    ]


async def test_reasons_are_told_in_the_teams_words(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    for one in (
        Set("price", "Costs *too* much", "no", retired=True),
        Set("own", "No invoices in Finnish", "partly", retired=False),
    ):
        await database.write(exit_reasons.choose, one, "U1", morning)
    await database.write(fill, [account("asked"), ended("asked", 2, at(2, 10))], morning)
    await database.write(exit_interviews.save, note("asked", "own", morning))

    report, customers = (exit_report.report(asked(database), Look(view, "90d", "")) for view in ("reasons", "who"))

    assert "Avoidable" not in report.text.replace("Not avoidable", "").replace("Partly avoidable", "")
    assert ["Costs *too* much", "1", "$150", "Not avoidable"] in cells(report)
    assert ["No invoices in Finnish", "1", "$100", "Partly avoidable"] in cells(report)
    assert ["Gone Fishing Ltd", "$150", "Costs *too* much", "billing"] in cells(customers)
    (export, *_) = exit_report.export(asked(database))
    assert "No invoices in Finnish,interview,,,partly,,none" in str(export.blocks)


def cells(message: Message) -> list[list[str]]:
    """The rows of a message's table."""
    table = next(block for block in message.blocks if block["type"] == "table")
    return [[cell["text"] for cell in row] for row in table["rows"]]


async def test_the_sum_is_the_churned_mrr_of_the_catalogue(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await database.write(fill, [ended("acme", 40, at(3, 11)), ended("globex", 30, at(9, 11))], morning)
    found = asked(database, "30d")

    with database.reading() as session:
        window = Window(TODAY - timedelta(days=30), TODAY)
        roll = load(Asked(session, (window,), GROUNDS), (Roll,))[WHOLE][0].of(Roll)

    assert found.tally().lost == roll.churn == Decimal(350_000)
    assert found.tally().count == roll.customers_churned == 2


@pytest.mark.parametrize(("days", "known"), [(14, True), (15, False)])
async def test_whether_it_was_known_in_time(database: Database, morning: datetime, days: int, *, known: bool) -> None:
    await stored(database, morning)
    for id_, before in (("a", 20), ("b", 13)):
        alert = Alert(
            id=id_,
            cause_key=id_,
            account_id="gone" if id_ == "a" else "globex",
            rule="cancel_scheduled",
            object_id="x",
            evidence={},
            since=morning,
            opened_at=at(4, 10) - timedelta(days=before),
        )
        await database.write(alerts.add, alert)
    await database.write(fill, [replace(LEAVING, status=f.Status.ENDED, ended_at=at(4, 10), cancel_at=None)], morning)

    assert {one.account_id: one.early for one in asked(database).exits} == {"gone": True, "globex": False}
    await database.write(alerts.close, "a", {"ending": "voided"}, at(4, 10) - timedelta(days=days))
    assert {one.account_id: one.early for one in asked(database).exits}[
        "gone"
    ] is known  # closed by then, it warned nobody


async def test_a_filter_keeps_to_what_it_names(database: Database, morning: datetime) -> None:
    await stored(database, morning)

    assert [one.account_id for one in asked(database, where="plan:pro").exits] == ["gone"]
    assert asked(database, where="-plan:pro").exits == ()
    assert [in_plain_text(line) for line in exits_told(asked(database, "7d"), reasons).lines] == ["Nobody left."]


def some(text: str, count: int) -> Exits:
    found = span("90d", TODAY)
    assert found is not None
    answers = Said(reason=text, root_cause=f"{text}2", competitor=text, tags=(text, "sso"), icp_fit=7)
    made = [
        Exit(
            *(f"a{number}", text, text, TODAY, Decimal(100 * number), text or None, Told.BILLING),
            early=False,
            said=answers if number % 2 else Said(),
            plan=text,
            place=text,
            began=TODAY - timedelta(days=40 * number),
            icp=tuple(IcpFit)[number % 3],
        )
        for number in range(count)
    ]
    return Exits(found, "usd", (), tuple(made), frozenset(), names={text: text, "sso": text})


@given(texts)
def test_any_content_fits_slack_and_stays_inert(text: str) -> None:
    for count in (0, 1, 60):
        found = some(text, count)
        for view in VIEWS:
            look = Look(view, "90d", "")
            for message in (
                exit_report.report(found, look),
                exit_report.posted(found, look, "<@U1>", with_names=False),
            ):
                assert check_message_blocks(message.blocks) == []
                assert alive(message).replace("<@U1>", "") == ""
        for message in exit_report.export(found):
            assert check_message_blocks(message.blocks) == []


def test_shares_are_told_from_ten_customers_on() -> None:
    few, many = (exits_told(some("x", count), reasons).lines for count in (9, 10))

    assert not any("%" in in_plain_text(line) for line in few)
    assert "(100.0%)" in in_plain_text(many[1])
