"""R3: every change of the clocks of two years, in zones that change them oddly; no day skipped, none doubled."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from random import Random
from zoneinfo import ZoneInfo

from bot.clock import instant_of, local_day
from bot.schedule import due
from storage.channels import Channel
from tests.chaos.harness import Result

ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Helsinki",
    "Pacific/Auckland",
    "Pacific/Chatham",
)
FIRST, LAST = date(2026, 1, 1), date(2028, 1, 1)
TIMES = [day_time(minute // 60, minute % 60) for minute in range(0, 24 * 60, 15)]
AROUND = timedelta(days=2)  # on each side of a change
BEAT = timedelta(minutes=20)
GRACE = timedelta(hours=6)
EVERY_DAY = frozenset(range(1, 8))


def run(cases: int | None, seed: int) -> list[Result]:
    began, rng = time.monotonic(), Random(seed)
    every = [(zone, change, at) for zone in ZONES for change in changes(ZoneInfo(zone)) for at in TIMES]
    chosen = every if cases is None else rng.sample(every, min(cases, len(every)))
    skipped = doubled = late = 0
    for zone, change, at in chosen:
        taken, owed, slow = lived(ZoneInfo(zone), change, at)
        skipped += sum(1 for day in owed if not taken[day])
        doubled += sum(count - 1 for count in taken.values() if count > 1)
        late += slow
    wrong = [f"{count} {word}" for count, word in ((skipped, "skipped"), (doubled, "doubled"), (late, "late")) if count]
    transitions = len({(zone, change) for zone, change, _ in chosen})
    figure = f"{skipped} skipped, {doubled} doubled, {late} late"
    amount = f"{len(chosen):,} cases, {transitions} changes in {len(ZONES)} zones, seed {seed}"
    return [Result("R3", amount, figure, wrong, time.monotonic() - began)]


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """The instants, to the hour, at which a zone's distance from UTC changes."""
    hour = datetime.combine(FIRST, day_time(), UTC)
    end = datetime.combine(LAST, day_time(), UTC)
    before = hour.astimezone(zone).utcoffset()
    while hour < end:
        hour += timedelta(hours=1)
        after = hour.astimezone(zone).utcoffset()
        if after != before:
            yield hour
        before = after


def lived(zone: ZoneInfo, change: datetime, at: day_time) -> tuple[Counter[date], list[date], int]:
    """What a bot that looks every few minutes takes around a change: by day, the days owed, and how many late."""
    start, end = change - AROUND, change + AROUND
    channel = _channel(zone, at, start)
    taken: set[str] = set()
    days: Counter[date] = Counter()
    late, now = 0, start
    while now < end:
        for slot in due(now, [channel], taken, GRACE):
            taken.add(slot.key)
            days[slot.day] += 1
            late += slot.late or now - slot.due_at > BEAT
        now += BEAT
    span = [local_day(start, zone) + timedelta(days=ahead) for ahead in range(6)]
    owed = [day for day in span if start <= instant_of(day, at, zone) < end - BEAT]
    return days, owed, late


def _channel(zone: ZoneInfo, at: day_time, since: datetime) -> Channel:
    return Channel(
        channel_id="C1",
        at=at,
        zone=zone,
        weekdays=EVERY_DAY,
        alerts=False,
        paused=False,
        set_up_by="U1",
        set_up_at=since,
        owed_since=since,
        problem=None,
    )
