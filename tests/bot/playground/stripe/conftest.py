from collections.abc import AsyncIterator

import httpx
import pytest

from bot.playground.company import Company
from bot.playground.stripe.doors.server import StripeServer
from tests.bot.playground.stripe.world import NOW, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def served(world: World) -> AsyncIterator[StripeServer]:
    server = StripeServer(world.billing, world.clock, stories={"new_customer": world.company.new_customer})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(served: StripeServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=served.url, auth=(served.api_key, ""), timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def history() -> Company:
    """A whole company to read from; acts belong into `world`."""
    return Company(3, NOW, accounts=110, months=15)


@pytest.fixture
async def shown(history: Company) -> AsyncIterator[StripeServer]:
    server = StripeServer(history.billing, lambda: NOW)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def reader(shown: StripeServer) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {shown.api_key}"}
    async with httpx.AsyncClient(base_url=shown.url, headers=headers, timeout=60) as client:
        yield client
