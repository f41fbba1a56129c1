import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.web.opened import Open, opened


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """Where a bot finds its database made."""
    shutil.copy(sqlite_template, tmp_path / "kahvi.db")
    return tmp_path


@pytest.fixture
async def doors(folder: Path) -> AsyncIterator[Open]:
    async with opened(folder) as doors:
        yield doors


@pytest.fixture
async def http_doors(folder: Path) -> AsyncIterator[Open]:
    """Slack connects in."""
    async with opened(folder, "http") as doors:
        yield doors
