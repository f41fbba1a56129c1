"""The form of `/coffee here`."""

from dataclasses import replace
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import coffee_form as messages
from bot.messages.coffee_form import Wish
from bot.messages.zones import zone_choice
from bot.playground.slack.validate import check_view
from tests.bot.messages.hostile import texts

ZONES = sorted(available_timezones())
RIGHT = {"at": "08:30", "zone": "Europe/Helsinki", "weekdays": ["1", "5"], "alerts": ["yes"]}


def wish(zone: str = "Europe/Helsinki") -> Wish:
    return Wish("C1", time(8, 30), ZoneInfo(zone), frozenset({1, 5}), alerts=True)


@given(st.sampled_from(ZONES), texts)
def test_any_zone_and_problem_fit_slack(zone: str, problem: str) -> None:
    view = messages.form(wish(zone), problem)

    assert check_view(view) == []
    element = next(block["element"] for block in view["blocks"] if block.get("block_id") == "zone")
    assert element["initial_option"]["value"] == zone


def test_a_zone_is_offered_once() -> None:
    for zone in ("UTC", "Europe/Helsinki", "US/Eastern"):
        groups = zone_choice(zone)["option_groups"]
        offered = [one["value"] for group in groups for one in group["options"]]
        assert offered.count(zone) == 1
        assert len(set(offered)) == len(offered)


def test_a_whole_form_is_what_was_wished() -> None:
    assert messages.submitted(messages.form(wish()), RIGHT) == wish()


def test_a_channel_may_take_alerts_alone() -> None:
    found = messages.submitted(messages.form(wish()), {**RIGHT, "weekdays": []})

    assert found == replace(wish(), weekdays=frozenset())


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"at": None}, ["at"]),
        ({"at": "25:00"}, ["at"]),
        ({"zone": "Mars/Olympus"}, ["zone"]),
        ({"zone": None}, ["zone"]),
        ({"weekdays": [], "alerts": []}, ["weekdays"]),
        ({"weekdays": ["8", "x"], "alerts": []}, ["weekdays"]),
        ({"at": "", "zone": "", "weekdays": None, "alerts": None}, ["at", "zone", "weekdays"]),
    ],
)
def test_what_is_wrong_is_said_under_its_input(change: dict[str, Any], wrong: list[str]) -> None:
    found = messages.submitted(messages.form(wish()), {**RIGHT, **change})

    assert isinstance(found, dict)
    assert list(found) == wrong
