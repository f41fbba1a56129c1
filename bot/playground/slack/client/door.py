from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.playground.slack.world.models import Json


class Refused(Exception):
    """The local Slack would not do it; `code` is its error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Door:
    """JSON over HTTP to the server at `url`; a context that closes its connections."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.close()

    async def read(self, path: str, **query: str) -> Json:
        async with self._http.get(f"{self.url}{path}", params=query) as answer:
            return _taken(await answer.json())

    async def do(self, path: str, **body: Any) -> Json:
        """The answer; Refused when it is not ok."""
        return _taken(await self.ask(path, **body))

    async def ask(self, path: str, **body: Any) -> Json:
        """The answer, whatever it is."""
        async with self._http.post(f"{self.url}{path}", json=body) as answer:
            found: Json = await answer.json()
        return found

    def watch(self, **query: str) -> Any:
        """The websocket that tells a page what happens, as a context."""
        return self._http.ws_connect(f"{self.url}/_page/live", params=query)


def _taken(answer: Json) -> Json:
    if not answer.get("ok", True):
        raise Refused(str(answer.get("error")))
    return answer
