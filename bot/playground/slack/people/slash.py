"""Slash commands as a person types them."""

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.response_urls import ResponseUrl
from bot.playground.slack.people.answers import give_answer
from bot.playground.slack.people.payloads import deliver
from bot.playground.slack.people.writing import escaped, with_mentions
from bot.playground.slack.world.announce import announce_membership
from bot.playground.slack.world.config import CommandSeed
from bot.playground.slack.world.models import Channel, Json
from bot.playground.slack.world.state import State

INVITE = CommandSeed(command="/invite", description="Add somebody to this channel", usage_hint="@name")


async def run_command(state: State, channel: Channel, typed: str) -> None:
    """Deliver a command to the app and post what it answers at once; raises SlackError."""
    name, _, text = typed.partition(" ")
    if name == INVITE.command:
        invite(state, channel, text.strip())
        return
    command = next((seed for seed in state.config.commands if seed.command == name), None)
    if command is None:
        state.live.notice("error", f"{name} is not a valid command.")
        raise SlackError("invalid_command")
    payload = _payload(state, channel, command, text.strip())
    answer = await deliver(state, "slash_commands", payload, name)
    if not answer:
        return
    try:
        give_answer(state, ResponseUrl(state.me, channel.id, state.clock.now()), answer)
    except SlackError as error:
        state.live.notice("error", f"{name} failed with the error {error.code}")
        raise


def _payload(state: State, channel: Channel, command: CommandSeed, text: str) -> Json:
    config, user = state.config, state.workspace.user(state.me)
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


def invite(state: State, channel: Channel, name: str) -> None:
    """Slack's own command, so that a person can bring the bot into a channel."""
    user = state.workspace.user_named(name)
    if user is None or channel.is_im:
        state.live.notice("error", f"/invite found nobody named {name or 'so'}.")
        raise SlackError("user_not_found")
    if user.id not in channel.members:
        channel.members.append(user.id)
        announce_membership(state, channel, user.id, state.me, joined=True)
