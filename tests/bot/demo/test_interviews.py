"""What the demo's team has learned is the same at each start, and holds in every report."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo.interviews import FIXED, learn
from bot.exits.reasons import REASONS
from bot.figures import Grounds
from bot.figures.exits import Told, exits
from bot.ledger import LedgerRules
from bot.metrics.periods import span
from storage import exit_names, fixes
from storage import facts as f
from storage.engine import Database
from tests.company import running, stored
from tests.factories import account, at

RULES = LedgerRules(ZoneInfo("UTC"), "usd")
LEFT: dict[str, Any] = {"status": f.Status.ENDED, "status_word": "canceled", "ended_at": at(2, 10)}


async def test_most_of_those_who_left_have_an_interview_the_same_each_time(
    database: Database, morning: datetime
) -> None:
    many = [fact for n in range(40) for fact in (account(f"c{n}"), running(f"c{n}", 1, cancel_reason="other", **LEFT))]
    await stored(database, morning, *many)
    asked = span("12m", morning.date())
    assert asked is not None

    with database.writing() as session:
        count = learn(session, RULES, ["U1", "U2"], morning)
        first = exits(session, asked, "", Grounds("usd", RULES.zone))
        assert learn(session, RULES, ["U1", "U2"], morning) == count
        assert exits(session, asked, "", Grounds("usd", RULES.zone)) == first
        assert set(fixes.every(session)) == {exit_names.id_of(FIXED)}

    told = [one for one in first.exits if one.told is Told.INTERVIEW]
    assert len(told) == count
    assert 20 < count < 41
    assert {one.said.root_cause for one in told} <= set(REASONS)
