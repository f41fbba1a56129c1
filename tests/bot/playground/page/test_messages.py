from playwright.async_api import expect

from tests.bot.playground.page import samples
from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.standin import StandIn, shown


def many(count: int) -> list[dict[str, object]]:
    return [shown(ts=f"17900{n:05d}.000100", text=f"message {n}") for n in range(count)]


async def test_messages_come_change_and_go(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    log = page.get_by_role("log", name="Messages in #cs-coffee")

    message = await slack.post_message(text="first *draft*")
    await expect(log.locator("strong")).to_have_text("draft")
    changed = message | {"text": "second", "edited": {"user": "U9", "ts": "1790000001.000100"}}
    await slack.push(type="message_changed", channel="C1", message=changed)
    await expect(log.locator(".message-body")).to_have_text("second (edited)")
    await slack.push(type="message_deleted", channel="C1", message=changed)

    await expect(log.locator(".message")).to_have_count(0)


async def test_an_ephemeral_message_says_who_sees_it(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()

    await slack.post_message(text="a secret", ephemeral=True)

    await expect(page.locator(".message.ephemeral")).to_contain_text("Only visible to you")


async def test_a_new_message_scrolls_only_a_reader_at_the_bottom(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = many(60)
    page = await open_page()
    await expect(page.get_by_text("message 59")).to_be_in_viewport()
    await slack.post_message(ts="1790001000.000100", text="seen at once")
    await expect(page.get_by_text("seen at once")).to_be_in_viewport()

    await page.locator("#messages").evaluate("(pane) => { pane.scrollTop = 0; }")
    await expect(page.get_by_text("message 0", exact=True)).to_be_in_viewport()
    await slack.post_message(ts="1790002000.000100", text="seen later")

    jump = page.get_by_role("button", name="New messages")
    await expect(jump).to_be_visible()
    await expect(page.get_by_text("seen later")).not_to_be_in_viewport()
    await jump.click()
    await expect(page.get_by_text("seen later")).to_be_in_viewport()


async def test_a_permalink_opens_the_thread(slack: StandIn, open_page: OpenPage) -> None:
    root = shown(channel="C2", text="the digest", reply_count=1)
    slack.messages = [root, shown(channel="C2", ts="1790000001.000100", text="a reply", thread_ts=root["ts"])]
    page = await open_page(f"#C2/{root['ts']}")
    thread = page.get_by_role("complementary", name="Thread")

    await expect(thread.locator(".message-body")).to_have_text(["the digest", "a reply"])
    await thread.get_by_label("Reply…").fill("thanks")
    await page.keyboard.press("Enter")
    await expect(thread.get_by_label("Reply…")).to_have_value("")
    assert await slack.received("send") == [{"channel": "C2", "text": "thanks", "thread_ts": root["ts"]}]

    await page.keyboard.press("Escape")
    await expect(thread).to_be_hidden()


async def test_replies_are_counted_in_the_channel_and_shown_in_the_thread(slack: StandIn, open_page: OpenPage) -> None:
    root = shown(text="the digest")
    slack.messages = [root]
    page = await open_page()
    await expect(page.get_by_text("the digest")).to_be_visible()

    await slack.post_message(ts="1790000001.000100", text="one", thread_ts=root["ts"])
    await slack.post_message(ts="1790000002.000100", text="two", thread_ts=root["ts"])
    await page.get_by_role("link", name="2 replies").click()

    await expect(page.locator("#thread-messages .message-body")).to_have_text(["the digest", "one", "two"])
    await expect(page.locator("#messages .message")).to_have_count(1)


async def test_unread_messages_are_marked_until_they_are_read(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    await slack.post_message(channel="C2", text="Acme is at risk")

    await expect(page.get_by_role("link", name="at-risk 1 unread")).to_be_visible()
    assert (await page.title()).startswith("● ")
    await page.get_by_role("link", name="at-risk").click()

    await expect(page.get_by_text("Acme is at risk")).to_be_visible()
    await expect(page.locator(".badge")).to_have_count(0)


async def test_a_lost_connection_comes_back_with_what_was_missed(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(text="before")]
    page = await open_page()
    await expect(page.get_by_text("before")).to_be_visible()
    await slack.drop_pages()
    await expect(page.get_by_text("Reconnecting…")).to_be_visible()

    slack.messages.append(shown(ts="1790000001.000100", text="meanwhile"))

    await expect(page.get_by_text("meanwhile")).to_be_visible()
    await expect(page.get_by_text("Reconnecting…")).to_have_count(0)
    await slack.post_message(ts="1790000002.000100", text="live again")
    await expect(page.get_by_text("live again")).to_be_visible()


async def test_a_redrawn_message_keeps_the_focus_and_what_was_typed(slack: StandIn, open_page: OpenPage) -> None:
    note = samples.field("note", {"type": "plain_text_input", "action_id": "t"})
    message = shown(blocks=[samples.section("Score 71"), note])
    slack.messages = [message]
    page = await open_page()
    await page.get_by_label("Note").fill("call on Mon")

    await slack.push(
        type="message_changed", channel="C1", message=message | {"blocks": [samples.section("Score 82"), note]}
    )

    await expect(page.get_by_text("Score 82")).to_be_visible()
    await expect(page.get_by_label("Note")).to_have_value("call on Mon")
    await expect(page.get_by_label("Note")).to_be_focused()


async def test_messages_of_one_author_stand_together_and_days_apart(slack: StandIn, open_page: OpenPage) -> None:
    times = ["1790000000.000100", "1790000060.000100", "1790003600.000100", "1790100000.000100"]
    slack.messages = [shown(ts=ts, text=ts) for ts in times]
    page = await open_page()

    await expect(page.locator(".message")).to_have_count(4)
    follows = await page.locator(".message").evaluate_all(
        "(all) => all.map((one) => one.classList.contains('follows'))"
    )
    assert follows == [False, True, False, False]
    await expect(page.locator(".day")).to_have_text(["Monday, September 21", "Tuesday, September 22"])
