"""A wrong cell or row is told where it stands, once: what follows from it is no fault of other rows."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ImportRejected
from bot.sources.csv import read
from bot.sources.csv.cells import ID, NAMES, TEXT
from bot.sources.csv.columns import FILES

UTC = ZoneInfo("UTC")
WHOLE = {
    "accounts.csv": "account_id,name,created_at\nA,Acme,2026-01-01\nB,Beta,2026-01-01\n",
    "subscriptions.csv": (
        "subscription_id,account_id,status,currency,started_at,unit_amount,interval,product\n"
        "S,A,active,usd,2026-01-01,,,\nT,B,active,usd,2026-01-01,49.00,month,Kit\n"
    ),
    "items.csv": (
        "item_id,subscription_id,started_at,interval,interval_count,scheme,unit_amount,quantity,product\n"
        "I,S,2026-01-01,month,1,graduated,,20,Box\nJ,S,2026-01-01,month,1,,5.00,2,Lid\n"
    ),
    "tiers.csv": "item_id,started_at,up_to,unit_amount\nI,2026-01-01,10,5.00\nI,2026-01-01,,4.00\n",
    "discounts.csv": (
        "discount_id,target_kind,target_id,duration,percent,products\n"
        "D,item,I,forever,10,\nE,subscription,T,forever,10,Kit\nF,account,A,once,5,\n"
    ),
    "invoices.csv": (
        "invoice_id,account_id,status,currency,total,issued_at\n"
        "V,A,paid,usd,90.00,2026-02-01\nW,B,paid,usd,49.00,2026-02-01\n"
    ),
    "invoice_lines.csv": (
        "line_id,invoice_id,kind,amount,subscription_id,item_id,period_start,period_end\n"
        "1,V,recurring,90.00,S,I,2026-02-01,2026-03-01\n2,W,recurring,49.00,T,,2026-02-01,2026-03-01\n"
    ),
    "payments.csv": (
        "payment_id,account_id,at,amount,currency,status,invoice_id\nP,A,2026-02-01,90.00,usd,succeeded,V\n"
    ),
    "adjustments.csv": (
        "adjustment_id,kind,account_id,amount,currency,created_at,payment_id\nR,refund,A,9.00,usd,2026-02-02,P\n"
    ),
    "cards.csv": "account_id,exp_month,exp_year,is_default\nA,1,2030,true\nA,2,2030,\n",
    "rates.csv": "date,from,to,rate\n2026-01-01,eur,usd,1.1\n",
}


def cells() -> Iterator[tuple[str, int, str]]:
    """Every filled cell that not just any text may stand in: file, line, column."""
    for file in FILES:
        header, *rows = table(file.name)
        for line, row in enumerate(rows, 2):
            for name, text in zip(header, row, strict=True):
                if text and file.column(name).kind not in (ID, TEXT, NAMES):
                    yield file.name, line, name


def table(file: str) -> Sequence[list[str]]:
    return list(csv.reader(StringIO(WHOLE[file])))


def problems(folder: Path, file: str, rows: Sequence[Sequence[str]]) -> list[str]:
    for name, text in WHOLE.items():
        (folder / name).write_text(text)
    (folder / file).write_text("".join(f"{','.join(row)}\n" for row in rows))
    with pytest.raises(ImportRejected) as rejected:
        read(folder, zone=UTC)
    return list(rejected.value.problems)


def test_the_whole_folder_is_sound(tmp_path: Path) -> None:
    for name, text in WHOLE.items():
        (tmp_path / name).write_text(text)

    assert read(tmp_path, zone=UTC)


@pytest.mark.parametrize(("file", "line", "column"), list(cells()))
def test_a_wrong_cell_is_told_once(tmp_path: Path, file: str, line: int, column: str) -> None:
    rows = table(file)
    rows[line - 1][rows[0].index(column)] = "?"
    (told,) = problems(tmp_path, file, rows)

    assert told.startswith(f'{file} line {line}, column {column}: "?" is not ')


@pytest.mark.parametrize("file", list(WHOLE))
def test_a_row_with_a_cell_too_many_is_told_once(tmp_path: Path, file: str) -> None:
    rows = table(file)
    rows[1].append("?")
    (told,) = problems(tmp_path, file, rows)

    assert told.startswith(f"{file} line 2: number of cells is ")
