"""The demo in a browser, the real Kahvi in it: its six steps, wide, narrow and dark, and a morning later."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot import log
from bot.clock import utc_now
from bot.demo.servers import ALERT_CHANNEL, DIGEST_CHANNEL, Stage, staged
from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.looks import DARK, NARROW, flaws
from tests.log_watch import put_back
from tests.screenshots import IMAGES, pictures
from tests.waiting import HANGS

MORNING = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # Monday, 08:30 in Helsinki
STEPS = (
    "Read the coffee stats",
    "Open an alert",
    "Take it on",
    "Look the account up",
    "See a customer cancel",
    "Read the exit report",
)

CHANGES = {"Take it on": "@Aino Virtanen is on it since"}  # what a step changes in something that was seen before


@pytest_asyncio.fixture(loop_scope="session")
async def stage(chromium: Browser) -> AsyncIterator[Stage]:
    """The demo on a Monday morning; only where there is a browser to look at it."""
    begun = utc_now()
    with put_back():
        log.configure("console", logging.WARNING)
        async with staged(0, lambda _: None, lambda _: None, lambda: MORNING + (utc_now() - begun)) as stage:
            yield stage


async def test_the_whole_story(stage: Stage, open_url: OpenPage) -> None:
    page = await opened(stage, open_url)
    await walk(page)
    await the_exit_form(page, stage)
    await a_morning_passes(page)
    await billing_changes(page)
    await a_guest_looks_on(page)
    for options in (NARROW, DARK, NARROW | DARK):
        await page.context.close()
        await begun_again(stage)
        page = await opened(stage, open_url, **options)
        await walk(page)


async def test_the_pictures_of_the_docs_are_drawn(stage: Stage, chromium: Browser, tmp_path: Path) -> None:
    await pictures(stage, chromium, tmp_path)

    assert names_in(tmp_path) == names_in(IMAGES)


def names_in(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


async def opened(stage: Stage, open_url: OpenPage, **options: object) -> Page:
    page = await open_url(f"{stage.slack.url}/#{stage.channels[DIGEST_CHANNEL]}", **options)
    await page.locator(".message").first.wait_for()
    return page


async def begun_again(stage: Stage) -> None:
    assert stage.slack.state.frame.story is not None
    stage.slack.state.frame.story.begin_again()


async def walk(page: Page) -> None:
    """Each step with one click: what it shows is in sight, and the step is done for good."""
    for step in STEPS:
        await page.get_by_role("button", name=step, exact=True).click()
        await expect(shown_by(page, step)).to_be_in_viewport()
        if step in CHANGES:
            await stays_in_sight(page, shown_by(page, step).get_by_text(CHANGES[step]))
        await expect(page.get_by_text(f"{STEPS.index(step) + 1} of 6 done")).to_be_visible()
        assert await flaws(page) == [], step
        if step == STEPS[0]:
            await page.get_by_role("button", name="Close thread").click()
        await page.reload()
        await expect(page.get_by_text(f"{STEPS.index(step) + 1} of 6 done")).to_be_visible()


async def stays_in_sight(page: Page, line: Locator) -> None:
    """Also when the pane becomes lower, as it does when the story says more."""
    await expect(line).to_be_in_viewport()
    size = page.viewport_size
    assert size is not None
    await page.set_viewport_size({**size, "height": size["height"] - 90})
    await expect(line).to_be_in_viewport()
    await page.set_viewport_size(size)


def shown_by(page: Page, step: str) -> Locator:
    """The message that the step leads to, once it proves the step."""
    if step == STEPS[0]:
        return page.locator("#thread-messages .message").last
    proof = {
        STEPS[1]: page.get_by_role("button", name="I'm on it"),
        STEPS[2]: page.get_by_text(CHANGES[STEPS[2]]),
        STEPS[3]: page.get_by_text("Customer since"),
        STEPS[4]: page.get_by_text("Granite Ridge Insurance"),
        STEPS[5]: page.get_by_text("MRR"),
    }
    return page.locator(".message.revealed").filter(has=proof[step])


async def the_exit_form(page: Page, stage: Stage) -> None:
    """Whoever leads is asked why the customer leaves, and the form is a press away."""
    await page.get_by_role("button", name="The exit interview").click()
    asked = page.locator(".message", has_text="Granite Ridge Insurance has cancelled and is about to leave.")
    await asked.get_by_role("button", name="Log exit note").click()

    form = page.get_by_role("dialog")
    back = form.get_by_label("What would bring them back?")
    await expect(back).to_be_visible()
    assert await flaws(page) == []
    async with page.expect_response(lambda told: "A plan for five" in (told.request.post_data or "")):
        await back.press_sequentially("A plan for five")
    await expect(back).to_be_focused()
    await stage.bot.services.tasks.drain(HANGS)  # until the last letter is kept
    await page.keyboard.press("Escape")
    await expect(form).to_be_hidden()

    await asked.get_by_role("button", name="Log exit note").click()
    await expect(back).to_have_value("A plan for five")
    assert await flaws(page) == []
    await page.keyboard.press("Escape")


async def a_morning_passes(page: Page) -> None:
    await page.get_by_role("link", name=DIGEST_CHANNEL).click()
    await page.get_by_role("button", name="Move the clock").click()
    await page.get_by_role("menuitem", name="Tomorrow morning").click()

    tomorrow = page.get_by_role("heading", name="Coffee stats · Tuesday 24 November")
    await expect(tomorrow).to_be_in_viewport()
    await expect(page.get_by_role("button", name="Move the clock: Tue 24 Nov, 8:30")).to_be_enabled()


async def billing_changes(page: Page) -> None:
    """What is done on the page of the billing stand-in is in Slack within seconds."""
    async with page.expect_popup() as opening:
        await page.get_by_role("link", name="Billing", exact=True).click()
    billing = await opening.value
    await billing.get_by_role("searchbox").fill("summit")
    await billing.get_by_role("navigation").get_by_role("link", name="Summit Therapeutics").click()
    await billing.get_by_role("button", name="Cancel at the end of the period").click()
    await expect(billing.get_by_role("button", name="Stay after all")).to_be_visible()

    await page.get_by_role("link", name=ALERT_CHANNEL).click()
    card = page.locator(".message", has_text="Summit Therapeutics").filter(has_text="Moved to a competitor")
    await expect(card).to_be_visible()
    await billing.close()


async def a_guest_looks_on(page: Page) -> None:
    """A guest sees the channels of guests, no figures, and no steps that would show any."""
    await become(page, "Gus Adler", "Aino Virtanen")
    await expect(page.get_by_role("link", name=ALERT_CHANNEL)).to_have_count(0)
    await page.get_by_label("Message #general").fill("/account acme corp")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Customer figures are for full members")).to_be_visible()
    await become(page, "Aino Virtanen", "Gus Adler")


async def become(page: Page, name: str, before: str) -> None:
    await page.get_by_role("button", name=f"You act as {before}").click()
    await page.get_by_role("menuitemradio", name=name).click()
    await expect(page.get_by_role("button", name=f"You act as {name}")).to_be_visible()
