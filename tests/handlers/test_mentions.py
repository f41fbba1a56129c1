"""An account is looked up where no command can be typed: by a mention in a thread, and by the shortcut of a message."""

import asyncio
from typing import Any

import pytest

from bot.playground.slack.faults.faults import Fault, Kind
from handlers import mentions
from storage import journal
from tests.handlers.conftest import HERE, UNHURRIED, Stage, words
from tests.handlers.test_access import give
from tests.handlers.test_alerts import assessed, card_of, set_up


async def says(stage: Stage, text: str, thread: str = "") -> dict[str, Any]:
    """A person writes a message; what was started by it ends."""
    await stage.person.types(text, thread)
    await stage.services.tasks.drain(20)
    me = stage.server.state.me
    return [one for one in await stage.person.sees(thread) if one.get("user") == me][-1]


async def mentions_it(stage: Stage, text: str, thread: str = "") -> None:
    """A person mentions the bot, whom Slack tells when it likes; until Kahvi has called Slack with the answer."""
    before = len(await stage.slack.calls("chat.postEphemeral"))
    await stage.person.types(text.format(bot="@Kahvi"), thread)
    async with asyncio.timeout(UNHURRIED):
        while len(await stage.slack.calls("chat.postEphemeral")) == before:  # noqa: ASYNC110 - an event has no answer
            await asyncio.sleep(0.01)
    await stage.services.tasks.drain(20)


async def answers(stage: Stage, thread: str = "") -> list[dict[str, Any]]:
    return [one for one in await stage.person.sees(thread) if one.get("ephemeral")]


async def test_a_mention_in_a_thread_is_answered_there_to_the_person_alone(stage: Stage) -> None:
    begun = await says(stage, "What about Acme?")
    await mentions_it(stage, "{bot} acme robotics", begun["ts"])

    (card,) = await answers(stage, begun["ts"])
    assert words(card).startswith("Acme Robotics\nMRR: $2,000.00")
    assert not await answers(stage)
    await stage.presses(card, "More")
    assert "Acme Robotics, in depth" in words((await answers(stage, begun["ts"]))[-1])


async def test_a_mention_takes_notes_and_helps(stage: Stage) -> None:
    await mentions_it(stage, "{bot} acme robotics note they pay on Monday")
    assert words((await answers(stage))[-1]) == "Noted of *Acme Robotics*."
    (entry,) = await stage.services.database.read(journal.of_account, "acme")
    assert entry.text == "they pay on Monday"
    await mentions_it(stage, "xyzzyq {bot}")
    assert "I know no account like “xyzzyq”" in words((await answers(stage))[-1])
    await mentions_it(stage, "{bot}")
    assert words((await answers(stage))[-1]).startswith("Which account?")


async def test_another_command_in_a_mention_is_told_where_it_belongs(stage: Stage) -> None:
    await mentions_it(stage, "{bot} exit-interview report 12m")

    assert words((await answers(stage))[-1]).endswith("type `/exit-interview` in the channel itself.")
    await mentions_it(stage, "{bot} coffee house")
    assert "I know no account like “coffee house”" in words((await answers(stage))[-1])


async def test_in_the_thread_of_a_card_its_account_is_meant(stage: Stage) -> None:
    await set_up(stage)
    await assessed(stage)
    card = (await card_of(stage, "Acme"))["ts"]
    await mentions_it(stage, "{bot} note they call back", card)
    assert words((await answers(stage, card))[-1]) == "Noted of *Acme Robotics*."
    await mentions_it(stage, "{bot} notes", card)
    assert "they call back" in words((await answers(stage, card))[-1])
    await mentions_it(stage, "{bot}", card)
    assert "Acme Robotics\nMRR: $2,000.00" in words((await answers(stage, card))[-1])
    await mentions_it(stage, "{bot} globex", card)
    assert words((await answers(stage, card))[-1]).startswith("Globex Corporation")
    begun = await says(stage, "What about Acme?")
    await mentions_it(stage, "{bot} note they call back", begun["ts"])
    assert words((await answers(stage, begun["ts"]))[-1]).startswith("Nothing was noted: write the account first")


async def test_a_mention_by_whoever_may_not_is_refused(stage: Stage) -> None:
    await give(stage)
    ben = await stage.is_now("ben")
    await mentions_it(stage, "{bot} acme robotics")
    assert "to give you a role" in words((await answers(stage))[-1])
    stage.server.state.workspace.users[ben].is_restricted = True
    await mentions_it(stage, "{bot} acme robotics")
    assert "full members" in words((await answers(stage))[-1])


@pytest.mark.parametrize("kind", ["500", "drop_after_accept"])
async def test_a_mention_that_slack_does_not_take_the_answer_to_does_no_harm(stage: Stage, kind: Kind) -> None:
    await stage.slack.fault(Fault("chat.postEphemeral", kind))
    await mentions_it(stage, "{bot} acme robotics")
    await mentions_it(stage, "{bot} globex")
    assert "Globex" in words((await answers(stage))[-1])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Has Acme Robotics paid? They said so.", "Acme Robotics\nMRR"),
        ("*Globex Corporation*, again…", "Globex Corporation\nMRR"),
        ("mail from jane@acme.com today", "Acme Robotics\nMRR"),
        ("see O’Neill & Søns", "O’Neill &amp; Søns GmbH\nMRR"),
        ("Acme Labs and Acme Robotics both wait", "This message names several accounts:\n• *Acme Labs*"),
        ("nothing to see, the gone are gone", "This message names no account that you may see."),
        ("🙂", "This message names no account that you may see."),
    ],
)
async def test_the_account_that_a_message_names_is_shown(stage: Stage, text: str, shown: str) -> None:
    message = await says(stage, text)
    await stage.person.uses_shortcut(mentions.SHORTCUT, message)
    await stage.services.tasks.drain(20)
    (answer,) = await answers(stage)
    assert words(answer).startswith(shown)


async def test_the_shortcut_shows_nothing_to_whoever_may_not_look(stage: Stage) -> None:
    message = await says(stage, "Acme Robotics")
    await stage.is_now("ben")
    await give(stage)
    await stage.person.uses_shortcut(mentions.SHORTCUT, message)
    await stage.services.tasks.drain(20)
    assert "to give you a role" in words((await answers(stage))[-1])
    stage.server.state.workspace.channels[HERE].is_ext_shared = True
    await stage.person.uses_shortcut(mentions.SHORTCUT, message)
    await stage.services.tasks.drain(20)
    assert "Another company shares" in words((await answers(stage))[-1])
