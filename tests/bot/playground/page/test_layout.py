import pytest
from playwright.async_api import expect

from bot.playground.pages import LOOK
from tests.bot.playground.page import samples
from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.looks import FAINT_TEXT, NARROW
from tests.bot.playground.page.standin import PAGE, StandIn, shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out_from_its_ground(slack: StandIn, open_page: OpenPage, scheme: str) -> None:
    slack.messages = [
        shown(blocks=[*samples.digest(), samples.data_table(8)], reply_count=2),
        shown(ts="1790000001.000100", text="Only `you` <@U2> <!here> <https://example.com|link>", ephemeral=True),
    ]
    slack.channels[1]["unread"] = 3
    page = await open_page(color_scheme=scheme)
    await page.wait_for_selector(".ephemeral")
    await slack.push(type="notice", level="error", text="It failed")
    await page.wait_for_selector(".notice")

    assert await page.evaluate(FAINT_TEXT) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_of_a_modal_stands_out(slack: StandIn, open_page: OpenPage, scheme: str) -> None:
    slack.answers["view_submit"] = {"ok": False, "errors": {"note": "Tell a little more."}}
    levels = [
        {"type": "alert", "level": level, "text": samples.mrkdwn(level)}
        for level in ("info", "warning", "error", "success")
    ]
    note = samples.field(
        "note", {"type": "plain_text_input", "action_id": "t"}, hint=samples.plain("In their words"), optional=True
    )
    page = await open_page(color_scheme=scheme)
    await slack.push(type="view_opened", view=samples.modal(*levels, note))
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Tell a little more.")).to_be_visible()

    assert await page.evaluate(FAINT_TEXT) == []


async def test_a_narrow_window_never_scrolls_sideways(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(blocks=[*samples.digest(), samples.pie_chart(Price=3, Speed=2), samples.data_table(8)])]
    page = await open_page(**NARROW)
    await expect(page.locator(".chart").first).to_be_visible()

    panes = page.locator("html, .scroll")
    assert set(await panes.evaluate_all("(all) => all.map((one) => one.scrollWidth - one.clientWidth)")) == {0}


async def test_in_a_narrow_window_the_channels_are_a_drawer(open_page: OpenPage) -> None:
    page = await open_page(**NARROW)
    channel = page.get_by_role("link", name="at-risk")
    await expect(channel).to_be_hidden()

    await page.get_by_role("button", name="Show channels").click()
    await channel.click()

    await expect(page.get_by_role("heading", name="#at-risk")).to_be_visible()
    await expect(channel).to_be_hidden()


async def test_in_a_narrow_window_the_thread_covers_the_channel(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(text="the digest", reply_count=1)]
    page = await open_page(**NARROW)

    await page.get_by_role("link", name="1 reply").click()
    await expect(page.locator("#messages")).to_be_hidden()
    await page.get_by_role("button", name="Close thread").click()

    await expect(page.locator("#messages")).to_be_visible()


def test_the_page_stays_small_and_asks_for_nothing_from_elsewhere() -> None:
    files = [path for path in (*PAGE.iterdir(), *LOOK.iterdir()) if path.suffix in {".html", ".css", ".js", ".svg"}]
    foreign = [path.name for path in files for word in ("https://", "@import") if word in path.read_text()]

    assert foreign == []
    assert sum(path.stat().st_size for path in files) < 190_000


def test_every_module_is_announced_so_that_none_waits_for_another() -> None:
    index = (PAGE / "index.html").read_text()

    assert [path.name for path in (*PAGE.glob("*.js"), *LOOK.glob("*.js")) if f'"/page/{path.name}"' not in index] == []
