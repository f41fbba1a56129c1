"""The bar above the workspace and the story, against the stand-in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.bot.playground.page import samples
from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.looks import DARK, NARROW, flaws
from tests.bot.playground.page.standin import StandIn, shown

Json = dict[str, Any]
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC).timestamp()  # 11:00 in Helsinki
PLACE = {"label": "The alert", "channel": "C2", "ts": "1790000009.000100", "thread": False}


def step(name: str, *, places: tuple[Json, ...] = (), done: bool = False) -> Json:
    return {"name": name, "title": f"Do {name}", "text": f"What {name} is for.", "done": done, "places": list(places)}


def story(*steps: Json, closed: bool = False) -> Json:
    return {
        "links": [{"name": "Billing", "url": "http://127.0.0.1:1/"}],
        "story": {"closed": closed, "steps": list(steps)},
    }


async def test_the_time_is_the_workspaces_own_in_the_readers_zone(slack: StandIn, open_page: OpenPage) -> None:
    slack.clock = {"now": FRIDAY, "still": True, "moving": False}
    slack.me = slack.me | {"tz": "America/New_York"}
    slack.messages = [shown(text="news", ts=f"{FRIDAY - 3600:.6f}")]

    page = await open_page()

    await expect(page.locator("#clock")).to_have_text("Fri 27 Nov, 4:00")
    await expect(page.locator(".message .when")).to_have_text("3:00")
    await expect(page.locator(".day")).to_have_text("Today")


async def test_the_clock_is_moved_from_a_menu_and_shows_time_as_it_passes(slack: StandIn, open_page: OpenPage) -> None:
    slack.clock = {"now": FRIDAY, "still": True, "moving": False}
    slack.messages = [shown(text="news", ts=f"{FRIDAY:.6f}")]
    page = await open_page()
    await expect(page.locator(".day")).to_have_text("Today")

    for choice in ("One hour later", "Tomorrow morning", "Next Monday morning"):
        await page.get_by_role("button", name="Move the clock").click()
        await page.get_by_role("menuitem", name=choice).click()
    assert await slack.received("clock", 3) == [{"hours": 1}, {"days": 1, "at": "08:30"}, {"weekday": 1, "at": "08:30"}]

    await slack.push(type="clock", now=FRIDAY + 86_400, still=True, moving=True)
    await expect(page.get_by_role("button", name="Time is passing: Sat 28 Nov")).to_be_disabled()
    await expect(page.locator(".day")).to_have_text("Yesterday")
    await slack.push(type="clock", now=FRIDAY + 90_000, still=True, moving=False)
    await expect(page.get_by_role("button", name="Move the clock: Sat 28 Nov")).to_be_enabled()


async def test_what_comes_while_time_passes_is_shown_at_once(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(ts=f"{FRIDAY + at:.6f}", text="a line\n" * 12) for at in range(9)]
    page = await open_page()
    await expect(page.locator(".message")).to_have_count(9)
    await page.locator("#messages").evaluate("(pane) => { pane.scrollTop = 0; }")
    await page.wait_for_function("document.getElementById('messages').scrollTop === 0")

    await slack.push(type="clock", now=FRIDAY, still=True, moving=True)
    await expect(page.get_by_role("button", name="Time is passing")).to_be_visible()
    await slack.post_message(ts=f"{FRIDAY + 60:.6f}", text="the digest of tomorrow")

    await expect(page.get_by_text("the digest of tomorrow")).to_be_in_viewport()


async def test_somebody_else_is_chosen_by_keyboard(slack: StandIn, open_page: OpenPage) -> None:
    slack.users[1] |= {"title": "Customer success manager"}
    slack.users.append(slack.users[1] | {"id": "U3", "name": "gone", "real_name": "Gone", "deleted": True})
    page = await open_page()

    await page.get_by_role("button", name="You act as Ann Lind").press("Enter")
    await expect(page.get_by_role("menuitemradio")).to_have_count(2)
    await expect(page.get_by_role("menuitemradio", name="Ann Lind", checked=True)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitemradio", name="Ben Okafor Customer success manager")).to_be_focused()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")

    assert await slack.received("as") == [{"user": "U2"}]


async def test_the_pages_beside_are_linked(slack: StandIn, open_page: OpenPage) -> None:
    slack.frame = story()
    page = await open_page()

    await expect(page.get_by_role("link", name="Billing")).to_have_attribute("href", "http://127.0.0.1:1/")


async def test_an_app_without_a_home_tab_has_messages_alone(slack: StandIn, open_page: OpenPage) -> None:
    slack.bot = slack.bot | {"home_tab": False}
    page = await open_page("#home")
    await expect(page.get_by_role("heading", name="#cs-coffee")).to_be_visible()

    await page.get_by_role("link", name="Kahvi").click()

    await expect(page.get_by_label("Message Kahvi")).to_be_visible()
    await expect(page.locator("#app-tabs")).to_be_hidden()


async def test_a_step_is_taken_and_leads_to_where_it_is_seen(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(channel="C2", ts=PLACE["ts"], text="Acme is at risk")]
    slack.frame = story(step("one", done=True), step("two"), step("three"))
    slack.answers["story"] = {"ok": True, "places": [PLACE]}
    page = await open_page()
    panel = page.get_by_role("region", name="Kahvi in six steps")
    await expect(panel.get_by_text("1 of 3 done")).to_be_visible()
    await expect(panel.locator("[aria-current=step]")).to_have_text("2Do twoWhat two is for.")

    await panel.get_by_role("button", name="Do two").click()

    assert await slack.received("story") == [{"step": "two"}]
    await expect(page.get_by_role("heading", name="#at-risk")).to_be_visible()
    await expect(page.get_by_text("Acme is at risk")).to_be_in_viewport()
    await slack.push(
        type="frame", frame=story(step("one", done=True), step("two", done=True, places=(PLACE,)), step("three"))
    )
    await expect(panel.get_by_role("button", name="Do two (done)")).to_be_visible()
    await expect(panel.locator("[aria-current=step]")).to_contain_text("Do three")
    await expect(page.locator("#story-said")).to_have_text("Done: Do two. 2 of 3.")
    await expect(panel.get_by_role("button", name="Do two (done)")).to_be_focused()


async def test_what_is_done_is_only_looked_at_again(slack: StandIn, open_page: OpenPage) -> None:
    other = PLACE | {"label": "The form", "channel": "D9", "ts": "", "thread": False}
    slack.messages = [shown(channel="C2", ts=PLACE["ts"], text="Acme is at risk")]
    slack.frame = story(step("one", done=True, places=(PLACE, other)))
    page = await open_page()

    await page.get_by_role("button", name="Do one").click()
    await expect(page.get_by_role("heading", name="#at-risk")).to_be_visible()
    await page.get_by_role("button", name="The form").click()
    await expect(page.get_by_role("heading", name="Kahvi", exact=True)).to_be_visible()
    assert slack.bodies("story") == []

    await page.get_by_role("button", name="Tell it again").click()
    assert await slack.received("story_again") == [{}]


async def test_a_step_under_way_says_so_and_waits(slack: StandIn, open_page: OpenPage) -> None:
    gate = slack.hold("story")
    slack.answers["story"] = {"ok": False, "error": "step_failed"}
    slack.frame = story(step("one"), step("two"))
    page = await open_page()

    await page.get_by_role("button", name="Do one").click()
    await expect(page.get_by_text("Kahvi is at it…")).to_be_visible()
    await expect(page.get_by_role("button", name="Do two")).to_be_disabled()
    gate.set()

    await expect(page.get_by_role("alert")).to_contain_text("step_failed")
    await expect(page.get_by_role("button", name="Do one")).to_be_enabled()


async def test_the_story_is_put_away_and_brought_back(slack: StandIn, open_page: OpenPage) -> None:
    slack.frame = story(step("one"))
    page = await open_page()

    await page.get_by_role("button", name="Close the story").click()
    assert await slack.received("story_close") == [{"closed": True}]
    await slack.push(type="frame", frame=story(step("one"), closed=True))
    await expect(page.get_by_role("button", name="Do one")).to_be_hidden()

    await page.get_by_role("button", name="Story").click()
    assert (await slack.received("story_close", 2))[1:] == [{"closed": False}]


async def test_in_a_narrow_window_the_story_is_a_strip_that_opens(slack: StandIn, open_page: OpenPage) -> None:
    slack.frame = story(step("one", done=True, places=(PLACE,)), step("two"), step("three"))
    page = await open_page(**NARROW)
    await expect(page.get_by_role("button", name="Do two")).to_be_visible()
    await expect(page.get_by_role("button", name="Do three")).to_be_hidden()
    strip = await page.locator("#story").bounding_box()
    assert strip is not None
    assert strip["height"] < 110

    await page.get_by_role("button", name="All steps").click()

    await expect(page.get_by_role("button", name="Do three")).to_be_visible()
    await expect(page.get_by_role("button", name="All steps", expanded=True)).to_be_focused()

    await page.get_by_role("button", name="Do one").click()  # leaves what there is to see in sight

    await expect(page.get_by_role("heading", name="#at-risk")).to_be_visible()
    await expect(page.get_by_role("button", name="Do three")).to_be_hidden()
    await expect(page.get_by_role("button", name="All steps", expanded=False)).to_be_focused()


@pytest.mark.parametrize("options", [{}, NARROW, DARK, NARROW | DARK], ids=["wide", "narrow", "dark", "narrow dark"])
async def test_nothing_is_faint_nameless_or_too_wide(slack: StandIn, open_page: OpenPage, options: Json) -> None:
    slack.messages = [shown(blocks=[*samples.digest(), samples.data_table(8)])]
    slack.frame = story(
        step("one", done=True, places=(PLACE, PLACE | {"label": "The form"})), step("two"), step("three")
    )
    page = await open_page(**options)
    await page.wait_for_selector(".chart")

    assert await flaws(page) == []
    await opened_menus(page)


async def opened_menus(page: Page) -> None:
    for button in ("#clock", "#identity"):
        await page.locator(button).click()
        await expect(page.get_by_role("menu")).to_be_visible()
        assert await flaws(page) == []
        await page.keyboard.press("Escape")
