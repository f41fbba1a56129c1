"""`/coffee` and a metric, through the app and the local Slack."""

from typing import Any

import pytest

from bot.commands.figures import Form, Wanted, metrics
from bot.messages.blocks import BLOCK_TEXT_SUM, text_of
from storage import audit, policies
from tests.handlers.conftest import Stage, words


def kinds(message: dict[str, Any]) -> list[str]:
    return [block["type"] for block in message["blocks"]]


async def test_a_figure_is_private_and_on_record(stage: Stage) -> None:
    await stage.types("/coffee MRR")

    answer = await stage.last()
    assert answer["ephemeral"]
    assert words(answer).startswith("MRR: $3,500 · at the end of 22 Nov 2026\n")
    assert kinds(answer) == ["section", "data_visualization", "context", "actions"]
    latest = (await stage.services.database.read(audit.found))[0]
    assert (latest.action, latest.subject, latest.granted) == ("look at figures", "mrr", True)


async def test_segments_add_up_in_front_of_the_reader(stage: Stage) -> None:
    await stage.types("/coffee mrr 12m by owner")

    answer = await stage.last()
    assert "none: $1,500, +$1,500, 42.9%" in words(answer)
    assert "ann@we.com: $2,000" in words(answer)
    assert "All: $3,500, +$3,500, 100.0%" in words(answer)
    assert kinds(answer) == ["section", "data_visualization", "table", "context", "actions"]


async def test_a_filter_is_read_as_it_was_typed_and_told_as_it_was_meant(stage: Stage) -> None:
    await stage.types("/coffee customers where mrr>=100 mrr<2000 owner:NONE")

    assert words(await stage.last()).startswith("Customers: 2 · at the end of 22 Nov 2026 · mrr")
    await stage.types("/coffee customers where owner:ann@we.com")
    assert words(await stage.last()).startswith("Customers: 1 ·")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("mrr where owner:anne@we.com", "is no owner I know; the nearest I know: ann@we.com"),
        ("mrr where <!channel>:x", "compares what has no size: &lt; goes with mrr, tenure, since."),
        ("mrr 2027", "holds no day that is over"),
        ("mrr by colour", "I cannot divide by “colour”"),
        ("nett revenue retention", "I know no metric called “nett revenue retention”. Did you mean one of these?"),
    ],
)
async def test_what_is_wrong_is_said_with_what_is_near(stage: Stage, typed: str, said: str) -> None:
    await stage.types(f"/coffee {typed}")

    assert said in words(await stage.last()).replace("\u2060", "")


async def test_from_the_glance_to_the_depth_and_on(stage: Stage) -> None:
    await stage.types("/coffee mrr 12m where -owner:ann@we.com")

    await stage.presses(await stage.last(), "More")
    deep = await stage.last()
    assert "Nov 2026 so far: $1,500" in words(deep)
    await stage.presses(deep, "By owner")
    assert words(await stage.last()).startswith("MRR: $1,500 · at the end of 22 Nov 2026 · -owner")
    await stage.presses(await stage.last(), "Undivided")
    assert "table" not in kinds(await stage.last())


async def test_a_suggestion_can_be_pressed(stage: Stage) -> None:
    await stage.types("/coffee nett revenue retention")
    await stage.presses(await stage.last(), "Net revenue retention")

    assert words(await stage.last()).startswith("Net revenue retention: ")


async def test_an_export_is_a_block_to_copy(stage: Stage) -> None:
    await stage.types("/coffee mrr 12m by owner")
    await stage.presses(await stage.last(), "CSV")

    export = await stage.last()
    text = export["blocks"][1]["elements"][0]["elements"][0]["text"]
    assert text.splitlines()[:4] == [
        "metric,unit,currency,start,end,by,segment,value,reason",
        "mrr,money,usd,2025-11-23,2026-11-23,,,350000,",
        "mrr,money,usd,2025-11-23,2026-11-23,owner,ann@we.com,200000,",
        "mrr,money,usd,2025-11-23,2026-11-23,owner,none,150000,",
    ]


async def test_the_list_of_figures_fits_a_message(stage: Stage) -> None:
    await stage.types("/coffee metrics")

    found = await stage.last()
    assert "nrr Net revenue retention: " in words(found)
    assert text_of(found["blocks"]) <= BLOCK_TEXT_SUM
    await stage.types("/coffee help")
    assert "`nrr`" in words(await stage.last())


