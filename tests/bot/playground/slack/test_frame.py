"""What stands around the workspace on its page: the time as it passes, and the story for the visitor."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from bot.playground.slack import SlackServer
from bot.playground.slack.doors.frame_api import later
from bot.playground.slack.world.frame import Link
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.story import Place, Step, StepFailed, Story
from tests.bot.playground.slack.helpers import Person, until

HELSINKI = ZoneInfo("Europe/Helsinki")
FRIDAY = datetime(2026, 3, 27, 21, 0, tzinfo=UTC)  # 23:00 in Helsinki, two days before its summer time


@pytest.mark.parametrize(
    ("asked", "moment"),
    [
        ({"hours": 1}, datetime(2026, 3, 27, 22, 0, tzinfo=UTC)),
        ({"days": 1, "at": "08:30"}, datetime(2026, 3, 28, 6, 30, tzinfo=UTC)),
        ({"weekday": 1, "at": "08:30"}, datetime(2026, 3, 30, 5, 30, tzinfo=UTC)),
        ({"weekday": 5, "at": "08:30"}, datetime(2026, 4, 3, 5, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_those_of_the_persons_own_day(asked: Json, moment: datetime) -> None:
    assert later(asked, FRIDAY, HELSINKI) == moment


async def test_the_clock_goes_on_and_every_page_is_told(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    server.state.clock.set(FRIDAY)
    async with http.ws_connect(f"{server.url}/_page/live") as page:
        answer = await person.post("/_page/clock", days=1, at="08:30")
        told = [await page.receive_json() for _ in range(3)]

    assert answer == {"ok": True, "to": "2026-03-28T06:30:00+00:00"}
    assert [(one["type"], one["moving"]) for one in told] == [("clock", True), ("clock", True), ("clock", False)]
    assert told[-1]["now"] == pytest.approx(datetime(2026, 3, 28, 6, 30, tzinfo=UTC).timestamp(), abs=5)
    assert (await person.get("/_page/state"))["clock"]["moving"] is False


@pytest.mark.parametrize(
    "asked",
    [{"hours": -1}, {"hours": 0}, {"hours": 1000}, {"hours": "soon"}, {"days": 1}, {"days": 1, "at": "late"}],
)
async def test_the_clock_does_not_go_back_nor_far_nor_anywhere_unclear(person: Person, asked: Json) -> None:
    assert await person.post("/_page/clock", **asked) == refused("invalid_time")


async def test_time_passes_once_at_a_time(server: SlackServer, person: Person) -> None:
    gate = asyncio.Event()

    async def slowly(_: datetime) -> None:
        await gate.wait()

    server.state.frame.pass_time = slowly
    await person.post("/_page/clock", hours=1)

    assert await person.post("/_page/clock", hours=1) == refused("clock_is_moving")
    gate.set()
    await until(lambda: not server.state.frame.moving)
    assert (await person.post("/_page/clock", hours=1))["ok"]


def refused(error: str) -> Json:
    return {"ok": False, "error": error}


def _said_tea(did: str, asked: Json) -> bool:
    return did == "send" and "tea" in asked["text"]


def told(server: SlackServer) -> list[str]:
    """Gives the workspace a story of two steps; the names of those who took one."""
    taken: list[str] = []

    async def look(who: str) -> Sequence[Place]:
        taken.append(who)
        return [Place("There", "C00000002", "1.000001")]

    async def fail(_: str) -> Sequence[Place]:
        raise StepFailed("The kettle is empty; fill it.")

    story = Story(
        (
            Step(
                "look", "Look", "There is something.", look, lambda did, asked: did == "send" and "tea" in asked["text"]
            ),
            Step("fail", "Fail", "It does not work.", fail),
        )
    )
    story.tell = server.state.tell_frame
    server.state.frame.story = story
    server.state.frame.links = (Link("Billing", "http://127.0.0.1:1/"),)
    return taken


async def test_a_step_is_taken_in_the_name_of_who_sits_there(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    taken = told(server)
    async with http.ws_connect(f"{server.url}/_page/live") as page:
        answer = await person.post("/_page/story", step="look")
        news = await page.receive_json()

    place = {"label": "There", "channel": "C00000002", "ts": "1.000001", "thread": False, "end": False}
    assert (taken, answer) == (["U00000001"], {"ok": True, "places": [place]})
    frame = (await person.get("/_page/state"))["frame"]
    assert news == {"type": "frame", "frame": frame}
    assert frame["links"] == [{"name": "Billing", "url": "http://127.0.0.1:1/"}]
    assert [(step["name"], step["done"]) for step in frame["story"]["steps"]] == [("look", True), ("fail", False)]
    assert frame["story"]["steps"][0]["places"] == [place]


async def test_what_a_person_does_by_themselves_counts(server: SlackServer, person: Person) -> None:
    taken = told(server)

    await person.post("/_page/send", channel="C00000001", text="coffee")
    assert server.state.frame.shape()["story"]["steps"][0]["done"] is False
    await person.post("/_page/send", channel="C00000001", text="tea")

    first = server.state.frame.shape()["story"]["steps"][0]
    assert (first["done"], first["places"], taken) == (True, [], [])


async def test_the_story_is_told_again_to_the_next_visitor(server: SlackServer, person: Person) -> None:
    taken = told(server)
    await person.post("/_page/story", step="look")

    assert (await person.post("/_page/story_again"))["ok"]

    assert [step["done"] for step in server.state.frame.shape()["story"]["steps"]] == [False, False]
    await person.post("/_page/story", step="look")
    assert len(taken) == 2


async def test_a_step_that_fails_says_what_to_do_and_is_not_done(
    server: SlackServer, http: aiohttp.ClientSession, person: Person
) -> None:
    told(server)
    async with http.ws_connect(f"{server.url}/_page/live") as page:
        assert await person.post("/_page/story", step="fail") == refused("step_failed")
        assert (await page.receive_json())["text"] == "The kettle is empty; fill it."

    assert server.state.frame.story is not None
    assert list(server.state.frame.story.done) == []


async def test_the_story_is_put_away_and_brought_back(server: SlackServer, person: Person) -> None:
    told(server)

    await person.post("/_page/story_close", closed=True)
    assert (await person.get("/_page/state"))["frame"]["story"]["closed"] is True
    await person.post("/_page/story_close", closed=False)
    assert (await person.get("/_page/state"))["frame"]["story"]["closed"] is False


async def test_steps_that_there_are_not(server: SlackServer, person: Person) -> None:
    assert await person.post("/_page/story", step="look") == refused("story_not_found")
    told(server)
    assert await person.post("/_page/story", step="sing") == refused("step_not_found")


async def test_a_step_under_way_is_not_taken_twice() -> None:
    gate, taken = asyncio.Event(), []

    async def wait(who: str) -> Sequence[Place]:
        taken.append(who)
        await gate.wait()
        return ()

    story = Story((Step("wait", "Wait", "", wait, lambda _did, _asked: True),))
    first = asyncio.create_task(story.take("wait", "U1"))
    await until(lambda: bool(taken))

    story.heard("send", {})
    story.mark("wait")
    assert list(story.done) == []
    with pytest.raises(StepFailed, match="under way"):
        await story.take("wait", "U2")
    gate.set()
    await first
    assert (list(story.done), taken) == (["wait"], ["U1"])
