"""Where cards go: rules that people make in a form, owners in direct messages, and who is told in the end."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.messages.routing_form import TO, WHERE
from bot.people import look_up
from bot.playground.slack.faults.faults import Fault
from bot.risk import life, routing
from bot.risk.routing import MOST, OWNER, Route, Routing
from bot.risk.settings import RiskSettings
from bot.roles import EVERYONE, Grant, Role
from bot.services import Services
from bot.settings import Settings
from handlers import routing as handler
from storage import channels, people
from storage import facts as f
from storage.engine import Database
from storage.people import Person
from tests.company import FAILED, fill
from tests.handlers.conftest import HERE, Stage, words
from tests.handlers.test_access import give
from tests.handlers.test_alerts import card_of, cards, set_up


async def opened(stage: Stage) -> dict[str, Any]:
    await stage.types("/at-risk routing")
    return stage.view()


def filled(where: str = "", to: str = "", channel: str | None = None, lead: str | None = None) -> dict[str, Any]:
    return {
        "where": {"type": "plain_text_input", "value": where},
        "to": {"type": "radio_buttons", "selected_option": {"value": to} if to else None},
        "channel": {"type": "conversations_select", "selected_conversation": channel},
        "lead": {"type": "users_select", "selected_user": lead},
    }


async def run(stage: Stage) -> None:
    """As the bot does after each of two readings."""
    database, services = stage.services.database, stage.services
    for _ in range(2):
        await look_up(database, services.client, services.clock, await database.read(routing.owners_to_find))
        await database.write(life.run, RiskSettings.of(services.settings, services.source), stage.now)
    await stage.deliver()


async def owned(stage: Stage, name: str = "ben", address: str = "Ann@we.com") -> str:
    """Who looks after Acme, by billing's word; their id."""
    here = stage.server.state.me
    user = await stage.is_now(name)
    stage.server.state.workspace.users[user].email = address
    await stage.is_now(here)
    return user


def direct(stage: Stage, user: str) -> list[Any]:
    return list(stage.server.state.messages.timeline(stage.server.state.workspace.direct_message(user).id))


async def test_the_first_rule_that_fits_says_where_a_card_goes(stage: Stage) -> None:
    await set_up(stage)
    await opened(stage)

    answer = await stage.submits(**filled("name:Acme", "channel", HERE))
    assert answer["ok"]
    assert f"Acme → <#{HERE}>" in str(stage.view()["blocks"])
    await stage.submits(**filled("", "nobody"))
    await run(stage)

    assert [words(card).split(":")[0] for card in await cards(stage)] == ["Acme Robotics"]
    await stage.types("/at-risk routing acme")
    assert words(await stage.last()) == f"*Acme Robotics*: by rule 1 (name:\u2060Acme) to <#{HERE}>."
    await stage.types("/at-risk routing globex")
    assert words(await stage.last()) == "*Globex Corporation*: by rule 2 (all accounts) nowhere: it gets no card."


async def test_rules_are_moved_and_removed(stage: Stage) -> None:
    await set_up(stage)
    await opened(stage)
    await stage.submits(**filled("name:Acme", "owner"))
    await stage.submits(**filled("", "nobody"))

    await stage.person.chooses(stage.view(), "alert_routing_change:2", "Move up")
    await stage.services.tasks.drain(20)
    await stage.types("/at-risk routing acme")
    assert "by rule 1 (all accounts)" in words(await stage.last())
    await stage.person.chooses(stage.view(), "alert_routing_change:1", "Remove")
    await stage.services.tasks.drain(20)
    await stage.types("/at-risk routing acme")
    assert "by rule 1 (name:\u2060Acme) to its owner" in words(await stage.last())


async def test_where_a_card_would_go_is_where_it_goes(stage: Stage) -> None:
    await set_up(stage)
    await opened(stage)
    await stage.submits(**filled("name:O’Neill", "channel", HERE))
    await stage.submits(**filled("", "owner"))
    await stage.submits(**filled("name:Globex", "nobody"))
    assert "Never comes to it: rule 2 takes all accounts" in str(stage.view()["blocks"])

    async def goes(name: str) -> str:
        await stage.types(f"/at-risk routing {name}")
        return words(await stage.last()).partition(": ")[2]

    assert await goes("globex") == f"by rule 2 (all accounts) to its owner; but nobody looks after it, so to <#{HERE}>."
    assert "but Slack knows no colleague at ann@we.com, so to" in await goes("acme robotics")
    stage.now += timedelta(days=2)  # Slack is asked again
    ben = await owned(stage)
    assert f"to its owner <@{ben}>, in a direct message, and after 2 business days" in await goes("acme robotics")
    assert f"to <#{HERE}>." in await goes("oneill")
    await stage.services.database.write(channels.pause, HERE)
    there = "so to no channel yet; `/coffee here` sets one up."
    assert f"to <#{HERE}>; but I cannot post there now, {there}" in await goes("oneill")


