"""Messages are claimed in their channel's order, once each, and every outcome leaves a state that is true."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

from sqlalchemy import select, update

from storage import outbox, outbox_claims, outbox_outcomes
from storage.engine import Database
from storage.outbox import Rank
from storage.outbox_claims import Claimed
from storage.states import OutboxState
from storage.tables import OutboxRow
from storage.upsert import table_of

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
ROWS = table_of(OutboxRow)
LEASE = timedelta(seconds=60)
PACE = timedelta(seconds=1)
BLOCKS = [{"type": "divider"}]


def put(database: Database, key: str, channel: str = "C1", reply_to: str | None = None, rank: Rank = Rank.CARD) -> bool:
    with database.writing() as session:
        return outbox.put(session, key, channel, f"text of {key}", BLOCKS, now=NOW, reply_to=reply_to, rank=rank)


def claim(database: Database, after: float = 0, most: int = 16, by: str | None = None) -> Sequence[Claimed]:
    with database.writing() as session:
        now = NOW + timedelta(seconds=after)
        outbox_claims.end_hopeless(session, now=now)
        return outbox_claims.claim(session, now=now, lease=LEASE, pace=PACE, most=most, by=by)[0]


def keys(database: Database, after: float = 0) -> list[str]:
    return [message.key for message in claim(database, after)]


def row(database: Database, key: str) -> dict[str, Any]:
    with database.reading() as session:
        table = table_of(OutboxRow)
        return dict(session.execute(select(table).where(table.c.key == key)).mappings().one())


def sent(database: Database, message: Claimed, ts: str = "1.0") -> None:
    with database.writing() as session:
        outbox_outcomes.mark_sent(session, [(message, ts)])


def revise(database: Database, key: str, text: str) -> None:
    with database.writing() as session:
        outbox.revise(session, key, text, [], now=NOW)


def test_a_key_is_written_once(database: Database) -> None:
    assert put(database, "digest:C1:2026-11-23")
    assert not put(database, "digest:C1:2026-11-23")


def test_a_channel_gets_its_messages_one_at_a_time_in_order(database: Database) -> None:
    for key in ("z", "a", "m"):
        put(database, key)
    (first,) = claim(database)

    assert first.key == "z"
    assert keys(database, 5) == []  # the first is still on its way
    sent(database, first)
    assert keys(database, 5) == ["a"]


def test_channels_do_not_wait_for_each_other(database: Database) -> None:
    put(database, "a", "C1")
    put(database, "b", "C2")

    assert keys(database) == ["a", "b"]


def test_a_channel_is_left_in_peace_for_a_second(database: Database) -> None:
    put(database, "a")
    put(database, "b")
    (first,) = claim(database)
    sent(database, first)

    assert keys(database, 0.9) == []
    assert keys(database, 1) == ["b"]


def test_a_pause_of_one_channel_holds_up_what_stands_behind_it_and_nothing_else(database: Database) -> None:
    put(database, "a", "C1")
    put(database, "b", "C1")
    (first,) = claim(database)
    with database.writing() as session:
        outbox_outcomes.mark_held(session, first, until=NOW + timedelta(seconds=30), error="ratelimited")
    put(database, "c", "C2")

    assert keys(database, 10) == ["c"]
    assert keys(database, 30) == ["a"]


def test_a_message_that_waits_for_its_own_sake_holds_up_its_thread_only(database: Database) -> None:
    put(database, "odd")
    put(database, "reply", reply_to="odd")
    put(database, "next")
    (odd,) = claim(database)
    with database.writing() as session:
        outbox_outcomes.mark_later(session, odd, not_before=NOW + timedelta(seconds=30), error="something_new")
    (following,) = claim(database, 10)
    sent(database, following)

    assert following.key == "next"
    assert keys(database, 20) == []
    assert keys(database, 30) == ["odd"]


def test_a_digest_and_its_thread_go_before_the_cards_that_wait(database: Database) -> None:
    for number in range(20):
        put(database, f"card {number}")
    put(database, "digest", rank=Rank.DIGEST)
    put(database, "digest:1", reply_to="digest", rank=Rank.DIGEST)
    went = []
    for second in range(3):
        (message,) = claim(database, second)
        sent(database, message, f"{second}.0")
        went.append(message.key)

    assert went == ["digest", "digest:1", "card 0"]


def test_a_digest_does_not_overtake_a_card_that_is_on_its_way(database: Database) -> None:
    put(database, "card")
    claim(database)
    put(database, "digest", rank=Rank.DIGEST)

    assert keys(database, 5) == []


def test_updates_of_cards_wait_for_the_digest(database: Database) -> None:
    put(database, "card")
    (card,) = claim(database)
    sent(database, card, "7.0")
    revise(database, "card", "newer")
    put(database, "digest", rank=Rank.DIGEST)

    assert keys(database, 1) == ["digest"]


BACK = -timedelta(hours=2).total_seconds()


def test_a_clock_set_back_does_not_hold_up_a_channel(database: Database) -> None:
    put(database, "a")
    put(database, "b")
    (first,) = claim(database)
    sent(database, first)

    assert keys(database, BACK) == ["b"]


def test_a_clock_set_back_ends_waits_pauses_and_leases(database: Database) -> None:
    for key in ("waits", "held", "stalled"):
        put(database, key, f"C {key}")
    by_key = {message.key: message for message in claim(database)}
    with database.writing() as session:
        soon = NOW + timedelta(seconds=30)
        outbox_outcomes.mark_later(session, by_key["waits"], not_before=soon, error="something_new")
        outbox_outcomes.mark_held(session, by_key["held"], until=soon, error="ratelimited")

    assert overdue(database, BACK).key == "stalled"
    assert keys(database, BACK) == ["waits", "held"]


def test_a_lease_of_a_machine_whose_clock_is_a_little_ahead_is_valid(database: Database) -> None:
    put(database, "a")
    claim(database)

    with database.writing() as session:
        assert outbox_claims.claim_overdue(session, now=NOW - timedelta(seconds=30), lease=LEASE) == ()


def test_a_reply_knows_its_thread_once_the_parent_stands(database: Database) -> None:
    put(database, "parent")
    put(database, "reply", reply_to="parent")
    (parent,) = claim(database)
    sent(database, parent, "1700.5")
    (reply,) = claim(database, 1)

    assert (reply.key, reply.thread_ts) == ("reply", "1700.5")


def test_a_reply_without_its_parent_fails_instead_of_standing_alone(database: Database) -> None:
    put(database, "parent")
    put(database, "reply", reply_to="parent")
    put(database, "lost", reply_to="never written")
    (parent,) = claim(database)
    with database.writing() as session:
        outbox_outcomes.mark_failed(session, parent, "is_archived", now=NOW)

    assert keys(database, 5) == []
    assert row(database, "reply")["state"] is OutboxState.FAILED
    assert row(database, "lost")["error"] == outbox_claims.ORPHANED


def test_several_revisions_become_one_update(database: Database) -> None:
    put(database, "card")
    (card,) = claim(database)
    sent(database, card, "7.0")
    revise(database, "card", "second")
    revise(database, "card", "third")
    (update,) = claim(database, 1)
    sent(database, update, "7.0")

    assert (update.text, update.ts) == ("third", "7.0")
    assert keys(database, 5) == []
    assert row(database, "card")["state"] is OutboxState.SENT


def test_a_revision_during_the_sending_is_not_lost(database: Database) -> None:
    put(database, "card")
    (card,) = claim(database)
    revise(database, "card", "newer")
    sent(database, card, "7.0")
    (update,) = claim(database, 1)

    assert (update.text, update.ts) == ("newer", "7.0")


def test_a_revision_before_the_first_post_is_posted_in_its_place(database: Database) -> None:
    put(database, "card")
    revise(database, "card", "newer")
    (card,) = claim(database)
    sent(database, card)

    assert card.text == "newer"
    assert keys(database, 5) == []


def test_a_failed_message_gets_another_chance_when_its_content_changes(database: Database) -> None:
    put(database, "card")
    (card,) = claim(database)
    with database.writing() as session:
        outbox_outcomes.mark_failed(session, card, "invalid_blocks", now=NOW)
    revise(database, "card", "shorter")

    assert keys(database, 5) == ["card"]


def test_an_unconfirmed_message_is_posted_again_only_with_new_content(database: Database) -> None:
    put(database, "card")
    (card,) = claim(database)
    with database.writing() as session:
        outbox_outcomes.mark_unconfirmed(session, card, now=NOW)
    assert keys(database, 5) == []
    revise(database, "card", "newer")
    (newer,) = claim(database, 5)

    assert (newer.text, newer.ts) == ("newer", None)
    assert newer.receipt != card.receipt  # the old content must not pass for the new


def test_content_that_came_during_a_sending_in_doubt_is_posted(database: Database) -> None:
    put(database, "card")
    claim(database)
    revise(database, "card", "newer")
    stalled = overdue(database, 60)
    with database.writing() as session:
        outbox_outcomes.mark_unconfirmed(session, stalled, now=NOW)
    (newer,) = claim(database, 61)

    assert (newer.text, newer.ts) == ("newer", None)


def test_content_that_came_during_a_sending_that_is_found_is_no_less_due(database: Database) -> None:
    put(database, "card")
    claim(database)
    revise(database, "card", "newer")
    sent(database, overdue(database, 60), "7.0")
    (newer,) = claim(database, 61)

    assert (newer.text, newer.ts) == ("newer", "7.0")


def test_a_thread_in_doubt_waits_for_its_parent_and_holds_up_nobody(database: Database) -> None:
    put(database, "parent")
    put(database, "reply", reply_to="parent")
    put(database, "next")
    (parent,) = claim(database)
    with database.writing() as session:
        outbox_outcomes.mark_unconfirmed(session, parent, now=NOW)
    (following,) = claim(database, 5)
    sent(database, following, "8.0")
    with database.writing() as session:
        assert outbox_claims.claim(session, now=NOW + timedelta(seconds=9), lease=LEASE, pace=PACE) == ((), None)
    sent(database, parent, "7.0")
    (reply,) = claim(database, 10)

    assert (following.key, reply.key, reply.thread_ts) == ("next", "reply", "7.0")


def test_the_answer_that_comes_late_ends_the_doubt(database: Database) -> None:
    put(database, "card")
    (card,) = claim(database)
    with database.writing() as session:
        outbox_outcomes.mark_unconfirmed(session, card, now=NOW)
    sent(database, card, "9.0")

    assert (row(database, "card")["state"], row(database, "card")["ts"]) == (OutboxState.SENT, "9.0")


def test_a_sending_without_outcome_is_handed_out_again_after_its_lease(database: Database) -> None:
    put(database, "a")
    claim(database)

    def over(after: float) -> list[str]:
        with database.writing() as session:
            now = NOW + timedelta(seconds=after)
            return [message.key for message in outbox_claims.claim_overdue(session, now=now, lease=LEASE)]

    assert over(59) == []
    assert over(60) == ["a"]
    assert over(61) == []  # leased anew


def test_updates_that_a_dead_process_sent_are_handed_out_at_once_and_posts_are_not(database: Database) -> None:
    other = Database(database.url.render_as_string(hide_password=False), application="replica")
    assert other.name != database.name
    for number, key in enumerate(("card", "of_another", "of_nobody_knows"), start=1):
        put(database, key, f"C{number}")
    for message in claim(database, 1):
        sent(database, message)
    for key in ("card", "of_another", "of_nobody_knows"):
        revise(database, key, "new words")
    put(database, "post", "C4")
    held = {one.key: one.id for one in claim(database, 4, by="kahvi/killed:1")}
    assert set(held) == {"card", "of_another", "of_nobody_knows", "post"}
    with database.writing() as session:
        for key, name in (("of_another", other.name), ("of_nobody_knows", None)):
            session.execute(update(ROWS).where(ROWS.c.id == held[key]).values(leased_by=name))

    now = NOW + timedelta(seconds=5)
    with other.reading() as still, database.writing() as session:
        still.connection()
        outbox_claims.release_updates(session, now=now, by=database.name)
        found = [one.key for one in outbox_claims.claim_overdue(session, now=now, lease=LEASE)]
    other.close()
    assert found == (["card", "of_another", "of_nobody_knows"] if database.is_sqlite else ["card"])

    with database.writing() as session:
        session.execute(update(ROWS).where(ROWS.c.id == held["of_another"]).values(leased_by="kahvi/restarted:1"))
        outbox_claims.release_updates(session, now=now, by="kahvi/restarted:1")  # in a container pids come again
        again = [one.key for one in outbox_claims.claim_overdue(session, now=now, lease=LEASE)]
    assert "of_another" in again


def test_updates_do_not_wait_for_new_messages(database: Database) -> None:
    put(database, "card")
    (card,) = claim(database)
    sent(database, card, "7.0")
    put(database, "stuck")
    (stuck,) = claim(database, 1)
    with database.writing() as session:
        outbox_outcomes.mark_later(session, stuck, not_before=NOW + timedelta(hours=1), error="ConnectionError")
    revise(database, "card", "newer")

    assert keys(database, 5) == ["card"]


def overdue(database: Database, after: float) -> Claimed:
    """The one message whose lease is over, claimed anew."""
    with database.writing() as session:
        (message,) = outbox_claims.claim_overdue(session, now=NOW + timedelta(seconds=after), lease=LEASE)
        return message


def later(database: Database, message: Claimed) -> None:
    with database.writing() as session:
        outbox_outcomes.mark_later(session, message, not_before=NOW, error="not in Slack")


def failed(database: Database, message: Claimed, error: str = "invalid_blocks") -> None:
    with database.writing() as session:
        outbox_outcomes.mark_failed(session, message, error, now=NOW)


def test_what_a_claim_reports_after_its_lease_is_void(database: Database) -> None:
    """A stalls; B settles what A began and claims it anew: nothing that A says but "it stands" counts any more."""
    put(database, "card")
    (a,) = claim(database)
    b = overdue(database, 60)
    later(database, a)
    assert row(database, "card")["state"] is OutboxState.SENDING  # still that of B
    later(database, b)
    (c,) = claim(database, 70)
    later(database, a)
    failed(database, a)
    with database.writing() as session:
        outbox_outcomes.mark_unconfirmed(session, b, now=NOW)
        outbox_outcomes.mark_held(session, b, until=NOW + timedelta(hours=1), error="ratelimited")
    assert row(database, "card")["state"] is OutboxState.SENDING  # still that of C
    assert keys(database, 80) == []
    sent(database, c, "3.0")

    assert (row(database, "card")["state"], row(database, "card")["ts"]) == (OutboxState.SENT, "3.0")


def test_a_post_that_turns_out_to_stand_is_not_posted_again(database: Database) -> None:
    put(database, "card")
    (a,) = claim(database)
    later(database, overdue(database, 60))
    sent(database, a, "1.0")

    assert keys(database, 70) == []
    assert (row(database, "card")["state"], row(database, "card")["ts"]) == (OutboxState.SENT, "1.0")


def test_a_post_that_turns_out_to_stand_ends_its_second_sending(database: Database) -> None:
    put(database, "card")
    (a,) = claim(database)
    later(database, overdue(database, 60))
    (c,) = claim(database, 70)
    sent(database, a, "1.0")
    failed(database, c)
    sent(database, c, "3.0")

    assert (row(database, "card")["state"], row(database, "card")["ts"]) == (OutboxState.SENT, "1.0")


def test_a_late_update_does_not_pass_for_a_newer_one(database: Database) -> None:
    put(database, "card")
    (post,) = claim(database)
    sent(database, post, "1.0")
    revise(database, "card", "second")
    (stalled,) = claim(database, 1)
    revise(database, "card", "third")
    later(database, overdue(database, 61))
    (third,) = claim(database, 62)
    sent(database, stalled, "1.0")
    assert row(database, "card")["state"] is OutboxState.SENDING
    sent(database, third, "1.0")

    assert (row(database, "card")["shown"], row(database, "card")["state"]) == (3, OutboxState.SENT)


def test_a_refusal_of_old_content_leaves_the_new_its_chance(database: Database) -> None:
    put(database, "card")
    (card,) = claim(database)
    revise(database, "card", "shorter")
    failed(database, card, "msg_too_long")
    assert row(database, "card")["error"] is None
    (shorter,) = claim(database, 1)
    failed(database, shorter, "msg_too_long")

    assert (shorter.text, shorter.attempts) == ("shorter", 0)
    assert (row(database, "card")["state"], row(database, "card")["error"]) == (OutboxState.FAILED, "msg_too_long")


def test_a_message_knows_since_when_its_content_is_wanted(database: Database) -> None:
    put(database, "card")
    with database.writing() as session:
        outbox.revise(session, "card", "newer", [], now=NOW + timedelta(days=3))
    (card,) = claim(database, 5)

    assert (card.created_at, card.wanted_at) == (NOW, NOW + timedelta(days=3))


def test_a_pause_that_slack_wants_is_one_of_the_whole_channel(database: Database) -> None:
    """Those before it in the thread of time, those behind it, updates and what is written meanwhile."""
    put(database, "card")
    (card,) = claim(database)
    sent(database, card, "1.0")
    put(database, "limited")
    put(database, "behind")
    (limited,) = claim(database, 1)
    with database.writing() as session:
        outbox_outcomes.mark_held(session, limited, until=NOW + timedelta(seconds=31), error="ratelimited")
    revise(database, "card", "newer")
    put(database, "elsewhere", "C2")

    assert keys(database, 30) == ["elsewhere"]
    assert keys(database, 31) == ["card"]
    assert keys(database, 32) == ["limited"]


def test_it_is_told_when_to_look_again(database: Database) -> None:
    put(database, "a")
    with database.writing() as session:
        (message,), again = outbox_claims.claim(session, now=NOW, lease=LEASE, pace=PACE)
        assert again == NOW + LEASE
        outbox_outcomes.mark_later(session, message, not_before=NOW + timedelta(seconds=20), error="ratelimited")
        assert outbox_claims.claim(session, now=NOW, lease=LEASE, pace=PACE)[1] == NOW + timedelta(seconds=20)
    with database.writing() as session:
        outbox_outcomes.mark_failed(session, message, "ratelimited", now=NOW)
        assert row(database, "a")["state"] is OutboxState.PENDING  # only a claimed one can fail


def test_racing_claims_hand_out_each_message_once(database: Database) -> None:
    """Four machines on PostgreSQL, four tasks of one process on SQLite."""
    for number in range(40):
        put(database, f"m{number}", f"C{number}")
    together = Barrier(4)

    def take(_: int) -> list[str]:
        together.wait()
        taken: list[str] = []
        while found := claim(database, most=3):
            taken += [message.key for message in found]
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [key for share in pool.map(take, range(4)) for key in share]

    assert sorted(taken) == sorted(f"m{number}" for number in range(40))
