"""Signals from other programs: signed, kept once, each row by itself."""

import asyncio
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.inputs import checks, pushed
from bot.inputs.rules import Terms
from storage import risks, signals
from storage.inputs import Signal
from tests.bot.risk.evidence import NOW
from tests.bot.web.opened import SIGNALS_SECRET, Open, opened
from tests.storage.test_dimensions import GROUNDS

TERMS = Terms(GROUNDS.zone, "usd", NOW)


def signed(doors: Open, body: bytes, secret: str = SIGNALS_SECRET, late: int = 0) -> str:
    stamp = int(doors.kettle.now.timestamp()) - late
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


async def send(doors: Open, rows: Any, *, key: str = "", header: str | None = None) -> tuple[int, dict[str, Any]]:
    body = rows if isinstance(rows, bytes) else json.dumps({"signals": rows}).encode()
    headers = {"Kahvi-Signature": signed(doors, body) if header is None else header}
    headers |= {"Idempotency-Key": key} if key else {}
    async with doors.http.post(f"{doors.url}/signals", data=body, headers=headers) as answer:
        return answer.status, await answer.json()


def customer(doors: Open) -> str:
    return min(doors.kettle.ids("customers"))


async def kept(doors: Open, account_id: str, name: str) -> list[Signal]:
    now = doors.kettle.now
    read = doors.bot.services.database.read
    return await read(signals.course, account_id, name, now.replace(year=2000), now.replace(year=2030))


async def test_rows_are_kept_and_their_account_is_assessed_again(doors: Open) -> None:
    account = customer(doors)
    rows = [
        {"account": account, "name": "champion_left", "value": True},
        {"account": account, "name": "dau", "value": 31, "at": "2026-11-01", "respondent": "app"},
        {"account": "*", "name": "nps", "value": "9", "at": "2026-11-01T08:00:00+02:00"},
        {"account": account, "name": "our_own", "value": 1.25},
    ]

    assert await send(doors, rows) == (200, {"kept": 4, "refused": [], "unknown": ["our_own"]})

    (flag,) = await kept(doors, account, "champion_left")
    assert (flag.value, flag.at, flag.origin) == (1, doors.kettle.now, "pushed")
    (use,) = await kept(doors, account, "active_users")
    assert (use.value, use.respondent) == (31, "app")
    (own,) = await kept(doors, account, "our_own")
    assert str(own.value) == "1.2500"
    assert account in await doors.bot.services.database.read(risks.due)


async def test_a_wrong_row_is_refused_by_itself_with_its_field_and_the_reason(doors: Open) -> None:
    account = customer(doors)
    rows: list[Any] = [
        {"account": "cus_nobody", "name": "nps", "value": 9},
        {"account": account, "name": "nps", "value": 11},
        {"account": account, "name": "nps", "value": 9, "at": "2031-01-01"},
        {"account": account, "name": "no name", "value": 9},
        {"account": account, "name": "nps", "value": 9, "colour": "blue"},
        {"account": account, "name": "nps"},
        "nonsense",
        {"account": account, "name": "nps", "value": [9]},
        {"account": account, "name": "nps", "value": 7},
    ]

    status, answer = await send(doors, rows)

    assert (status, answer["kept"]) == (200, 1)
    assert [(one["row"], one["field"]) for one in answer["refused"]] == [
        (0, "account"),
        (1, "value"),
        (2, "at"),
        (3, "name"),
        (4, "colour"),
        (5, "value"),
        (6, ""),
        (7, "value"),
    ]
    assert "cus_nobody" in answer["refused"][0]["reason"]
    assert answer["refused"][5]["reason"].startswith("is missing;")
    assert answer["refused"][7]["reason"].startswith("is a list or an object;")
    assert (await send(doors, rows[:1]))[0] == 422
    assert (await send(doors, rows[-1:]))[0] == 200  # what went well since does not hide it
    (said,) = await doors.bot.services.database.read(checks._pushed, doors.kettle.now)
    assert said.detail.startswith("2 rows were kept and 9 refused in the last 7 days: such as a")


async def test_a_body_without_times_is_another_one_on_another_day(doors: Open) -> None:
    account = customer(doors)
    daily = [{"account": account, "name": "active_users", "value": 31}]
    for _ in range(2):
        assert (await send(doors, daily))[0] == 200
        doors.kettle.later(seconds=24 * 3600)

    assert len(await kept(doors, account, "active_users")) == 2


async def test_doctor_knows_of_requests_that_are_not_signed(doors: Open) -> None:
    for seconds in (0, 3, 30, 24 * 3600):
        doors.kettle.later(seconds=seconds)
        assert (await send(doors, [], header="t=1,v1="))[0] == 401
        (said,) = await doors.bot.services.database.read(checks._pushed, doors.kettle.now)
        told = "3 requests were" if seconds == 30 else "1 request was"
        assert said.ok
        assert said.detail.endswith(f"at least {told} refused: not signed with the secret, or signed too long ago")


async def test_doctor_knows_of_requests_that_say_something_else_under_the_same_key(doors: Open) -> None:
    account = customer(doors)
    for value in (31, 32):
        status, _ = await send(doors, [{"account": account, "name": "nps", "value": value % 11}], key="same")
    assert status == 409

    told = [one.detail for one in await doors.bot.services.database.read(checks._pushed, doors.kettle.now)]
    assert told[-1].endswith("refused: under the Idempotency-Key or the signature of another request")


