"""Whatever happens in whatever order, each account in trouble has one alert with one card, and none is stuck."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session

from bot.risk import handling
from bot.risk.assessing import keep_assessed
from bot.risk.cards import FRESH
from bot.risk.quiet import Dismissal, NoRisk, Snooze
from storage import alerts, journal, quiet_times, risks
from storage import facts as f
from storage.alert_cards import card_key
from storage.engine import Database
from storage.owners import Owner
from storage.quiet_times import QuietTime
from storage.states import NoteKind
from storage.tables import AlertRow
from storage.upsert import table_of
from tests.bot.risk.alerting import SETTINGS, cards, run, set_up
from tests.company import FAILED, LEAVING, fill, stored
from tests.examples import tried
from tests.factories import at

STEPS = (
    *("fail", "pay", "leave", "stay", "run", "day", "back", "restart"),
    *("claim", "snooze", "wake", "dismiss", "assign", "note", "hush", "speak"),
)
ALL_DAY = QuietTime("00:00-23:59")


@example(steps=["run", "stay", "back"])  # what is withdrawn under a clock set back
@example(steps=["hush", "run", "back"])  # what was opened at a time that a clock set back has yet to reach
@example(steps=["hush", "run", "day", "pay", "run", "fail", "run"])  # what came and went while a channel was quiet
@tried(0.4)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=16))
async def test_no_order_of_events_doubles_or_strands_an_alert(
    sqlite_template: Path, morning: datetime, steps: list[str]
) -> None:
    with TemporaryDirectory() as folder:
        path = shutil.copy(sqlite_template, folder)
        with closing(Database(f"sqlite:///{path}")) as database:
            await stored(database, morning)
            await database.write(set_up, "C1", morning)
        failing, leaving, now = await played(path, morning, steps)
        with closing(Database(f"sqlite:///{path}")) as database:
            await database.write(risks.touch_all)
            await database.write(quiet_times.choose, "C1", QuietTime(), "U1", now)
            await keep_assessed(database, "usd", SETTINGS.zone, now)
            live = [alert.account_id for alert in await run(database, now)]

            left, quiet = leaving and now < at(1, 12), "dismiss" in steps
            assert live.count("acme") <= failing
            assert quiet or live.count("acme") == failing
            assert live.count("globex") <= 1
            assert quiet or not left or live.count("globex") == 1
            assert leaving or "globex" not in live
            written = await posted(database)
            assert len(written) == len(set(written)) <= len(await database.read(opened))
            due = [a for a in await database.read(alerts.live) if a.since >= now - FRESH and a.opened_at <= now]
            assert {card_key(alert, "C1") for alert in due} <= set(written)
            assert "hush" in steps or len(written) == len(await database.read(opened))
            assert len(await database.read(journal.of_account, "acme", "", 99)) == steps.count("note")
            assert [one for one in await run(database, now + timedelta(days=31)) if one.snoozed] == []  # none is stuck


async def posted(database: Database) -> list[str]:
    """The keys of the channel's cards; those of news in their threads are longer."""
    return [key for key in await database.read(cards) if key.endswith(":C1")]


def opened(session: Session) -> list[str]:
    return list(session.connection().execute(select(table_of(AlertRow).c.id)).scalars())


async def played(path: str, now: datetime, steps: Sequence[str]) -> tuple[bool, bool, datetime]:
    """What the steps leave behind: whether the payment fails, whether they leave, and the time."""
    failing, leaving, hushed = True, True, False
    database = Database(f"sqlite:///{path}")
    try:
        for number, step in enumerate(steps):
            if step == "restart":
                database.close()
                database = Database(f"sqlite:///{path}")
            elif step in ("fail", "pay"):
                failing = step == "fail"
                status = f.InvoiceStatus.OPEN if failing else f.InvoiceStatus.PAID
                await database.write(fill, [replace(FAILED, status=status)], now)
            elif step in ("leave", "stay"):
                leaving = step == "leave"
                await database.write(fill, [LEAVING if leaving else replace(LEAVING, cancel_at=None)], now)
            elif step in ("run", "day", "back"):
                now += {"day": timedelta(days=1), "back": timedelta(minutes=-20)}.get(step, timedelta(0))
                await keep_assessed(database, "usd", SETTINGS.zone, now)
                before = await posted(database)
                await run(database, now)
                assert not hushed or await posted(database) == before
            elif step in ("hush", "speak"):
                hushed = step == "hush"
                chosen = ALL_DAY if hushed else QuietTime()
                await database.write(quiet_times.choose, "C1", chosen, "U1", now)
            elif step == "note":
                entry = journal.Entry(f"V{number}", "acme", NoteKind.CALL, "They call back", "U1", now)
                await database.write(journal.add, entry)
            else:
                for alert in await database.read(alerts.live):
                    await database.write(PRESSES[step], alert.id, now)
    finally:
        database.close()
    return failing, leaving, now


PRESSES: Mapping[str, Callable[[Session, str, datetime], object]] = {
    "claim": lambda session, id_, now: handling.claim(session, id_, "U1", SETTINGS, now),
    "snooze": lambda session, id_, now: handling.snooze(session, id_, Snooze("U1", "3"), SETTINGS, now),
    "wake": lambda session, id_, now: handling.wake(session, id_, SETTINGS, now),
    "dismiss": lambda session, id_, now: handling.dismiss(session, id_, Dismissal("U1", NoRisk.KNOWN), SETTINGS, now),
    "assign": lambda session, id_, now: handling.assign(session, id_, Owner("U2", "ben@we.com", "U1"), SETTINGS, now),
}
