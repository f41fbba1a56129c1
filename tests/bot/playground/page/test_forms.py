import asyncio
from typing import Any

from playwright.async_api import Page, expect

from tests.bot.playground.page import samples
from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.standin import StandIn, shown

NOTE = samples.field("note", {"type": "plain_text_input", "action_id": "t", "multiline": True})
REASON = samples.field(
    "reason", {"type": "static_select", "action_id": "s", "options": samples.options("price", "speed")}
)


async def open_modal(slack: StandIn, page: Page, **view: object) -> None:
    await slack.push(type="view_opened", view=view)
    await page.wait_for_selector("dialog")


async def asked(slack: StandIn, page: Page, path: str) -> list[dict[str, object]]:
    """What the page asked, once an answer to it had time to come back to the page."""
    await page.wait_for_load_state("networkidle")
    return slack.bodies(path)


async def test_state_values_hold_every_kind_of_input(slack: StandIn, open_page: OpenPage) -> None:
    inputs: dict[str, dict[str, Any]] = {
        "text": {"type": "plain_text_input", "initial_value": "hi"},
        "empty": {"type": "plain_text_input"},
        "number": {"type": "number_input", "is_decimal_allowed": True, "initial_value": "1.5"},
        "mail": {"type": "email_text_input", "initial_value": "a@b.fi"},
        "select": {
            "type": "static_select",
            "options": samples.options("a", "b"),
            "initial_option": samples.options("b")[0],
        },
        "many": {
            "type": "multi_static_select",
            "options": samples.options("a", "b"),
            "initial_options": samples.options("a"),
        },
        "person": {"type": "users_select", "initial_user": "U2"},
        "people": {"type": "multi_users_select", "initial_users": ["U1", "U2"]},
        "place": {"type": "conversations_select", "initial_conversation": "C2"},
        "channel": {"type": "channels_select"},
        "radio": {
            "type": "radio_buttons",
            "options": samples.options("a", "b"),
            "initial_option": samples.options("a")[0],
        },
        "boxes": {"type": "checkboxes", "options": samples.options("a", "b"), "initial_options": samples.options("b")},
        "time": {"type": "timepicker", "initial_time": "08:30"},
        "date": {"type": "datepicker", "initial_date": "2026-11-20"},
        "moment": {"type": "datetimepicker", "initial_date_time": 1795248000},
    }
    page = await open_page()
    await open_modal(
        slack,
        page,
        **samples.modal(*(samples.field(name, {**spec, "action_id": "x"}) for name, spec in inputs.items())),
    )

    async with page.expect_response("**/view_submit"):
        await page.get_by_role("button", name="Save").click()

    (sent,) = slack.bodies("view_submit")
    (a, b) = samples.options("a", "b")
    assert sent["view_id"] == "V1"
    assert {name: fields["x"] for name, fields in sent["state"]["values"].items()} == {
        "text": {"type": "plain_text_input", "value": "hi"},
        "empty": {"type": "plain_text_input", "value": None},
        "number": {"type": "number_input", "value": "1.5"},
        "mail": {"type": "email_text_input", "value": "a@b.fi"},
        "select": {"type": "static_select", "selected_option": b},
        "many": {"type": "multi_static_select", "selected_options": [a]},
        "person": {"type": "users_select", "selected_user": "U2"},
        "people": {"type": "multi_users_select", "selected_users": ["U1", "U2"]},
        "place": {"type": "conversations_select", "selected_conversation": "C2"},
        "channel": {"type": "channels_select", "selected_channel": None},
        "radio": {"type": "radio_buttons", "selected_option": a},
        "boxes": {"type": "checkboxes", "selected_options": [b]},
        "time": {"type": "timepicker", "selected_time": "08:30"},
        "date": {"type": "datepicker", "selected_date": "2026-11-20"},
        "moment": {"type": "datetimepicker", "selected_date_time": 1795248000},
    }


