"""Webhooks of Stripe: noted once, answered at once, and what they hint at is read again."""

import asyncio
import json
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from bot.playground.stripe.doors.webhooks import Endpoint, signature
from storage import inbox
from storage.tables import AccountRow, InboxRow
from tests.bot.web.opened import WEBHOOK_SECRET, Open, opened
from tests.waiting import HANGS

CLASSIC = {"object": "event", "id": "evt_1", "type": "customer.updated", "livemode": False}
THIN = {
    "object": "v2.core.event",
    "id": "evt_test_2",
    "type": "v1.customer.updated",
    "livemode": False,
    "related_object": {"id": "cus_2", "type": "customer", "url": "/v1/customers/cus_2"},
}


async def send(doors: Open, body: str | bytes, secret: str = WEBHOOK_SECRET, path: str = "/stripe/webhook") -> int:
    text = body if isinstance(body, str) else body.decode("latin-1")
    header = signature(secret, int(doors.kettle.now.timestamp()), text)
    async with doors.http.post(f"{doors.url}{path}", data=body, headers={"Stripe-Signature": header}) as answer:
        return answer.status


def rows(session: Session) -> list[InboxRow]:
    return list(session.exec(select(InboxRow).where(InboxRow.source == "stripe").order_by(InboxRow.id)))


def names(session: Session) -> set[str]:
    return set(session.exec(select(AccountRow.name)))


def read_anew(session: Session) -> bool:
    return "Renamed Oy" in names(session) and not inbox.waiting(session, "stripe")


async def test_a_change_told_by_a_webhook_is_read_at_once(doors: Open) -> None:
    """The bot would not look by itself for an hour."""
    server = doors.kettle.server
    server.webhooks.endpoint = Endpoint(f"{doors.url}/stripe/webhook", WEBHOOK_SECRET)
    customer = next(iter(doors.kettle.ids("customers")))
    server.billing.update_customer(customer, name="Renamed Oy")
    assert await server.webhooks.deliver() == 1
    database = doors.bot.services.database
    async with asyncio.timeout(HANGS):
        while not await database.read(read_anew):  # noqa: ASYNC110 - only the database tells
            await asyncio.sleep(0.02)

    (row,) = await database.read(rows)
    assert (row.kind, row.subject, row.payload) == ("customer.updated", customer, None)
    assert row.handled_at is not None


async def test_classic_and_thin_events_are_noted_once_each(doors: Open) -> None:
    classic = {**CLASSIC, "data": {"object": {"id": "cus_1", "name": "A customer's name"}}}
    for body in (classic, THIN, classic, THIN):
        assert await send(doors, json.dumps(body)) == 200

    noted = await doors.bot.services.database.read(rows)
    assert [(row.id, row.kind, row.subject) for row in noted] == [
        ("evt_1", "customer.updated", "cus_1"),
        ("evt_test_2", "v1.customer.updated", "cus_2"),
    ]


async def test_an_event_of_live_mode_is_left_alone_by_a_test_key(doors: Open) -> None:
    assert await send(doors, json.dumps({**CLASSIC, "livemode": True})) == 200
    assert await doors.bot.services.database.read(rows) == []


async def test_what_is_signed_and_no_event_is_refused(doors: Open) -> None:
    odd: list[Any] = ["", "[]", "null", "{", "[" * 100_000, json.dumps({**CLASSIC, "id": 7}), '{"id": "evt_1"}']
    odd += [json.dumps({**CLASSIC, "type": "x" * 300}), json.dumps({**CLASSIC, "id": "\x00"})]
    assert [await send(doors, body) for body in odd] == [400] * len(odd)
    assert await send(doors, json.dumps(CLASSIC), secret="whsec_other") == 400
    assert await doors.bot.services.database.read(rows) == []


async def test_a_body_beyond_a_megabyte_is_refused(doors: Open) -> None:
    body = BytesIO(b"x" * (1024 * 1024 + 1))
    async with doors.http.post(f"{doors.url}/stripe/webhook", data=body) as answer:
        assert answer.status == 413


async def test_without_a_secret_there_is_no_door(tmp_path: Path) -> None:
    async with opened(tmp_path, stripe_webhook_secret=None, slack_signing_secret=None) as doors:
        assert await send(doors, json.dumps(CLASSIC)) == 404
        assert await send(doors, "{}", path="/slack/events") == 404
        assert (await doors.get("/live"))[0] == 200
