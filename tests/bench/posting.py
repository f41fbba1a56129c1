"""Messages a second that the local Slack takes on one core, and how fast its validator is.

Messages are counted against a bare aiohttp server that only reads and writes JSON, both as processes of their own and
by the processor's time that they take, so that who else is at work on the machine does not matter. The validator is
compared with `jsonschema` over a schema made from its own tables of limits.
"""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from typing import Any

import aiohttp
from jsonschema import Draft202012Validator

from bot.playground.slack.validate import check_message_blocks
from tests.bench.measure import Line, Size, line_of, median, seconds, serving
from tests.bot.playground.slack.validate import samples
from tests.bot.playground.slack.validate.json_schema import schema_of_blocks

ENOUGH = 1000.0  # messages a second on one core that are always enough
HALF = 2.0  # else as much as half of the bare server's rate
TIMES = 3.0
AT_ONCE = 16
WARMING = 200
ECHO = "a bare aiohttp server that reads and writes JSON; the bound is 1,000 a second or half its rate, the lower"
SCHEMA = "jsonschema over an equal schema, made from the same tables"
WORDS = "Coffee stats: MRR is 124,500 euros, up 2.1 % on last week; two accounts need a call today."
CARD = [samples.HEADER, samples.SECTION, samples.LINE, samples.TABLE, samples.CONTEXT, samples.ACTIONS]


def measure(size: Size) -> list[Line]:
    plain = {"channel": "C00000002", "text": WORDS}
    lines = []
    for name, message in (("a post of text", plain), ("a post of six blocks", plain | {"blocks": CARD})):
        post = median([_cpu("bot", message, size.messages) for _ in range(size.runs)])
        echo = median([_cpu("echo", message, size.messages) for _ in range(size.runs)])
        bound = max(HALF, 1000 / ENOUGH / echo) if name == "a post of text" else None
        lines.append(Line(name, post, "ms of cpu", echo, bound, ECHO if bound else ""))
    return [*lines, _validator(size.messages, size.runs)]


def _cpu(kind: str, message: Mapping[str, Any], messages: int) -> float:
    """Milliseconds of the processor that the server takes for each message."""
    with serving(["-m", "tests.bench.posting_server", kind]) as server:
        told = json.loads(line_of(server))
        asyncio.run(_post(told, message, WARMING))
        before = _time_of(server)
        asyncio.run(_post(told, message, messages))
        return 1000 * (_time_of(server) - before) / messages


def _time_of(server: subprocess.Popen[str]) -> float:
    assert server.stdin is not None
    server.stdin.write("\n")
    return float(line_of(server))


async def _post(told: Mapping[str, str], message: Mapping[str, Any], messages: int) -> None:
    body, headers = json.dumps(message), {"Authorization": f"Bearer {told['token']}"}
    headers["Content-Type"] = "application/json; charset=utf-8"
    left = iter(range(messages))
    async with aiohttp.ClientSession(headers=headers) as http:

        async def work() -> None:
            for _ in left:
                async with http.post(f"{told['url']}chat.postMessage", data=body) as answer:
                    assert (await answer.json())["ok"] is True

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def _validator(count: int, runs: int) -> Line:
    judge = Draft202012Validator(schema_of_blocks(50))
    assert check_message_blocks(CARD) == []
    assert judge.is_valid(CARD)
    rounds = range(max(1, count // 20))
    own = median([seconds(lambda: [check_message_blocks(CARD) for _ in rounds]) for _ in range(runs)])
    other = median([seconds(lambda: [judge.is_valid(CARD) for _ in rounds]) for _ in range(runs)])
    each = 1000 / len(rounds)
    return Line("checking six blocks", own * each, "ms", other * each, TIMES, SCHEMA)
