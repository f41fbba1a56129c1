from datetime import UTC, datetime

import pytest

from bot.playground.company import Company

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def company() -> Company:
    """The company that the demo shows."""
    return Company(1, NOW)
