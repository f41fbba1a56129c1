"""Four replicas that take messages from one outbox on PostgreSQL, against a bare loop that marks the same rows.

Nothing is posted: what is measured is what Kahvi does to a row so that it is sent once and in order. As in a
running bot it takes up to sixteen at a time and writes their outcomes together.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg

from bot.slack import outcomes
from bot.slack.delivery import TIDY
from storage import outbox, outbox_claims
from storage.engine import Database
from storage.migrate import migrate
from storage.outbox import Rank
from tests.bench.measure import Line, Size, median
from tests.chaos.harness import fork, lines_of, opened
from tests.postgresql import for_psycopg, server, temporary_database

REPLICAS = 4
CHANNELS = 200
BOUND = 1.25  # four fifths of the bare rate
LEASE = timedelta(seconds=90)
TAKE = """update outbox set state = 'sent' where id = (
    select id from outbox where state = 'pending' order by id limit 1 for update skip locked) returning id"""
NOTE = "psycopg alone, four processes: one row at a time by FOR UPDATE SKIP LOCKED, marked and committed"


def measure(size: Size) -> list[Line]:
    messages = size.messages
    with server() as shared, temporary_database(shared) as url:
        with opened(url) as database:
            migrate(database)
        ours = [_seconds(url, messages, _kahvi) for _ in range(size.runs)]
        bare = [_seconds(url, messages, _bare) for _ in range(size.runs)]
    per = [1000 * median(taken) / messages for taken in (ours, bare)]
    return [Line(f"outbox, {REPLICAS} replicas, {messages:,} messages", per[0], "ms a message", per[1], BOUND, NOTE)]


def _seconds(url: str, messages: int, work: Callable[[str], None]) -> float:
    _fill(url, messages)
    reading, writing = os.pipe()
    children = [fork(lambda: _at_the_word(reading, url, work)) for _ in range(REPLICAS)]
    time.sleep(1)  # all have opened their database
    began = time.perf_counter()
    os.write(writing, b"." * REPLICAS)
    ended = [child.wait() for child in children]
    taken = time.perf_counter() - began
    for one in (reading, writing):
        os.close(one)
    if any(ended) or lines_of(url, "select count(*) from outbox where state <> 'sent'") != [(0,)]:
        raise RuntimeError("a replica failed, or left messages behind")
    return taken


def _at_the_word(reading: int, url: str, work: Callable[[str], None]) -> None:
    database = Database(url)
    with database.reading() as session:
        session.connection()
    database.close()
    os.read(reading, 1)
    work(url)


def _fill(url: str, messages: int) -> None:
    now = datetime.now(UTC)
    with opened(url) as database, database.writing() as session:
        session.connection().exec_driver_sql("truncate outbox")
        for number in range(messages):
            outbox.put(session, f"m{number}", f"C{number % CHANNELS}", "text", [], now=now, rank=Rank.CARD)
    with opened(url) as database, database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("vacuum analyze outbox")


def _kahvi(url: str) -> None:
    database = Database(url)
    tidied = 0.0
    while True:
        now = datetime.now(UTC)
        if time.monotonic() - tidied >= TIDY.total_seconds():
            tidied = time.monotonic()
            with database.writing() as session:
                outbox_claims.tidy(session, now=now, lease=LEASE)
        with database.writing() as session:
            claimed, again = outbox_claims.claim(session, now=now, lease=LEASE, pace=timedelta(0))
        if not claimed and again is None:
            return
        with database.writing() as session:  # as Delivery does with what comes in together
            outcomes.sent(session, [(message, f"{message.id}.0") for message in claimed])


def _bare(url: str) -> None:
    with psycopg.connect(for_psycopg(url)) as connection:
        while connection.execute(TAKE).fetchone():
            connection.commit()
