"""A full read, over a real socket against a local Stripe that can fail and change meanwhile."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.errors import SourceDown, SourceRefused
from bot.metrics.mrr import counts, levels
from bot.metrics.policy import KAHVI
from bot.money import rounded
from bot.playground.stripe.billing.dates import DAY
from bot.playground.stripe.doors.faults import Calls
from bot.sources.base import Page
from bot.sources.stripe import StripeSource
from storage.facts import (
    Account,
    Dispute,
    ExchangeRate,
    Invoice,
    InvoiceStatus,
    Payment,
    PaymentMethod,
    Price,
    Product,
    Refund,
    Subscription,
)
from tests.bot.sources.stripe.conftest import Open
from tests.bot.sources.stripe.kettle import Kettle, of, walked
from tests.waiting import HANGS


async def test_everything_is_read_once_in_the_order_of_its_stages(kettle: Kettle) -> None:
    source = kettle.source()

    pages = await walked(source)

    facts = [fact for page in pages for fact in page.facts]
    kinds = {
        Product: "products",
        Price: "prices",
        Account: "customers",
        Subscription: "subscriptions",
        Payment: "charges",
        Refund: "refunds",
        Dispute: "disputes",
    }
    for kind, name in kinds.items():
        assert sorted(
            fact.id for fact in facts if isinstance(fact, kind) and not isinstance(fact, ExchangeRate)
        ) == sorted(kettle.ids(name)), name
    told = {fact.id: fact.status for fact in facts if isinstance(fact, Invoice)}
    assert {own for own in told if not own.startswith("ii_")} == kettle.ids("invoices")
    waiting = {one["id"] for one in kettle.company.store["invoiceitems"] if one["invoice"] is None}
    assert {own for own, status in told.items() if status is InvoiceStatus.UPCOMING} == waiting
    assert list(dict.fromkeys(page.stage for page in pages)) == list(StripeSource.stages)
    assert [one for page in pages for one in page.unread] == []


async def test_every_default_card_and_every_foreign_rate_comes_along(opened: Open) -> None:
    kettle = await opened(120, 3)

    facts = [fact for page in await walked(kettle.source()) for fact in page.facts]

    methods = {fact.id for fact in facts if isinstance(fact, PaymentMethod)}
    wanted = {fact.default_method_id for fact in facts if isinstance(fact, Account | Subscription)} - {None}
    assert wanted <= methods
    foreign = {fact.currency for fact in facts if isinstance(fact, Payment)} - {"usd"}
    assert {(fact.currency, fact.base) for fact in facts if isinstance(fact, ExchangeRate)} == {
        (currency, "usd") for currency in foreign
    }


async def test_long_invoices_and_subscriptions_are_read_to_their_end(kettle: Kettle) -> None:
    billing, store = kettle.company.billing, kettle.company.store
    customer = next(one["customer"] for one in store["subscriptions"] if one["status"] == "active")
    subscription = billing.subscription(customer)
    own = billing.items(customer)[0]["price"]
    same = [
        one["id"]
        for one in store["prices"]
        if (one["recurring"], one["currency"]) == (own["recurring"], own["currency"])
    ]
    for price in (same * 14)[:14]:
        billing.add_item(customer, price, 1, invoice_now=False)
    kettle.later(days=40)

    facts = of(await walked(kettle.source()))

    assert len(facts[Subscription, subscription["id"]].items) == len(billing.items(customer)) > 10
    for own in kettle.ids("invoices"):
        assert [line.id for line in facts[Invoice, own].lines] == [line["id"] for line in store.lines[own]]
    assert max(len(lines) for lines in store.lines.values()) > 10


async def test_discounts_know_how_long_they_last(opened: Open) -> None:
    kettle = await opened(120, 6)

    facts = of(await walked(kettle.source()))

    store = kettle.company.store
    checked = 0
    for invoice in store["invoices"]:
        for raw in store.lines[invoice["id"]]:
            off = {"once": 0, "repeating": 0, "forever": 0}
            for one in raw["discount_amounts"]:
                coupon = store["discounts"][one["discount"]]["source"]["coupon"]
                off[store["coupons"][coupon]["duration"]] += one["amount"]
                checked += 1
            (line,) = (line for line in facts[Invoice, invoice["id"]].lines if line.id == raw["id"])
            assert off == {
                "once": line.discount_once,
                "repeating": line.discount_repeating,
                "forever": line.discount_forever,
            }
    assert checked > 20


async def test_an_empty_account_is_read_too(kettle: Kettle) -> None:
    for name in kettle.company.store.NAMES:
        for own in kettle.ids(name):
            kettle.company.store[name].delete(own)
    source = kettle.source()

    pages = await walked(source)

    assert [list(page.facts) for page in pages] == [[]] * len(StripeSource.stages)
    changes = await source.changes(pages[-1].cursor)
    assert changes is not None
    assert list(changes.facts) == []


@pytest.mark.parametrize("kind", ["429", "500", "cut_body", "drop"])
async def test_trouble_on_the_way_changes_nothing(kettle: Kettle, kind: str) -> None:
    expected = of(await walked(kettle.source()))
    for path in ("/v1/events", "/v1/customers", "/v1/invoices", "/v1/charges"):
        kettle.fault(path, kind, times=2)

    assert of(await walked(kettle.source())) == expected
    assert len(kettle.waits.seconds) == 8


async def test_a_read_killed_after_any_page_goes_on_to_the_same_end(kettle: Kettle) -> None:
    whole = await walked(kettle.source())
    expected, cursors = of(whole), [page.cursor for page in whole]

    for count, cursor in enumerate(cursors, start=1):
        kettle.asked()
        rest = await walked(kettle.source(), cursor)
        assert of(whole[:count]) | of(rest) == expected
        assert len(rest) == len(whole) - count


class Signal(Calls):
    """Counts requests and tells when one endpoint is asked."""

    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self._endpoint = endpoint

    def count(self, method: str, endpoint: str, version: str) -> None:
        super().count(method, endpoint, version)
        if endpoint == self._endpoint:
            self.asked.set()


async def test_the_next_page_is_fetched_while_this_one_is_stored(kettle: Kettle) -> None:
    kettle.server.calls = signal = Signal("/v1/products")
    pages = kettle.source().walk(None)
    await anext(pages)

    async with asyncio.timeout(HANGS):
        await signal.asked.wait()

    await pages.aclose()


async def test_a_read_that_is_given_up_leaves_nothing_running(kettle: Kettle) -> None:
    before = asyncio.all_tasks()
    pages = kettle.source().walk(None)
    await anext(pages)

    await pages.aclose()

    ours = [task for task in asyncio.all_tasks() - before if "_page" in str(task.get_coro())]
    assert ours == []


async def test_the_object_to_go_on_from_may_vanish(opened: Open) -> None:
    kettle = await opened(230, 2)
    pages = kettle.source().walk(None)
    read: set[str] = set()
    async for page in pages:
        read |= {fact.id for fact in page.facts if isinstance(fact, Account)}
        if page.stage == "customers":
            break
    await pages.aclose()
    cursor_object = min(read, key=lambda own: kettle.company.store["customers"][own]["created"])
    kettle.company.billing.delete_customer(cursor_object)

    rest = of(await walked(kettle.source(), page.cursor))

    assert read | {own for kind, own in rest if kind is Account} == kettle.ids("customers") | {cursor_object}


async def test_both_remembered_objects_may_vanish(opened: Open) -> None:
    kettle = await opened(330, 2)
    pages = kettle.source().walk(None)
    read: list[list[str]] = []
    async for page in pages:
        if page.stage == "customers":
            read.append([fact.id for fact in page.facts if isinstance(fact, Account)])
        if len(read) == 2:
            break
    await pages.aclose()
    for gone in (read[0][-1], read[1][-1]):
        kettle.company.billing.delete_customer(gone)

    rest = of(await walked(kettle.source(), page.cursor))

    assert {own for kind, own in rest if kind is Account} == kettle.ids("customers")


async def test_what_is_made_meanwhile_comes_with_the_changes(opened: Open) -> None:
    kettle = await opened(130, 2)
    billing = kettle.company.billing
    source = kettle.source()
    facts: dict[tuple[type, str], Any] = {}
    changed = False
    async for page in source.walk(None):
        facts |= of([page])
        if page.stage == "customers" and not changed:
            changed = True
            kettle.later(hours=1)
            active = next(one for one in kettle.company.store["subscriptions"] if one["status"] == "active")
            billing.change_quantity(active["id"], 77)
            billing.delete_customer(next(iter(kettle.ids("customers") - {active["customer"]})))
        last = page.cursor

    more = True
    while more:
        changes = await source.changes(last)
        assert changes is not None
        facts |= {(type(fact), fact.id): fact for fact in changes.facts if not isinstance(fact, ExchangeRate)}
        last, more = changes.cursor, changes.more

    fresh = of(await walked(kettle.source()))
    assert {key: fact for key, fact in facts.items() if key in fresh} == fresh
    assert all(fact.deleted_at for key, fact in facts.items() if key not in fresh and key[0] is Account)


async def test_a_cursor_of_nobody_begins_at_the_beginning(kettle: Kettle) -> None:
    pages = await walked(kettle.source(), '{"v": 99}')

    assert pages[0].stage == "coupons"


async def test_a_walk_left_lying_for_a_month_begins_again(kettle: Kettle) -> None:
    pages = await walked(kettle.source())
    kettle.later(days=31)

    again = await walked(kettle.source(), pages[5].cursor)

    assert again[0].stage == "coupons"


async def test_a_missing_permission_is_named_with_its_remedy(kettle: Kettle) -> None:
    kettle.server.keys.revoke("invoices")

    with pytest.raises(SourceRefused, match=r"may not read invoice.*Read on Invoices \(rak_invoice_read\)"):
        await walked(kettle.source())


async def test_a_wrong_key_is_refused(kettle: Kettle) -> None:
    with pytest.raises(SourceRefused, match="does not accept the key"):
        await walked(kettle.source(key="rk_test_wrong"))


async def test_a_silent_server_is_down_after_a_minute(kettle: Kettle) -> None:
    source = kettle.source()
    await kettle.server.stop()

    with pytest.raises(SourceDown, match="next sync tries again"):
        await walked(source)

    assert 50 < sum(kettle.waits.seconds) <= 60


async def test_a_day_has_one_rate_however_many_pages_it_fills(opened: Open) -> None:
    kettle = await opened(200, 6)

    facts = [fact for page in await walked(kettle.source()) for fact in page.facts]

    rates = [(fact.day, fact.currency) for fact in facts if isinstance(fact, ExchangeRate)]
    assert len(rates) == len(set(rates)) > 30


def rates_of(pages: list[Page]) -> dict[tuple[date, str], Decimal]:
    """Rates as a store would hold them: the last told of each day and currency."""
    facts = (fact for page in pages for fact in page.facts)
    return {(fact.day, fact.currency): fact.rate for fact in facts if isinstance(fact, ExchangeRate)}


async def test_a_read_killed_after_any_page_keeps_the_last_rate_of_every_day(opened: Open) -> None:
    kettle = await opened(150, 10)
    transactions = kettle.company.store["balance_transactions"]
    newest: dict[Any, Any] = {}
    for number, one in enumerate(transactions):  # newest first; ten days are settled as one
        if one["exchange_rate"]:
            one["created"] -= one["created"] % (10 * DAY)
            one["exchange_rate"] *= 1 + number % 7 / 100
            transactions.put(one)
    for charge in kettle.company.store["charges"]:
        settled = transactions.get(charge["balance_transaction"])
        if settled and settled["exchange_rate"]:
            day = datetime.fromtimestamp(settled["created"], UTC).date()
            newest.setdefault((day, charge["currency"]), settled["exchange_rate"])
    pages = await walked(kettle.source())
    assert len([page for page in pages if page.stage == "charges"]) > 3

    rests = [await walked(kettle.source(), page.cursor) for page in pages]

    told = rates_of(pages)
    assert told.keys() == newest.keys()
    assert {key: float(rate) for key, rate in told.items()} == pytest.approx(newest)
    for count, rest in enumerate(rests, start=1):
        assert rates_of([*pages[:count], *rest]) == told


async def test_what_was_read_is_worth_what_the_company_knows_it_is_worth(opened: Open) -> None:
    kettle = await opened(150, 12)

    facts = of(await walked(kettle.source()))

    prices = {own: fact for (kind, own), fact in facts.items() if kind is Price}
    worth: dict[str, int] = {}
    for subscription in (fact for (kind, _), fact in facts.items() if kind is Subscription):
        account = facts.get((Account, subscription.account_id))
        own = levels(subscription, account.discounts if account else (), prices, KAHVI, kettle.now)
        monthly = rounded(sum((level.amount for level in own.values()), Decimal(0)))
        if counts(subscription.status, KAHVI) and monthly:
            worth[subscription.id] = monthly
    assert worth == {own: level.mrr for own, level in kettle.company.truth.current().items() if level.mrr}
    assert len(worth) > 80
