from playwright.async_api import expect

from tests.bot.playground.page import samples
from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.standin import StandIn, shown

EVERY_KIND = [
    *samples.digest(),
    samples.pie_chart(Price=14, Other=3),
    samples.xy_chart("bar", ["Oct", "Nov"], New=[3, 5], Churn=[-2, -1]),
    samples.xy_chart("area", ["Oct", "Nov"], EMEA=[3, 5]),
    samples.data_table(3),
    samples.field("note", {"type": "plain_text_input", "action_id": "t"}),
    {"type": "image", "image_url": "https://pictures.example/a.png", "alt_text": "A cup"},
    samples.rich({"type": "text", "text": "rich", "style": {"bold": True}}, {"type": "emoji", "name": "tada"}),
    {"type": "markdown", "text": "# Notes"},
    {"type": "card", "title": samples.mrkdwn("*Acme*"), "actions": [samples.button("Open", "open")]},
    {"type": "carousel", "elements": [{"type": "card", "body": samples.mrkdwn("One")}]},
    {"type": "container", "title": samples.plain("Box"), "child_blocks": [samples.section("inside")]},
    {"type": "alert", "level": "warning", "text": samples.mrkdwn("Careful")},
    {
        "type": "context_actions",
        "elements": [{"type": "icon_button", "icon": "trash", "action_id": "x", "text": samples.plain("Delete")}],
    },
    {
        "type": "plan",
        "title": "Plan",
        "tasks": [{"type": "task_card", "task_id": "1", "title": "Read", "status": "complete"}],
    },
    {"type": "video", "title": samples.plain("Tour"), "video_url": "https://v.example/", "alt_text": "Tour"},
    {"type": "file", "external_id": "report.csv"},
]


async def test_every_kind_of_block_is_drawn(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(blocks=EVERY_KIND)]
    # The page loads nothing from elsewhere: the picture is refused, and shows as its description.
    page = await open_page(forgive="pictures.example")

    await expect(page.locator(".block")).to_have_count(len(EVERY_KIND) + 1)
    await expect(page.locator(".unknown")).to_have_count(0)
    await expect(page.locator(".no-image")).to_have_text("A cup")


async def test_an_unknown_block_is_named_and_a_broken_one_spares_the_rest(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [
        shown(blocks=[{"type": "wormhole"}, {"type": "data_table", "rows": 7}, samples.section("still here")])
    ]
    page = await open_page(forgive="could not be drawn")

    await expect(page.locator(".unknown")).to_have_text(["[wormhole]", "[data_table]"])
    await expect(page.locator(".section")).to_have_text("still here")


async def test_a_chart_says_its_figures_in_words(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(blocks=[samples.xy_chart("line", ["Oct", "Nov"], MRR=[1200.5, -3])])]
    page = await open_page()

    chart = page.get_by_role("img", name="A line chart: line chart. MRR: Oct 1,200.5, Nov -3.")
    await expect(chart).to_be_visible()


async def test_a_chart_is_read_point_by_point_with_the_arrow_keys(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(blocks=[samples.xy_chart("bar", ["Oct", "Nov"], New=[3, 5], Churn=[-2, -1])])]
    page = await open_page()

    await page.locator(".chart svg[role=img]").focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")

    await expect(page.locator(".chart [role=status]")).to_have_text("Nov: New 5, Churn -1")
    await expect(page.locator(".tip")).to_contain_text("Nov")


async def test_a_chart_shows_its_figures_as_a_table(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(blocks=[samples.xy_chart("area", ["Oct", "Nov"], EMEA=[3, 5], APAC=[1, 2])])]
    page = await open_page()

    await page.get_by_role("button", name="Show the figures as a table").click()

    await expect(page.locator(".chart tr")).to_have_text(["MonthEMEAAPAC", "Oct31", "Nov52"])


async def test_a_chart_fits_the_width_it_has(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(blocks=samples.digest())]
    page = await open_page(viewport={"width": 390, "height": 844})
    await expect(page.locator(".canvas > svg")).to_be_visible()
    widths = []

    for width in (390, 1000):
        await page.set_viewport_size({"width": width, "height": 844})
        widths.append(await page.locator(".canvas").evaluate("(canvas) => canvas.clientWidth"))
        await expect(page.locator(".canvas > svg")).to_have_attribute("width", str(widths[-1]))

    assert widths[0] < 390
    assert widths[1] > 500


async def test_tick_values_are_round_and_distinct(open_page: OpenPage) -> None:
    page = await open_page()
    ask = """async ([low, high]) => {
      const { niceTicks, compactLabels } = await import("/page/charts.js");
      return [niceTicks(low, high), compactLabels(niceTicks(low, high))];
    }"""

    assert await page.evaluate(ask, [0, 486_450]) == [[0, 200_000, 400_000, 600_000], ["0", "200K", "400K", "600K"]]
    assert await page.evaluate(ask, [-7, 12]) == [[-10, -5, 0, 5, 10, 15], ["-10", "-5", "0", "5", "10", "15"]]
    assert await page.evaluate(ask, [0, 1]) == [[0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"]]
    ticks, labels = await page.evaluate(ask, [1_000_000, 1_004_000])
    assert ticks[0] <= 1_000_000
    assert ticks[-1] >= 1_004_000
    assert len(set(labels)) == len(ticks)


async def test_a_table_scrolls_inside_itself(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(blocks=[samples.table([f"Column {n}" for n in range(12)], ["a long cell"] * 12)])]
    page = await open_page(viewport={"width": 390, "height": 844})
    scroller = page.locator(".table-scroll")
    await expect(scroller).to_be_visible()

    assert await scroller.evaluate("(node) => node.scrollWidth > node.clientWidth")
    assert await page.evaluate("document.querySelector('#messages').scrollWidth") <= 390


async def test_a_data_table_sorts_by_number_filters_and_pages(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [shown(blocks=[samples.data_table(12)])]
    page = await open_page()
    figures = page.locator(".data-table tbody td")
    await expect(page.locator(".page-status")).to_have_text("1–5 of 12")

    await page.get_by_role("button", name="MRR").click()
    await expect(figures).to_have_text(["$3", "$10", "$20", "$30", "$37"])
    await page.get_by_role("button", name="MRR").click()
    await expect(figures.first).to_have_text("$94")
    await page.get_by_role("button", name="Next rows").click()
    await page.get_by_role("button", name="Next rows").click()
    await expect(page.locator(".page-status")).to_have_text("11–12 of 12")
    await page.get_by_label("Filter Accounts").fill("account 7")

    await expect(page.locator(".data-table tbody tr")).to_have_text(["Account 7$57"])


async def test_a_long_section_folds_unless_it_says_expand(slack: StandIn, open_page: OpenPage) -> None:
    long = "\n".join(f"Line {n}" for n in range(9))
    slack.messages = [shown(blocks=[samples.section(long), samples.section(long, expand=True)])]
    page = await open_page()
    folded, expanded = page.locator(".section .text").nth(0), page.locator(".section .text").nth(1)
    whole = await expanded.evaluate("(node) => node.offsetHeight")
    assert await folded.evaluate("(node) => node.offsetHeight") < whole

    await page.get_by_role("button", name="See more").click()

    assert await folded.evaluate("(node) => node.offsetHeight") == whole
    await expect(page.get_by_role("button", name="See less")).to_be_visible()
