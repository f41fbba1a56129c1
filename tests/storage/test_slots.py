from datetime import UTC, datetime, timedelta

from storage import slots
from storage.engine import Database
from storage.states import SlotState

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_slot_is_taken_once(database: Database) -> None:
    with database.writing() as session:
        assert slots.take(session, "digest:C1:2026-11-23", due_at=NOW, state=SlotState.DONE, now=NOW)
        assert not slots.take(session, "digest:C1:2026-11-23", due_at=NOW, state=SlotState.MISSED, now=NOW)
        assert slots.is_taken(session, "digest:C1:2026-11-23")
        assert not slots.is_taken(session, slots.slot_key("C1", NOW.date() + DAY))
        assert slots.taken_since(session, NOW) == {"digest:C1:2026-11-23"}
        assert slots.taken_since(session, NOW + DAY) == frozenset()


def test_missed_ones_are_told_once(database: Database) -> None:
    def take(day: int, state: SlotState, prefix: str = "digest:C1:") -> None:
        due_at = NOW + day * DAY
        slots.take(session, f"{prefix}{day}", due_at=due_at, state=state, now=due_at)

    with database.writing() as session:
        take(2, SlotState.MISSED)
        take(3, SlotState.MISSED)
        take(2, SlotState.MISSED, "digest:C11:")

        told = slots.missed_before(session, "digest:C1:", NOW + 4 * DAY)
        assert told == {"digest:C1:2": NOW + 2 * DAY, "digest:C1:3": NOW + 3 * DAY}
        take(4, SlotState.DONE)
        slots.mark_told(session, told, "digest:C1:4")
        assert slots.missed_before(session, "digest:C1:", NOW + 5 * DAY) == {}
        assert slots.missed_before(session, "digest:C11:", NOW + 5 * DAY) == {"digest:C11:2": NOW + 2 * DAY}

        slots.miss(session, ["digest:C1:4"], NOW + 4 * DAY)  # what told of them never came
        assert list(slots.missed_before(session, "digest:C1:", NOW + 5 * DAY)) == [f"digest:C1:{n}" for n in (2, 3, 4)]


def test_one_machine_gets_the_turn_of_routine_work_and_a_clock_set_back_does_not_block_it(database: Database) -> None:
    with database.writing() as session:
        assert slots.take_turn(session, "sync", due_at=NOW, now=NOW)
        assert not slots.take_turn(session, "sync", due_at=NOW, now=NOW - timedelta(seconds=30))  # clocks differ
        assert slots.take_turn(session, "risk", due_at=NOW, now=NOW)
        assert slots.take_turn(session, "sync", due_at=NOW, now=NOW - timedelta(hours=1))
        assert not slots.take_turn(session, "sync", due_at=NOW, now=NOW - timedelta(hours=1))


def test_turns_of_long_ago_are_forgotten_and_digests_are_not(database: Database) -> None:
    with database.writing() as session:
        slots.take_turn(session, "sync", due_at=NOW, now=NOW)
        slots.take(session, "digest:C1:2026-11-23", due_at=NOW, state=SlotState.DONE, now=NOW)
        slots.forget_turns(session, NOW + 2 * DAY)
        assert not slots.take_turn(session, "sync", due_at=NOW, now=NOW)
        slots.forget_turns(session, NOW + 9 * DAY)

        assert slots.take_turn(session, "sync", due_at=NOW, now=NOW)
        assert slots.taken_since(session, NOW) >= {"digest:C1:2026-11-23"}


def test_what_turns_out_to_be_missed_late_is_told_by_the_next_that_can(database: Database) -> None:
    def take(day: int) -> None:
        due_at = NOW + day * DAY
        slots.take(session, f"digest:C1:{day}", due_at=due_at, state=SlotState.DONE, now=due_at)

    with database.writing() as session:
        take(1)  # written while the channel takes no messages
        take(2)
        assert slots.missed_before(session, "digest:C1:", NOW + 3 * DAY) == {}
        slots.miss(session, ["digest:C1:1"], NOW + 2 * DAY)  # at the very moment of the second, or by a clock set back

        assert slots.missed_before(session, "digest:C1:", NOW + 3 * DAY) == {"digest:C1:1": NOW + DAY}
