"""Walks the whole story as a person at the page would, over the sockets, and says what it saw."""

from collections.abc import AsyncIterator

from bot.demo.person import awaits, inputs, opens, opens_home, words
from bot.demo.servers import ALERT_CHANNEL, DIGEST_CHANNEL, PEOPLE, Stage
from bot.playground.slack.client import Control, Person, Unseen
from bot.playground.slack.client.elements import has_button
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.story import StepFailed

ON_IT = "I'm on it"
BACK = "A plan for teams of five"


async def walk(stage: Stage) -> AsyncIterator[str]:
    """Each thing that was seen, in words; Unseen at the first that was not, Refused where Slack would not."""
    async with Control(stage.slack.url) as slack:
        reader = slack.person(PEOPLE[0].name, stage.channels[DIGEST_CHANNEL])
        yield await _digest(reader)
        yield await _alert(slack.person(PEOPLE[0].name, stage.channels[ALERT_CHANNEL]))
        yield await _at_risk(reader)
        yield await _account(reader)
        yield await _exit_interview(reader)
        yield await _home(reader)
    yield await _story(stage)


async def _digest(person: Person) -> str:
    digest = await awaits(person, "the digest", lambda one: "Coffee stats" in words(one))
    if not any(block["type"] == "data_visualization" for block in digest["blocks"]):
        raise Unseen("the digest has no chart")
    reply = await awaits(person, "the digest's thread", lambda one: one["ts"] != digest["ts"], digest["ts"])
    return f"the digest, its chart and its thread: {_beginning(digest)} / {_beginning(reply)}"


async def _alert(person: Person) -> str:
    card = await awaits(person, "an alert", lambda one: has_button(one["blocks"], ON_IT))
    await person.presses(card, ON_IT)
    claimed = await awaits(
        person, "the claimed alert", lambda one: one["ts"] == card["ts"] and not has_button(one["blocks"], ON_IT)
    )
    return f"an alert, claimed by its button: {_beginning(claimed)}"


async def _at_risk(person: Person) -> str:
    await person.types("/at-risk")
    listed = await awaits(
        person,
        "the accounts at risk",
        lambda one: bool(one.get("ephemeral")) and " MRR" in words(one) and "risk" in words(one),
    )
    return f"who is near to leaving, and why: {_beginning(listed)}"


async def _account(person: Person) -> str:
    await person.types("/account acme corp")
    return f"an account, privately: {_beginning(await _acme(person))}"


async def _exit_interview(person: Person) -> str:
    view = await opens(person, "the exit interview", "/exit-interview acme corp")
    label = inputs(view)[0]["label"]["text"]
    option = inputs(view)[0]["element"]["options"][0]["text"]["text"]
    await person.submits(view, {label: option, "What would bring them back?": BACK})
    await person.types("/account acme corp")
    noted = await _acme(person, BACK)
    return f"an exit interview, whose note stands on the account: {option}; {BACK} ({len(noted['blocks'])} blocks)"


async def _home(person: Person) -> str:
    said = words(await opens_home(person))
    if "MRR is" not in said or "at risk" not in said:
        raise Unseen("the Home tab tells neither the business nor who is at risk")
    return f"the Home tab: {said.partition(' · ')[2][:60]}"


async def _story(stage: Stage) -> str:
    """Every step that the page offers, as it offers it; whoever looks next finds the story untold."""
    story = stage.slack.state.frame.story
    if story is None:
        raise Unseen("the page tells no story")
    shown = []
    for step in story.steps:
        try:
            places = await story.take(step.name, PEOPLE[0].id)
        except StepFailed as error:
            raise Unseen(f"“{step.title}” failed: {error}") from None
        shown += [place.label.lower() for place in places]
    story.begin_again()
    return f"the story of the page in {len(story.steps)} steps: {', '.join(shown)}"


async def _acme(person: Person, saying: str = "") -> Json:
    return await awaits(
        person,
        "Acme Corp",
        lambda one: bool(one.get("ephemeral")) and "Acme Corp" in words(one) and saying in words(one),
    )


def _beginning(message: Json) -> str:
    return str(message["text"]).strip().splitlines()[0][:110]
