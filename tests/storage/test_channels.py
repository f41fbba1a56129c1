from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from storage import channels
from storage.channels import Channel
from storage.engine import Database

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def set_up(session: Session, channel_id: str = "C1", *, hour: int = 8, now: datetime = NOW) -> None:
    channels.store(
        session,
        channel_id,
        at=time(hour),
        zone=BERLIN,
        weekdays=frozenset((1, 3)),
        alerts=True,
        user="U1",
        now=now,
        since=now,
    )


def test_a_channel_comes_back_as_it_was_set_up(database: Database) -> None:
    with database.writing() as session:
        set_up(session)

        assert channels.find(session, "C1") == Channel(
            channel_id="C1",
            at=time(8),
            zone=BERLIN,
            weekdays=frozenset((1, 3)),
            alerts=True,
            paused=False,
            set_up_by="U1",
            set_up_at=NOW,
            owed_since=NOW,
            problem=None,
        )
        assert channels.find(session, "C2") is None


def test_a_pause_ends_with_nothing_owed(database: Database) -> None:
    with database.writing() as session:
        set_up(session)

        assert channels.pause(session, "C1")
        assert channels.for_alerts(session) == []
        assert channels.resume(session, "C1", now=LATER)
        assert not channels.resume(session, "C1", now=LATER)
        found = channels.find(session, "C1")

    assert found is not None
    assert (found.paused, found.owed_since) == (False, LATER)


def test_setting_up_again_ends_a_pause(database: Database) -> None:
    with database.writing() as session:
        set_up(session)
        channels.pause(session, "C1")
        set_up(session, now=LATER)
        found = channels.find(session, "C1")

    assert found is not None
    assert (found.paused, found.owed_since) == (False, LATER)


def test_unknown_channels_cannot_be_paused(database: Database) -> None:
    with database.writing() as session:
        assert not channels.pause(session, "C9")


def test_a_problem_stands_until_it_is_over(database: Database) -> None:
    with database.writing() as session:
        set_up(session)
        channels.note_problem(session, "C1", "I am not in this channel.")
        noted = channels.find(session, "C1")
        channels.clear_problems(session, ["C1"], but="Another.")
        mended = channels.find(session, "C1")

    assert noted is not None
    assert mended is not None
    assert (noted.problem, mended.problem) == ("I am not in this channel.", None)


def test_a_problem_that_the_next_message_does_not_end_stands(database: Database) -> None:
    with database.writing() as session:
        set_up(session)
        channels.note_problem(session, "C1", "The digest may be lost.")
        channels.clear_problems(session, ["C1"], but="The digest may be lost.")
        found = channels.find(session, "C1")

    assert found is not None
    assert found.problem == "The digest may be lost."


def test_a_shared_channel_gets_no_alerts_and_owes_nothing_of_that_time(database: Database) -> None:
    with database.writing() as session:
        set_up(session)
        channels.note_problem(session, "C1", "Another company shares this channel.", shared=True)
        assert channels.for_alerts(session) == []
        assert channels.shared(session) == ["C1"]
        channels.end_sharing(session, "C1", now=LATER)
        found = channels.find(session, "C1")
        assert [one.channel_id for one in channels.for_alerts(session)] == ["C1"]

    assert found is not None
    assert (found.problem, found.shared, found.owed_since) == (None, False, LATER)


def test_channels_are_listed_in_the_order_of_their_setting_up(database: Database) -> None:
    with database.writing() as session:
        set_up(session, "C2")
        set_up(session, "C1", now=LATER)

        assert [channel.channel_id for channel in channels.everywhere(session)] == ["C2", "C1"]
        assert [one.channel_id for one in channels.for_alerts(session)] == ["C2", "C1"]