async def test_errors_stand_under_their_inputs_and_nothing_typed_is_lost(slack: StandIn, open_page: OpenPage) -> None:
    slack.answers["view_submit"] = {"ok": False, "errors": {"note": "Tell a little more.", "reason": "Choose one."}}
    page = await open_page()
    await open_modal(slack, page, **samples.modal(REASON, NOTE))

    await page.get_by_label("Note").fill("too dear")
    await page.get_by_role("button", name="Save").click()

    await expect(page.locator("[data-block=note] .error")).to_have_text("Tell a little more.")
    await expect(page.get_by_label("Note")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("Note")).to_have_value("too dear")
    await expect(page.get_by_label("Reason")).to_be_focused()


async def test_an_updated_view_keeps_what_was_typed(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    await open_modal(slack, page, **samples.modal(REASON, NOTE))
    await page.get_by_label("Note").fill("half a sent")

    await slack.push(
        type="view_updated", view=samples.modal(samples.section("Now with *more*"), NOTE, title="Step two")
    )

    await expect(page.get_by_role("heading", name="Step two")).to_be_visible()
    await expect(page.get_by_label("Note")).to_have_value("half a sent")


async def test_a_window_to_be_read_begins_at_its_head_and_shows_what_is_new_from_the_top(
    slack: StandIn, open_page: OpenPage
) -> None:
    page = await open_page()
    told = [samples.section(f"Line {number}") for number in range(40)]
    card = samples.modal(*told, samples.actions(samples.button("Look up", "look")), title="Card")
    await open_modal(slack, page, **card)

    body = page.locator(".modal-body")
    await expect(body).to_be_focused()
    assert await body.evaluate("node => node.scrollTop") == 0
    await page.get_by_role("button", name="Look up").click()
    await slack.push(type="view_updated", view=card | {"blocks": [*told, *told]})
    await expect(page.get_by_text("Line 39")).to_have_count(2)
    assert await body.evaluate("node => node.scrollTop") == 0


async def test_a_form_that_was_waited_for_is_ready_to_be_filled_in(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    await open_modal(slack, page, **samples.modal(samples.section("One moment …")))

    await slack.push(type="view_updated", view=samples.modal(samples.section("Acme"), NOTE))

    await expect(page.get_by_label("Note")).to_be_focused()


async def test_escape_closes_the_top_view_only(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    await open_modal(slack, page, **samples.modal(NOTE))
    await page.get_by_label("Note").fill("kept")
    await slack.push(type="view_opened", view=samples.modal(REASON, view_id="V2", title="On top"))
    await expect(page.get_by_role("heading", name="On top")).to_be_visible()

    await page.keyboard.press("Escape")

    await expect(page.get_by_label("Note")).to_have_value("kept")
    assert await asked(slack, page, "view_close") == [{"view_id": "V2"}]
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_escape_closes_an_open_list_before_the_view(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    await open_modal(slack, page, **samples.modal(REASON))

    await page.get_by_label("Reason").click()
    await expect(page.get_by_role("option")).to_have_count(2)
    await page.keyboard.press("Escape")

    await expect(page.get_by_role("option")).to_have_count(0)
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_a_choice_is_made_with_the_keyboard(slack: StandIn, open_page: OpenPage) -> None:
    page = await open_page()
    await open_modal(slack, page, **samples.modal(REASON))

    await page.get_by_label("Reason").press_sequentially("spe")
    await expect(page.get_by_role("option")).to_have_text(["Speed"])
    await page.keyboard.press("Enter")

    await expect(page.get_by_label("Reason")).to_have_value("Speed")
    await expect(page.get_by_role("option")).to_have_count(0)


async def test_an_external_select_asks_for_what_was_typed(slack: StandIn, open_page: OpenPage) -> None:
    slack.answers["options"] = {"options": samples.options("acme")}
    element = {"type": "external_select", "action_id": "e", "min_query_length": 2}
    page = await open_page()
    await open_modal(slack, page, **samples.modal(samples.field("account", element)))
    box = page.get_by_label("Account")

    await box.press_sequentially("a")
    await expect(page.get_by_text("Type at least 2 letters")).to_be_visible()
    await box.press_sequentially("c")
    await page.get_by_role("option", name="Acme").click()

    await expect(box).to_have_value("Acme")
    assert slack.bodies("options") == [
        {"container": {"type": "view", "view_id": "V1"}, "block_id": "account", "action_id": "e", "value": "ac"}
    ]


async def test_a_button_waits_for_its_answer_and_cannot_be_pressed_twice(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(blocks=[samples.actions(samples.button("I'm on it", "ack"))])]
    gate = slack.gates["action"] = asyncio.Event()
    page = await open_page()
    button = page.get_by_role("button", name="I'm on it")

    await button.dblclick()
    await expect(button).to_have_attribute("aria-busy", "true")
    gate.set()
    await expect(button).not_to_have_attribute("aria-busy", "true")

    assert slack.bodies("action") == [
        {
            "container": {"type": "message", "channel": "C1", "message_ts": "1790000000.000100"},
            "block_id": "acts",
            "action": {
                "type": "button",
                "action_id": "ack",
                "block_id": "acts",
                "text": samples.plain("I'm on it"),
                "value": "ack-value",
            },
            "state": {"values": {}},
        }
    ]


async def test_a_button_with_confirm_asks_first(slack: StandIn, open_page: OpenPage) -> None:
    confirm = {
        "title": samples.plain("Mute?"),
        "text": samples.mrkdwn("No *coffee* today."),
        "confirm": samples.plain("Mute"),
        "deny": samples.plain("Keep"),
    }
    slack.messages = [shown(blocks=[samples.actions(samples.button("Stop", "mute", confirm=confirm))])]
    page = await open_page()

    await page.get_by_role("button", name="Stop").click()
    await page.get_by_role("button", name="Keep").click()
    assert slack.bodies("action") == []
    await page.get_by_role("button", name="Stop").click()
    async with page.expect_response("**/action"):
        await page.get_by_role("button", name="Mute").click()

    assert len(slack.bodies("action")) == 1


async def test_a_select_in_a_message_tells_its_choice_at_once(slack: StandIn, open_page: OpenPage) -> None:
    choose = {
        "type": "static_select",
        "action_id": "pick",
        "placeholder": samples.plain("Assign"),
        "options": samples.options("ann", "ben"),
    }
    slack.messages = [
        shown(blocks=[{"type": "section", "block_id": "b", "text": samples.mrkdwn("Owner"), "accessory": choose}])
    ]
    page = await open_page()

    await page.get_by_label("Assign").click()
    async with page.expect_response("**/action"):
        await page.get_by_role("option", name="Ben").click()

    (sent,) = slack.bodies("action")
    assert sent["action"] == {
        "type": "static_select",
        "action_id": "pick",
        "block_id": "b",
        "selected_option": samples.options("ben")[0],
    }


async def test_an_overflow_menu_tells_its_choice(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [
        shown(
            blocks=[
                samples.actions(
                    {"type": "overflow", "action_id": "more", "options": samples.options("export", "settings")}
                )
            ]
        )
    ]
    page = await open_page()

    await page.get_by_role("button", name="More actions").click()
    await page.keyboard.press("ArrowDown")
    async with page.expect_response("**/action"):
        await page.keyboard.press("Enter")

    assert slack.bodies("action")[0]["action"]["selected_option"]["value"] == "settings"


async def test_the_home_tab_shows_its_view_and_follows_it(slack: StandIn, open_page: OpenPage) -> None:
    slack.home = {"id": "VH", "type": "home", "blocks": [samples.section("Good morning"), NOTE]}
    page = await open_page("#home")
    await page.get_by_label("Note").fill("draft")

    await slack.push(type="home", view={"id": "VH", "type": "home", "blocks": [samples.section("Good evening"), NOTE]})

    await expect(page.get_by_text("Good evening")).to_be_visible()
    await expect(page.get_by_label("Note")).to_have_value("draft")
    assert await slack.received("home_opened") == [{}]
