"""Every endpoint that Kahvi asks answers the official library too, in shapes that hold every key that Kahvi reads."""

import ast
import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

import bot.sources.stripe
from bot.playground.company import Company
from bot.playground.stripe.doors.server import StripeServer
from bot.sources.stripe import fields
from bot.sources.stripe.kinds import BALANCE, BY_NAME, EVENTS, INVOICES, ITEMS, METHODS, PLANS, Kind
from tests.bot.sources.stripe.kettle import START, Kettle, walked

NAMES = {"invoiceitems": "invoice_items"}  # what the library calls them
ASKED_ALONE = ("account",)
# Keys that no object of the present version holds, and why Kahvi reads them.
OTHERWISE = {
    "deleted": "only what was deleted holds it",
    "tax": "of versions before 2025",
    "tax_amounts": "of versions before 2025",
    "total_tax_amounts": "of versions before 2025",
    "bank_name": "of bank accounts, and everybody here pays by card",
    "label": "of a reason for leaving that a company made itself",
}
OWN = ("cursor.py", "client.py", "identity.py")  # what they read are the cursor, headers and answers as such
READERS = {name for name, _ in inspect.getmembers(fields, inspect.isfunction)}


@pytest.fixture(scope="module")
def company() -> Company:
    """Large enough to hold something of every kind."""
    return Company(3, START, accounts=110, months=15)


@pytest.fixture
async def kettle(company: Company) -> AsyncIterator[Kettle]:
    found = Kettle(company, StripeServer(company.billing, lambda: START))
    await found.server.start()
    yield found
    for source in found.sources:
        await source.aclose()
    await found.server.stop()


def services(kettle: Kettle) -> Any:
    return stripe.StripeClient(kettle.server.api_key, base_addresses={"api": kettle.server.url}).v1


def service(client: Any, kind: Kind) -> Any:
    return getattr(client, NAMES.get(kind.name, kind.name))


async def ask(question: Callable[[], Any]) -> Any:
    """The library waits for its answer, so it asks from a thread."""
    return await asyncio.to_thread(question)


async def listed(client: Any, kind: Kind, kettle: Kettle) -> list[Any]:
    expand = [f"data.{path}" for path in kind.expand]
    params: dict[str, Any] = {"limit": 50, **dict(kind.filters), **({"expand": expand} if expand else {})}
    if kind is ITEMS:
        params["subscription"] = next(iter(kettle.ids("subscriptions")))
    found = await ask(lambda: service(client, kind).list(params).data)
    return list(found)


async def test_kahvi_asks_for_nothing_that_is_not_checked_here(kettle: Kettle) -> None:
    source = kettle.source()
    await walked(source)
    await source.check()

    asked = {address.split("/")[0] for address in kettle.asked()}

    assert asked <= {*BY_NAME, EVENTS.name, BALANCE.name, *ASKED_ALONE}


@pytest.mark.parametrize("kind", [*BY_NAME.values(), EVENTS, BALANCE], ids=lambda kind: kind.name)
async def test_the_library_lists_and_retrieves(kind: Kind, kettle: Kettle) -> None:
    client = services(kettle)

    found = await listed(client, kind, kettle)

    assert found
    one = await ask(lambda: service(client, kind).retrieve(found[0].id))
    assert (one.id, one.object, type(one)) == (found[0].id, found[0].object, type(found[0]))
    assert type(one) is not stripe.StripeObject


async def test_the_library_reads_what_goes_on_inside(kettle: Kettle) -> None:
    client = services(kettle)
    invoice = (await listed(client, INVOICES, kettle))[0]

    lines = await ask(lambda: client.invoices.line_items.list(invoice.id, {"expand": ["data.discounts"]}).data)

    assert [line.id for line in lines] == [line.id for line in invoice.lines.data]


async def test_shapes_hold_every_key_that_is_read(kettle: Kettle) -> None:
    client = services(kettle)
    held: set[str] = set()
    for kind in (*BY_NAME.values(), EVENTS, METHODS):
        if kind is not PLANS:
            for one in await listed(client, kind, kettle):
                held |= set(keys_of(one.to_dict()))

    missing = read_keys() - held

    assert missing == OTHERWISE.keys()
    assert len(read_keys()) > 100


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def read_keys() -> set[str]:
    """What the source's code names as keys of Stripe's objects."""
    files = [file for file in Path(bot.sources.stripe.__path__[0]).glob("*.py") if file.name not in OWN]
    calls = [node for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    return {key for call in calls if (key := _key(call)) and not _is_of_a_pair(call)}


def _key(call: ast.Call) -> str | None:
    """The key that `reader(raw, "key")` or `raw.get("key")` names."""
    name = getattr(call.func, "id", None) or getattr(call.func, "attr", None)
    place = 0 if name == "get" else 1 if name in READERS else None
    named = call.args[place] if place is not None and len(call.args) > place else None
    return named.value if isinstance(named, ast.Constant) and isinstance(named.value, str) else None


def _is_of_a_pair(call: ast.Call) -> bool:
    """Whether it reads one of a customer's own labels, put into an object for it."""
    return isinstance(call.args[0], ast.Dict)
