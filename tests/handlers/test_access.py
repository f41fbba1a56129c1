"""`/coffee access`: roles given and taken away in a form, and what each role may do where, tried one by one."""

from dataclasses import replace
from typing import Any

import pytest

from bot import roles
from bot.access import LEAST, Action
from bot.roles import EVERYONE, Grant, Reach, Role
from handlers import access
from storage import tunings
from storage.tunings import ACCESS
from tests.company import fill, running
from tests.factories import account
from tests.handlers.conftest import ELSEWHERE, HERE, PRIVATE, Stage, words
from tests.handlers.test_at_risk import assess
from tests.handlers.test_home import home


async def give(stage: Stage, *grants: Grant) -> None:
    await stage.services.database.write(tunings.choose, roles.plain(grants), "U9", stage.now, ACCESS)


async def given(stage: Stage) -> list[Grant]:
    return list(await stage.services.database.read(roles.in_force))


def filled(*people: str, role: str | None = "CSM", reach: str = "all", **more: Any) -> dict[str, Any]:
    return {
        "people": {"type": "multi_users_select", "selected_users": list(people)},
        "channel": {"type": "conversations_select", "selected_conversation": more.get("channel")},
        "everyone": {"type": "checkboxes", "selected_options": [{"value": one} for one in more.get("everyone", ())]},
        "role": {"type": "static_select", "selected_option": {"value": role} if role else None},
        "reach": {"type": "static_select", "selected_option": {"value": reach}},
    }


async def test_roles_are_given_replaced_and_taken_away(stage: Stage) -> None:
    await give(stage)
    ben = await stage.is_now("ben")
    aino = await stage.is_now("aino")  # she runs the workspace
    await stage.types("/coffee access")
    assert "Nobody else was given a role yet." in str(stage.view()["blocks"])

    await stage.submits(**filled(ben, reach="own"))
    assert f"<@{ben}>: CSM, the accounts each looks after" in str(stage.view()["blocks"])
    stage.server.state.workspace.channels[PRIVATE].members.append(stage.server.state.bot)
    await stage.submits(**filled(ben, role="lead", channel=PRIVATE, everyone=[EVERYONE]))
    assert await given(stage) == [Grant(ben, Role.LEAD), Grant(PRIVATE, Role.LEAD), Grant(EVERYONE, Role.LEAD)]

    await stage.person.chooses(stage.view(), "access_remove:0", "Take away")
    await stage.services.tasks.drain(5)
    assert await given(stage) == [Grant(PRIVATE, Role.LEAD), Grant(EVERYONE, Role.LEAD)]
    assert f"<@{ben}>" not in str(stage.view()["blocks"])
    chosen = await stage.services.database.read(tunings.in_force, ACCESS)
    assert chosen is not None
    assert chosen.chosen_by == aino


