"""Health: told truly, and without a word that is not ours."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlmodel import Session
from structlog.testing import capture_logs

from bot import app as application
from bot.web import health
from storage import outbox
from tests.bot.web.opened import CS, Open, opened
from tests.waiting import HANGS


def samples(body: str) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(body):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def test_a_bot_that_works_is_alive_and_ready(doors: Open) -> None:
    status, body = await doors.get("/live")
    assert (status, re.sub(r"[\d.]+", "0", body)) == (200, '{"alive": true, "beat_seconds": 0}')
    assert await doors.get("/ready") == (200, '{"database": true, "schema": true, "slack": true}')


async def test_a_bot_without_slack_is_alive_and_not_ready(doors: Open) -> None:
    await doors.slack.stop()
    async with asyncio.timeout(HANGS):
        while (answer := await doors.get("/ready"))[0] == 200:  # noqa: ASYNC110 - a closed socket is seen soon
            await asyncio.sleep(0.01)

    assert answer == (503, '{"database": true, "schema": true, "slack": false}')
    assert (await doors.get("/live"))[0] == 200


async def test_a_database_that_takes_no_writes_is_not_ready(doors: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "TRUST_SECONDS", 0.0)
    monkeypatch.setattr(health, "LOOK_SECONDS", 0.5)
    with doors.bot.services.database.engine.begin() as connection:
        connection.execute(text("delete from inbox"))
        held = await doors.get("/ready")
    monkeypatch.setattr(health, "LOOK_SECONDS", HANGS)
    free = await doors.get("/ready")
    with doors.bot.services.database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0000'"))
    older = await doors.get("/ready")

    assert (held[0], '"database": false' in held[1]) == (503, True)
    assert free[0] == 200
    assert older == (503, '{"database": true, "schema": false, "slack": true}')


async def test_a_bot_whose_delivery_ended_is_not_alive(doors: Open) -> None:
    doors.bot.delivery.stop()
    async with asyncio.timeout(HANGS):
        while (answer := await doors.get("/live"))[0] == 200:  # noqa: ASYNC110 - the task tells nobody
            await asyncio.sleep(0.01)

    assert answer[0] == 503


async def test_metrics_tell_how_well_it_keeps_up(doors: Open) -> None:
    before = samples((await doors.get("/metrics"))[1])
    doors.kettle.now += timedelta(minutes=7)
    now = doors.kettle.now

    def waiting(session: Session) -> None:
        """In one transaction, as a bot is running that posts what it finds."""
        outbox.put(session, "k", CS, "A secret text", [], now=now - timedelta(seconds=90))
        outbox.put(session, "later", CS, "A secret text", [], now=now)
        session.connection().execute(text("update outbox set not_before = '2030-01-01 00:00:00.000000'"))
        session.connection().execute(text("update outbox set state = 'unconfirmed' where key = 'later'"))

    await doors.bot.services.database.write(waiting)
    status, body = await doors.get("/metrics")
    after = samples(body)

    assert status == 200
    assert "secret" not in body
    assert before["kahvi_outbox_oldest_pending_seconds"] == before["kahvi_outbox_unconfirmed"] == 0
    assert after["kahvi_outbox_oldest_pending_seconds"] == 90
    assert after["kahvi_outbox_unconfirmed"] == 1
    assert after["kahvi_sync_age_seconds"] == after["kahvi_sync_cursor_lag_seconds"] == 420
    assert after["kahvi_stripe_requests_total{code=200}"] > 0
    assert {"kahvi_slots_missed_total", "kahvi_posts_created", "kahvi_handler_seconds_count"} & set(after)


async def test_where_only_health_is_wanted_a_taken_port_stops_nothing(doors: Open, tmp_path: Path) -> None:
    settings = doors.bot._settings.model_copy(
        update={
            "stripe_webhook_secret": None,
            "signals_secret": None,
            "slack_signing_secret": None,
            "database_url": f"sqlite:///{tmp_path / 'other.db'}",
        }
    )
    with capture_logs() as logged:
        other = application.build(settings, clock=lambda: doors.kettle.now, child=False)
        await other.start()
        await other.stop()

    assert [entry["log_level"] for entry in logged if entry["event"] == "nobody can ask for health"] == ["warning"]


async def test_port_0_opens_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, http_port=0) as doors:
        assert doors.bot._web is None
