"""Chromium, and the page open in it. A message on the console, such as a refused inline style, fails the test."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.bot.playground.page.standin import StandIn

OpenPage = Callable[..., Awaitable[Page]]

PATIENCE = 60_000  # ms, for a page on a busy machine
expect.set_options(timeout=PATIENCE)

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of the page drives one browser from one event loop."""
    for item in items:
        if item.path.parent == Path(__file__).parent and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("No chromium or google-chrome on the PATH: the page is not driven in a browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def slack() -> AsyncIterator[StandIn]:
    standin = StandIn()
    await standin.start()
    yield standin
    await standin.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def open_url(chromium: Browser) -> AsyncIterator[OpenPage]:
    """Opens an address in a context of its own; anything the page complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def open_(url: str, *, forgive: str = "never said", **options: Any) -> Page:
        options = {
            "viewport": {"width": 1280, "height": 860},
            "timezone_id": "Europe/Helsinki",
            "locale": "en-GB",
        } | options
        context = await chromium.new_context(**options)
        contexts.append(context)
        page = await context.new_page()

        def hear(said: ConsoleMessage) -> None:
            if said.type == "error" and forgive not in said.text:
                complaints.append(said.text)

        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", hear)
        await page.goto(url)
        return page

    yield open_
    for context in contexts:
        await context.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(slack: StandIn, open_url: OpenPage) -> OpenPage:
    """Opens the page on the stand-in and waits until it is connected."""

    async def open_(where: str = "", **options: Any) -> Page:
        page = await open_url(f"{slack.url}{where}", **options)
        await page.wait_for_selector(".sidebar a", state="attached")
        await slack.connected()
        return page

    return open_
