"""Draws the pictures of README and docs anew, from the demo on a Monday at 08:30: `make screenshots`.

Names in other scripts want fonts for them, such as those of Debian's fonts-noto.
"""

import asyncio
import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from bot import log
from bot.clock import utc_now
from bot.demo.check import walk
from bot.demo.servers import ALERT_CHANNEL, DIGEST_CHANNEL, PEOPLE, Stage, staged
from bot.demo.story import LEAVER
from bot.playground.slack.client import Control

MORNING = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 08:30 in Helsinki
IMAGES = Path(__file__).parent.parent / "docs" / "images"
WIDE, TALL, NARROW = (1180, 860), (1180, 1560), (390, 844)


async def draw() -> None:
    """The demo's own walk, then a picture of each thing it met."""
    log.configure("console", logging.WARNING)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Screenshots need chromium or google-chrome on the PATH.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    begun = utc_now()
    clock = lambda: MORNING + (utc_now() - begun)  # noqa: E731 - a clock is a function
    async with staged(0, print, lambda _: None, clock) as stage, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        digest, alerts = (f"{stage.slack.url}/#{stage.channels[name]}" for name in (DIGEST_CHANNEL, ALERT_CHANNEL))
        story = stage.slack.state.frame.story
        assert story is not None
        story.close(closed=True)
        await picture(browser, digest, "digest", TALL)
        await picture(browser, digest, "digest-dark", WIDE, dark=True)
        await picture(browser, digest, "digest-narrow", NARROW)
        async for _ in walk(stage):
            pass
        await person_types(stage, "/account acme corp")
        await picture(browser, digest, "account", TALL)
        await picture(browser, digest, "exit-interview", WIDE, press="button:has-text('Log exit note')")
        await person_types(stage, "/at-risk")
        await picture(browser, digest, "at-risk", WIDE)
        await picture(browser, digest, "at-risk-narrow", NARROW)
        await picture(browser, alerts, "alert", WIDE)
        workspace = stage.slack.state.workspace
        lead, manager = (next(one.id for one in workspace.people() if one.name == who.name) for who in PEOPLE[:2])
        stage.slack.state.me = manager
        await picture(browser, f"{stage.slack.url}/#home", "home", WIDE, shows=".home-body .block")
        stage.slack.state.me = lead
        story.close(closed=False)
        for step in story.steps[:-1]:
            await story.take(step.name, PEOPLE[0].id)
        await picture(browser, alerts, "story", WIDE, press=".step-places button")
        leaver = stage.stripe.billing.find_customer(LEAVER)
        await picture(browser, f"{stage.stripe.url}/#{leaver}", "billing", WIDE, shows=".group")
        await browser.close()


async def person_types(stage: Stage, text: str) -> None:
    async with Control(stage.slack.url) as slack:
        await slack.person(PEOPLE[0].name, stage.channels[DIGEST_CHANNEL]).types(text)
        await asyncio.sleep(1)


async def picture(
    browser: Browser,
    url: str,
    name: str,
    size: tuple[int, int],
    *,
    dark: bool = False,
    shows: str = ".message",
    press: str = "",
) -> None:
    """A picture of what is at `url` once `shows` is there, after a press on the first `press` where one is named."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        timezone_id="Europe/Helsinki",
        locale="en-GB",
    )
    page = await context.new_page()
    await page.clock.set_fixed_time(MORNING)
    await page.goto(url)
    await page.locator(shows).first.wait_for()
    if press:
        await page.locator(press).first.click()
        await page.mouse.move(0, 0)
    await page.wait_for_timeout(800)  # charts draw when their width is known
    await page.screenshot(path=IMAGES / f"{name}.png")
    await context.close()


if __name__ == "__main__":
    asyncio.run(draw())
