"""The one door: who may pass, who is refused with which sentence, and that both are on record."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

from bot import roles
from bot.access import LEAST, Action, Asker, Granted, allow
from bot.errors import Denied
from bot.metrics.filters import written
from bot.roles import EVERYONE, Grant, Reach, Role
from bot.services import Services
from storage import audit, tunings
from storage.engine import Database
from storage.facts import Fact
from storage.tunings import ACCESS
from tests.company import fill, running
from tests.factories import account

MEMBER = {"ok": True, "user": {"id": "U1", "is_restricted": False}}
INSIDE = {"ok": True, "channel": {"id": "C1", "is_ext_shared": False}}


@dataclass
class Slack:
    """Answers two methods as told; a number is an HTTP status without a body."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=lambda: {"users.info": MEMBER, "conversations.info": INSIDE})

    async def handle(self, request: web.Request) -> web.Response:
        answer = self.answers[request.match_info["method"]]
        if callable(answer):
            return await answer(request)
        return web.Response(status=answer) if isinstance(answer, int) else web.json_response(answer)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    slack = Slack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.handle)
    async with TestServer(app) as server:
        slack.url = str(server.make_url("/api/"))
        yield slack


async def give(services: Services, *grants: Grant) -> None:
    await services.database.write(tunings.choose, roles.plain(grants), "U9", services.clock(), ACCESS)


@pytest.fixture
async def services(slack: Slack, database: Database, morning: datetime) -> Services:
    client = AsyncWebClient(token="xoxb-1", base_url=slack.url, retry_handlers=[], timeout=30)
    unused: Any = None
    found = Services(unused, database, lambda: morning, unused, client, unused)
    await give(found, Grant(EVERYONE, Role.CSM))
    return found


HERE = Asker("U1", "T1", "T1", "C1")


async def refusal(
    services: Services, who: Asker = HERE, action: Action = Action.LOOK_AT_ACCOUNT, subject: str = "acme"
) -> str | None:
    try:
        await allow(services, who, action, subject)
    except Denied as error:
        return str(error)
    return None


async def test_a_member_passes_and_is_recorded(services: Services, database: Database, morning: datetime) -> None:
    assert await refusal(services, Asker("U1", "T1", "T1", "C1")) is None

    assert await database.read(audit.found) == [audit.Entry(morning, "U1", "look at account", "acme", granted=True)]


@pytest.mark.parametrize("mark", ["is_restricted", "is_ultra_restricted", "is_stranger", "deleted"])
async def test_guests_and_strangers_are_refused_and_recorded(
    services: Services, slack: Slack, database: Database, mark: str
) -> None:
    slack.answers["users.info"] = {"ok": True, "user": {"id": "U1", mark: True}}

    said = await refusal(services, Asker("U1", "T1", "T1", "C1"))

    assert said is not None
    assert "full members" in said
    assert [entry.granted for entry in await database.read(audit.found)] == [False]


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


# --- roles -----------------------------------------------------------------------------------------------------


async def asked(request: web.Request) -> dict[str, Any]:
    return {**request.query, **await request.post()}


def known(**marks: Any) -> Any:
    return {"ok": True, "user": {"id": "U1", "profile": {"email": "Ann@we.com"}, **marks}}


@pytest.fixture
async def owned(services: Services, slack: Slack, morning: datetime) -> Services:
    """Ann looks after Acme, Ben after Globex, nobody after Initech."""
    slack.answers["users.info"] = known()
    facts: list[Fact] = [
        account("acme", owner_email="ann@we.com"),
        account("globex", owner_email="BEN@we.com"),
        account("initech"),
        *(running(one, 2) for one in ("acme", "globex", "initech")),
    ]
    await services.database.write(fill, facts, morning)
    return services


def test_each_action_has_its_role() -> None:
    assert set(LEAST) == set(Action)


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.ASK_FOR_HELP}))
async def test_before_anybody_decided_only_those_who_run_slack_may_anything(
    services: Services, slack: Slack, action: Action
) -> None:
    await give(services)

    ask = "ask an owner or admin of this Slack workspace to give you a role"
    assert await refusal(services, action=action) == f"You may not see customer data with Kahvi yet: {ask}."
    assert await refusal(services, action=Action.ASK_FOR_HELP) is None
    for mark in ("is_admin", "is_owner", "is_primary_owner"):
        slack.answers["users.info"] = known(**{mark: True})
        assert await refusal(services, action=action) is None


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
async def test_each_role_may_what_its_row_says(services: Services, role: Role, action: Action) -> None:
    await give(services, Grant("U1", role), Grant("U9", Role.ADMIN))
    least = LEAST[action]

    said = await refusal(services, action=action)

    if least is None or role >= least:
        assert said is None
    else:
        assert said == f"This is for the role {least.word}, and yours is {role.word}: ask <@U9> for more."


async def test_a_role_is_given_by_group_or_channel_too(services: Services, slack: Slack) -> None:
    slack.answers["usergroups.users.list"] = {"ok": True, "users": ["U1", "U2"]}
    slack.answers["conversations.members"] = {"ok": True, "members": ["U3"]}
    await give(services, Grant("S1", Role.VIEWER), Grant("C7", Role.LEAD))

    assert await refusal(services) is None
    assert await refusal(services, action=Action.TUNE_RISK) == (
        "This is for the role lead, and yours is viewer: ask an owner or admin of this Slack workspace for more."
    )
    assert await refusal(services, Asker("U3", "T1", "T1", "D1"), Action.TUNE_RISK) is None


