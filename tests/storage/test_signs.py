"""Signs in stored facts that have no test of their own elsewhere, on both engines."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from storage import facts as f
from storage import signs
from storage.engine import Database
from storage.signs import Metered
from tests.company import fill
from tests.factories import account, invoice, line

DAY = timedelta(days=1)


def used(id_: str, amount: int, ended: datetime, **values: Any) -> f.Invoice:
    start = ended - 30 * DAY
    lines = [
        line(f"{id_}-1", amount, start, kind=f.LineKind.USAGE),
        line(f"{id_}-2", 100, start, kind=f.LineKind.USAGE),
        line(f"{id_}-3", 5_000, start),
    ]
    return replace(invoice(id_, lines, issued_at=ended), **values)


async def test_metered_use_is_summed_by_period(database: Database, morning: datetime) -> None:
    before, last = morning - 40 * DAY, morning - 10 * DAY
    void = used("in-3", 900, last, status=f.InvoiceStatus.VOID, status_word="void")
    old = used("in-4", 900, morning - 200 * DAY)
    await database.write(
        fill, [account("acme"), used("in-2", 400, last), used("in-1", 700, before), void, old], morning
    )

    found = await database.read(signs.metered, morning - 100 * DAY, morning)

    assert found == [
        Metered("acme", before - 30 * DAY, before, "usd", 800),
        Metered("acme", last - 30 * DAY, last, "usd", 500),
    ]
    assert await database.read(signs.metered, morning - 100 * DAY, morning, ["other"]) == []
