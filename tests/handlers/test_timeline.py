"""`/account acme timeline`: what happened, page by page."""

from datetime import timedelta

import pytest

from bot import roles
from bot.roles import Grant, Role
from storage import alerts, journal, tunings
from storage.alerts import Alert
from storage.journal import Entry
from storage.states import AlertState, NoteKind
from storage.tables import AlertRow
from storage.tunings import ACCESS
from storage.upsert import table_of
from tests.handlers.conftest import Stage, words
from tests.handlers.test_access import give

HOSTILE = "They call <!channel> back *soon* \N{COFFIN}"


@pytest.fixture
async def noted(stage: Stage) -> Stage:
    for number in range(25):
        at = stage.now - timedelta(hours=number)
        entry = Entry(f"n{number}", "acme", NoteKind.CALL, f"{HOSTILE} {number:02}", "U1", at)
        await stage.services.database.write(journal.add, entry)
    return stage


async def test_it_is_paged_from_the_newest_on(noted: Stage) -> None:
    await noted.types("/account acme robotics timeline")
    first = await noted.last()
    assert words(first).startswith("*Acme Robotics, the newest first*\n*23 Nov 2026*")
    assert "&lt;!channel&gt; *soon" not in words(first)
    assert "back" in words(first)
    assert "24" not in words(first).rpartition("back")[2]

    await noted.presses(first, "Earlier")
    second = words(await noted.last())
    assert "Payment: $2,000.00 failed: Your card was declined." in second
    assert "MRR new +$2,000.00 (subscription started)" in second
    assert "Earlier" not in str((await noted.last())["blocks"])


async def test_the_card_leads_to_it(stage: Stage) -> None:
    await stage.types("/account acme robotics")
    await stage.presses(await stage.last(), "Timeline")

    assert words(await stage.last()).startswith("*Acme Robotics, the newest first*")


async def test_of_several_accounts_one_is_chosen(stage: Stage) -> None:
    await stage.types("/account acm timeline")
    await stage.presses(await stage.last(), "Timeline")

    assert ", the newest first*" in words(await stage.last())


async def test_an_account_with_nothing_says_so(stage: Stage) -> None:
    await stage.types("/account empty shell timeline")

    assert words(await stage.last()) == "Nothing has happened with *Empty Shell* yet."


async def test_a_viewer_reads_no_notes(noted: Stage) -> None:
    ben = await noted.is_now("ben")
    given = roles.plain([Grant(ben, Role.VIEWER)])
    await noted.services.database.write(tunings.choose, given, "U9", noted.now, ACCESS)

    await noted.types("/account acme robotics timeline")

    assert "call" not in words(await noted.last())
    assert "Payment" in words(await noted.last())


async def test_a_viewer_reads_not_why_an_alert_was_dismissed(stage: Stage) -> None:
    told = {"ending": "dismissed", "by": "U1", "why": "other", "note": "Hank drinks", "at": None}
    alert = Alert(
        id="a1",
        cause_key="at_risk:acme",
        account_id="acme",
        rule="at_risk",
        object_id="acme",
        evidence={"score": 70},
        since=stage.now,
        opened_at=stage.now,
    )
    await stage.services.database.write(alerts.add, alert)
    closed = table_of(AlertRow).update().values(outcome=told, state=AlertState.CLOSED, closed_at=stage.now)
    await stage.services.database.write(lambda session: session.connection().execute(closed))
    await stage.types("/account acme robotics timeline")
    assert "Hank drinks" in words(await stage.last())

    await give(stage, Grant(await stage.is_now("ben"), Role.VIEWER))
    await stage.types("/account acme robotics timeline")
    said = words(await stage.last())
    assert "sees no risk" in said
    assert "Hank drinks" not in said
