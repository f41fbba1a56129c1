"""`/exit-interview report` at the page of the local Slack."""

import json
import re
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.figures.exit_views import VIEWS
from bot.messages.exit_report import Look
from bot.messages.exits import LABELS
from handlers import exit_report, fix_worth
from handlers.exit_report import asked_for
from handlers.saving import not_saved
from storage import exit_interviews, exit_names, outbox
from storage.exit_interviews import Entry, Said
from storage.states import NameKind
from tests.handlers.conftest import HERE, Stage, words
from tests.handlers.test_exit_interview import fills, opens, shown


async def asks(stage: Stage, typed: str = "90d") -> dict[str, Any]:
    await stage.types(f"/exit-interview report {typed}")
    return await stage.last()


async def looks(stage: Stage, message: dict[str, Any], name: str) -> str:
    await stage.person.chooses(message, "Look at …", name)
    await stage.services.tasks.drain(20)
    return words(await stage.last())


async def interviewed(stage: Stage) -> None:
    """What was learned of the one customer that left."""
    await opens(stage, "gone fishing")
    told = {"reason": "Too expensive", "root_cause": "Would not adopt it", "left_anyway": "Yes", "icp_fit": "8"}
    assert await fills(stage, {LABELS[name]: answer for name, answer in told.items()}) == {}


async def test_the_report_says_who_left_and_why(stage: Stage) -> None:
    first = await asks(stage, "")
    assert re.match(r"Exits, 90d · .+ – .+:\n1 customer left with \$150 MRR\.", words(first))
    assert "Too expensive" in words(first)

    assert "Gone Fishing Ltd: $150, Too expensive, billing" in await looks(stage, first, "Customers")


async def test_each_way_to_look_is_a_menu_entry_and_a_word(stage: Stage) -> None:
    await interviewed(stage)
    told = {
        "avoidable": "Avoidable: 1, $150, 1 of 1",
        "natural": "Unwilling to adopt: 1, $150, 1 of 1",
        "icp": "Too expensive: –, –, 1 · $150",
        "tags": "No interview names a feature.",
        "root": "Too expensive: Would not adopt it, 1, $150",
        "competitors": "No interview names a competitor.",
        "plan": "Pro, monthly: 1, $150, 1 of 1",
        "tenure": "6–11 months: 1, $150, 1 of 1",
        "region": "unknown: 1, $150, 1 of 1",
        "who": "Gone Fishing Ltd: $150, Too expensive, interview",
        "reasons": "Too expensive: 1, $150, Avoidable",
    }
    assert set(told) == set(VIEWS)
    first = await asks(stage)
    for view, expected in told.items():
        assert expected in words(await asks(stage, f"{view} 90d where plan:pro"))
        assert expected in await looks(stage, first, VIEWS[view].name)
    assert "Would have left anyway, interviews say: 1 with $150." in words(await asks(stage, "natural"))
    assert "In 1 interview the team gave a fit of 8.0 out of 10 on average." in words(await asks(stage, "icp"))
    assert "Natural churn, whatever one does: 1 with $150." in words(first)


async def test_another_period_a_filter_and_csv(stage: Stage) -> None:
    first = await asks(stage, "12m where plan:pro")
    assert words(first).startswith("Exits, 12m · ")
    assert "Kept to plan" in words(first)

    await stage.presses(first, "30d")
    assert "Nobody left." in words(await stage.last())
    await stage.presses(first, "CSV")
    assert "gone,Gone Fishing Ltd" in json.dumps((await stage.last())["blocks"])


async def posts(stage: Stage, *, names: bool, channel: str | None = None) -> Any:
    """Post the report to a channel; wrong fields by their labels."""
    await stage.presses(await asks(stage, "who"), "Post to product channel")
    answers: dict[str, Any] = {"Where": channel or stage.channel}
    if names:
        answers["Customers"] = ["With the names of customers"]
    answer = await stage.person.submits(stage.view(), answers)
    await stage.services.tasks.drain(20)
    return answer.get("errors", {})


