"""How soon the page of the local Slack shows a channel of very many messages, beside a static page of the same HTML.

Both are served from this machine to the same Chromium, in turns, and timed from the start of the navigation to the
frame after the last message stands there.
"""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web
from playwright.async_api import Browser, Page, async_playwright

from bot.playground.pages import HEADERS, page_routes
from bot.playground.slack import ChannelSeed, SlackConfig, SlackServer
from tests.bench.measure import Line, Size, median
from tests.bot.playground.page import samples
from tests.bot.playground.page.standin import PAGE

BOUND = 1.5
NOTE = "a static page with the same HTML and style sheets, one message in ten with blocks"
WORDS = "MRR is *$486,450*, up $3,240 since yesterday; see `/coffee why mrr`."
ROWS = (["Account", "MRR"], ["Acme Robotics", "$12,400"])
CARD = [samples.section("*Acme Robotics* · risk 71"), samples.table(*ROWS, settings=[{}, {"align": "right"}])]
# A frame after all messages are there, what they look like is on the screen.
WATCH = """
const look = () => {
  if (document.readyState === "complete" && document.querySelectorAll(".message").length >= COUNT) {
    requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = performance.now(); }));
  } else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
PAINTED = """() => new Promise((done) => {
  const wait = () => window.painted ? done(window.painted) : setTimeout(wait, 5);
  wait();
})"""


def measure(size: Size) -> list[Line]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        sys.stderr.write("no chromium or google-chrome on the PATH: painting is not measured\n")
        return []
    own, still = asyncio.run(_measured(path, size))
    return [Line(f"painting {size.shown} messages", own, "ms", still, BOUND, NOTE)]


async def _measured(path: str, size: Size) -> tuple[float, float]:
    shown, rounds = size.shown, size.warming + size.runs
    async with _slack(shown) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        html = await _drawn(browser, url, shown)
        async with _static(html) as still:
            times = [
                (await _painted(browser, url, shown), await _painted(browser, still, shown)) for _ in range(rounds)
            ][size.warming :]
        await browser.close()
    return median([own for own, _ in times]), median([other for _, other in times])


@asynccontextmanager
async def _slack(shown: int) -> AsyncIterator[str]:
    server = SlackServer(SlackConfig(channels=(ChannelSeed(name="full", bot_is_member=True),)))
    await server.start()
    headers = {"Authorization": f"Bearer {server.bot_token}"}
    async with ClientSession(headers=headers) as http:
        for number in range(shown):
            message = {
                "channel": "C00000001",
                "text": f"Message {number}: MRR is *$486,450*, up $3,240 since yesterday.",
            }
            asked = message | ({"blocks": CARD} if number % 10 == 0 else {})
            async with http.post(f"{server.api_url}chat.postMessage", json=asked) as answer:
                assert (await answer.json())["ok"] is True
    yield server.url
    await server.stop()


@asynccontextmanager
async def _static(html: str) -> AsyncIterator[str]:
    """The drawn page with its style sheets, and nothing that runs."""

    async def index(_: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html", headers=HEADERS)

    app = web.Application()
    app.add_routes([web.get("/", index), *page_routes(PAGE)[1:]])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def _drawn(browser: Browser, url: str, shown: int) -> str:
    page = await _open(browser, url, shown)
    await page.evaluate("document.querySelectorAll('script, [rel=modulepreload]').forEach((node) => node.remove())")
    html = await page.content()
    await page.context.close()
    return html


async def _painted(browser: Browser, url: str, shown: int) -> float:
    page = await _open(browser, url, shown)
    taken = float(await page.evaluate(PAINTED))
    await page.context.close()
    return taken


async def _open(browser: Browser, url: str, shown: int) -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    page = await context.new_page()
    await page.add_init_script(WATCH.replace("COUNT", str(shown)))
    await page.goto(url)
    await page.evaluate(PAINTED)
    return page