async def test_all_pages_of_a_channel_are_read(services: Services, slack: Slack) -> None:
    async def page(request: web.Request) -> web.Response:
        cursor = (await asked(request)).get("cursor")
        more = {"members": ["U1"]} if cursor else {"members": ["U2"], "response_metadata": {"next_cursor": "2"}}
        return web.json_response({"ok": True, **more})

    slack.answers["conversations.members"] = page
    await give(services, Grant("C7", Role.CSM))

    assert await refusal(services) is None


@pytest.mark.parametrize("answer", [500, {"ok": False, "error": "missing_scope"}])
async def test_a_group_that_slack_does_not_tell_of_gives_nobody_anything(
    services: Services, slack: Slack, answer: Any
) -> None:
    slack.answers["usergroups.users.list"] = answer
    await give(services, Grant("S1", Role.ADMIN))

    assert "may not see customer data" in str(await refusal(services))


async def test_one_s_own_accounts_are_those_one_looks_after(owned: Services) -> None:
    await give(owned, Grant("U1", Role.CSM, Reach.OWN), Grant("U9", Role.ADMIN))

    assert await refusal(owned) is None
    for other in ("globex", "initech", "nobody"):
        assert await refusal(owned, subject=other) == (
            "This account is not among those you may see: ask <@U9> for more."
        )
    assert await refusal(owned, action=Action.CLAIM_ALERT, subject="17") is None  # a card in a channel is seen by all


async def test_lists_are_narrowed_to_the_accounts_within_reach(owned: Services) -> None:
    await give(owned, Grant("U1", Role.VIEWER, Reach.OWN))
    found = await allow(owned, HERE, Action.LOOK_AT_RISK)

    assert found == Granted(Role.VIEWER, frozenset({"ann@we.com"}))
    assert [found.reaches(one) for one in ("Ann@we.com", "ben@we.com", "", None)] == [True, False, False, False]
    assert written(found.within) == "owner:ann@we.com"
    assert Granted(Role.VIEWER).within == ()
    with pytest.raises(Denied, match="all accounts"):
        await allow(owned, HERE, Action.LOOK_AT_FIGURES, whole=True)


async def test_what_counts_for_all_accounts_takes_a_role_of_all_of_them(owned: Services) -> None:
    for_all = [action for action, least in LEAST.items() if least in (Role.LEAD, Role.ADMIN)]
    await give(owned, Grant("U1", Role.ADMIN, Reach.OWN), Grant("U9", Role.ADMIN), Grant(EVERYONE, Role.CSM))
    for action in for_all:
        assert "of some of them: ask <@U9>" in str(await refusal(owned, action=action, subject=""))
    await give(owned, Grant("U1", Role.ADMIN, Reach.OWN), Grant(EVERYONE, Role.ADMIN))
    assert [await refusal(owned, action=action, subject="") for action in for_all] == [None] * len(for_all)


async def test_a_team_s_accounts_are_those_of_its_members(owned: Services, slack: Slack) -> None:
    people = {"U1": "zoe@we.com", "U2": "Ann@we.com", "U3": "ben@we.com", "U4": None}
    members = [{"id": user, "profile": {"email": email}} for user, email in people.items()]
    slack.answers |= {
        "users.list": {"ok": True, "members": members},
        "usergroups.users.list": {"ok": True, "users": ["U1", "U2", "U4"]},
    }
    await give(owned, Grant("S1", Role.CSM, Reach.TEAM))

    assert await refusal(owned) is None
    assert await refusal(owned, subject="globex") is not None
    assert (await allow(owned, HERE, Action.LOOK_AT_RISK)).owners == {"ann@we.com"}


async def test_who_looks_after_nothing_sees_nothing(owned: Services, slack: Slack) -> None:
    await give(owned, Grant("U1", Role.CSM, Reach.OWN))
    for email in ("zoe@we.com", "", None):
        slack.answers["users.info"] = known(profile={"email": email})
        assert "there is none yet" in str(await refusal(owned, action=Action.LOOK_AT_RISK, subject=""))


async def test_with_each_account_the_highest_role_that_reaches_it_counts(owned: Services) -> None:
    await give(owned, Grant(EVERYONE, Role.VIEWER), Grant("U1", Role.CSM, Reach.OWN))

    mine, theirs = [await allow(owned, HERE, Action.LOOK_AT_ACCOUNT, one) for one in ("acme", "globex")]
    assert (mine.allows(Action.LOOK_AT_NOTES), theirs.allows(Action.LOOK_AT_NOTES)) == (True, False)
    assert await refusal(owned, action=Action.LOG_NOTE) is None
    assert await refusal(owned, action=Action.LOG_NOTE, subject="globex") is not None


async def test_guests_stay_out_whatever_they_were_given(services: Services, slack: Slack) -> None:
    await give(services, Grant("U1", Role.ADMIN))
    slack.answers["users.info"] = known(is_restricted=True, is_admin=True)

    assert "full members" in str(await refusal(services))


def test_what_cannot_be_read_gives_nobody_anything() -> None:
    rows = [{"to": "U1", "role": "god", "reach": "all"}, {"to": "U1", "role": "csm", "reach": "x"}, {}]
    assert list(roles.from_plain({"grants": rows})) == []
    assert list(roles.from_plain({"grants": None})) == []
    given = [Grant(EVERYONE, Role.CSM, Reach.OWN), Grant("S1", Role.LEAD, Reach.TEAM)]
    assert list(roles.from_plain(roles.plain(given))) == given
