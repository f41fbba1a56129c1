"""Every bench at a size that says nothing about speed, so that none falls behind the code that it measures."""

import shutil
from dataclasses import replace

import pytest

from tests.bench.__main__ import BENCHES
from tests.bench.measure import Size, table

TINY = Size(
    runs=1,
    accounts=200,
    months=2,
    commands=2,
    messages=20,
    channels=2,
    looks=3,
    shown=10,
    warming=0,
    starts=1,
    seconds=1,
)
SIZES = {"ack": replace(TINY, accounts=5_000)}  # its commands must be answered before the first read ends
needs_chromium = pytest.mark.skipif(
    not (shutil.which("chromium") or shutil.which("google-chrome")), reason="needs chromium or google-chrome"
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs_chromium if name == "paint" else ()) for name in BENCHES]
)
def test_a_bench_measures(name: str, postgresql_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", postgresql_server)

    lines = BENCHES[name](SIZES.get(name, TINY))

    assert len(table(lines).splitlines()) > len(lines) > 0
