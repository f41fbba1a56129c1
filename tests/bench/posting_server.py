"""`bot` for the local Slack, `echo` for a bare server of JSON: in a process of its own.

It writes how to reach it as one line of JSON, and for every line it reads the seconds of the processor it has taken.
"""

import asyncio
import json
import sys
import time

from aiohttp import web

from bot.playground.slack import SlackServer


async def serve(kind: str) -> None:
    if kind == "echo":
        told = await _echo()
    else:
        server = SlackServer()
        await server.start()
        told = {"url": server.api_url, "token": server.bot_token}
    _tell(json.dumps(told))
    while await asyncio.to_thread(sys.stdin.readline):
        _tell(str(time.process_time()))


async def _echo() -> dict[str, str]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "message": await request.json()})

    app = web.Application()
    app.router.add_post("/api/{method}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return {"url": f"http://127.0.0.1:{runner.addresses[0][1]}/api/", "token": "none"}


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
