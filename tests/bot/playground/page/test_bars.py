"""Each bar of a chart has its name, however many there are and however narrow the page."""

import pytest
from playwright.async_api import expect

from tests.bot.playground.page import samples
from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.standin import StandIn, shown

pytestmark = pytest.mark.browser
REASONS = [f"A reason of many {letter}" for letter in "abcdefghijkl"]


@pytest.mark.parametrize("width", [390, 1180])
async def test_each_bar_is_named_inside_the_drawing(slack: StandIn, open_page: OpenPage, width: int) -> None:
    slack.messages = [shown(blocks=[samples.xy_chart("bar", REASONS, MRR=[float(n) for n in range(12, 0, -1)])])]
    page = await open_page()
    await page.set_viewport_size({"width": width, "height": 800})
    names = page.locator(".chart svg text.tick[transform]")
    await expect(names).to_have_count(len(REASONS))
    told = await page.evaluate(
        """() => [...document.querySelectorAll(".chart svg text.tick[transform]")].map((name) => {
            const [own, all] = [name.getBoundingClientRect(), name.closest("svg").getBoundingClientRect()];
            return [name.textContent, own.left >= all.left - 1 && own.bottom <= all.bottom + 1];
        })"""
    )
    assert all(inside for _, inside in told), told
    assert told[-1][0].startswith("A reason of")
