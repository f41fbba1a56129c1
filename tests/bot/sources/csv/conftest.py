from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ImportRejected
from bot.sources.csv import read

EXAMPLE = Path(__file__).parents[4] / "docs" / "examples" / "csv"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

ACCOUNTS = "account_id,name\nA,Acme\nB,Beta\n"
SUBSCRIPTIONS = (
    "subscription_id,account_id,status,currency,started_at,unit_amount,interval\n"
    "S,A,active,usd,2026-01-01,49.00,month\n"
)


@pytest.fixture
def example() -> Path:
    return EXAMPLE


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes files into a folder: two accounts and a subscription, with what the test gives instead or besides."""

    def write(files: Mapping[str, str | bytes | None]) -> Path:
        base = {"accounts.csv": ACCOUNTS, "subscriptions.csv": SUBSCRIPTIONS}
        for name, text in {**base, **files}.items():
            if text is not None:
                (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path

    return write


@pytest.fixture
def facts(folder: Callable[..., Path]) -> Callable[..., list[Any]]:
    """The facts of one type in such a folder."""

    def facts_of(kind: type, files: Mapping[str, str | bytes | None], zone: str = "UTC") -> list[Any]:
        return [fact for fact in read(folder(files), zone=ZoneInfo(zone), now=NOW) if isinstance(fact, kind)]

    return facts_of


@pytest.fixture
def problems(folder: Callable[..., Path]) -> Callable[..., Sequence[str]]:
    """What is wrong with such a folder."""

    def problems_of(files: Mapping[str, str | bytes | None]) -> Sequence[str]:
        with pytest.raises(ImportRejected) as rejected:
            read(folder(files), zone=ZoneInfo("UTC"), now=NOW)
        return list(rejected.value.problems)

    return problems_of
