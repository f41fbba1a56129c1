from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.standin import StandIn, shown

DRAW = """async ([module, name, text]) => {
  const drawn = (await import(`/page/${module}.js`))[name](text);
  const box = document.createElement("div");
  box.append(...[drawn].flat(Infinity));
  return box.innerHTML.replace(/ class="line"/g, "");
}"""
ALLOWED = {"A", "BDI", "BLOCKQUOTE", "BR", "CODE", "DIV", "EM", "PRE", "S", "SPAN", "STRONG", "TIME"}


MARKDOWN = """\
# Title
**a** _b_ `c` [d](https://e.fi/)

- one
  1. two

| x | y |
|---|--:|
| 1 | 2 |

```
*code*
```"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """One page for all texts: drawing one leaves no trace of another."""
    slack = StandIn()
    await slack.start()
    context = await chromium.new_context(timezone_id="Europe/Helsinki", locale="en-GB")
    page = await context.new_page()
    await page.goto(slack.url)
    await page.wait_for_selector(".sidebar a")
    yield page
    await context.close()
    await slack.stop()


async def drawn(page: Page, module: str, name: str, text: Any) -> str:
    return str(await page.evaluate(DRAW, [module, name, text]))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~gone~", "<span><strong>bold</strong> <em>it</em> <s>gone</s></span>"),
        ("*bold _both_*", "<span><strong>bold <em>both</em></strong></span>"),
        ("2*3*4 snake_case_name", "<span>2*3*4 snake_case_name</span>"),
        ("* not bold *", "<span>* not bold *</span>"),
        ("`*as it is*`", "<span><code>*as it is*</code></span>"),
        ("```\na *b*\n```", "<pre>a *b*</pre>"),
        ("AT&amp;T &lt;!channel&gt;", "<span>AT&amp;T &lt;!channel&gt;</span>"),
        ("&amp;lt;", "<span>&amp;lt;</span>"),
        (":coffee: :no_such_thing:", "<span>☕ :no_such_thing:</span>"),
        ("<!here>", '<span><span class="mention mention-me">@here</span></span>'),
        ("<@U2> <@U404>", '<span><bdi class="mention">@Ben Okafor</bdi> <bdi class="mention">@U404</bdi></span>'),
        ("<@U1>", '<span><bdi class="mention mention-me">@Ann Lind</bdi></span>'),
        ("<#C2|old-name>", '<span><a class="mention" href="#C2">#at-risk</a></span>'),
        ("<javascript:alert(1)|press>", "<span>&lt;javascript:alert(1)|press&gt;</span>"),
        ("> quoted\nafter", "<blockquote><span>quoted</span></blockquote><span>after</span>"),
        ("<!date^0^never|2026-11-20>", '<span><time title="2026-11-20">never</time></span>'),
        ("<!date^1795248000^{date_num} {time}|x>", '<span><time title="x">2026-11-21 10:00</time></span>'),
    ],
)
async def test_mrkdwn(page: Page, text: str, html: str) -> None:
    assert await drawn(page, "mrkdwn", "mrkdwn", text) == html


async def test_link_opens_elsewhere_and_tells_nobody_where_from(page: Page) -> None:
    link = await drawn(page, "mrkdwn", "mrkdwn", "<https://example.com/?a=1&amp;b=2|the *site*>")

    href = "https://example.com/?a=1&amp;b=2"
    assert link == f'<span><a href="{href}" rel="noopener noreferrer" target="_blank">the *site*</a></span>'


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://kahvila.slack.com/archives/C1", "#C1"),
        ("https://kahvila.slack.com/archives/C1/p1790000000000100", "#C1/1790000000.000100"),
        (
            "https://kahvila.slack.com/archives/C1/p1790000001000200?thread_ts=1790000000.000100",
            "#C1/1790000000.000100",
        ),
    ],
)
async def test_a_permalink_of_slack_leads_to_this_page(page: Page, address: str, place: str) -> None:
    assert await drawn(page, "mrkdwn", "mrkdwn", f"<{address}|here>") == f'<span><a href="{place}">here</a></span>'


@pytest.mark.parametrize("name", ["mrkdwn", "markdown"])
async def test_hostile_text_makes_no_element_of_its_own(open_page: OpenPage, name: str) -> None:
    hostile = (
        "<script>window.hurt = 1</script> <img src=x onerror='window.hurt = 1'> <!channel|<b>x</b>>"
        " [x](javascript:hurt) <javascript:hurt> &lt;iframe src=//e&gt; *<b>_`</strong>~ "
    )
    page = await open_page()

    html = await drawn(page, name, name, hostile * 3)

    tags = await page.evaluate(
        """(html) => {
          const { body } = new DOMParser().parseFromString(html, "text/html");
          return [...body.querySelectorAll("*")].map((node) => node.tagName);
        }""",
        html,
    )
    assert set(tags) - ALLOWED - {"P"} == set()
    assert "href" not in html
    assert await page.evaluate("window.hurt") is None


async def test_markdown_block(open_page: OpenPage) -> None:
    page = await open_page()
    html = await drawn(page, "markdown", "markdown", MARKDOWN)

    assert html.startswith("<h3>Title</h3><p><strong>a</strong> <em>b</em> <code>c</code> <a href=")
    assert '<ul><li>one<ol start="1"><li>two</li></ol></li></ul>' in html
    assert '<th>x</th><th data-align="right">y</th>' in html
    assert html.endswith("<pre>*code*</pre>")


async def test_a_long_hostile_name_stays_inside_the_pane(slack: StandIn, open_page: OpenPage) -> None:
    slack.messages = [
        shown(text="\u202e" + "Verylongname" * 25 + " *\u05d0\u05d1* $1,200", username="\u202e" + "N" * 300)
    ]
    page = await open_page(viewport={"width": 390, "height": 844})
    await page.wait_for_selector(".message")

    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    assert (
        await page.evaluate(
            "(() => { const s = document.querySelector('#messages'); return s.scrollWidth - s.clientWidth; })()"
        )
        == 0
    )
