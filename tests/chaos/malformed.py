"""R8: malformed and unsigned HTTP to every door: no answer of 500 or more, and nothing that was sent in the log."""

import asyncio
import gzip
import io
import json
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import structlog

from bot import log
from bot.web import server
from tests.bot.web.opened import Open, opened
from tests.chaos.harness import Result

CANARY = "kettle-canary"  # stands in every body, and in no log
AT_ONCE = 8
PATHS = (
    "/slack/events",
    "/stripe/webhook",
    "/signals",
    "/live",
    "/ready",
    "/metrics",
    "/",
    "/slack/events/..",
    "/%00",
    "/" + "x" * 9000,
)
METHODS = ("POST",) * 12 + ("GET", "PUT", "HEAD", "OPTIONS", "DELETE", "POST ", "\x16\x03", "")
KINDS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "application/json; charset=klingon",
    "multipart/form-data; boundary=",
    ";;;",
    "text/ü",
)
STAMPS = ("", "abc", "-1", "1.5", "9" * 400, "٣٣٣", "NaN", "0x10", "1e9", "1795422600")
SIGNATURES = ("", "v0=", "v0=ü", "v0=" + "0" * 64, "x" * 5000, "t=1,v1=", "t=,v1=ü", "t=9,t=9,v1=" + "0" * 64, ",,,=")
BODIES = (
    "[" * 5000,
    '{"type": "event_callback", "event": null}',
    "payload=%7B%22type%22%3A",
    "payload=" + "a" * 3000,
    "&" * 500,
    "{}",
    "null",
    "",
    json.dumps({"id": "evt_1", "type": "x", "livemode": True}),
)


def requests(amount: int, random: Random) -> Iterator[bytes]:
    """Whole requests as they go over the wire."""
    for _ in range(amount):
        yield request(random)


def request(random: Random) -> bytes:
    if random.random() < 0.05:
        return random.randbytes(random.randint(1, 400)) + CANARY.encode() + b"\r\n\r\n"
    body = _body(random)
    headers = [
        ("Host", "localhost"),
        ("Content-Type", random.choice(KINDS)),
        ("X-Slack-Request-Timestamp", random.choice(STAMPS)),
        ("X-Slack-Signature", random.choice(SIGNATURES)),
        ("Stripe-Signature", random.choice(SIGNATURES)),
        *_odd_headers(random, body),
    ]
    random.shuffle(headers)
    lines = [f"{random.choice(METHODS)} {random.choice(PATHS)} HTTP/1.{random.choice('1111109')}"]
    lines += [f"{name}: {value}" for name, value in headers if random.random() < 0.9 or name.startswith("Content-L")]
    return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body


def _body(random: Random) -> bytes:
    if random.random() < 0.3:
        body = random.randbytes(random.randint(0, 300)) + CANARY.encode()
    else:
        body = (random.choice(BODIES) + CANARY).encode()
    return gzip.compress(body)[: random.randint(1, 60)] if random.random() < 0.1 else body


def _odd_headers(random: Random, body: bytes) -> list[tuple[str, str]]:
    length = ("Content-Length", str(len(body)))
    odd = [
        [("Content-Length", str(len(body) + random.randint(-3, 3)))],
        [("Content-Length", random.choice(("-1", "9" * 30, "abc", "")))],
        [length, ("Transfer-Encoding", "chunked")],
        [("Transfer-Encoding", random.choice(("chunked", "gzip, chunked", "kettle")))],
        [length, ("Expect", random.choice(("100-continue", "a-miracle")))],
        [length, ("Content-Length", "1")],
        [length, ("X" * random.randint(1, 9000), "y")],
        [length, ("Cookie", "ü=" + "\x07" * 3)],
    ]
    encoded = [length, ("Content-Encoding", random.choice(("gzip", "deflate", "br", "zstd", "kettle")))]
    return random.choice([[length]] * 8 + [encoded] * 2 + odd)


async def send_all(doors: Open, inputs: Iterator[bytes], statuses: Counter[int]) -> None:
    """Each on a connection of its own: a broken one would spoil the next."""

    async def sender() -> None:
        for sent in inputs:
            statuses[await answered(doors.port, sent)] += 1

    await asyncio.gather(*(sender() for _ in range(AT_ONCE)))


async def answered(port: int, sent: bytes) -> int:
    """The status of the answer, 0 where the connection was closed without one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        async with asyncio.timeout(30):
            head = await reader.readline()
        parts = head.split()
        return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    except ConnectionError:
        return 0
    finally:
        writer.close()


@contextmanager
def listened() -> Iterator[io.StringIO]:
    """All that is logged as Kahvi logs it, and what libraries say besides, down to their debugging."""
    said, root = io.StringIO(), logging.getLogger()
    before, level = structlog.get_config(), root.level
    everything = logging.StreamHandler(said)
    root.addHandler(everything)
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, log.mask, structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(said),
        cache_logger_on_first_use=False,
    )
    try:
        yield said
    finally:
        structlog.configure(**before)
        root.removeHandler(everything)
        root.setLevel(level)


async def bombard(folder: Path, inputs: int, seed: int) -> tuple[Counter[int], list[str]]:
    """Answers by status (0: closed without one), and the lines of the log that should not be there."""
    server.READ_SECONDS = 0.5  # many promise more than they send
    statuses: Counter[int] = Counter()
    with listened() as said:
        async with opened(folder, "http") as doors:
            await send_all(doors, requests(inputs, Random(seed)), statuses)
            assert (await doors.get("/live"))[0] == 200  # it is none the worse for it
    lines = said.getvalue().splitlines()
    return statuses, [line for line in lines if CANARY in line or "Traceback" in line or "request failed" in line]


def run(inputs: int, seed: int) -> list[Result]:
    begun = time.perf_counter()
    with TemporaryDirectory() as folder:
        statuses, logged = asyncio.run(bombard(Path(folder), inputs, seed))
    wrong = [f"{count} answers of {status}" for status, count in statuses.items() if status >= 500]
    wrong += [f"logged: {line[:200]}" for line in logged]
    wrong += [f"{status} was never answered" for status in (400, 401, 404, 405, 408) if not statuses[status]]
    if sum(statuses.values()) != inputs:
        wrong.append(f"{inputs - sum(statuses.values())} were lost")
    bad = sum(count for status, count in statuses.items() if status >= 500)
    figure = f"{bad} answers of 500 or more, {len(logged)} bodies logged"
    return [Result("R8 malformed HTTP", f"{inputs:,} inputs", figure, wrong, time.perf_counter() - begun)]
