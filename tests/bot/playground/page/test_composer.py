from playwright.async_api import expect

from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.standin import StandIn


async def test_enter_sends_and_shift_enter_breaks_the_line(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    box = page.get_by_label("Message #cs-coffee")

    await box.fill("one")
    await box.press("Shift+Enter")
    await page.keyboard.type("two <3")
    await box.press("Enter")

    await expect(box).to_have_value("")
    assert await slack.received("send") == [{"channel": "C1", "text": "one\ntwo <3"}]


async def test_a_message_that_was_not_taken_stays_in_the_box(slack: StandIn, open_page: OpenPage) -> None:
    slack.answers["send"] = {"ok": False, "error": "is_archived"}
    page = await open_page()
    box = page.get_by_label("Message #cs-coffee")

    await box.fill("hello")
    await box.press("Enter")

    await expect(page.get_by_role("alert")).to_contain_text("is_archived")
    await expect(box).to_have_value("hello")


async def test_the_servers_own_notice_is_not_repeated(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    told_then_failed = """async () => {
      const { notify, failed } = await import("/page/notices.js");
      notify("error", "/coffee failed with the error operation_timeout");
      failed("operation_timeout");
      await new Promise((done) => setTimeout(done, 150));
      return document.querySelectorAll(".notice").length;
    }"""

    assert await page.evaluate(told_then_failed) == 1


async def test_slash_offers_commands_and_the_arrows_choose(open_page: OpenPage) -> None:
    page = await open_page()
    box = page.get_by_label("Message #cs-coffee")

    await box.press_sequentially("/")
    await expect(page.get_by_role("option")).to_have_text(
        [
            "/account acmeOne account's whole story",
            "/at-riskAccounts that need a call",
            "/coffee mrr 12m by regionThe figures, any way you like",
        ]
    )
    await box.press("ArrowUp")
    await expect(page.get_by_role("option", name="/coffee")).to_have_attribute("aria-selected", "true")
    await box.press("Enter")

    await expect(box).to_have_value("/coffee ")
    await expect(page.get_by_role("listbox")).to_have_count(0)
    await expect(page.locator("#composer .composer-hint")).to_have_text(
        "/coffee mrr 12m by region The figures, any way you like"
    )


async def test_a_whole_command_is_sent_by_one_enter(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    box = page.get_by_label("Message #cs-coffee")

    await box.press_sequentially("/at-risk")
    await box.press("Enter")

    await expect(box).to_have_value("")
    assert await slack.received("send") == [{"channel": "C1", "text": "/at-risk"}]


async def test_escape_closes_the_offers_and_keeps_the_text(open_page: OpenPage) -> None:
    page = await open_page()
    box = page.get_by_label("Message #cs-coffee")

    await box.press_sequentially("/ac")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await box.press("Escape")

    await expect(page.get_by_role("listbox")).to_have_count(0)
    await expect(box).to_have_value("/ac")


async def test_at_offers_people(open_page: OpenPage) -> None:
    page = await open_page()
    box = page.get_by_label("Message #cs-coffee")

    await box.press_sequentially("hello @oka")
    await box.press("Tab")

    await expect(box).to_have_value("hello @ben ")


async def test_what_was_begun_in_one_channel_waits_there(open_page: OpenPage) -> None:
    page = await open_page()
    await page.get_by_label("Message #cs-coffee").fill("for coffee only")

    await page.get_by_role("link", name="at-risk").click()
    await expect(page.get_by_label("Message #at-risk")).to_have_value("")
    await page.get_by_role("link", name="cs-coffee").click()

    await expect(page.get_by_label("Message #cs-coffee")).to_have_value("for coffee only")
