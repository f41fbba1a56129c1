"""`/exit-interview report` at the page of the local Slack."""

import json

from tests.handlers.conftest import Stage, words


async def test_the_report_says_who_left_and_why(stage: Stage) -> None:
    await stage.types("/exit-interview report")

    first, second = [message for message in await stage.sees() if message.get("ephemeral")][-2:]
    assert words(first).startswith("Exits, 90d:\n1 customer left with $150 MRR.")
    assert "Too expensive" in words(first)
    assert "Gone Fishing Ltd: $150, Too expensive, billing" in words(second)


async def test_another_period_a_filter_and_csv(stage: Stage) -> None:
    await stage.types("/exit-interview report 12m where plan:pro")
    first, _ = [message for message in await stage.sees() if message.get("ephemeral")][-2:]
    assert words(first).startswith("Exits, 12m:")
    assert "Kept to plan" in words(first)

    await stage.presses(first, "30d")
    assert "Nobody left." in words(await stage.last())
    await stage.presses(first, "CSV")
    assert "gone,Gone Fishing Ltd" in json.dumps((await stage.last())["blocks"])


async def test_what_is_not_understood_is_said(stage: Stage) -> None:
    await stage.types("/exit-interview report some day")
    assert "some day" in words(await stage.last())
    await stage.types("/exit-interview report 90d where colour:blue")
    assert "colour" in words(await stage.last())


async def test_an_account_of_that_name_is_found_by_more_of_it(stage: Stage) -> None:
    await stage.types("/exit-interview reporters united")

    assert "I know no account like “reporters united”" in words(await stage.last())


async def test_guests_get_no_report(stage: Stage) -> None:
    stage.server.state.workspace.users[await stage.is_now("ben")].is_restricted = True

    await stage.types("/exit-interview report")

    assert "full members" in words(await stage.last())
