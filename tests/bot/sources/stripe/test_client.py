"""How Stripe is asked: tries, waits, refusals; answers are written by hand here."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import structlog

from bot.errors import SettingsError, SourceDown, SourceRefused
from bot.sources.stripe import StripeSource
from bot.sources.stripe.client import API_VERSION, ExpandRefused, NotFound, StripeClient, Vanished
from bot.sources.stripe.pace import Pace
from tests.bot.sources.stripe.kettle import Waits

KEY = "rk_test_0123456789abcdef"
Answer = httpx.Response | Exception


def client(answers: list[Answer], waits: Waits | None = None, **options: Any) -> StripeClient:
    """A client whose requests get these answers in order, the last one again and again."""
    left = iter(answers)

    def answer(_request: httpx.Request, last: list[Answer] = answers[-1:]) -> httpx.Response:
        given = next(left, last[0])
        if isinstance(given, Exception):
            raise given
        return given

    options = {"pace": None, "in_flight": 4, "sleep": waits or Waits()} | options
    return StripeClient(KEY, "http://stripe.test", transport=httpx.MockTransport(answer), **options)


def ok(body: Any = None) -> httpx.Response:
    return httpx.Response(200, json={"object": "customer"} if body is None else body)


def refused(status: int, message: str = "No.", headers: dict[str, str] | None = None, **error: Any) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": message, **error}}, headers=headers)


def noting(asked: list[httpx.Request]) -> httpx.MockTransport:
    """Answers all with an empty list."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return ok({"data": []})

    return httpx.MockTransport(answer)


async def test_every_request_names_the_key_and_the_version() -> None:
    seen: list[httpx.Request] = []
    stripe = StripeClient(
        KEY,
        "http://stripe.test",
        pace=None,
        in_flight=1,
        transport=noting(seen),
    )

    await stripe.get("customers", [("limit", "100"), ("expand[]", "data.a"), ("expand[]", "data.b")])

    (request,) = seen
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["stripe-version"] == API_VERSION
    assert str(request.url) == ("http://stripe.test/v1/customers?limit=100&expand%5B%5D=data.a&expand%5B%5D=data.b")


@pytest.mark.parametrize(
    "trouble",
    [
        refused(409),
        refused(429),
        refused(500),
        refused(503),
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("silence"),
        httpx.DecodingError("gzip cut short"),
        httpx.Response(200, content=b'{"data": ['),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b'{"amount": ' + b"9" * 5000 + b"}"),
        refused(400, headers={"Stripe-Should-Retry": "true"}),
    ],
)
async def test_what_may_pass_is_tried_again(trouble: Answer) -> None:
    waits = Waits()

    assert await client([trouble, trouble, ok()], waits).get("customers") == {"object": "customer"}
    first, second = waits.seconds
    assert 0.25 <= first <= 0.5
    assert 0.5 <= second <= 1


async def test_the_server_says_how_long_to_wait() -> None:
    waits = Waits()

    await client([refused(429, headers={"Retry-After": "7"}), ok()], waits).get("customers")

    assert waits.seconds == [7]