@pytest.mark.parametrize(("error", "noted"), [("not_found", []), ("internal_error", ["a window could not be shown"])])
async def test_a_window_that_was_closed_meanwhile_needs_nothing(stage: Stage, error: str, noted: list[str]) -> None:
    await set_up(stage)
    await opened(stage)
    await stage.submits(**filled("", "nobody"))
    await stage.slack.fault(Fault("views.update", "error", error=error))

    with capture_logs() as logged:
        await stage.person.chooses(stage.view(), "alert_routing_change:1", "Remove")
        await stage.services.tasks.drain(20)

    assert await stage.services.database.read(routing.in_force) == Routing()
    assert [one["event"] for one in logged if one["log_level"] != "info"] == noted


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        (filled("regoin:EU", "nobody"), "where", "did you mean region?"),
        (filled("name:Acme"), "to", "Say where they go."),
        (filled("name:Acme", "channel"), "channel", "Choose the channel."),
        (filled("name:Acme", "channel", "C0NOWHERE"), "channel", "Set me up there first"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_changes_nothing(
    stage: Stage, typed: dict[str, Any], field: str, said: str
) -> None:
    await opened(stage)

    answer = await stage.submits(**typed)

    assert list(answer["errors"]) == [field]
    assert said in answer["errors"][field]
    assert (await stage.services.database.read(routing.in_force)).routes == ()


async def test_an_owner_gets_the_card_and_then_the_channel_and_then_the_lead(stage: Stage) -> None:
    await set_up(stage)
    ben, lead = await owned(stage), stage.server.state.me
    await opened(stage)
    await stage.submits(**filled("name:Acme", "owner", lead=lead))

    await run(stage)
    (card,) = direct(stage, ben)
    assert card.text.startswith("Acme Robotics: Payment of")
    assert [words(one).split(":")[0] for one in await cards(stage)] == ["Globex Corporation"]
    stage.now += timedelta(days=1)
    await run(stage)
    assert len(await cards(stage)) == 1

    stage.now += timedelta(days=1)  # Wednesday
    await run(stage)
    assert "Nobody is on it yet" in words(await card_of(stage, "Acme"))
    assert direct(stage, lead) == []
    stage.now += timedelta(days=2)
    for _ in range(2):
        await run(stage)
    assert sorted(one.text.split(":")[0] for one in direct(stage, lead)) == [
        "Nobody is on *Acme Robotics* for 4 business days",
        "Nobody is on *Globex Corporation* for 4 business days",
    ]

    await stage.presses(await card_of(stage, "Acme"), "I'm on it")
    await run(stage)
    (card,) = direct(stage, ben)
    assert f"<@{lead}> is on it" in card.text  # the same card, in its place
    paid = replace(FAILED, status=f.InvoiceStatus.PAID, status_word="paid", paid_at=stage.now)
    await stage.services.database.write(fill, [paid], stage.now)
    await run(stage)
    (card,) = direct(stage, ben)
    assert "Closed: Paid" in card.text


async def test_an_owner_whom_slack_does_not_know_loses_no_card(stage: Stage) -> None:
    await set_up(stage)
    await opened(stage)
    await stage.submits(**filled("name:Acme", "owner"))

    await run(stage)

    assert "Nobody is on it yet" in words(await card_of(stage, "Acme"))
    assert await stage.services.database.read(people.unknown, ["ann@we.com"], stage.now) == []  # asked once a day


async def test_without_the_scope_for_direct_messages_owners_are_known_all_the_same(stage: Stage) -> None:
    ben = await owned(stage)
    stage.server.state.faults.order(Fault("conversations.open", "error", error="missing_scope", times=1))

    services = stage.services
    await look_up(services.database, services.client, services.clock, ["ann@we.com"])

    known = await services.database.read(people.with_emails, ["Ann@we.com"])
    assert known["ann@we.com"] == Person("ann@we.com", ben, None, known["ann@we.com"].zone)


async def test_of_those_who_save_at_once_nobody_loses_a_rule_or_passes_the_most(
    database: Database, morning: datetime
) -> None:
    """On PostgreSQL all read before anybody writes, but for the lock."""
    services = Services(Settings(_env_file=None), database, lambda: morning, *[None] * 4)  # type: ignore[arg-type]  # a clock is all it needs
    rules = {Route(f"name:{number}", OWNER) for number in range(MOST + 2)}

    save = partial(handler._save, user="U1", services=services)
    said = await asyncio.gather(*(database.write(save, {WHERE: one.where, TO: one.to}) for one in rules))

    kept = (await database.read(routing.in_force)).routes
    assert len(kept) == len(set(kept) & rules) == MOST
    assert [one for one in said if isinstance(one, handler.Wrong)] == [handler.Wrong(WHERE, handler.FULL)] * 2


async def test_two_people_have_the_form_open(stage: Stage) -> None:
    await give(stage, Grant(EVERYONE, Role.LEAD))
    await opened(stage)
    aino = stage.server.state.me
    await stage.is_now("ben")
    await opened(stage)
    await stage.submits(**filled("name:Acme", "owner"))
    await stage.is_now("aino")

    await stage.submits(**filled("name:Globex", "nobody", lead=aino))

    found = await stage.services.database.read(routing.in_force)
    assert [one.where for one in found.routes] == ["name:Acme", "name:Globex"]
    assert found.lead == aino
