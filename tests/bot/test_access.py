"""The one door: who may pass, who is refused with which sentence, and that both are on record."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot.access import Action, Asker, allow
from bot.errors import Denied
from bot.services import Services
from storage import audit
from storage.engine import Database

MEMBER = {"ok": True, "user": {"id": "U1", "is_restricted": False}}
INSIDE = {"ok": True, "channel": {"id": "C1", "is_ext_shared": False}}


@dataclass
class Slack:
    """Answers two methods as told; a number is an HTTP status without a body."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=lambda: {"users.info": MEMBER, "conversations.info": INSIDE})

    async def handle(self, request: web.Request) -> web.Response:
        answer = self.answers[request.match_info["method"]]
        return web.Response(status=answer) if isinstance(answer, int) else web.json_response(answer)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    slack = Slack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.handle)
    async with TestServer(app) as server:
        slack.url = str(server.make_url("/api/"))
        yield slack


@pytest.fixture
def services(slack: Slack, database: Database, morning: datetime) -> Services:
    client = AsyncWebClient(token="xoxb-1", base_url=slack.url, retry_handlers=[], timeout=2)
    unused: Any = None
    return Services(unused, database, lambda: morning, unused, client, unused)


async def refusal(services: Services, who: Asker) -> str | None:
    try:
        await allow(services, who, Action.LOOK_AT_ACCOUNT, "acme")
    except Denied as error:
        return str(error)
    return None


async def test_a_member_passes_and_is_recorded(services: Services, database: Database, morning: datetime) -> None:
    assert await refusal(services, Asker("U1", "T1", "T1", "C1")) is None

    assert await database.read(audit.latest) == [audit.Entry(morning, "U1", "look at account", "acme", granted=True)]


@pytest.mark.parametrize("mark", ["is_restricted", "is_ultra_restricted", "is_stranger", "deleted"])
async def test_guests_and_strangers_are_refused_and_recorded(
    services: Services, slack: Slack, database: Database, mark: str
) -> None:
    slack.answers["users.info"] = {"ok": True, "user": {"id": "U1", mark: True}}

    said = await refusal(services, Asker("U1", "T1", "T1", "C1"))

    assert said is not None
    assert "full members" in said
    assert [entry.granted for entry in await database.read(audit.latest)] == [False]


async def test_people_of_another_workspace_are_refused(services: Services) -> None:
    said = await refusal(services, Asker("U1", "T2", "T1", "C1"))

    assert said is not None
    assert "people of the workspace" in said


async def test_a_channel_that_another_company_shares_is_refused(services: Services, slack: Slack) -> None:
    slack.answers["conversations.info"] = {"ok": True, "channel": {"id": "C1", "is_ext_shared": True}}

    said = await refusal(services, Asker("U1", "T1", "T1", "C1"))

    assert said is not None
    assert "Another company shares this channel" in said
    assert await refusal(services, Asker("U1", "T1", "T1", "D1")) is None


@pytest.mark.parametrize("error", ["missing_scope", "channel_not_found"])
async def test_what_slack_may_not_tell_does_not_refuse(services: Services, slack: Slack, error: str) -> None:
    slack.answers = {method: {"ok": False, "error": error} for method in slack.answers}

    assert await refusal(services, Asker("U1", "T1", "T1", "C1")) is None


@pytest.mark.parametrize(
    "answer", [500, {"ok": False, "error": "ratelimited"}, {"ok": False, "error": "user_not_found"}]
)
async def test_when_slack_cannot_tell_nobody_passes(services: Services, slack: Slack, answer: Any) -> None:
    slack.answers["users.info"] = answer

    said = await refusal(services, Asker("U1", "T1", "T1", "C1"))

    assert said is not None
    assert "try again in a minute" in said
