"""The page of the billing stand-in, against the local Stripe that it belongs to."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.playground.stripe.doors.server import PAGE, StripeServer
from tests.bot.playground.page.conftest import OpenPage
from tests.bot.playground.page.looks import DARK, NARROW, flaws
from tests.bot.playground.stripe.world import World

Json = dict[str, Any]


@pytest.fixture
def world() -> World:
    """Three customers, and a name that is written from the right."""
    world = World()
    for name, plan, seats in (("Acme Corp", "business_monthly", 40), ("Larkspur", "team_monthly", 9)):
        world.subscribe(world.customer(name), plan, seats)
    world.subscribe(world.customer("شركة الواحة للتجارة"), "business_kwd", 36, currency="kwd")
    return world


@pytest_asyncio.fixture(loop_scope="session")
async def stripe(world: World) -> AsyncIterator[StripeServer]:
    server = StripeServer(world.billing, world.clock, stories={"change_plan": world.company.change_plan})
    server.beside = "http://127.0.0.1:1/"
    await server.start()
    yield server
    await server.stop()


async def opened(stripe: StripeServer, open_url: OpenPage, name: str = "", **options: Any) -> Page:
    page = await open_url(stripe.url, **options)
    await expect(page.get_by_role("link", name="Acme Corp").first).to_be_visible()
    if name:
        await page.get_by_role("navigation").get_by_role("link", name=name).click()
        await expect(page.get_by_role("heading", name=name)).to_be_visible()
    return page


async def test_customers_are_found_and_shown(stripe: StripeServer, open_url: OpenPage) -> None:
    page = await opened(stripe, open_url)
    await expect(page.get_by_text("Choose a customer")).to_be_visible()
    await expect(page.get_by_role("link", name="Back to Slack")).to_have_attribute("href", "http://127.0.0.1:1/")

    await page.get_by_role("searchbox", name="Find a customer").fill("lark")
    await expect(page.get_by_text("1 found")).to_be_visible()
    await page.get_by_role("navigation").get_by_role("link", name="Larkspur").click()

    await expect(page.get_by_role("heading", name="Larkspur")).to_be_visible()
    facts = page.locator(".facts")
    for fact in ("$135.00", "Team × 9", "Renews2 Dec 2026", "Visa ending in 4242, expires 12/2030"):
        await expect(facts).to_contain_text(fact)


@pytest.mark.parametrize(
    ("button", "told", "fact"),
    [
        ("Fail a payment", "A payment failed", "Owes$1,160.00"),
        ("Set seats", "The seats were changed", "Business × 50"),
        ("Change plan", "The plan was changed", "Business, annual × 40"),
        ("Cancel at the end of the period", "The customer gave notice", "Ends2 Dec 2026"),
        ("Expire the card", "The card has expired", "expired 10/2026; declines"),
        ("Give a new card", "A new card is on file", "Visa ending in 1881"),
        ("Give the discount", "The discount was given", "DiscountApology: $20.00 off once"),
    ],
)
async def test_each_button_changes_what_is_paid(
    stripe: StripeServer, open_url: OpenPage, button: str, told: str, fact: str
) -> None:
    page = await opened(stripe, open_url, "Acme Corp")
    newest = stripe.store["events"]
    before = len(newest)

    await page.get_by_role("button", name=button).click()

    await expect(page.get_by_role("status").get_by_text(f"{told}: Acme Corp.")).to_be_visible()
    await expect(page.locator(".facts")).to_contain_text(fact)
    assert len(newest) > before
    await expect(page.locator(".happened code").first).to_have_text(next(iter(newest))["type"])


async def test_what_was_done_can_be_taken_back(stripe: StripeServer, open_url: OpenPage) -> None:
    page = await opened(stripe, open_url, "Acme Corp")

    for there, back in (
        ("Cancel at the end of the period", "Stay after all"),
        ("Fail a payment", "Let it go through"),
        ("Give the discount", "End the discount"),
    ):
        await page.get_by_role("button", name=there).click()
        await page.get_by_role("button", name=back).click()
        await expect(page.get_by_role("button", name=back)).to_be_hidden()
        await expect(page.get_by_role("button", name=there)).to_be_visible()
    await expect(page.locator("header .badge")).to_have_text("Active")


async def test_one_who_leaves_says_why(stripe: StripeServer, open_url: OpenPage, world: World) -> None:
    page = await opened(stripe, open_url, "Acme Corp")

    await page.get_by_label("Reason").select_option("Too complex")
    await page.get_by_label("In their words").fill("Nobody could set it up.")
    await page.get_by_role("button", name="Cancel at once").click()

    await expect(page.locator("header .badge")).to_have_text("Left")
    ended = next(one for one in world.store["subscriptions"] if one["status"] == "canceled")
    assert ended["cancellation_details"]["feedback"] == "too_complex"
    assert ended["cancellation_details"]["comment"] == "Nobody could set it up."


async def test_a_refusal_and_a_server_that_is_gone_are_told(
    stripe: StripeServer, open_url: OpenPage, world: World
) -> None:
    page = await opened(stripe, open_url, "Acme Corp", forgive="Failed to load resource")
    world.billing.cancel(world.billing.find_customer("Acme Corp"))
    await page.get_by_role("button", name="Fail a payment").click()
    await expect(page.locator(".said .error")).to_contain_text("has no living subscription")

    await stripe.stop()
    await page.get_by_role("button", name="Expire the card").click()

    await expect(page.get_by_text("The billing stand-in does not answer; is the demo still running?")).to_be_visible()


@pytest.mark.parametrize("options", [{}, NARROW, DARK, NARROW | DARK], ids=["wide", "narrow", "dark", "narrow dark"])
async def test_nothing_is_faint_nameless_or_too_wide(stripe: StripeServer, open_url: OpenPage, options: Json) -> None:
    page = await opened(stripe, open_url, **options)
    assert await flaws(page) == []
    for name in ("شركة الواحة للتجارة", "Acme Corp"):
        await page.get_by_role("navigation").get_by_role("link", name=name).click()
        await page.get_by_role("button", name="Fail a payment").click()
        await expect(page.get_by_role("button", name="Let it go through")).to_be_visible()
        assert await flaws(page) == []
        if options.get("has_touch"):
            await page.get_by_role("link", name="All customers").click()


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    assert [path.name for path in PAGE.iterdir() for word in ("https://", "@import") if word in path.read_text()] == []
