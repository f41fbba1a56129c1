"""A digest is due once on each of its local days: in every zone, over every change of clocks, after every silence."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session
from structlog.testing import capture_logs

from bot import digest, owed
from bot.clock import instant_of, local_day
from bot.digest import Digest, outgoing
from bot.digest.outgoing import Coffee
from bot.schedule import Turn, due, tick
from bot.settings import Settings
from storage import channels, slots
from storage.channels import Channel
from storage.engine import Database
from storage.outbox import Outgoing
from storage.slots import slot_key, slot_prefix
from storage.states import SlotState
from storage.tables import OutboxRow, SlotRow
from storage.upsert import table_of
from tests.waiting import HANGS

GRACE = timedelta(hours=6)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
EVERY_DAY = frozenset(range(1, 8))
WORKDAYS = frozenset(range(1, 6))
BEAT = timedelta(hours=3)

# Zones whose clocks change at midnight, at noon of another day, by half an hour, or stand 14 hours apart.
ZONES = (
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Helsinki",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
)


def channel(
    at: time = time(8), zone: str = "Europe/Berlin", weekdays: frozenset[int] = EVERY_DAY, channel_id: str = "C1"
) -> Channel:
    return Channel(
        channel_id=channel_id,
        at=at,
        zone=ZoneInfo(zone),
        weekdays=weekdays,
        alerts=True,
        paused=False,
        set_up_by="U1",
        set_up_at=LONG_AGO,
        owed_since=LONG_AGO,
        problem=None,
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def found(one: Channel, now: datetime, taken: Sequence[str] = ()) -> list[tuple[date, bool]]:
    return [(slot.day, slot.late) for slot in due(now, [one], taken, GRACE)]


def lived(one: Channel, start: datetime, beats: Sequence[timedelta]) -> list[tuple[date, datetime, bool]]:
    """The slots taken by a bot that looks at these distances, with when they were taken and whether too late."""
    taken: dict[str, tuple[date, datetime, bool]] = {}
    now = start
    for beat in beats:
        now += beat
        for slot in due(now, [one], taken.keys(), GRACE):
            assert slot.key not in taken
            taken[slot.key] = (slot.day, now, slot.late)
    return list(taken.values())


def test_due_from_its_minute_on_and_once() -> None:
    one = replace(channel(), owed_since=at("2026-11-23T00:00:00"))

    assert found(one, at("2026-11-23T06:59:59")) == []
    assert found(one, at("2026-11-23T07:00:00")) == [(date(2026, 11, 23), False)]
    assert found(one, at("2026-11-23T07:00:00"), [slot_key("C1", date(2026, 11, 23))]) == []


def test_too_late_after_the_grace() -> None:
    one = replace(channel(), owed_since=at("2026-11-23T00:00:00"))

    assert found(one, at("2026-11-23T12:59:59")) == [(date(2026, 11, 23), False)]
    assert found(one, at("2026-11-23T13:00:00")) == [(date(2026, 11, 23), True)]


def test_only_on_its_weekdays() -> None:
    monday = at("2026-11-23T07:00:00")
    days = [found(channel(weekdays=WORKDAYS), monday + timedelta(days=ahead))[-1][0] for ahead in range(7)]

    assert days == [date(2026, 11, day) for day in (23, 24, 25, 26, 27, 27, 27)]


def test_what_was_due_before_the_channel_was_set_up_is_not_owed() -> None:
    new = replace(channel(weekdays=EVERY_DAY), owed_since=at("2026-11-23T07:00:01"))

    assert found(new, at("2026-11-23T08:00:00")) == []


def test_a_paused_channel_gets_nothing() -> None:
    assert found(replace(channel(), paused=True), at("2026-11-23T08:00:00")) == []


def test_a_channel_that_another_company_shares_gets_nothing() -> None:
    assert found(replace(channel(), shared=True), at("2026-11-23T07:00")) == []


def test_a_time_changed_on_the_same_day_does_not_bring_a_second_digest() -> None:
    taken = [slot.key for slot in due(at("2026-11-23T08:00:00"), [channel(time(8))], (), GRACE)]

    assert found(channel(time(11)), at("2026-11-23T12:00:00"), taken) == []


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 2, 23])
def test_no_day_of_two_years_is_skipped_or_doubled(zone: str, hour: int) -> None:
    """Beats of three hours, over every change of the zone's clocks."""
    one = channel(time(hour, 15), zone)
    start = at("2026-01-01T00:00:00")
    beats = [BEAT] * (8 * 730)
    taken = lived(replace(one, owed_since=start), start, beats)

    days = [day for day, _, _ in taken]
    first = local_day(start, one.zone)
    assert [days[0] + timedelta(days=number) for number in range(len(days))] == days
    assert days[0] - first <= timedelta(days=1)
    assert len(days) >= 729
    assert not any(late for _, _, late in taken)
    assert all(now - instant_of(day, one.at, one.zone) <= BEAT for day, now, _ in taken)


