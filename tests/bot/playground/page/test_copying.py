"""What Kahvi shows of addresses and ids can be copied as it is, and nothing in it comes alive."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bot.messages.blocks import escape
from tests.bot.playground.page.standin import StandIn

DRAW = """async (text) => {
  const box = document.createElement("div");
  box.append(...[(await import("/page/mrkdwn.js")).mrkdwn(text)].flat(Infinity));
  return [box.textContent, box.querySelectorAll("a, em, strong, s, code, .mention, img").length];
}"""

AS_TYPED = str.maketrans("∗ˍ∼ˋ", "*_~`")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    slack = StandIn()
    await slack.start()
    page = await chromium.new_page()
    await page.goto(slack.url)
    await page.wait_for_selector(".sidebar a")
    yield page
    await page.close()
    await slack.stop()


@pytest.mark.parametrize(
    "text",
    [
        "ann_b.c+d@we.example",
        "cus_9aF_x and sub_1_a_b",
        "AC-0007",
        "https://x.example:80/a_b?c=d&e=_f_",
        "https://x.example/a_b?c=d&e=1",
        "_a_@b.example _cus_1_ *a*@b.example ~x_1~ `x_1`",
        "<https://evil.example|x> <@U1> @here #general :fire: a:fire:b",
    ],
)
async def test_addresses_and_ids_are_drawn_as_they_are(page: Page, text: str) -> None:
    drawn, alive = await page.evaluate(DRAW, escape(text, 200))

    assert (drawn.replace("\u2060", "").translate(AS_TYPED), alive) == (text, 0)


async def test_nothing_invisible_is_copied(page: Page) -> None:
    text = "ann_b.c@we.example cus_9aF_x https://x.example:80/a_b?c=d&e=1"

    assert await page.evaluate(DRAW, escape(text, 200)) == [text, 0]