async def test_why_says_who_carries_it_and_who_stands_behind_it(stage: Stage) -> None:
    await stage.types("/coffee why mrr 12m")

    *_, first, second, third = await stage.sees()
    assert words(first).startswith("Why MRR is $3,500 · 23 Nov 2025 – 22 Nov 2026\nMRR rose by $3,500: ")
    assert "5 new Pro, monthly customers (+$3,650)" in words(first)
    assert "together: +$3,500" in words(first)
    assert first["ephemeral"]
    assert second["ephemeral"]
    assert words(second).startswith("The accounts that moved most")
    assert words(third).startswith("What the policy “kahvi” decided here")
    latest = (await stage.services.database.read(audit.found))[0]
    assert (latest.action, latest.subject, latest.granted) == ("look at figures", "mrr", True)


async def test_why_can_be_asked_by_a_button_and_leads_back(stage: Stage) -> None:
    await stage.types("/coffee customers 12m by owner where -owner:ann@we.com")
    await stage.presses(await stage.last(), "Why?")

    first = next(one for one in await stage.sees() if words(one).startswith("Why Customers are 3 "))
    assert "-owner:ann@we.com" in words(first).replace("\u2060", "")
    await stage.presses(first, "The figure")
    assert words(await stage.last()).startswith("Customers: 3 ·")


async def test_why_with_a_filter(stage: Stage) -> None:
    await stage.types("/coffee why churn 12m where owner:ann@we.com")

    assert any(words(one).startswith("Why Customer churn is 0.0% · ") for one in await stage.sees())


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("why", "Why MRR is $3,500"),
        ("why nett revenue retention", "I know no metric called “nett revenue retention”. Did you mean one of these?"),
        ("why mrr where owner:anne@we.com", "is no owner I know; the nearest I know: ann@we.com"),
        ("why mrr where <!channel>:x", "&lt;!channel&gt;"),
        ("forecast", "No forecast yet\nA forecast takes 12 whole months of history"),
    ],
)
async def test_what_cannot_be_told_is_said_and_what_is_not_asked_is_mrr(stage: Stage, typed: str, said: str) -> None:
    await stage.types(f"/coffee {typed}")

    assert any(said in words(one).replace("\u2060", "") for one in await stage.sees())
    assert not any("<!channel>" in str(one["blocks"]) for one in await stage.sees())


async def test_no_guest_sees_a_figure(stage: Stage) -> None:
    stage.server.state.workspace.users[stage.server.state.me].is_restricted = True
    for typed in ("mrr", "mrr where owner:x", "metrics", "xyzzy", "why mrr", "forecast"):
        await stage.types(f"/coffee {typed}")

        assert words(await stage.last()).startswith("Customer figures are for full members")
        assert not (await stage.services.database.read(audit.found))[0].granted


@pytest.mark.parametrize(("by", "where"), [("owner", "mrr>=100"), ("plan", ""), ("", "-owner:none")])
async def test_the_command_line_gives_the_same_answers(stage: Stage, by: str, where: str) -> None:
    typed = f"mrr 12m{f' by {by}' if by else ''}{f' where {where}' if where else ''}"
    await stage.types(f"/coffee {typed}")
    await stage.presses(await stage.last(), "CSV")
    export = (await stage.last())["blocks"][1]["elements"][0]["elements"][0]["text"]

    url = stage.services.database.url.render_as_string(hide_password=False)
    settings = stage.services.settings.model_copy(update={"database_url": url})
    wanted = Wanted(["mrr"], "12m", by, where, Form.CSV, series=True)
    assert metrics(settings, wanted, stage.now) == export


async def test_churn_without_a_period_is_that_of_the_policy(stage: Stage) -> None:
    await stage.services.database.write(policies.choose, "kahvi churn_window=calendar_month", "U1", stage.now)

    await stage.types("/coffee customer churn")

    assert words(await stage.last()).startswith("Customer churn: 20.0% · 1 Oct – 31 Oct 2026")
    await stage.types("/coffee customer churn 30d")
    assert "1 Oct – 31 Oct" not in words(await stage.last())
