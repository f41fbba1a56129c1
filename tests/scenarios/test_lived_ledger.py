"""Reading along while a company lives gives the ledger that reading everything afterwards gives, and the true one."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from bot.metrics.presets import PRESETS
from storage.engine import Database
from storage.ledger import movements
from tests.scenarios.lived import RULES, world
from tests.scenarios.test_ledger_truth import read_story, story


@pytest.mark.parametrize("seed", [3, 4, 5])
async def test_a_past_lived_through_equals_one_read_afterwards(
    database: Database, sqlite_template: Path, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    async with world(seed, accounts=60) as company:
        sync, source = company.sync(database)
        await sync.run()
        for _ in range(60):
            company.pass_time(timedelta(hours=random.randint(1, 30)))
            company.acts(random)
            await sync.run()
        await source.aclose()

        afterwards = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'afterwards.db')}")
        fresh, source = company.sync(afterwards)
        await fresh.run()
        await source.aclose()
        truth = story((level.subscription, level.day, level.mrr) for level in company.company.truth.in_order())

    assert read_story(database) == read_story(afterwards) == truth
    assert rows(database) == rows(afterwards)
    afterwards.close()


@pytest.mark.parametrize("preset", ["stripe", "chartmogul", "profitwell", "baremetrics"])
async def test_by_every_preset_a_past_lived_through_equals_one_read_afterwards(
    database: Database, sqlite_template: Path, tmp_path: Path, preset: str
) -> None:
    rules, random = replace(RULES, policy=PRESETS[preset]), Random(preset)
    async with world(6, accounts=25) as company:
        sync, source = company.sync(database, rules)
        await sync.run()
        for _ in range(25):
            company.pass_time(timedelta(hours=random.randint(1, 60)))
            company.acts(random)
            await sync.run()
        await source.aclose()

        afterwards = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'afterwards.db')}")
        fresh, source = company.sync(afterwards, rules)
        await fresh.run()
        await source.aclose()

    assert rows(database) == rows(afterwards)
    assert len(rows(database)) > 25
    afterwards.close()


def rows(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as session:
        found = session.connection().execute(select(movements)).all()
    return sorted((tuple(row) for row in found), key=str)
