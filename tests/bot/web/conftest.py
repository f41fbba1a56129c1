from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.web.opened import Open, opened


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Open]:
    async with opened(tmp_path) as doors:
        yield doors


@pytest.fixture
async def http_doors(tmp_path: Path) -> AsyncIterator[Open]:
    """Slack connects in."""
    async with opened(tmp_path, "http") as doors:
        yield doors