async def test_characters_that_no_database_takes_are_refused_row_by_row(doors: Open) -> None:
    account = customer(doors)
    odd = ["\ud800", "a\x00b", "\udfff" * 3]
    rows: list[Any] = [{"account": one, "name": "nps", "value": 9} for one in odd]
    rows += [{"account": account, "name": one, "value": 9} for one in odd]
    rows += [{"account": account, "name": "nps", "value": 9, "respondent": one} for one in odd]
    rows += [{one: 1, "account": account, "name": "nps", "value": 9} for one in odd]

    for row in rows:
        assert (await send(doors, [row]))[0] == 422
    status, answer = await send(doors, [*rows, {"account": account, "name": "nps", "value": 7}])

    assert (status, answer["kept"], len(answer["refused"])) == (200, 1, len(rows))


async def test_a_request_is_kept_once_however_often_it_comes(doors: Open) -> None:
    account = customer(doors)
    first = [{"account": account, "name": "nps", "value": 9}]

    answers = await asyncio.gather(*(send(doors, first, key="one") for _ in range(5)))

    assert answers == [(200, {"kept": 1, "refused": [], "unknown": []})] * 5
    assert len(await kept(doors, account, "nps")) == 1
    doors.kettle.later(seconds=90)
    await send(doors, first, key="one")  # a retry, later
    await send(doors, first)
    await send(doors, first)
    assert [one.at for one in await kept(doors, account, "nps")] == sorted(
        {doors.kettle.now, (await kept(doors, account, "nps"))[0].at}
    )


async def test_a_key_names_one_body_and_a_signature_goes_with_one_key(doors: Open) -> None:
    account = customer(doors)
    nine, two = ([{"account": account, "name": "nps", "value": value}] for value in (9, 2))
    body = json.dumps({"signals": nine}).encode()
    header = signed(doors, body)

    assert (await send(doors, body, key="one", header=header))[0] == 200
    status, answer = await send(doors, two, key="one")
    assert (status, "send a new key" in answer["error"]) == (409, True)
    for again in (header, f"{header},v1=0", f"v0=1,{header}"):
        status, answer = await send(doors, body, key="two", header=again)
        assert (status, "sign the request anew" in answer["error"]) == (409, True)
    doors.kettle.later(seconds=1)
    assert (await send(doors, two, key="two"))[0] == 200
    assert [one.value for one in await kept(doors, account, "nps")] == [9, 2]


async def test_rows_that_tell_of_the_same_count_once(doors: Open) -> None:
    row: dict[str, Any] = {"account": customer(doors), "name": "nps", "value": 9, "at": "2026-11-01"}

    status, answer = await send(doors, [row, {**row, "value": 2}, {**row, "respondent": "ann"}])

    assert (status, answer["kept"]) == (200, 2)
    assert answer["refused"] == [
        {
            "row": 1,
            "field": "",
            "reason": "tells of the same account, name, time and respondent as row 0; send one of them",
        }
    ]
    assert [(one.value, one.respondent) for one in await kept(doors, row["account"], "nps")] == [(9, ""), (9, "ann")]


async def test_nobody_was_spoken_with_in_the_future(doors: Open) -> None:
    row = {"account": customer(doors), "name": "last_contact_at", "value": "2031-01-01"}

    status, answer = await send(doors, [row, {**row, "name": "contract_end"}])

    assert (status, answer["kept"]) == (200, 1)
    assert [(one["row"], one["field"]) for one in answer["refused"]] == [(0, "value")]
    assert "in the future" in answer["refused"][0]["reason"]


async def test_only_who_has_the_secret_is_heard(doors: Open) -> None:
    rows = [{"account": customer(doors), "name": "nps", "value": 9}]
    body = json.dumps({"signals": rows}).encode()

    for header in ("", "t=1,v1=", signed(doors, body, "another secret"), signed(doors, body, late=301)):
        status, answer = await send(doors, body, header=header)
        assert (status, "error" in answer) == (401, True)
    assert (await send(doors, body, header=signed(doors, b"{}")))[0] == 401
    assert await kept(doors, customer(doors), "nps") == []


async def test_what_is_not_asked_for_is_refused_whole(doors: Open) -> None:
    rows = [{"account": customer(doors), "name": "nps", "value": 9}]
    bodies = [b"", b"[]", b"{", b"[" * 5000, b'{"signals": []}', b'{"signals": {}}', b'{"signals": 3}']

    for body in [*bodies, json.dumps({"signals": rows * 1001}).encode()]:
        assert (await send(doors, body))[0] == 400
    assert (await send(doors, rows, key="x" * 256))[0] == 400


async def test_without_a_secret_there_is_no_such_door(tmp_path: Path) -> None:
    async with opened(tmp_path, signals_secret=None) as doors:
        answer = await doors.http.post(f"{doors.url}/signals", data=b"{}")

    assert answer.status == 404


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=30) | st.integers().map(str) | st.floats().map(str),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
ROWS = VALUES | st.dictionaries(st.sampled_from([*pushed.COLUMNS, "other"]), VALUES | st.sampled_from(["acme", "nps"]))


@given(st.lists(ROWS, max_size=5))
def test_every_row_is_kept_or_refused_whatever_it_holds(rows: list[Any]) -> None:
    found = pushed.read(rows, TERMS, {"acme"})

    assert len(found.signals) + len(found.refused) == len(rows)
    assert all(one.reason and "\n" not in one.reason for one in found.refused)
    assert all(one.at <= NOW for one in found.signals)