@given(
    zone=st.sampled_from(ZONES),
    minutes=st.integers(0, 24 * 60 - 1),
    weekdays=st.frozensets(st.integers(1, 7), min_size=1),
    start=st.integers(0, 2 * 365 * 24 * 60),
    gaps=st.lists(st.integers(1, 5 * 24 * 60), min_size=1, max_size=40),
)
def test_each_owed_day_is_taken_once_or_told_as_missed(
    zone: str, minutes: int, weekdays: frozenset[int], start: int, gaps: list[int]
) -> None:
    """Silences of up to five days, in which the bot stood still."""
    begin = at("2025-06-01T00:00:00") + timedelta(minutes=start)
    one = replace(channel(time(minutes // 60, minutes % 60), zone, weekdays), owed_since=begin)
    taken = lived(one, begin, [timedelta(minutes=gap) for gap in gaps])

    end = begin + timedelta(minutes=sum(gaps))
    span = (local_day(end, one.zone) - local_day(begin, one.zone)).days
    days = [local_day(begin, one.zone) + timedelta(days=number) for number in range(span + 1)]
    owed = [day for day in days if day.isoweekday() in weekdays and begin <= instant_of(day, one.at, one.zone) <= end]
    assert sorted(day for day, _, _ in taken) == owed
    for day, now, late in taken:
        assert late == (now - instant_of(day, one.at, one.zone) >= GRACE)


# --- the tick --------------------------------------------------------------------------------------------------

NOW = at("2026-11-23T07:00:10")
MONDAY = date(2026, 11, 23)


def setting_up(database: Database, *channel_ids: str) -> None:
    with database.writing() as session:
        for channel_id in channel_ids:
            owed.set_up(
                session,
                channel_id,
                at=time(8),
                zone=ZoneInfo("Europe/Berlin"),
                weekdays=EVERY_DAY,
                alerts=False,
                user="U1",
                now=NOW - timedelta(days=1, hours=-1),
            )


def cup(_session: Session, one: Channel, day: date, _due_at: datetime, _now: datetime) -> list[Outgoing]:
    key = slot_key(one.channel_id, day)
    return [Outgoing(key, one.channel_id, "Coffee", []), Outgoing(f"{key}:1", one.channel_id, "More", [], key)]


def written(database: Database) -> list[str]:
    with database.reading() as session:
        outbox = table_of(OutboxRow)
        return list(session.execute(select(outbox.c.key).order_by(outbox.c.id)).scalars())


def states(database: Database) -> dict[str, str]:
    with database.reading() as session:
        table = table_of(SlotRow)
        return {key: str(state) for key, state in session.execute(select(table.c.key, table.c.state))}


async def test_a_due_digest_is_written_with_its_thread_and_only_once(database: Database) -> None:
    setting_up(database, "C1")
    numbers = [await tick(database, NOW + timedelta(minutes=beat), GRACE, cup) for beat in range(3)]

    assert numbers == [1, 0, 0]
    assert written(database) == ["digest:C1:2026-11-23", "digest:C1:2026-11-23:1"]
    assert states(database) == {"digest:C1:2026-11-23": "done"}


async def test_what_came_too_late_is_noted_and_not_posted(database: Database) -> None:
    setting_up(database, "C1")

    assert await tick(database, NOW + GRACE, GRACE, cup) == 0
    assert written(database) == []
    assert states(database) == {"digest:C1:2026-11-23": "missed"}


async def test_a_missed_day_is_told_by_the_next_digest_and_by_no_other(database: Database) -> None:
    setting_up(database, "C1")
    await tick(database, NOW + GRACE, GRACE, cup)
    told = []

    def compose(session: Session, one: Channel, day: date, due_at: datetime, now: datetime) -> list[Outgoing]:
        told.append(list(slots.missed_before(session, slot_prefix(one.channel_id), due_at)))
        return cup(session, one, day, due_at, now)

    for day in (1, 2):
        assert await tick(database, NOW + timedelta(days=day), GRACE, compose) == 1

    assert told == [["digest:C1:2026-11-23"], []]


async def test_a_digest_that_cannot_be_composed_does_not_hold_up_others(database: Database) -> None:
    setting_up(database, "C1", "C2")
    broken = True

    def compose(session: Session, one: Channel, day: date, due_at: datetime, now: datetime) -> list[Outgoing]:
        if broken and one.channel_id == "C1":
            raise ZeroDivisionError
        return cup(session, one, day, due_at, now)

    assert await tick(database, NOW, GRACE, compose) == 1
    assert states(database) == {"digest:C2:2026-11-23": "done"}
    broken = False
    assert await tick(database, NOW + timedelta(minutes=1), GRACE, compose) == 1
    assert sorted(states(database)) == ["digest:C1:2026-11-23", "digest:C2:2026-11-23"]


async def test_a_digest_is_composed_while_others_can_write(database: Database) -> None:
    setting_up(database, "C1")

    def compose(session: Session, one: Channel, day: date, due_at: datetime, now: datetime) -> list[Outgoing]:
        with database.writing() as other:
            slots.take(other, "another", due_at=now, state=SlotState.DONE, now=now)
        return cup(session, one, day, due_at, now)

    async with asyncio.timeout(HANGS):
        assert await tick(database, NOW, GRACE, compose) == 1


@pytest.mark.parametrize("faster", [SlotState.DONE, SlotState.MISSED])
async def test_a_slot_that_another_machine_took_meanwhile_is_left_to_it(database: Database, faster: SlotState) -> None:
    setting_up(database, "C1")

    def compose(session: Session, one: Channel, day: date, due_at: datetime, now: datetime) -> list[Outgoing]:
        with database.writing() as other:
            slots.take(other, slot_key(one.channel_id, day), due_at=due_at, state=faster, now=now)
        return cup(session, one, day, due_at, now)

    with capture_logs() as logged:
        assert await tick(database, NOW, GRACE, compose) == 0
    assert written(database) == []
    assert states(database) == {"digest:C1:2026-11-23": faster}
    assert logged == []


async def test_a_missed_slot_is_noted_by_one_of_two_machines(database: Database) -> None:
    setting_up(database, "C1")
    with capture_logs() as logged:
        await asyncio.gather(*(tick(database, NOW + GRACE, GRACE, cup) for _ in range(2)))

    assert [entry["event"] for entry in logged] == ["digest missed"]


async def test_a_channel_paused_while_its_digest_is_composed_gets_none(database: Database) -> None:
    setting_up(database, "C1")

    def compose(session: Session, one: Channel, day: date, due_at: datetime, now: datetime) -> list[Outgoing]:
        with database.writing() as other:
            channels.pause(other, one.channel_id)
        return cup(session, one, day, due_at, now)

    assert await tick(database, NOW, GRACE, compose) == 0
    assert (written(database), states(database)) == ([], {})


async def test_channels_that_want_the_same_share_one_digest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: list[object] = []

    def compose(session: Session, **wanted: Any) -> Digest:
        composed.append(wanted["day"])
        return digest.compose(session, **wanted)

    monkeypatch.setattr(outgoing, "compose", compose)
    setting_up(database, "C1", "C2")
    wishes = Coffee(Settings(source="csv", _env_file=None), "csv")

    assert await tick(database, NOW, GRACE, wishes.outgoing) == 2
    assert written(database) == ["digest:C1:2026-11-23", "digest:C2:2026-11-23"]
    assert composed == [MONDAY]


# --- a channel that is set up anew -----------------------------------------------------------------------------


class Machine:
    """One channel as people set it up, with a beat whenever a test wants one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set_up(self, now: str, hour: int, zone: str = "Europe/Berlin", weekdays: frozenset[int] = EVERY_DAY) -> None:
        with self._database.writing() as session:
            owed.set_up(
                session,
                "C1",
                at=time(hour),
                zone=ZoneInfo(zone),
                weekdays=weekdays,
                alerts=False,
                user="U1",
                now=at(now),
            )

    async def beat(self, now: str) -> list[str]:
        """The days of all slots taken so far, each with its state."""
        await tick(self._database, at(now), GRACE, cup)
        return [
            f"{key.removeprefix('digest:C1:2026-11-')} {state}" for key, state in sorted(states(self._database).items())
        ]


@pytest.fixture
def machine(database: Database) -> Machine:
    return Machine(database)


async def test_more_weekdays_do_not_invent_missed_days(machine: Machine) -> None:
    machine.set_up("2026-11-16T00:00:00", 8, weekdays=frozenset((1,)))
    assert await machine.beat("2026-11-16T07:00:00") == ["16 done"]
    machine.set_up("2026-11-19T12:00:00", 8)  # a Thursday, after eight

    assert await machine.beat("2026-11-19T12:00:10") == ["16 done"]
    assert await machine.beat("2026-11-20T07:00:00") == ["16 done", "20 done"]


async def test_an_earlier_time_before_todays_came_brings_it_at_once_and_not_late(machine: Machine) -> None:
    machine.set_up("2026-11-22T16:00:00", 16)
    machine.set_up("2026-11-23T14:30:00", 8)  # 15:30 in Berlin, more than the grace after eight

    assert (await machine.beat("2026-11-23T14:30:10"))[-1] == "23 done"
    assert (await machine.beat("2026-11-23T15:00:00"))[-1] == "23 done"


async def test_an_earlier_time_after_todays_came_brings_no_second(machine: Machine) -> None:
    machine.set_up("2026-11-22T16:00:00", 10)
    assert await machine.beat("2026-11-23T09:00:00") == ["23 done"]
    machine.set_up("2026-11-23T12:00:00", 8)
    assert await machine.beat("2026-11-23T12:00:10") == ["23 done"]
    machine.set_up("2026-11-23T12:10:00", 18)

    assert await machine.beat("2026-11-23T18:00:00") == ["23 done"]
    assert await machine.beat("2026-11-24T17:00:00") == ["23 done", "24 done"]


async def test_a_time_that_has_passed_owes_nothing_to_a_day_that_had_none(machine: Machine) -> None:
    machine.set_up("2026-11-23T12:00:00", 8)  # today's was over before the channel was there
    machine.set_up("2026-11-23T12:10:00", 9)

    assert await machine.beat("2026-11-23T12:10:10") == []


async def test_a_pause_leaves_nothing_to_come_at_once(machine: Machine, database: Database) -> None:
    machine.set_up("2026-11-22T16:00:00", 16)
    with database.writing() as session:
        channels.pause(session, "C1")
    machine.set_up("2026-11-23T12:00:00", 8)

    assert await machine.beat("2026-11-23T12:00:10") == []


async def test_a_new_zone_and_time_before_todays_came(machine: Machine) -> None:
    """From New York to Tokyo on New York's Sunday evening: Tokyo's Monday has begun, and eight is over there."""
    machine.set_up("2026-11-22T00:30:00", 20, "America/New_York")
    machine.set_up("2026-11-23T00:30:00", 8, "Asia/Tokyo")

    assert await machine.beat("2026-11-23T00:30:10") == ["23 done"]  # what Sunday's would have told, at once
    assert await machine.beat("2026-11-23T23:00:00") == ["23 done", "24 done"]


async def test_a_new_zone_and_time_after_todays_came(machine: Machine) -> None:
    machine.set_up("2026-11-22T01:30:00", 20, "America/New_York")
    assert await machine.beat("2026-11-23T01:00:00") == ["22 done"]
    machine.set_up("2026-11-23T02:00:00", 8, "Asia/Tokyo")

    assert await machine.beat("2026-11-23T02:00:10") == ["22 done"]  # not two within an hour
    assert await machine.beat("2026-11-23T23:00:00") == ["22 done", "24 done"]


async def test_a_zone_further_west_does_not_bring_the_same_day_twice(machine: Machine) -> None:
    machine.set_up("2026-11-22T01:30:00", 8, "Asia/Tokyo")
    assert await machine.beat("2026-11-22T23:00:00") == ["23 done"]
    machine.set_up("2026-11-22T23:30:00", 20, "America/New_York")

    assert (await machine.beat("2026-11-23T01:00:00")) == ["22 done", "23 done"]
    assert (await machine.beat("2026-11-24T01:00:00")) == ["22 done", "23 done"]


# --- turns -----------------------------------------------------------------------------------------------------


async def test_a_turn_whose_work_fails_is_taken_again_after_a_while(database: Database) -> None:
    turn, done = Turn.of_day("sweep", ZoneInfo("UTC"), NOW), []

    async def fail() -> None:
        raise ZeroDivisionError

    async def work() -> None:
        done.append("once")

    with pytest.raises(ZeroDivisionError):
        await turn.do(database, NOW, fail)
    await turn.do(database, NOW + slots.AGAIN / 2, work)
    assert done == []
    for _ in range(3):
        await turn.do(database, NOW + slots.AGAIN, work)
    await turn.do(database, NOW + 3 * slots.AGAIN, work)

    assert done == ["once"]
