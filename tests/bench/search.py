"""Searching 100,000 accounts by all that people type, against looking one up by its id, on both engines.

A search is the whole of it: making sure that the index is as new as the database, asking it, and reading the accounts
that it names with their MRR. It may take three times an exact look-up and a fixed floor more, which is what comparing
so many names costs in the processor, whatever the engine.
"""

import asyncio
import os
import random
import re
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing

from bot.accounts.names import Names
from bot.accounts.search import find
from bot.messages.look_up import suggestions
from storage import ledger
from storage import tables as t
from storage.engine import Database
from storage.migrate import migrate
from storage.movements import Movement
from storage.states import Cause, MovementKind
from storage.upsert import Row, insert_all
from tests.bench import ledger_rows
from tests.bench.engines import ENGINES, databases, settle
from tests.bench.idle import resident
from tests.bench.measure import Line, Size, percentile, seconds

MOST = 50.0  # ms
FIXED = 25.0  # ms
TIMES = 3
NOTE = f"{TIMES} times looking up an id in the same run, and {FIXED:g} ms; p99, each the best of its runs"
MAKING = "reading all accounts and putting their names in order, once in a process"

SYLLABLES = re.findall(
    r"\w+",
    "ka ro ne mi tar vel sun dor lex ano bri qui zen ter lo fa ste gra wo hel nor ing ber ton ville pan cor dex ula",
)
KINDS = re.findall(
    r"\w+",
    "Labs Coffee Robotics Systems Software Group Partners Media Energy Bank Foods Health Design Logistics Studio Data",
)
FORMS = ("Oy", "GmbH", "Inc.", "Ltd", "LLC", "AG", "S.A.", "AB", "B.V.", "s.r.o.", "", "")
ACCENTED = str.maketrans({"a": "ä", "e": "é", "o": "ø", "u": "ü", "n": "ñ"})
CYRILLIC = str.maketrans("abvgdezijklmnoprstufhwxqy", "абвгдезийклмнопрстуфхвхкы")
GREEK = str.maketrans("abgdezhiklmnxoprstufwvqy", "αβγδεζηικλμνξοπρστυφωβκυ")
HAN = "東京北海山川大小中國花茶咖啡電子科技光明天地人和金木水火土日月星風雨雪春夏秋冬"
SLIPS = 1, 2

Ask = Callable[[str], Coroutine[None, None, object]]


def measure(size: Size) -> list[Line]:
    lines: list[Line] = []
    for engine in ENGINES:
        with databases(engine, 1) as (url,), closing(Database(url)) as database:
            called = _fill(database, size.accounts)
            lines += _lines(engine, database, called, size)
    return lines


def _lines(engine: str, database: Database, called: Sequence[str], size: Size) -> list[Line]:
    names = Names()
    before = resident(os.getpid())
    making = seconds(lambda: asyncio.run(names.refreshed(database)))
    memory = resident(os.getpid()) - before
    kinds = _kinds(random.Random(2), called, size.looks)
    with asyncio.Runner() as runner:
        taken = {kind: _p99(runner, ask(database, names), asked, size.runs) for kind, (ask, asked) in kinds.items()}
    exact = taken.pop("id")
    floor, slowest = TIMES * exact + FIXED, max(taken.values())
    return [
        Line(f"{engine}: search by name", taken.pop("name"), "ms", floor, 1.0, NOTE),
        *(Line(f"  by {kind}", ms, "ms", floor, 1.0) for kind, ms in taken.items()),
        Line("  the slowest of these", slowest, "ms", bound=MOST),
        Line("  by id", exact, "ms"),
        Line("  making the index", making, "s", note=MAKING),
        Line("  its memory", memory, "MB"),
    ]


def _p99(runner: asyncio.Runner, ask: Ask, asked: Sequence[str], runs: int) -> float:
    """Milliseconds of the slowest in a hundred, each asked so often and the best taken: the rest is others' work."""

    def once(typed: str) -> float:
        return 1000 * seconds(lambda: runner.run(ask(typed)))

    taken = [[once(typed) for typed in asked] for _ in range(runs)]
    return percentile([min(same) for same in zip(*taken, strict=True)], 0.99)


