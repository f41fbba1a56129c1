"""A local Slack in a process of its own, which types commands and takes the time to each acknowledgement.

It writes how to reach it as one line of JSON. For every line it reads, "count gap", it types so many commands,
`gap` seconds apart, to whichever app is connected, and writes the milliseconds as one line of JSON.
"""

import asyncio
import json
import sys
import time

from bot.manifest import manifest
from bot.playground.slack import SlackConfig, SlackServer
from bot.playground.slack.doors.retry import FIRST, Retry
from bot.playground.slack.people.actor import Actor
from bot.playground.slack.people.slash import run_command
from bot.playground.slack.world.state import State

COMMANDS = ("/coffee", "/account acme", "/coffee help", "/exit-interview acme")
PATIENCE = 30.0  # seconds within which an app has to connect
WARMING = 10  # commands before those that count


async def serve() -> None:
    server = SlackServer(SlackConfig.from_manifest(manifest()))
    await server.start()
    tell({"bot_token": server.bot_token, "app_token": server.app_token, "url": server.api_url})
    while asked := await asyncio.to_thread(sys.stdin.readline):
        count, gap = asked.split()
        async with asyncio.timeout(PATIENCE):
            await connected(server.state)
        await typed(server.state, WARMING, float(gap))
        tell([1000 * taken for taken in await typed(server.state, int(count), float(gap))])
    await server.stop()


async def connected(state: State) -> None:
    while not state.sockets.count:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.05)


async def typed(state: State, count: int, gap: float) -> list[float]:
    """Seconds from sending each envelope to its acknowledgement."""
    channel = next(iter(state.workspace.channels.values()))
    taken: list[float] = []
    deliver = state.sockets.deliver

    async def timed(kind: str, payload: dict[str, object], retry: Retry = FIRST) -> dict[str, object]:
        started = time.perf_counter()
        answer = await deliver(kind, payload, retry)
        taken.append(time.perf_counter() - started)
        return answer

    state.sockets.deliver = timed  # type: ignore[method-assign]  # the clock stands as near to the wire as it can
    for number in range(count):
        await run_command(Actor(state, state.me), channel, COMMANDS[number % len(COMMANDS)])
        await asyncio.sleep(gap)
    state.sockets.deliver = deliver  # type: ignore[method-assign]  # as it was before
    return taken


def tell(what: object) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    asyncio.run(serve())
