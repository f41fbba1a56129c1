"""Finding the account that is meant, on both engines."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.accounts.names import Names
from bot.accounts.search import Found, find
from storage import facts as f
from storage.engine import Database
from tests.company import PLAN, fill, running
from tests.factories import account, invoice

NAMES = [
    ("a1", "Acme Robotics International", "ops@acme-robotics.com"),
    ("a2", "Nordlicht Bäckerei GmbH", "kontakt@nordlicht.de"),
    ("a3", "Café del Mar", "hola@delmar.es"),
    ("a4", "O’Brien & Sons", "liam@obrien.ie"),
    ("a5", "Wolfeschlegelsteinhausenbergerdorff", None),
    ("a6", "東京コーヒー株式会社", "info@tokyo.example"),
    ("a7", "Кофейня на углу", "hello@ugol.example"),
    ("a8", "100% Juice_Bar", "x@juice.example"),
    ("a9", "Stripe Street Bikes", "bike@street.example"),
    ("a10", "Bluebird", "one@blue.example"),
    ("a11", "Bluebird Labs", "two@blue.example"),
    ("a12", "Müller-Lüdenscheidt AG", "kloebner@badewanne.example"),
    ("a13", "Ærøskøbing Rederi", "post@aero.example"),
    ("a14", "ZenDesk-ish", "z@zen.example"),
    ("cus_MiXeD", "Case Matters", "case@matters.example"),
]


async def filled(database: Database, morning: datetime) -> Names:
    facts: list[f.Fact] = [account(id_, name=name, email=email) for id_, name, email in NAMES]
    bought: list[f.Fact] = [
        running("a11", 4),
        running("a10", 2),
        replace(running("a10", 0), id="sub_A10"),
        invoice("in_A1", account_id="a1", number="AC-0007"),
    ]
    await database.write(fill, [*PLAN, *facts, *bought], morning)
    return Names()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("acme robotics international", "a1"),
        ("acme", "a1"),
        ("Acmee Robtics", "a1"),
        ("robotics acme international", "a1"),
        ("Acme-Robotics", "a1"),
        ("AcmeRobotics International", "a1"),
        ("nordlicht backerei", "a2"),
        ("NORDLICHT BÄCKEREI GMBH", "a2"),
        ("nordlicth bäckerei gmbh", "a2"),
        ("cafe del mar", "a3"),
        ("caffe del mar", "a3"),
        ("obrien and sons", "a4"),
        ("o'brien & sons", "a4"),
        ("O´Brien & Sons", "a4"),
        ("wolfeschlegelstienhausenbergerdorff", "a5"),
        ("東京コーヒー", "a6"),
        ("кофейня на углу", "a7"),
        ("кофейня на уголу", "a7"),
        ("100% juice_bar", "a8"),
        ("stripe street bike", "a9"),
        ("streat bikes", "a9"),
        ("bluebird", "a10"),
        ("one@blue.example", "a10"),
        ("muller ludenscheidt", "a12"),
        ("zendesk ish", "a14"),
        ("z@zen.example", "a14"),
        ("cus_MiXeD", "cus_MiXeD"),
        ("CUS_MIXED", "cus_MiXeD"),
        ("https://billing.example/customers/cus_MiXeD?tab=1", "cus_MiXeD"),
        ("juice_bar", "a8"),
        ("juice.example", "a8"),
        ("one@BLUE.example", "a10"),
        ("sub-a11", "a11"),
        ("sub_A10", "a10"),
        ("in_A1", "a1"),
        ("AC-0007", "a1"),
        ("ac-0007", "a1"),
        ("https://billing.example/invoices/in_A1", "a1"),
    ],
)
async def test_the_one_that_is_meant(database: Database, morning: datetime, typed: str, expected: str) -> None:
    names = await filled(database, morning)

    found = await find(database, names, typed)

    assert found.one is not None, found.matches
    assert found.one.id == expected


@pytest.mark.parametrize(
    "typed",
    [
        "someone.else@juice.example",
        "one@blue.exampl",
        "ne@blue.example",
        "delmar.com",
        "elmar.es",
        "bluebird.com",
        "cus_MiXe",
        "cus_MiXeD2",
        "sub-a1",
        "AC-000",
        "https://www.bluebird.io",
        "https://billing.example/customers/cus_Other",
    ],
)
async def test_an_address_or_id_that_nobody_has_never_gives_another_account(
    database: Database, morning: datetime, typed: str
) -> None:
    names = await filled(database, morning)

    found = await find(database, names, typed)

    assert found.one is None
    assert found.near


async def test_larger_accounts_come_first_and_deleted_ones_last(database: Database, morning: datetime) -> None:
    names = await filled(database, morning)
    await database.write(fill, [account("a0", name="Bluebird Old", deleted_at=morning)], morning)

    found = await find(database, names, "blueb")

    assert [(match.id, match.mrr, match.deleted) for match in found.matches] == [
        ("a11", {"usd": 20_000}, False),
        ("a10", {"usd": 10_000}, False),
        ("a0", {}, True),
    ]
    assert (found.one, found.total, found.near) == (None, 3, False)


async def test_nothing_alike_is_nothing(database: Database, morning: datetime) -> None:
    names = await filled(database, morning)

    assert await find(database, names, "qqqqxxxx") == Found("qqqqxxxx", None, [], 0, near=True)
    assert await find(database, names, " ") == Found("", None, (), 0)
    assert (await find(database, names, "%")).total == 1
    assert (await find(database, names, "_bar")).total == 1


async def test_a_name_that_a_sync_brought_is_found_by_likeness(database: Database, morning: datetime) -> None:
    names = await filled(database, morning)
    assert not (await find(database, names, "Quetzalcoatlus")).matches
    later = morning + timedelta(hours=1)

    await database.write(fill, [account("q", name="Quetzalcoatl Oy"), account("a14", name="Renamed")], later)

    found = await find(database, names, "Quetzalkoatl Oy")
    assert found.one is not None
    assert (found.one.id, found.near) == ("q", True)
    assert "a14" not in {match.id for match in (await find(database, names, "zendeskish")).matches}


async def test_many_matches_are_counted_and_few_are_read(database: Database, morning: datetime) -> None:
    await database.write(fill, [account(f"n{number}", name=f"Same {number}") for number in range(120)], morning)

    found = await find(database, Names(), "same")

    assert (found.total, len(found.matches), found.one) == (120, 50, None)


async def test_a_mail_provider_makes_nobody_colleagues(database: Database, morning: datetime) -> None:
    facts = [account(f"n{number}", name=f"Name {number}", email=f"{number}@mail.example") for number in range(6)]
    await database.write(fill, facts, morning)
    assert (await find(database, Names(), "nobody@mail.example")).matches == []

    await database.write(fill, [account("j", name="Jo", email="jo@own.example")], morning)
    found = await find(database, Names(), "nobody@own.example")
    assert (found.one, [match.id for match in found.matches], found.near) == (None, ["j"], True)
