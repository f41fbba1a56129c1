"""Newcomers that are behind: by their steps, by use, and never by what nobody told."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.digest.sections.worth_a_look import WorthALook
from bot.messages import onboarding as messages
from bot.playground.slack.validate import check_message_blocks
from bot.risk.assessing import keep_assessed
from bot.risk.onboarding import Newcomer, Watch, watch
from bot.risk.whose import ME, Whose
from storage import signals
from storage.engine import Database
from storage.inputs import Signal
from tests.bot.messages.hostile import alive
from tests.bot.risk.alerting import SETTINGS
from tests.company import fill, running, stored
from tests.factories import account

ONE = Newcomer("x", "Acme", None, Decimal(5_000), age=16, done=2, total=8, active=None)


@pytest.mark.parametrize(
    ("age", "done", "behind"),
    [
        (6, 0, False),
        (7, 1, True),
        (7, 2, False),
        (14, 3, True),
        (14, 4, False),
        (29, 4, False),
        (30, 7, True),
        (30, 8, False),
        (80, 9, False),  # more than all
    ],
)
def test_steps_are_due_by_day(age: int, done: int, *, behind: bool) -> None:
    assert replace(ONE, age=age, done=done).is_behind is behind


@pytest.mark.parametrize(
    ("values", "behind"),
    [
        ({"active": False, "done": 8}, True),
        ({"active": True, "done": 8}, False),
        ({"active": None, "done": None, "total": None}, False),
        ({"active": False, "done": None, "total": None, "age": 6}, False),
        ({"done": 0, "total": 0}, False),
        ({"done": 2, "total": None}, False),
    ],
)
def test_what_was_not_told_is_not_held_against_anybody(values: dict[str, Any], *, behind: bool) -> None:
    assert replace(ONE, **values).is_behind is behind


async def newcomers(database: Database, morning: datetime) -> None:
    """Slow did 2 of 8 steps in 16 days, quiet was never told of, quick uses the key feature; Acme is old."""
    await stored(database, morning)
    for name, days in (("slow", 16), ("quiet", 20), ("quick", 30)):
        began = running(name, 10, morning - timedelta(days=days))
        await database.write(fill, [account(name, name=name.title()), began], morning)
    told = [
        Signal("slow", "onboarding_step_done", morning - timedelta(days=9), Decimal(1)),
        Signal("slow", "onboarding_step_done", morning - timedelta(days=2), Decimal(2)),
        Signal("slow", "onboarding_total", morning - timedelta(days=9), Decimal(8)),
        Signal("quick", "key_feature_days_28d", morning - timedelta(days=1), Decimal(3)),
        Signal("acme", "onboarding_step_done", morning - timedelta(days=2), Decimal(0)),
        Signal("acme", "onboarding_total", morning - timedelta(days=2), Decimal(8)),
    ]
    await database.write(signals.store, told, morning)
    await keep_assessed(database, "usd", SETTINGS.zone, morning)


async def test_newcomers_that_are_behind_are_found_and_the_silent_are_counted(
    database: Database, morning: datetime
) -> None:
    await newcomers(database, morning)

    found = await database.read(watch, Whose(), "usd", morning.date(), morning)

    assert (found.newcomers, found.silent) == (3, 1)
    (slow,) = found.behind
    assert slow == Newcomer("slow", "Slow", None, Decimal(50_000), 16, 2, 8, None)
    message = messages.told(found, Whose(), "usd")
    assert message.text.split("\n") == [
        "*1 account is behind in the first 90 days*",
        "*Slow* · $500.00 MRR",
        "day 16: 2 of 8 steps done",
        "of 1 of 3 newcomers nothing was told",
    ]
    quick = Whose("name:quick", "name:quick")
    assert (await database.read(watch, quick, "usd", morning.date(), morning)).behind == []


def test_a_quiet_watch_says_what_to_send() -> None:
    assert "send the signals `onboarding_step_done`" in messages.told(Watch([], 3, 3), Whose(), "usd").text
    ahead = messages.told(Watch([], 3, 0), Whose(ME), "usd")
    assert ahead.text.strip() == "*No account of yours in its first 90 days is behind.*"
    assert "No account is in its first 90 days" in messages.told(Watch([], 0, 0), Whose(), "usd").text


def test_any_content_fits_slack() -> None:
    hostile = replace(ONE, name="<!channel> *x* " * 60, owner_email="<@U1>" * 60, active=False)
    message = messages.told(Watch([hostile] * 200, 300, 7), Whose("region:EU", "region:EU"), "usd")

    assert check_message_blocks(message.blocks) == []
    assert alive(message) == ""
    told = WorthALook("usd", [], 9, [hostile] * 3).told()
    assert told.lines[-1] == ("9 more accounts in /at-risk, with the reasons",)