@pytest.mark.parametrize(
    ("what", "field", "why"),
    [
        (filled(), "people", "Choose who"),
        (filled("U00000002", reach="team"), "reach", "user group's or a channel's members"),
        (filled("U00000002", role="admin", reach="own"), "reach", "What an admin sets counts for all accounts"),
        (filled(channel=HERE, role="lead", reach="team"), "reach", "choose all accounts, or the role CSM"),
        (filled(channel=PRIVATE), "role", "I am not in this private channel"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(stage: Stage, what: dict[str, Any], field: str, why: str) -> None:
    before = await given(stage)
    await stage.types("/coffee access")

    answer = await stage.submits(**what)

    assert why in answer["errors"][field]
    assert await given(stage) == before


def test_a_form_without_a_role_is_no_wish() -> None:
    assert access.parse({"people": ["U1"], "reach": "all"}) == {"role": "Choose a role."}


async def test_more_than_a_window_shows_are_refused(stage: Stage) -> None:
    await give(stage, *(Grant(f"U{number:08}X", Role.CSM) for number in range(roles.MOST)))
    await stage.types("/coffee access")

    assert "take one away first" in (await stage.submits(**filled("U00000002")))["errors"]["role"]


async def test_whoever_is_no_admin_any_more_gives_nothing(stage: Stage) -> None:
    ben = await stage.is_now("ben")
    await give(stage, Grant(ben, Role.ADMIN))
    await stage.types("/coffee access")
    await give(stage, Grant(ben, Role.LEAD), Grant("U00000001", Role.ADMIN))

    answer = await stage.submits(**filled(ben, role="admin"))
    assert answer["errors"]["role"] == "This is for the role admin, and yours is lead: ask a Kahvi admin for more."


# --- the whole matrix ------------------------------------------------------------------------------------------

# What is typed, the action it takes, and what a person sees who may.
TYPED = {
    "/coffee": (Action.LOOK_AT_FIGURES, "MRR is"),
    "/coffee mrr": (Action.LOOK_AT_FIGURES, "MRR"),
    "/coffee why mrr": (Action.LOOK_AT_FIGURES, "MRR"),
    "/coffee forecast": (Action.LOOK_AT_FIGURES, "forecast"),
    "/coffee metrics": (Action.ASK_FOR_HELP, "Revenue"),
    "/coffee help": (Action.ASK_FOR_HELP, "/coffee here"),
    "/coffee here": (Action.SET_UP_CHANNEL, ""),
    "/coffee pause": (Action.SET_UP_CHANNEL, "set up"),
    "/coffee access": (Action.GIVE_ACCESS, ""),
    "/account acme robotics": (Action.LOOK_AT_ACCOUNT, "Acme Robotics"),
    "/account acme robotics note Hello": (Action.LOG_NOTE, "Noted"),
    "/account acme robotics notes": (Action.LOOK_AT_NOTES, "Acme Robotics"),
    "/account acme robotics timeline": (Action.LOOK_AT_ACCOUNT, "the newest first"),
    "/at-risk": (Action.LOOK_AT_RISK, "risk"),
    "/at-risk all": (Action.LOOK_AT_RISK, "risk"),
    "/at-risk dunning": (Action.LOOK_AT_RISK, ""),
    "/at-risk onboarding": (Action.LOOK_AT_RISK, ""),
    "/at-risk saves": (Action.LOOK_AT_RISK, ""),
    "/at-risk settings": (Action.TUNE_RISK, ""),
    "/at-risk routing": (Action.ROUTE_ALERTS, ""),
    "/at-risk quiet": (Action.CHOOSE_QUIET_TIMES, ""),
    "/at-risk quiet here": (Action.SET_UP_CHANNEL, ""),
    "/at-risk assign": (Action.SHARE_OUT_ACCOUNTS, ""),
    "/exit-interview globex": (Action.LOG_EXIT, ""),
    "/exit-interview globex history": (Action.READ_INTERVIEWS, "Globex"),
    "/exit-interview reasons": (Action.SET_EXIT_REASONS, ""),
    "/exit-interview icp": (Action.SET_ICP, ""),
    "/exit-interview report": (Action.LOOK_AT_EXITS, ""),
    "/exit-interview winback": (Action.LOOK_AT_EXITS, "win back"),
}
REFUSED = ("ask <@U00000001>", "full members", "Another company shares")
SHARED = "C00000009"


def refused(stage: Stage, said: str) -> bool:
    return any(mark in said for mark in REFUSED)


async def answered(stage: Stage, command: str) -> str:
    """What a command brings, in words: a window of its own, or a message."""
    before = len(await stage.sees())
    await stage.types(command)
    stack = stage.server.state.views.stack(stage.server.state.me)
    if stack:
        view = stage.view()
        await stage.person.closes(view)
        return str(view["blocks"])
    return " ".join(words(message) for message in (await stage.sees())[before:])


@pytest.mark.parametrize("place", [HERE, ELSEWHERE, PRIVATE, "direct", "shared"])
@pytest.mark.parametrize("who", ["nobody", *Role, "guest"], ids=lambda who: getattr(who, "word", who))
async def test_each_role_may_in_each_place_what_its_row_says(stage: Stage, who: Role | str, place: str) -> None:
    """Every command, by everybody, everywhere: shown when the table says so, else refused, and nothing in between."""
    await assess(stage)
    ben = await stage.is_now("ben")
    state = stage.server.state
    role = who if isinstance(who, Role) else None
    await give(stage, Grant("U00000001", Role.ADMIN), *([Grant(ben, role)] if role else []))
    state.workspace.users[ben].is_restricted = who == "guest"
    state.workspace.channels[PRIVATE].members.append(ben)
    state.workspace.channels[ELSEWHERE].is_ext_shared = place == "shared"
    stage.channel = {"direct": state.workspace.direct_message(ben).id, "shared": ELSEWHERE}.get(place, place)

    wrong = []
    for command, (action, mark) in TYPED.items():
        said = await answered(stage, command)
        least = LEAST[action]
        passes = place != "shared" and who != "guest" and (least is None or (role is not None and role >= least))
        if refused(stage, said) is passes or (passes and mark.casefold() not in said.casefold()):
            wrong.append((command, said[:200]))
    assert wrong == []


def test_the_matrix_leaves_no_action_of_a_command_out() -> None:
    pressed = {
        Action.LOOK_AT_HOME,
        Action.SEARCH_ACCOUNTS,  # comes before what is done with the account
        Action.SHARE_ACCOUNT,
        Action.SHARE_EXITS,
        Action.MARK_FIXED,
        Action.SET_CONTACTS,
        Action.EXPORT_ACCOUNT,
        Action.CLAIM_ALERT,
        Action.QUIETEN_ALERT,
        Action.ASSIGN_OWNER,
        Action.SETTLE_DOUBT,
    }
    assert {action for action, _ in TYPED.values()} | pressed == set(Action)


async def test_of_a_large_team_s_accounts_all_is_shown_page_by_page(stage: Stage) -> None:
    """Of more people than a filter may name as people type it."""
    people = [f"a.rather.long.name.{number}@we.com" for number in range(120)]
    facts = [
        fact
        for number, email in enumerate(people)
        for fact in (
            account(f"n{number:03}", owner_email=email),
            running(f"n{number:03}", 3, cancel_at=stage.now.replace(month=12)),
        )
    ]
    await stage.services.database.write(fill, facts, stage.now)
    await assess(stage)
    ben = await stage.is_now("ben")
    workspace = stage.server.state.workspace
    for number, email in enumerate(people):
        workspace.users[f"U9{number:07}"] = replace(workspace.users[ben], id=f"U9{number:07}", email=email)
    workspace.channels[HERE].members += [ben, *(f"U9{number:07}" for number in range(len(people)))]
    await give(stage, Grant("U00000001", Role.ADMIN), Grant(HERE, Role.CSM, Reach.TEAM))

    await stage.types("/at-risk")
    first = await stage.last()
    assert words(first).startswith("*120 accounts with owner:")
    await stage.presses(first, "More")
    assert "9 to 16 of 120" in words(await stage.last())
    await stage.presses(first, "CSV")
    assert "part 3 of 3" in words(await stage.last())
    await stage.types("/coffee customers 12m")
    figure = await stage.last()
    assert "120" in words(figure)
    await stage.presses(figure, "CSV")
    assert "as CSV" in words(await stage.last())
    for command in ("/at-risk onboarding", "/at-risk dunning", "/exit-interview report"):
        assert "leave some out" not in await answered(stage, command)
    assert "Of those that you may see, 120 need a look" in str(await home(stage))


async def test_a_lead_of_some_accounts_sets_nothing_for_all(stage: Stage) -> None:
    """In a channel, coffee stats would tell what the lead may not see; shared out, accounts would become theirs."""
    ben = await stage.is_now("ben")
    stage.server.state.workspace.users[ben].email = "Ann@we.com"
    await give(stage, Grant("U00000001", Role.ADMIN), Grant(ben, Role.ADMIN, Reach.OWN))

    for command, (action, _) in TYPED.items():
        if LEAST[action] in (Role.LEAD, Role.ADMIN):
            assert "This counts for all accounts" in await answered(stage, command), command


@pytest.mark.parametrize("other", ["ånn@we.com", "ann@we.com.au", "ann@we.com x"])
async def test_an_address_that_is_only_alike_is_somebody_else(stage: Stage, other: str) -> None:
    """Filters that people type mean labels of the same letters, and those that begin alike; reach does not."""
    await stage.services.database.write(fill, [account("fjord", owner_email=other), running("fjord", 40)], stage.now)
    await assess(stage)
    ben = await stage.is_now("ben")
    stage.server.state.workspace.users[ben].email = "Ann@we.com"
    await give(stage, Grant("U00000001", Role.ADMIN), Grant(ben, Role.CSM, Reach.OWN))

    said = " ".join([await answered(stage, command) for command in ("/at-risk all", "/coffee mrr by owner")])

    assert "ann@we.com" in said
    assert "fjord" not in said.casefold()
    assert other not in said


async def test_of_others_accounts_a_narrow_role_shows_nothing(stage: Stage) -> None:
    """Ann's accounts, as she sees them: in lists, searches, figures and exports."""
    await assess(stage)
    ben = await stage.is_now("ben")
    stage.server.state.workspace.users[ben].email = "Ann@we.com"
    await give(stage, Grant("U00000001", Role.ADMIN), Grant(ben, Role.CSM, Reach.OWN))

    assert "Acme Robotics" in await answered(stage, "/account acme robotics")
    assert "I know no account like" in await answered(stage, "/account globex")
    said = {command: await answered(stage, command) for command in TYPED if "globex" not in command}
    said["/at-risk mrr>1"] = await answered(stage, "/at-risk mrr>1")
    said["/coffee mrr by owner"] = await answered(stage, "/coffee mrr by owner")
    said["/at-risk owner:nobody"] = await answered(stage, "/at-risk owner:nobody")
    assert "is no owner I know; look how it is spelt" in said["/at-risk owner:nobody"]
    shown = " ".join(said.values())
    assert "Globex" not in shown
    assert "ben@" not in shown
    tab = str(await home(stage))
    assert "Acme Robotics" in tab
    assert "Globex" not in tab
    assert "MRR is" not in tab
    for command in ("/coffee", "/coffee forecast", "/at-risk saves"):
        assert said[command].startswith("This tells of all accounts")
