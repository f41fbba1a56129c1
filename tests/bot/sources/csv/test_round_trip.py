"""Facts written as CSV files and read back are the same facts."""

import csv
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ImportRejected
from bot.money import exponent
from bot.sources.csv import read
from bot.sources.csv.columns import FILES, File
from storage.facts import Account, Interval, Price, Product, Status, Subscription
from storage.slices import RESERVED
from tests.examples import tried

EXAMPLE = Path(__file__).parents[4] / "docs" / "examples" / "csv"
ZONE = ZoneInfo("America/Sao_Paulo")
FIRST = datetime(2020, 1, 1, tzinfo=UTC)

text = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0" + RESERVED), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)
instants = st.integers(0, 5_000_000).map(lambda minutes: FIRST + timedelta(minutes=minutes))
currencies = st.sampled_from(("usd", "eur", "jpy", "kwd"))


@dataclass(frozen=True)
class Version:
    started_at: datetime
    quantity: int
    unit_amount: Decimal  # minor units
    interval: Interval
    interval_count: int
    product: str
    plan: str | None


versions = st.builds(
    Version,
    started_at=instants,
    quantity=st.integers(0, 10**6),
    unit_amount=st.decimals(0, 10**9, places=6),
    interval=st.sampled_from(Interval),
    interval_count=st.integers(1, 36),
    product=text,
    plan=st.none() | text,
)
histories = st.lists(versions, min_size=1, max_size=4, unique_by=lambda version: version.started_at)
accounts = st.builds(
    Account,
    id=text,
    source=st.just("csv"),
    name=text,
    region=st.none() | text,
    segment=st.none() | text,
    currency=st.none() | currencies,
    created_at=st.none() | instants,
    attributes=st.dictionaries(st.sampled_from(("tier", "csm")), text),
)


@st.composite
def folders(draw: st.DrawFn) -> tuple[list[Account], list[tuple[Subscription, list[list[Version]]]]]:
    known = draw(st.lists(accounts, min_size=1, max_size=4, unique_by=lambda account: account.id))
    contracts = []
    for name in draw(st.lists(text, max_size=4, unique=True)):
        status = draw(st.sampled_from([status for status in Status if status is not Status.NEVER_STARTED]))
        subscription = Subscription(
            id=name,
            account_id=draw(st.sampled_from(known)).id,
            source="csv",
            status=status,
            status_word=status.value,
            currency=draw(currencies),
            started_at=FIRST,
            ended_at=draw(instants) if status is Status.ENDED else None,
            cancel_comment=draw(st.none() | text),
        )
        contracts.append((subscription, draw(st.lists(histories, min_size=1, max_size=3))))
    return known, contracts


def written(path: Path, rows: list[dict[str, object]], columns: str) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns.split())
        writer.writeheader()
        writer.writerows(rows)


def write(folder: Path, known: list[Account], contracts: list[tuple[Subscription, list[list[Version]]]]) -> None:
    rows: list[dict[str, object]] = [
        {
            **{name: getattr(account, name) for name in ("name", "region", "segment", "currency", "created_at")},
            **{f"x_{name}": value for name, value in account.attributes.items()},
            "account_id": account.id,
        }
        for account in known
    ]
    written(folder / "accounts.csv", rows, "account_id name region segment currency created_at x_tier x_csm")
    columns = "subscription_id account_id status currency started_at ended_at cancel_comment"
    rows = [
        {**{name: getattr(one, name) for name in columns.split()[1:]}, "subscription_id": one.id}
        for one, _ in contracts
    ]
    written(folder / "subscriptions.csv", rows, columns)
    columns = "item_id subscription_id started_at interval interval_count unit_amount quantity product plan"
    rows = [
        {
            **{name: getattr(version, name) for name in columns.split()[2:]},
            "item_id": f"{number}-{index}",
            "subscription_id": one.id,
            "unit_amount": f"{version.unit_amount.scaleb(-exponent(one.currency)):f}",
        }
        for number, (one, items) in enumerate(contracts)
        for index, history in enumerate(items)
        for version in reversed(history)
    ]
    written(folder / "items.csv", rows, columns)


@given(folders())
def test_folder_reads_back_as_written(
    drawn: tuple[list[Account], list[tuple[Subscription, list[list[Version]]]]],
) -> None:
    known, contracts = drawn
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), known, contracts)
        facts = read(Path(name), zone=ZONE)

    prices = {fact.id: fact for fact in facts if isinstance(fact, Price)}
    products = {fact.id: fact.name for fact in facts if isinstance(fact, Product)}
    subscriptions = [fact for fact in facts if isinstance(fact, Subscription)]
    assert known == [fact for fact in facts if isinstance(fact, Account)]
    assert [one.id for one, _ in contracts] == [one.id for one in subscriptions]
    for (one, items), back in zip(contracts, subscriptions, strict=True):
        told = [getattr(back, field) for field in ("account_id", "status", "currency", "ended_at", "cancel_comment")]
        assert [one.account_id, one.status, one.currency, one.ended_at, one.cancel_comment] == told
        expected = []
        for history in items:
            ordered = sorted(history, key=lambda version: version.started_at)
            ends = [*(version.started_at for version in ordered[1:]), None]
            expected += list(zip(ordered, ends, strict=True))
        assert expected == [
            (
                Version(
                    started_at=item.started_at or FIRST,
                    quantity=item.quantity,
                    unit_amount=prices[item.price_id].rates[one.currency].unit_amount or Decimal(0),
                    interval=prices[item.price_id].interval or Interval.DAY,
                    interval_count=prices[item.price_id].interval_count,
                    product=products[prices[item.price_id].product_id or ""],
                    plan=prices[item.price_id].nickname,
                ),
                item.ended_at,
            )
            for item in back.items
        ]
    assert len({item.id for one in subscriptions for item in one.items}) == sum(len(one.items) for one in subscriptions)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_as_the_instant_it_begins(day: date) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name, "accounts.csv").write_text(f"account_id,name,created_at\nA,a,{day}\n", encoding="utf-8")
        Path(name, "subscriptions.csv").write_text(
            "subscription_id,account_id,status,currency,started_at\n", encoding="utf-8"
        )
        (account,) = read(Path(name), zone=ZONE)

    assert isinstance(account, Account)
    assert account.created_at is not None
    local = account.created_at.astimezone(ZONE)
    assert day == local.date()
    assert day > (account.created_at - timedelta(seconds=1)).astimezone(ZONE).date()


@tried(3)
@given(
    st.sampled_from(FILES),
    st.integers(0, 10_000),
    st.integers(0, 40),
    st.sampled_from((b'"', b",", b"\n", b"\r", b"\0", b"\xff", b";", b"-", b"9", b"2026-01-01", b"ended"))
    | st.binary(max_size=8),
)
def test_damaged_folder_is_read_or_rejected(file: File, at: int, length: int, instead: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(EXAMPLE, name, dirs_exist_ok=True))
        whole = (folder / file.name).read_bytes()
        at %= len(whole)
        (folder / file.name).write_bytes(whole[:at] + instead + whole[at + length :])
        told: tuple[str, ...] = ()
        try:
            read(folder, zone=ZONE)
        except ImportRejected as error:
            told = error.problems

    assert all(problem.isprintable() and len(problem) < 400 for problem in told)