@pytest.mark.parametrize("names", [True, False])
async def test_it_is_posted_to_a_channel_with_or_without_names(stage: Stage, *, names: bool) -> None:
    assert await posts(stage, names=names) == {}
    assert "On its way to" in shown(stage.view())
    await stage.deliver()

    message = await stage.last()
    assert not message.get("ephemeral")
    assert ("Gone Fishing Ltd" in str(message)) is names
    assert ("Customer 1: $150" in words(message)) is not names
    assert "Shared by <@" in str(message["blocks"])
    assert not [block for block in message["blocks"] if block["type"] == "actions"]


async def test_it_is_posted_nowhere_that_another_company_reads_or_the_bot_is_not(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = stage.server.state.workspace.channels
    alone = next(one for one in channels.values() if stage.server.state.bot not in one.members and not one.is_im)
    assert list((await posts(stage, names=False, channel=alone.id)).values()) == [exit_report.NOT_THERE]

    here = next(one for one in channels.values() if one.id == HERE)
    here.is_ext_shared = True
    stage.channel = alone.id
    assert "Another company shares this channel" in str(await posts(stage, names=False, channel=here.id))
    here.is_ext_shared = False

    def full(*_: object, **__: object) -> None:
        raise OperationalError("insert", {}, OSError("disk full"))

    monkeypatch.setattr(outbox, "put", full)
    assert list((await posts(stage, names=False, channel=here.id)).values()) == [not_saved("Post")]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ("reasons", "", "")),
        ("12m tags", ("tags", "12m", "")),
        ("Features 12m", ("tags", "12m", "")),
        ("12m by plan", ("plan", "12m", "")),
        ("root cause, this month", ("root", "this month", "")),
        ("natural churn in 2026", ("natural", "2026", "")),
        ("of customers over the last quarter", ("who", "last quarter", "")),
        ("12m region:EMEA -country:US", ("reasons", "12m", "region:EMEA -country:US")),
        ("tags where plan:pro", ("tags", "", "plan:pro")),
        ("q3", ("reasons", "q3", "")),
    ],
)
def test_words_come_in_any_order_and_by_any_of_their_names(typed: str, meant: tuple[str, str, str]) -> None:
    assert asked_for(f"report {typed}".strip()) == Look(*meant)


async def test_what_is_not_understood_is_said(stage: Stage) -> None:
    said = words(await asks(stage, "some day"))
    assert "I do not understand “some day”. Write a period, such as 30d" in said
    assert "and one of reasons, avoidable," in said
    assert "colour" in words(await asks(stage, "90d where colour:blue"))


async def test_an_account_of_that_name_is_found_by_more_of_it(stage: Stage) -> None:
    await stage.types("/exit-interview reporters united")

    assert "I know no account like “reporters united”" in words(await stage.last())


async def test_guests_get_no_report(stage: Stage) -> None:
    stage.server.state.workspace.users[await stage.is_now("ben")].is_restricted = True

    assert "full members" in words(await asks(stage))


async def test_whether_a_fix_is_worth_it(stage: Stage) -> None:
    tagged = Said(reason="missing_feature", tags=("sso",))
    entry = Entry("V9", "gone", None, "U1", stage.now, tagged)
    await stage.services.database.write(exit_names.add, NameKind.FEATURE, "SSO", "U1", stage.now)
    await stage.services.database.write(exit_interviews.save, entry)
    await stage.presses(await asks(stage, "tags"), "Is a fix worth it?")
    form = stage.view()

    for wrong in ("a lot", "9,50", "1,00", "-5", "1e3", "٣", ",100"):
        answer = await stage.person.submits(form, {"What the fix would cost (USD)": wrong})
        assert list(answer["errors"].values()) == [fix_worth.NO_AMOUNT]
    assert "errors" not in await stage.person.submits(form, {"What the fix would cost (USD)": "1,000"})
    said = shown(stage.view())
    assert said.startswith("*SSO, 90d*\n1 customer could have stayed, with $150 MRR.")
    assert "At $1,000 it would have paid for itself" in said
    assert "Gone Fishing Ltd" in said


async def test_a_report_without_names_does_not_name_whom_it_was_kept_to(stage: Stage) -> None:
    await stage.presses(await asks(stage, 'who 90d where name:"gone fishing"'), "Post to product channel")
    assert (await stage.person.submits(stage.view(), {"Where": HERE}))["ok"]
    await stage.deliver()

    message = await stage.last()
    assert "Customer 1: $150" in words(message)
    assert "ishing" not in str(message)
    assert "Kept to name:\u2060…" in words(message)
