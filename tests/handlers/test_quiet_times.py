"""When alerts leave a channel or a person alone, as each chooses in a form."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.business_days import BusinessDays
from bot.messages import quiet_form
from bot.playground.slack.validate import check_view
from bot.risk.calm import Calm
from bot.roles import Grant, Role
from handlers.presence import NOT_SET_UP
from handlers.saving import not_saved
from storage import quiet_times
from storage.quiet_times import QuietTime
from tests.handlers.conftest import ELSEWHERE, HERE, Stage, words
from tests.handlers.test_access import give
from tests.handlers.test_alerts import card_of, cards, set_up
from tests.handlers.test_routing import direct, filled, opened, owned, run

USUAL = QuietTime("20:00-07:00", "weekends")
DAY = timedelta(days=1)


def typed(
    hours: str = "usual", start: str | None = None, end: str | None = None, days: str = "usual", country: str = ""
) -> dict[str, Any]:
    return {
        "hours": {"type": "radio_buttons", "selected_option": {"value": hours}},
        "start": {"type": "timepicker", "selected_time": start},
        "end": {"type": "timepicker", "selected_time": end},
        "days": {"type": "radio_buttons", "selected_option": {"value": days}},
        "country": {"type": "plain_text_input", "value": country},
    }


async def chooses(stage: Stage, command: str = "/at-risk quiet", **wish: str) -> Any:
    await stage.types(command)
    return await stage.submits(**typed(**wish))


async def test_a_channel_has_hours_of_its_own(stage: Stage) -> None:
    await set_up(stage)
    answer = await chooses(stage, "/at-risk quiet here", hours="own", start="08:00", end="12:00")
    assert answer["ok"]
    assert f"Alerts leave <#{HERE}> alone: 08:00\N{EN DASH}12:00; weekends." in str(stage.view()["blocks"])

    await run(stage)
    assert await cards(stage) == []
    stage.now = stage.now.replace(hour=10, minute=0)  # 12:00 in Helsinki
    await run(stage)
    assert len(await cards(stage)) == 2
    await stage.types("/at-risk quiet here")
    shown = str(stage.view()["blocks"])
    assert "'initial_time': '08:00'" in shown
    assert "As the workspace: 20:00\N{EN DASH}07:00" in shown


async def test_a_channel_has_free_days_of_its_own_and_may_have_none(stage: Stage) -> None:
    await set_up(stage)
    stage.now = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)  # a Saturday
    await run(stage)
    assert await cards(stage) == []

    await chooses(stage, "/at-risk quiet here", days="none")
    await run(stage)

    assert len(await cards(stage)) == 2


async def test_an_owner_is_left_alone_when_they_want(stage: Stage) -> None:
    await set_up(stage)
    ben = await owned(stage)
    await opened(stage)
    await stage.submits(**filled("name:Acme", "owner"))
    here = stage.server.state.me
    await stage.is_now("ben")
    await chooses(stage, hours="own", start="06:00", end="12:00", days="own", country=" de-by ")
    assert await stage.services.database.read(quiet_times.chosen, [ben]) == {ben: QuietTime("06:00-12:00", "DE-BY")}
    await stage.is_now(here)

    await run(stage)
    assert direct(stage, ben) == []
    assert [words(one).split(":")[0] for one in await cards(stage)] == ["Globex Corporation"]
    stage.now = stage.now.replace(hour=12, minute=0)
    await run(stage)
    (card,) = direct(stage, ben)
    assert card.text.startswith("Acme Robotics: Payment of")


async def test_who_took_a_card_on_is_asked_by_their_own_days(stage: Stage) -> None:
    """Five business days of somebody who works every day are five days."""
    await set_up(stage)
    await chooses(stage, days="none")
    await run(stage)
    await stage.presses(await card_of(stage, "Acme"), "I'm on it")
    await run(stage)
    stage.now += 5 * DAY  # Saturday
    await run(stage)

    assert "5 business days ago" in direct(stage, stage.server.state.me)[-1].text


async def test_the_lead_is_left_alone_when_they_want(stage: Stage) -> None:
    await set_up(stage)
    lead = stage.server.state.me
    await opened(stage)
    await stage.submits(**filled(lead=lead))
    await chooses(stage, hours="own", start="06:00", end="12:00")
    await run(stage)
    stage.now += 4 * DAY
    await run(stage)
    assert direct(stage, lead) == []
    stage.now = stage.now.replace(hour=12, minute=0)
    await run(stage)

    assert len(direct(stage, lead)) == 2


@pytest.mark.parametrize(
    ("wish", "field", "said"),
    [
        ({"hours": "own", "start": "08:00"}, "end", "time of day"),
        ({"hours": "own", "end": "08:00"}, "start", "time of day"),
        ({"hours": "own", "start": "08:00", "end": "08:00"}, "end", "another time"),
        ({"days": "own"}, "country", "such as FI"),
        ({"days": "own", "country": "weekends"}, "country", "such as FI"),
        ({"days": "own", "country": "<!channel>"}, "country", "such as FI"),
        ({"days": "own", "country": "DE-XX"}, "country", "such as FI"),
        ({"days": "own", "country": "../../etc"}, "country", "such as FI"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(stage: Stage, wish: dict[str, str], field: str, said: str) -> None:
    answer = await chooses(stage, **wish)

    assert list(answer["errors"]) == [field]
    assert said in answer["errors"][field]
    assert await stage.services.database.read(quiet_times.chosen, [stage.server.state.me]) == {}


async def test_a_channel_is_for_leads_and_for_set_up_ones(stage: Stage) -> None:
    await stage.types("/at-risk quiet here")
    assert words(await stage.last()) == NOT_SET_UP
    await set_up(stage)
    ben = await stage.is_now("ben")
    await give(stage, Grant(ben, Role.VIEWER))
    await stage.types("/at-risk quiet here")
    assert "yours is viewer" in words(await stage.last())
    assert (await chooses(stage, days="none"))["ok"]


async def test_who_is_no_lead_any_more_changes_no_channel(stage: Stage) -> None:
    await set_up(stage)
    ben = await stage.is_now("ben")
    await give(stage, Grant(ben, Role.LEAD))
    await stage.types("/at-risk quiet here")
    await give(stage, Grant(ben, Role.VIEWER))

    answer = await stage.submits(**typed(days="none"))

    assert "yours is viewer" in answer["errors"]["hours"]
    assert await stage.services.database.read(quiet_times.chosen, [HERE]) == {}


async def test_nothing_is_lost_when_it_cannot_be_saved(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(quiet_times, "choose", broken)
    answer = await chooses(stage, days="none")

    assert answer["errors"] == {"hours": not_saved()}


@pytest.mark.parametrize(
    ("chosen", "at", "quiet"),
    [
        (QuietTime(), datetime(2027, 1, 6, 12, tzinfo=UTC), False),
        (QuietTime(None, "DE-BY"), datetime(2027, 1, 6, 12, tzinfo=UTC), True),  # Epiphany, a Wednesday
        (QuietTime(None, "DE-BE"), datetime(2027, 1, 6, 12, tzinfo=UTC), False),
        (QuietTime(None, "AE"), datetime(2027, 1, 8, 12, tzinfo=UTC), False),  # a Friday
        (QuietTime("none", "none"), datetime(2027, 1, 10, 3, tzinfo=UTC), False),  # at night on a Sunday
        (QuietTime("none", None), datetime(2027, 1, 10, 3, tzinfo=UTC), True),
        (QuietTime("22:00-06:00", None), datetime(2027, 1, 6, 21, tzinfo=UTC), False),
        (QuietTime("22:00-06:00", None), datetime(2027, 1, 6, 23, tzinfo=UTC), True),
    ],
)
def test_what_is_chosen_replaces_what_the_workspace_has(chosen: QuietTime, at: datetime, *, quiet: bool) -> None:
    usual = Calm(timedelta(0), 7, (datetime(1, 1, 1, 20).time(), datetime(1, 1, 1, 7).time()), BusinessDays())  # noqa: DTZ001 - times of day

    assert usual.but(chosen).is_quiet(at, ZoneInfo("UTC")) is quiet


def test_every_form_fits_slack() -> None:
    far = ZoneInfo("America/Argentina/ComodRivadavia")
    for chosen in (
        QuietTime(),
        QuietTime("22:00-06:00", "DE-BY"),
        QuietTime("none", "none"),
        QuietTime(None, "weekends"),
    ):
        for usual in (USUAL, QuietTime("none", "none"), QuietTime("20:00-07:00", "DE-BY")):
            assert check_view(quiet_form.form(chosen, usual, far, ELSEWHERE)) == []
            assert check_view(quiet_form.form(chosen, usual, ZoneInfo("UTC"))) == []


async def test_hours_are_meant_where_a_person_is(stage: Stage) -> None:
    """In Tokyo it is half past five in the afternoon when it is half past eight in the morning here."""
    await set_up(stage)
    lead = stage.server.state.me
    stage.server.state.workspace.users[lead].tz = "Asia/Tokyo"
    await opened(stage)
    await stage.submits(**filled(lead=lead))
    await stage.types("/at-risk quiet")
    assert "by the clocks of Asia/Tokyo" in str(stage.view()["blocks"])
    await stage.submits(**typed(hours="own", start="17:00", end="18:00"))
    await run(stage)
    stage.now = stage.now.replace(hour=8, minute=30) + 4 * DAY
    await run(stage)
    assert direct(stage, lead) == []
    stage.now = stage.now.replace(hour=9, minute=0)
    await run(stage)

    assert len(direct(stage, lead)) == 2


async def test_an_owner_who_is_never_to_be_told_hides_no_card(stage: Stage) -> None:
    """After two business days it goes to the channel, as what an owner leaves alone does."""
    await set_up(stage)
    ben = await owned(stage)
    await opened(stage)
    await stage.submits(**filled("name:Acme", "owner"))
    await stage.services.database.write(quiet_times.choose, ben, QuietTime("00:00-23:59"), ben, stage.now)
    await run(stage)
    stage.now += DAY
    await run(stage)
    assert [words(one).split(":")[0] for one in await cards(stage)] == ["Globex Corporation"]

    stage.now += DAY
    await run(stage)

    assert direct(stage, ben) == []
    assert "Nobody is on it yet" in words(await card_of(stage, "Acme"))
