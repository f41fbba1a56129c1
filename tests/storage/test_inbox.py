"""What comes from outside is noted once by its sender's id, and kept until its work is done; on both engines."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from storage import inbox
from storage.engine import Database
from storage.inbox import KEPT, LEASE, Entry, Known

PRESS = Entry("slack", "press:1", "press", payload={"type": "block_actions", "text": "half \ud800 and \x00"})
FORM = Entry("slack", "form:1", "form")


async def test_a_delivery_is_taken_once(database: Database, morning: datetime) -> None:
    taken = await asyncio.gather(*(database.write(inbox.take, PRESS, morning) for _ in range(8)))

    assert sorted(known is None for known in taken) == [False] * 7 + [True]
    assert Known(handled=False, answer=None) in taken


async def test_the_same_id_of_another_sender_is_another_delivery(database: Database, morning: datetime) -> None:
    other = replace(PRESS, source="stripe")

    assert await database.write(inbox.take, PRESS, morning) is None
    assert await database.write(inbox.note, other, morning) is True
    assert await database.write(inbox.note, other, morning) is False
    assert [entry.source for entry in await database.read(inbox.waiting, "stripe")] == ["stripe"]


async def test_what_was_said_is_kept_only_until_its_work_is_done(database: Database, morning: datetime) -> None:
    await database.write(inbox.take, PRESS, morning)
    (before,) = await database.read(inbox.waiting, "slack")
    await database.write(inbox.finish, PRESS, morning, {"status": 200})
    known = await database.write(inbox.take, PRESS, morning)

    assert before == replace(PRESS, attempts=1)
    assert known == Known(handled=True, answer={"status": 200})
    assert await database.read(inbox.waiting, "slack") == []


async def test_promised_work_is_left_when_its_lease_is_over(database: Database, morning: datetime) -> None:
    await database.write(inbox.take, PRESS, morning)
    soon, later = morning + LEASE - timedelta(seconds=1), morning + LEASE

    assert not await database.read(inbox.has_left, "slack", soon)
    assert await database.read(inbox.has_left, "slack", soon, alone=True)
    assert await database.read(inbox.has_left, "slack", later)
    assert await database.read(inbox.has_left, "slack", morning - timedelta(days=1))  # the clock was set back
    assert await database.write(inbox.take_left, "slack", later) == [replace(PRESS, attempts=1)]
    assert await database.write(inbox.take_left, "slack", later) == []  # it is leased anew
    assert await database.write(inbox.take_left, "slack", later + LEASE) == [replace(PRESS, attempts=2)]


async def test_left_work_is_taken_up_by_one_of_many(database: Database, morning: datetime) -> None:
    for number in range(30):
        await database.write(inbox.take, replace(PRESS, id=f"press:{number}"), morning)
    taken = await asyncio.gather(
        *(database.write(inbox.take_left, "slack", morning + LEASE, most=10) for _ in range(6))
    )

    ids = [entry.id for entries in taken for entry in entries]
    assert len(ids) == len(set(ids)) == 30


async def test_a_form_that_was_broken_off_is_handled_when_it_comes_again(database: Database, morning: datetime) -> None:
    await database.write(inbox.take, FORM, morning)

    assert not await database.read(inbox.has_left, "slack", morning + LEASE)  # nothing was promised
    assert await database.write(inbox.take, FORM, morning) == Known(handled=False, answer=None)
    assert await database.write(inbox.take, FORM, morning + LEASE) is None
    await database.write(inbox.promise, FORM, {"type": "view_submission"})
    (left,) = await database.write(inbox.take_left, "slack", morning + 2 * LEASE)
    assert left.payload == {"type": "view_submission"}


async def test_old_rows_are_forgotten_handled_or_not(database: Database, morning: datetime) -> None:
    await database.write(inbox.take, PRESS, morning)
    await database.write(inbox.note, Entry("stripe", "evt_1", "customer.updated", "cus_1"), morning)
    await database.write(inbox.note, Entry("stripe", "evt_2", "customer.updated", "cus_1"), morning + timedelta(1))
    at = morning + KEPT + timedelta(seconds=1)

    assert await database.write(inbox.forget, morning + KEPT) == 0
    assert await database.write(inbox.forget, at) == 2
    assert [entry.id for entry in await database.read(inbox.waiting, "stripe")] == ["evt_2"]


async def test_many_are_finished_at_once(database: Database, morning: datetime) -> None:
    for number in range(3):
        await database.write(inbox.note, Entry("stripe", f"evt_{number}", "price.created", "price_1"), morning)
    await database.write(inbox.finish_all, "stripe", ["evt_0", "evt_2"], morning)

    assert [entry.id for entry in await database.read(inbox.waiting, "stripe")] == ["evt_1"]
