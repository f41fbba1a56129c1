"""Draws the pictures of README and docs anew, from the demo on a Monday at 08:30: `make screenshots`."""

import asyncio
import logging
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from bot import log
from bot.clock import utc_now
from bot.demo.check import walk
from bot.demo.servers import ALERT_CHANNEL, DIGEST_CHANNEL, PEOPLE, Stage, staged
from bot.demo.story import LEAVER
from bot.playground.slack.client import Control
from tests.waiting import HANGS

MORNING = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 08:30 in Helsinki
IMAGES = Path(__file__).parent.parent / "docs" / "images"
WIDE, TALL, CARD, NARROW = (1180, 860), (1180, 1640), (1180, 1110), (390, 844)
QUIET_CHANNEL = "general"
SETTLING = 800  # ms: charts draw when their width is known
SCRIPTS = {"Japanese": "ja", "Thai": "th"}  # of those in which customers have names
FONTS = "Debian's fonts-noto-core and fonts-noto-cjk"
# Moves what is above to where a message begins; what cannot be moved, being the end, is how much less has to be shown.
WHOLE = """() => {
  const pane = document.querySelector("#messages");
  if (!pane?.scrollTop) return 0;
  const top = pane.getBoundingClientRect().top;
  const starts = [...pane.querySelectorAll(".message")].map((one) => one.getBoundingClientRect().top - top);
  const cut = Math.round(starts.find((start) => start >= 0) ?? 0);
  const before = pane.scrollTop;
  pane.scrollTop += cut;
  return cut - (pane.scrollTop - before);
}"""


async def draw() -> None:
    """The demo on a Monday morning, and the pictures of it."""
    log.configure("console", logging.WARNING)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Screenshots need chromium or google-chrome on the PATH.")
    if missing := [name for name, language in SCRIPTS.items() if not _has_font(language)]:
        raise SystemExit(
            f"Names in {' and '.join(missing)} would be drawn as boxes: install fonts for them, such as {FONTS}."
        )
    IMAGES.mkdir(parents=True, exist_ok=True)
    begun = utc_now()
    clock = lambda: MORNING + (utc_now() - begun)  # noqa: E731 - a clock is a function
    async with staged(0, print, lambda _: None, clock) as stage, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        await pictures(stage, browser, IMAGES)
        await browser.close()


def _has_font(language: str) -> bool:
    listed = subprocess.run(["fc-list", f":lang={language}"], check=True, capture_output=True)
    return bool(listed.stdout)


async def pictures(stage: Stage, browser: Browser, folder: Path) -> None:
    """The demo's own walk, and a picture of each thing it meets."""
    camera = Camera(browser, folder)
    digest, alerts, quiet = (
        f"{stage.slack.url}/#{stage.channels[name]}" for name in (DIGEST_CHANNEL, ALERT_CHANNEL, QUIET_CHANNEL)
    )
    story = stage.slack.state.frame.story
    assert story is not None
    story.close(closed=True)
    await camera.takes(digest, "digest", TALL)
    await camera.takes(digest, "digest-dark", WIDE, dark=True)
    await camera.takes(digest, "digest-narrow", NARROW)
    async for _ in walk(stage):
        pass
    await person_types(stage, "/account acme corp")
    await camera.takes(quiet, "account", CARD)
    await camera.takes(quiet, "exit-interview", WIDE, press="button:has-text('Log exit note')")
    await person_types(stage, "/at-risk")
    await camera.takes(quiet, "at-risk", WIDE)
    await camera.takes(alerts, "alert", WIDE)
    workspace = stage.slack.state.workspace
    lead, manager = (next(one.id for one in workspace.people() if one.name == who.name) for who in PEOPLE[:2])
    stage.slack.state.me = manager
    await camera.takes(f"{stage.slack.url}/#home", "home", WIDE, shows=".home-body .block")
    stage.slack.state.me = lead
    story.close(closed=False)
    for step in story.steps[:-1]:
        await story.take(step.name, PEOPLE[0].id)
    await camera.takes(alerts, "story", WIDE, press=".step-places button")
    leaver = stage.stripe.billing.find_customer(LEAVER)
    await camera.takes(f"{stage.stripe.url}/#{leaver}", "billing", WIDE, shows=".group")


async def person_types(stage: Stage, text: str) -> None:
    """In a channel where nothing else stands, until it is answered."""
    async with Control(stage.slack.url) as slack:
        person = slack.person(PEOPLE[0].name, stage.channels[QUIET_CHANNEL])
        before = await person.sees()
        await person.types(text)
        async with asyncio.timeout(HANGS):
            while await person.sees() == before:  # noqa: ASYNC110 - a person looks again and again
                await asyncio.sleep(0.1)


@dataclass(frozen=True)
class Camera:
    browser: Browser
    folder: Path

    async def takes(
        self,
        url: str,
        name: str,
        size: tuple[int, int],
        *,
        dark: bool = False,
        shows: str = ".message",
        press: str = "",
    ) -> None:
        """A picture of what is at `url` once `shows` is there, after a press on the first `press` if one is named."""
        context = await self.browser.new_context(
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
        await page.wait_for_timeout(SETTLING)
        if left := await page.evaluate(WHOLE):
            await page.set_viewport_size({"width": size[0], "height": size[1] - left})
        await page.screenshot(path=self.folder / f"{name}.png")
        await context.close()


if __name__ == "__main__":
    asyncio.run(draw())
