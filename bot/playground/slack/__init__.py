"""A small Slack on 127.0.0.1 that any Slack client can talk to unmodified, and that refuses what Slack refuses."""

from bot.playground.slack.doors.server import SlackServer
from bot.playground.slack.world.config import (
    ChannelSeed,
    CommandSeed,
    ShortcutSeed,
    SlackConfig,
    UserGroupSeed,
    UserSeed,
)

__all__ = [
    "ChannelSeed",
    "CommandSeed",
    "ShortcutSeed",
    "SlackConfig",
    "SlackServer",
    "UserGroupSeed",
    "UserSeed",
]
