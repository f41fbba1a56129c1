"""What `kahvi doctor` says about Stripe."""

import httpx

from bot.sources.base import Check
from bot.sources.stripe import StripeSource
from tests.bot.sources.stripe.kettle import Kettle, Waits


async def test_all_is_well(kettle: Kettle) -> None:
    lines = await kettle.source().check()

    assert [line for line in lines if not line.ok or line.remedy] == []
    assert lines[0] == Check("Stripe key", ok=True, detail="restricted key for test data")
    assert lines[-1] == Check("Stripe API version", ok=True, detail="2026-10-28.endive")


async def test_each_missing_permission_has_its_own_line(kettle: Kettle) -> None:
    for kind in ("disputes", "events"):
        kettle.server.keys.revoke(kind)

    bad = {line.name: line.remedy for line in await kettle.source().check() if not line.ok}

    assert bad == {
        "Stripe events": "The Stripe key may not read events; give the restricted key Read on Events"
        " (rak_event_read) in Stripe's dashboard.",
        "Stripe disputes": "The Stripe key may not read disputes; give the restricted key Read on Disputes"
        " (rak_dispute_read) in Stripe's dashboard.",
    }


async def test_a_server_that_is_down_is_told_once_and_soon(kettle: Kettle) -> None:
    source = kettle.source()
    await kettle.server.stop()

    (line,) = await source.check()

    assert (line.ok, line.name, line.detail) == (False, "Stripe", "no answer")
    assert sum(kettle.waits.seconds) < 5


async def test_a_wrong_key_is_told_once_and_nothing_is_called_readable() -> None:
    refusal = httpx.Response(401, json={"error": {"message": "Invalid API Key provided"}})
    source = StripeSource("rk_live_x", pace=None, transport=httpx.MockTransport(lambda _: refusal))

    assert await source.check() == [
        Check(
            "Stripe key",
            ok=False,
            detail="restricted key for live data",
            remedy="Stripe does not accept the key; make a new restricted key and set it for Kahvi.",
        )
    ]


async def test_balance_transactions_have_a_permission_of_their_own(kettle: Kettle) -> None:
    kettle.server.keys.revoke("balance_transactions")

    (bad,) = [line for line in await kettle.source().check() if line.name == "Stripe balance transactions"]

    assert (bad.ok, bad.detail) == (False, "the key may not read this")
    assert "Read on Balance transactions (rak_balance_transaction_read)" in bad.remedy


async def test_another_api_version_is_told() -> None:
    answer = httpx.Response(200, json={"data": [], "has_more": False}, headers={"Stripe-Version": "2022-11-15"})
    source = StripeSource("rk_live_x", pace=None, sleep=Waits(), transport=httpx.MockTransport(lambda _: answer))

    (bad,) = [line for line in await source.check() if not line.ok]

    assert bad.detail == "asked for 2026-10-28.endive, answered in 2022-11-15"


async def test_methods_that_cannot_be_listed_without_a_customer_are_no_fault() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("payment_methods"):
            return httpx.Response(400, json={"error": {"message": "Missing required param: customer."}})
        return httpx.Response(200, json={"data": [], "has_more": False})

    source = StripeSource("rk_live_x", pace=None, transport=httpx.MockTransport(answer))

    assert all(line.ok for line in await source.check())


async def test_the_page_of_an_account() -> None:
    live, test = StripeSource("rk_live_x"), StripeSource("rk_test_x")

    assert live.account_url("cus_1") == "https://dashboard.stripe.com/customers/cus_1"
    assert test.account_url("cus_1") == "https://dashboard.stripe.com/test/customers/cus_1"
