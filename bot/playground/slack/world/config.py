"""Who and what is in the workspace when it starts."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self


@dataclass(frozen=True, kw_only=True)
class UserSeed:
    """A person; `tz` is an IANA zone name, `title` what they do, an empty `id` is filled in by position.

    A guest is `is_restricted`, one of a single channel `is_ultra_restricted` as well; `is_stranger` is a person of
    another company who is here only through a shared channel.
    """

    name: str
    real_name: str
    email: str = ""
    tz: str = "Europe/Helsinki"
    locale: str = "en-US"
    title: str = ""
    is_admin: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class ChannelSeed:
    """A channel; `members` are user names, None means every person of the workspace.

    `is_ext_shared` says that another company is in it too.
    """

    name: str
    topic: str = ""
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    members: tuple[str, ...] | None = None
    bot_is_member: bool = False
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class CommandSeed:
    """A slash command as the manifest declares it."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The request URLs of an app in HTTP mode; all empty in Socket Mode."""

    events: str = ""
    commands: str = ""
    interactivity: str = ""
    options: str = ""

    @classmethod
    def all_at(cls, address: str) -> Self:
        """One address for everything, as Bolt takes it."""
        return cls(events=address, commands=address, interactivity=address, options=address)


@dataclass(frozen=True, kw_only=True)
class ShortcutSeed:
    """A shortcut as the manifest declares it: `global` ones stand in the composer, others in a message's menu."""

    name: str
    callback_id: str
    type: Literal["global", "message"] = "global"
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class UserGroupSeed:
    """A group of people, by their names, that can be mentioned by its handle."""

    handle: str
    name: str
    users: tuple[str, ...] = ()
    id: str = ""


DEFAULT_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "reactions:write",
    "users:read",
    "users:read.email",
)
DEFAULT_EVENTS = (
    "app_home_opened",
    "app_mention",
    "channel_archive",
    "channel_rename",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
)
DEFAULT_USERS = (
    UserSeed(name="aino", real_name="Aino Virtanen", email="aino@example.com", is_admin=True),
    UserSeed(name="ben", real_name="Ben Okafor", email="ben@example.com", tz="Europe/London"),
    UserSeed(name="carla", real_name="Carla Reyes", email="carla@example.com", tz="America/New_York"),
)
DEFAULT_CHANNELS = (
    ChannelSeed(name="general", topic="For everyone"),
    ChannelSeed(name="customer-success", topic="Accounts, renewals, risks", bot_is_member=True),
    ChannelSeed(name="cs-leads", topic="Leads only", is_private=True, members=("aino", "ben")),
)


def _token(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(16)}"


@dataclass(frozen=True, kw_only=True)
class SlackConfig:
    """The seed of one workspace with one installed app. Tokens and secrets are made up afresh unless given.

    `home_tab` is whether the app has a Home tab; `kept` is how many messages of a channel, and how many calls, are
    remembered.
    """

    team_id: str = "T0KAHVI01"
    team_name: str = "Kahvila"
    team_domain: str = "kahvila"
    app_id: str = "A0KAHVI01"
    bot_id: str = "B0KAHVI01"
    bot_user_id: str = "U0KAHVI01"
    bot_name: str = "kahvi"
    users: tuple[UserSeed, ...] = DEFAULT_USERS
    channels: tuple[ChannelSeed, ...] = DEFAULT_CHANNELS
    usergroups: tuple[UserGroupSeed, ...] = ()
    commands: tuple[CommandSeed, ...] = ()
    shortcuts: tuple[ShortcutSeed, ...] = ()
    unfurl_domains: tuple[str, ...] = ()
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    events: tuple[str, ...] = DEFAULT_EVENTS
    bot_token: str = field(default_factory=lambda: _token("xoxb"), repr=False)
    app_token: str = field(default_factory=lambda: _token("xapp-1"), repr=False)
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    client_id: str = "1000000000.2000000000"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    redirect_urls: tuple[str, ...] = ()
    addresses: Addresses = Addresses()
    home_tab: bool = True
    kept: int = 1000

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any], **others: Any) -> Self:
        """Commands, shortcuts, scopes, events, domains, Home tab and the bot's name as an app manifest grants them."""
        features, oauth = manifest.get("features", {}), manifest.get("oauth_config", {})
        bot = features.get("bot_user", {})
        taken = {
            "bot_name": bot.get("display_name", cls.bot_name),
            "commands": tuple(_command(entry) for entry in features.get("slash_commands", ())),
            "shortcuts": tuple(_shortcut(entry) for entry in features.get("shortcuts", ())),
            "unfurl_domains": tuple(features.get("unfurl_domains", ())),
            "home_tab": bool(features.get("app_home", {}).get("home_tab_enabled", False)),
            "redirect_urls": tuple(oauth.get("redirect_urls", ())),
            "scopes": tuple(oauth.get("scopes", {}).get("bot", ())),
            "events": tuple(manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", ())),
        }
        return cls(**(taken | others))


def _command(entry: Mapping[str, Any]) -> CommandSeed:
    return CommandSeed(
        command=entry["command"],
        description=entry.get("description", ""),
        usage_hint=entry.get("usage_hint", ""),
        should_escape=bool(entry.get("should_escape", False)),
    )


def _shortcut(entry: Mapping[str, Any]) -> ShortcutSeed:
    return ShortcutSeed(
        name=entry["name"],
        callback_id=entry["callback_id"],
        type=entry.get("type", "global"),
        description=entry.get("description", ""),
    )