def _kinds(
    rng: random.Random, called: Sequence[str], searches: int
) -> dict[str, tuple[Callable[[Database, Names], Ask], list[str]]]:
    """By kind what people type."""
    numbers = [rng.randrange(len(called)) for _ in range(searches)]
    chosen = [called[number] for number in numbers]
    return {
        "id": (_finding, [f"cus_{number:08}" for number in numbers]),
        "name": (_finding, [name.upper() for name in chosen]),
        "part of a name": (_finding, [name[: rng.randint(1, 9)] for name in chosen]),
        "inside of a name": (_finding, [name[2:7] for name in chosen]),
        "misspelt name": (_finding, [_misspelt(rng, name) for name in chosen]),
        "what nobody is called": (_finding, [_name(rng, plain=True)[::-1] for _ in numbers]),
        "e-mail": (_finding, [f"ops@company-{number}.example" for number in numbers]),
        "unknown e-mail": (_finding, [f"nobody@company-{number}.example" for number in numbers]),
        "invoice": (_finding, [f"INV-{number:08}" for number in numbers]),
        "mention": (_mentioned, [f"owner{number % 50}@we.example" for number in numbers]),
        "typing on (suggestions)": (_suggesting, _letter_by_letter(chosen)[:searches]),
    }


def _finding(database: Database, names: Names) -> Ask:
    return lambda typed: find(database, names, typed)


def _mentioned(database: Database, names: Names) -> Ask:
    return lambda email: find(database, names, "<@U0123456789|somebody>", email)


def _suggesting(database: Database, names: Names) -> Ask:
    async def suggested(typed: str) -> object:
        return suggestions(await find(database, names, typed))

    return suggested


def _letter_by_letter(chosen: Sequence[str]) -> list[str]:
    """What a menu asks for while names are typed, from the second letter on."""
    return [name[:length] for name in chosen for length in range(2, len(name))]


def _misspelt(rng: random.Random, name: str) -> str:
    for _ in range(rng.choice(SLIPS)):
        place = rng.randrange(min(1, len(name) - 1), max(1, len(name)))
        name = rng.choice((name[:place] + name[place + 1 :], name[:place] + rng.choice("aeoxs") + name[place:]))
    return name


def _name(rng: random.Random, *, plain: bool = False) -> str:
    word = "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))).capitalize()
    script = 1.0 if plain else rng.random()
    if script < 0.05:
        return "".join(rng.choices(HAN, k=rng.randint(2, 5))) + rng.choice(("", "株式会社", "有限公司"))
    for share, letters in ((0.15, CYRILLIC), (0.2, GREEK), (0.35, ACCENTED)):
        if script < share:
            return f"{word.lower().translate(letters).capitalize()} {rng.choice(FORMS)}".strip()
    second = "".join(rng.choices(SYLLABLES, k=2)).capitalize() if rng.random() < 0.3 else ""
    return " ".join(part for part in (word, second, rng.choice((*KINDS, "")), rng.choice(FORMS)) if part)


def _fill(database: Database, accounts: int) -> list[str]:
    """Accounts with an invoice and MRR each; their names."""
    migrate(database)
    rng = random.Random(1)
    called = [_name(rng) for _ in range(accounts)]
    for start in range(0, accounts, ledger_rows.PORTION):
        numbers = range(start, min(start + ledger_rows.PORTION, accounts))
        with database.writing() as session:
            insert_all(session, t.AccountRow, [_account(number, called[number]) for number in numbers])
            insert_all(session, t.InvoiceRow, [_invoice(number) for number in numbers])
            ledger.append(session, [_movement(number) for number in numbers])
    settle(database)
    return called


def _account(number: int, name: str) -> Row:
    return {
        **ledger_rows.account(number),
        "name": name,
        "email": f"ops@company-{number}.example",
        "owner_email": f"Owner{number % 50}@we.example",
    }


def _invoice(number: int) -> Row:
    return {**ledger_rows.invoice(number, 0, paid=True), "number": f"INV-{number:08}"}


def _movement(number: int) -> Movement:
    return Movement(
        account_id=f"cus_{number:08}",
        day=ledger_rows.TODAY,
        subscription_id=f"sub_{number:08}",
        price_id="team",
        product_id="team",
        currency="usd",
        kind=MovementKind.NEW,
        amount=ledger_rows.SEAT,
        accounts=1,
        cause=Cause.STARTED,
    )
