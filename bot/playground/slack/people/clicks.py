"""A person uses an element of a message, a modal or the Home tab."""

from typing import Any

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.people.actor import Actor
from bot.playground.slack.people.forms import find_element, merged
from bot.playground.slack.people.payloads import deliver, in_message, in_view, interactive
from bot.playground.slack.validate.objects import option_groups, options
from bot.playground.slack.world.models import Json, Message, View

OFFERS = {"options": options(100), "option_groups": option_groups()}


Container = Message | View


def blocks_of(container: Container) -> list[Json]:
    return container.blocks if isinstance(container, Message) else list(container.content["blocks"])


def find_container(actor: Actor, named: Any) -> Container:
    """The message or view the page names, if the person can see it."""
    if not isinstance(named, dict):
        raise SlackError("container_not_found")
    if named.get("type") == "view":
        return own_view(actor, str(named.get("view_id", "")))
    return seen_message(actor, named.get("channel"), named.get("message_ts"))


def seen_message(actor: Actor, channel: Any, ts: Any) -> Message:
    """A message that the person can see."""
    found = actor.state.workspace.visible(str(channel or ""), actor.id)
    message = actor.state.messages.get(found.id, str(ts or ""))
    if message is None or message.ephemeral_to not in (None, actor.id):
        raise SlackError("message_not_found")
    return message


def own_view(actor: Actor, view_id: str) -> View:
    view = actor.state.views.find(view_id)
    if view.user != actor.id:
        raise SlackError("not_found")
    return view


async def click(actor: Actor, container: Container, block_id: str, action: Json, given: Any) -> None:
    """Deliver a block_actions payload and wait for its acknowledgement; raises SlackError."""
    state = actor.state
    element = find_element(blocks_of(container), block_id, str(action.get("action_id", "")))
    if element is None:
        raise SlackError("action_not_found")
    used = {**action, **_fixed(element), "block_id": block_id, "action_ts": state.messages.next_ts()}
    payload = interactive(actor, "block_actions") | {
        "trigger_id": state.triggers.issue(actor.id),
        "actions": [used],
    }
    payload |= _surroundings(actor, container, given)
    await deliver(actor, "interactive", payload, "That action")


def _fixed(element: Json) -> Json:
    """What the app put into an element comes back as it was, whatever the page sends."""
    fixed = {"type": element["type"], "action_id": element["action_id"]}
    if element["type"] == "button":
        fixed |= {key: element[key] for key in ("text", "value", "style", "url") if key in element}
    return fixed


def _surroundings(actor: Actor, container: Container, given: Any) -> Json:
    state = actor.state
    values = given.get("values") if isinstance(given, dict) else None
    if isinstance(container, View):
        container.values = merged(blocks_of(container), container.values, values)
        return in_view(state, container)
    target = (actor.id, container.channel, container.ts, container.thread_ts)
    return in_message(state, container) | {
        "state": {"values": merged(container.blocks, values)},
        "response_url": state.response_urls.issue(*target),
    }


async def suggest(actor: Actor, container: Container, block_id: str, action_id: str, value: str) -> Json:
    """The options an external select offers for what was typed, checked as Slack checks them."""
    element = find_element(blocks_of(container), block_id, action_id)
    if element is None or not element["type"].endswith("external_select"):
        raise SlackError("action_not_found")
    state = actor.state
    payload = interactive(actor, "block_suggestion")
    payload |= {"block_id": block_id, "action_id": action_id, "value": value}
    payload |= in_view(state, container) if isinstance(container, View) else in_message(state, container)
    answer = await deliver(actor, "interactive", payload, "Loading the options")
    return _checked_offer(actor, answer)


def _checked_offer(actor: Actor, answer: Json) -> Json:
    offer = {key: answer[key] for key in OFFERS if answer.get(key)}
    problems = [str(problem) for key, value in offer.items() for problem in OFFERS[key].check(value, (key,))]
    if problems:
        actor.complain(f"The app offered options Slack refuses: {problems[0]}")
        raise SlackError("invalid_options")
    return {"options": [], **offer}
