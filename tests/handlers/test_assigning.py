"""`/at-risk assign` at the local Slack."""

from typing import Any

from storage import owners
from tests.handlers.conftest import Stage, words
from tests.handlers.test_at_risk import assess


def filled(*people: str, how: str = "fewest", where: str = "") -> dict[str, Any]:
    return {
        "people": {"type": "multi_users_select", "selected_users": list(people)},
        "how": {"type": "radio_buttons", "selected_option": {"value": how}},
        "where": {"type": "plain_text_input", "value": where},
    }


async def people(stage: Stage) -> tuple[str, str]:
    here = stage.server.state.me
    ben = await stage.is_now("ben")
    await stage.is_now(here)
    users = stage.server.state.workspace.users
    users[here].email, users[ben].email = "aino@we.com", "ben@we.com"
    return here, ben


async def test_accounts_without_an_owner_are_shared_out_once_it_was_shown(stage: Stage) -> None:
    await assess(stage)
    aino, ben = await people(stage)
    without = await stage.services.database.read(owners.without_owner)
    assert "globex" in without
    assert "acme" not in without
    await stage.types("/at-risk assign")
    assert f"*{len(without)} account" in str(stage.view()["blocks"])

    await stage.submits(**filled(aino, ben, where="name:globex"))
    shown = str(stage.view()["blocks"])
    assert f"<@{aino}>: 1 account, $1,350.00 MRR" in shown
    assert f"<@{ben}>: 0 accounts" in shown
    assert "globex" in await stage.services.database.read(owners.without_owner)  # nothing has changed yet
    await stage.submits()

    assert "Done: 1 account has an owner now" in str(stage.view()["blocks"])
    assert await stage.services.database.read(owners.emails, ["globex"]) == {"globex": "aino@we.com"}
    await stage.types("/at-risk me")
    assert "Globex" in words(await stage.last())


async def test_what_is_wrong_is_told_at_its_field(stage: Stage) -> None:
    await assess(stage)
    aino, _ = await people(stage)
    await stage.types("/at-risk assign")

    assert "did you mean region?" in str(await stage.submits(**filled(aino, where="regoin:EU")))
    stage.server.state.workspace.users[aino].email = ""
    await stage.submits(**filled(aino))
    assert f"Slack does not tell me the e-mail address of <@{aino}>" in str(stage.view()["blocks"])


async def test_guests_give_nothing_away(stage: Stage) -> None:
    stage.server.state.workspace.users[await stage.is_now("ben")].is_restricted = True

    await stage.types("/at-risk assign")

    assert "full members" in words(await stage.last())