@pytest.mark.parametrize("said", ["soon", "-1", "nan", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_wait_that_makes_no_sense_is_not_taken(said: str) -> None:
    waits = Waits()

    await client([refused(429, headers={"Retry-After": said}), ok()], waits).get("customers")

    assert waits.seconds[0] <= 0.5


async def test_a_wait_of_more_than_a_minute_is_left_to_the_next_sync() -> None:
    waits = Waits()

    with pytest.raises(SourceDown, match="it answered 429"):
        await client([refused(429, headers={"Retry-After": "3600"})], waits).get("customers")

    assert waits.seconds == []


@pytest.mark.parametrize("status", [409, 429, 500])
async def test_told_not_to_try_again_it_does_not(status: int) -> None:
    waits = Waits()

    with pytest.raises((SourceDown, SourceRefused)):
        await client([refused(status, headers={"Stripe-Should-Retry": "false"})], waits).get("customers")

    assert waits.seconds == []


async def test_it_gives_up_after_a_minute_of_longer_and_longer_waits() -> None:
    waits = Waits()

    with pytest.raises(SourceDown, match="Stripe did not answer customers"):
        await client([refused(500)], waits).get("customers")

    assert 50 < sum(waits.seconds) <= 60
    assert max(waits.seconds) <= 5


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refused(401, f"Invalid API Key provided: {KEY}"), SourceRefused, "does not accept the key"),
        (refused(403, "Having the 'rak_dispute_read' permission"), SourceRefused, r"Disputes \(rak_dispute_read\)"),
        (refused(404), NotFound, "nothing at disputes"),
        (refused(400, "No such dispute", code="resource_missing", param="starting_after"), Vanished, "no longer"),
        (refused(400, "This property cannot be expanded (charge)."), ExpandRefused, r"\(charge\)"),
        (refused(400, "Invalid limit"), SourceRefused, r"refuses to give disputes \(400\): Invalid limit"),
        (refused(400, f"Bad {KEY}"), SourceRefused, r"Bad \(key\)$"),
        (refused(402, ""), SourceRefused, "does not say why"),
        (httpx.Response(301, headers={"location": "https://elsewhere.test"}), SourceRefused, "301"),
        (httpx.Response(418, content=b"teapot"), SourceRefused, "418"),
        (httpx.Response(400, json=["no", "object"]), SourceRefused, "400"),
        (ok(["a", "list"]), SourceRefused, "does not answer like Stripe"),
    ],
)
async def test_what_will_not_pass_is_refused_at_once(answer: Answer, kind: type[Exception], words: str) -> None:
    waits = Waits()

    with pytest.raises(kind, match=words) as caught:
        await client([answer], waits).get("disputes")

    assert waits.seconds == []
    assert KEY not in str(caught.value)


async def test_an_address_without_a_scheme_is_refused_at_once() -> None:
    stripe = StripeClient(KEY, "api.stripe.com", pace=None, in_flight=1, sleep=Waits())

    with pytest.raises(SourceRefused, match="must begin with https"):
        await stripe.get("customers")


@pytest.mark.parametrize("key", ["", "  ", "rk_live_käy", "rk_live_1\nX-Evil: 1", "rk live"])
def test_a_key_that_is_none_stops_the_start(key: str) -> None:
    with pytest.raises(SettingsError, match="copy it again"):
        StripeSource(key)


async def test_a_key_is_taken_without_the_white_space_around_it() -> None:
    source = StripeSource(f" {KEY}\n", transport=httpx.MockTransport(lambda _: ok({"data": [], "has_more": False})))

    assert all(line.ok for line in await source.check())


async def test_a_full_live_key_is_refused_before_anything_is_asked() -> None:
    asked: list[httpx.Request] = []
    transport = noting(asked)
    source = StripeSource("sk_live_x", transport=transport)

    with pytest.raises(SourceRefused, match="make a restricted key"):
        await anext(source.walk(None))

    assert asked == []
    (line,) = await source.check()
    assert (line.ok, line.detail) == (False, "full key for live data")
    allowed = StripeSource("sk_live_x", transport=transport, allow_full_key=True)
    assert all(line.ok for line in await allowed.check())


async def test_neither_key_nor_content_is_logged() -> None:
    with structlog.testing.capture_logs() as logs:
        await client([refused(500, f"secret of {KEY}"), ok({"name": "Acme"})]).get("customers/cus_1")

    written = json.dumps(logs)
    assert [line["event"] for line in logs] == ["stripe.again"]
    assert KEY not in written
    assert "secret" not in written
    assert "Acme" not in written


class Time:
    """A loop's clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def loop_time(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()

    class Loop:
        time: Callable[[], float] = staticmethod(clock)

    monkeypatch.setattr(asyncio, "get_running_loop", Loop)
    return clock


async def test_requests_start_no_faster_than_the_pace(loop_time: Time) -> None:
    pace, starts = Pace(10, 4, loop_time.sleep), []

    for _ in range(11):
        async with pace.turn():
            starts.append(loop_time.now)

    assert starts[-1] - starts[0] == pytest.approx(1)


async def test_no_more_than_the_allowed_number_is_in_flight() -> None:
    open_now = most = 0

    async def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        open_now -= 1
        return ok()

    stripe = StripeClient(KEY, "http://stripe.test", pace=None, in_flight=3, transport=httpx.MockTransport(answer))
    await asyncio.gather(*(stripe.get("customers") for _ in range(20)))

    assert most == 3
