from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.bot.sources.stripe.kettle import Kettle, open_kettle

Open = Callable[..., Awaitable[Kettle]]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens companies behind local Stripe servers, and closes them after the test."""
    async with AsyncExitStack() as stack:

        async def opener(accounts: int = 30, months: int = 5) -> Kettle:
            return await stack.enter_async_context(open_kettle(accounts, months))

        yield opener


@pytest.fixture
async def kettle(opened: Open) -> Kettle:
    """A company of thirty accounts and five months."""
    return await opened()
