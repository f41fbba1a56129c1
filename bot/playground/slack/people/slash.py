"""Slash commands as a person types them."""

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.response_urls import ResponseUrl
from bot.playground.slack.people.actor import Actor
from bot.playground.slack.people.answers import give_answer
from bot.playground.slack.people.payloads import deliver
from bot.playground.slack.people.writing import escaped, with_mentions
from bot.playground.slack.world.config import CommandSeed
from bot.playground.slack.world.models import Channel, Json

INVITE = CommandSeed(command="/invite", description="Add somebody to this channel", usage_hint="@name")


async def run_command(actor: Actor, channel: Channel, typed: str) -> None:
    """Deliver a command to the app and post what it answers at once; raises SlackError."""
    state = actor.state
    name, _, text = typed.partition(" ")
    if name == INVITE.command:
        invite(actor, channel, text.strip())
        return
    command = next((seed for seed in state.config.commands if seed.command == name), None)
    if command is None:
        actor.complain(f"{name} is not a valid command.")
        raise SlackError("invalid_command")
    payload = _payload(actor, channel, command, text.strip())
    answer = await deliver(actor, "slash_commands", payload, name)
    if not answer:
        return
    try:
        give_answer(state, ResponseUrl(actor.id, channel.id, state.clock.now()), answer)
    except SlackError as error:
        actor.complain(f"{name} failed with the error {error.code}")
        raise


def _payload(actor: Actor, channel: Channel, command: CommandSeed, text: str) -> Json:
    state = actor.state
    config, user = state.config, actor.user
    safe = escaped(text)
    return {
        "token": "verification-token",
        "team_id": config.team_id,
        "team_domain": config.team_domain,
        "channel_id": channel.id,
        "channel_name": "privategroup" if channel.kind == "group" else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command.command,
        "text": with_mentions(safe, state.workspace, named=True) if command.should_escape else safe,
        "api_app_id": config.app_id,
        "is_enterprise_install": "false",
        "response_url": state.response_urls.issue(user.id, channel.id),
        "trigger_id": state.triggers.issue(user.id),
    }


def invite(actor: Actor, channel: Channel, name: str) -> None:
    """Slack's own command, so that a person can bring the bot into a channel."""
    state = actor.state
    user = state.workspace.user_named(name)
    if user is None or channel.is_im:
        actor.complain(f"/invite found nobody named {name or 'so'}.")
        raise SlackError("user_not_found")
    if user.id not in channel.members:
        channel.members.append(user.id)
        state.announcer.membership(channel, user.id, actor.id, joined=True)
