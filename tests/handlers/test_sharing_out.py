"""`/at-risk assign` at the local Slack."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from bot.accounts.assigning import How
from bot.risk import handling, life
from bot.risk.assessing import keep_assessed
from bot.risk.settings import RiskSettings
from bot.services import Services
from bot.settings import Settings
from handlers.sharing_out import Wish, _assigned
from storage import alerts, owners, tunings
from storage.engine import Database
from storage.owners import Owner
from tests.company import stored
from tests.handlers.conftest import Books, Stage, words
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
    assert f"<@{aino}>: 1 account, $1,350.00 MRR; 1 account with $1,350.00 MRR then" in shown
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


async def test_of_two_who_share_out_at_once_each_account_goes_to_one(database: Database, morning: datetime) -> None:
    await stored(database, morning)
    await keep_assessed(database, "usd", ZoneInfo("UTC"), morning)
    without = await database.read(owners.without_owner)
    services = Services(Settings(_env_file=None), database, lambda: morning, Books(), *[None] * 3)  # type: ignore[arg-type]  # a clock and a source are all it needs

    def gives(user: str) -> Callable[[Session], int]:
        wish = Wish([user], How.FEWEST)
        return lambda session: _assigned(session, {user: f"{user}@we.com"}, wish, "U0", services)

    given = await asyncio.gather(*(database.write(gives(user)) for user in ("a", "b", "c")))

    assert sorted(given) == [0, 0, len(without)]
    owned = await database.read(owners.emails, sorted(without))
    assert len(set(owned.values())) == 1
    assert owned.keys() == without.keys()


async def test_who_was_put_on_an_account_by_its_card_keeps_it(database: Database, morning: datetime) -> None:
    """Sharing out and a press on a card at once: whichever comes first, the press counts."""
    await stored(database, morning)
    await keep_assessed(database, "usd", ZoneInfo("UTC"), morning)
    services = Services(Settings(_env_file=None, high_value_mrr=0), database, lambda: morning, Books(), *[None] * 3)  # type: ignore[arg-type]  # as above
    settings = RiskSettings.of(services.settings, services.source)
    await database.write(life.run, settings, morning)
    (card,) = [one for one in await database.read(alerts.live) if one.account_id == "globex"]
    ann = Owner("U1", "ann@we.com", "U1")

    await asyncio.gather(
        database.write(handling.assign, card.id, ann, settings, morning),
        database.write(_assigned, {"U2": "ben@we.com"}, Wish(["U2"], How.FEWEST), "U0", services),
    )

    assert (await database.read(owners.emails, ["globex"]))["globex"] == "ann@we.com"


@pytest.mark.parametrize(("command", "button"), [("/at-risk assign", "Assign"), ("/at-risk settings", "Use them")])
async def test_what_could_not_be_done_can_be_pressed_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, command: str, button: str
) -> None:
    """The window stays as it is, with its button, and says so once however often that happens."""
    await assess(stage)
    aino, _ = await people(stage)
    await stage.types(command)
    if command.endswith("assign"):
        await stage.submits(**filled(aino, where="name:globex"))
    else:
        await stage.person.submits(await stage.person.view(), {})
        await stage.services.tasks.drain(20)
    with monkeypatch.context() as broken:
        broken.setattr(owners, "assign", full)
        broken.setattr(tunings, "choose", full)
        for _ in range(2):
            await stage.submits()
            shown = str(stage.view()["blocks"])
            assert shown.count(f"could not be saved just now. Nothing you typed is lost: please press {button}") == 1
    await stage.submits()

    assert "Done" in str(stage.view()["blocks"])


def full(*_: object) -> None:
    raise OSError("no space left")
