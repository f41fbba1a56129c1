"""Reports, win-back and Fixed in the hands of people with narrow roles, and presses that come twice."""

import asyncio
from dataclasses import replace

import pytest

from bot import people
from bot.roles import Grant, Reach, Role
from storage import audit, fixes
from storage import facts as f
from tests.company import fill, running
from tests.factories import account
from tests.handlers.conftest import HERE, Stage, words
from tests.handlers.test_access import answered, give
from tests.handlers.test_exit_interview import shown
from tests.handlers.test_exit_report import asks
from tests.handlers.test_win_back import left, lists, marks_fixed


async def narrow(stage: Stage, role: Role, name: str = "ben", email: str = "ann@we.com") -> str:
    """Somebody who sees only the accounts of this address; Aino sees all."""
    user = await stage.is_now(name)
    stage.server.state.workspace.users[user].email = email
    await give(stage, Grant("U00000001", Role.ADMIN), Grant(user, role, Reach.OWN))
    return user


async def test_a_lead_of_some_accounts_notes_no_fix_for_all(stage: Stage) -> None:
    """The owners of other accounts would never be told."""
    await left(stage, "small", 1)
    await narrow(stage, Role.LEAD)

    await stage.presses(await lists(stage), "A feature is fixed …")

    assert words(await stage.last()).startswith("This counts for all accounts")
    assert await stage.services.database.read(fixes.every) == {}


async def test_what_is_typed_for_a_period_is_not_kept_in_the_record_of_looks(stage: Stage) -> None:
    await asks(stage, "12m")
    await asks(stage, "Jane of Acme is on leave")
    kept = [one.subject for one in await stage.services.database.read(audit.found)]
    assert "12m" in kept
    assert [one for one in kept if "Jane" in one] == []


async def test_a_team_of_many_sees_its_accounts(stage: Stage) -> None:
    """More colleagues look after accounts than people may type behind one condition."""
    ben = await stage.is_now("ben")
    workspace = stage.server.state.workspace
    for number in range(60):
        user = replace(
            workspace.users[ben], id=f"U1000{number:03}", name=f"u{number}", email=f"colleague.{number}@we.com"
        )
        workspace.users[user.id] = user
        workspace.channels[HERE].members.append(user.id)
        mine = account(f"theirs{number}", name=f"Theirs {number}", owner_email=user.email)
        await stage.services.database.write(fill, [mine, running(mine.id, 1)], stage.now)
    await left(stage, "small", 1)
    await left(stage, "mine", 1, owner="colleague.7@we.com")
    workspace.channels[HERE].members.append(ben)
    await give(stage, Grant("U00000001", Role.ADMIN), Grant(HERE, Role.CSM, Reach.TEAM))

    for command, seen in {
        "/exit-interview report who": "Mine: ",
        "/exit-interview report who 90d where plan:pro": "Mine: ",
        "/coffee mrr": "$3,000",
    }.items():
        said = await answered(stage, command)
        assert (seen in said, "Small" in said, "too many" in said or "more than" in said) == (True, False, False), said


@pytest.mark.parametrize("mark", ["is_restricted", "is_ultra_restricted", "is_stranger"])
async def test_a_guest_who_looks_after_accounts_is_sent_nothing_of_them(stage: Stage, mark: str) -> None:
    await left(stage, "small", 1)
    ben = await stage.is_now("ben")
    guest = stage.server.state.workspace.users[ben]
    guest.email = "ann@we.com"
    setattr(guest, mark, True)
    await people.look_up(stage.services.database, stage.services.client, lambda: stage.now, ["ann@we.com"])
    await stage.is_now("aino")

    assert await marks_fixed(stage) == {}

    assert "Nobody in Slack looks after Small" in shown(stage.view())
    await stage.deliver()
    direct = stage.server.state.workspace.direct_message(ben).id
    assert await stage.slack.messages(direct) == []


async def test_presses_that_come_twice_post_and_tell_once(stage: Stage) -> None:
    await left(stage, "small", 1)
    ben = await stage.is_now("ben")
    stage.server.state.workspace.users[ben].email = "ann@we.com"
    await people.look_up(stage.services.database, stage.services.client, lambda: stage.now, ["ann@we.com"])
    await stage.is_now("aino")
    for button, typed, opened in (
        ("Post to product channel", "/exit-interview report", {"Where": HERE}),
        ("A feature is fixed …", "/exit-interview winback", {"Which feature": "SSO"}),
    ):
        await stage.types(typed)
        await stage.presses(await stage.last(), button)
        form = stage.view()
        await asyncio.gather(*(stage.person.submits(form, opened) for _ in range(4)), return_exceptions=True)
        await stage.services.tasks.drain(20)
    await stage.deliver()

    posted = [one for one in await stage.slack.messages(HERE) if "Shared by" in str(one)]
    told = await stage.slack.messages(stage.server.state.workspace.direct_message(ben).id)
    assert (len(posted), len(told)) == (1, 1)


async def test_one_s_own_account_is_found_among_many_of_others_that_fit(stage: Stage) -> None:
    """What the others are called does not show: the one is shown at once, and slips are forgiven."""
    rows: list[f.Fact] = []
    for number in range(200):
        owner = "ann@we.com" if number == 177 else "boss@we.com"
        rows.append(account(f"bank{number}", name=f"Bank {number:03}", owner_email=owner))
    await stage.services.database.write(fill, rows, stage.now)
    await narrow(stage, Role.CSM)

    for typed in ("bank", "bnak", "bank177", "Bank 177"):
        await stage.types(f"/account {typed}")
        said = words(await stage.last())
        assert ("Bank 177" in said, "Bank 178" in said) == (True, False), said
    await stage.types("/account bank178")
    assert "I know no account like" in words(await stage.last())
