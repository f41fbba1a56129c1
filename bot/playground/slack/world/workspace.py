"""People and channels, and who is in which."""

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.config import ChannelSeed, SlackConfig, UserGroupSeed, UserSeed
from bot.playground.slack.world.models import COLORS, Channel, User, UserGroup


class Workspace:
    def __init__(self, config: SlackConfig, created: int) -> None:
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, UserGroup] = {}
        self.config = config
        self.bot_user_id = config.bot_user_id
        self._created = created
        for number, user in enumerate(config.users, start=1):
            self._seed_user(number, user)
        self._seed_bot(config)
        for number, channel in enumerate(config.channels, start=1):
            self._seed_channel(number, channel)
        for person in self.people():
            self.direct_message(person.id)
        for number, group in enumerate(config.usergroups, start=1):
            self._seed_group(number, group, config.team_id)

    def _seed_user(self, number: int, seed: UserSeed) -> None:
        user_id = seed.id or f"U{number:08d}"
        self.users[user_id] = User(
            id=user_id,
            name=seed.name,
            real_name=seed.real_name,
            email=seed.email,
            tz=seed.tz,
            locale=seed.locale,
            title=seed.title,
            color=COLORS[number % len(COLORS)],
            is_admin=seed.is_admin,
            deleted=seed.deleted,
            is_restricted=seed.is_restricted,
            is_ultra_restricted=seed.is_ultra_restricted,
            is_stranger=seed.is_stranger,
        )

    def _seed_bot(self, config: SlackConfig) -> None:
        self.users[config.bot_user_id] = User(
            id=config.bot_user_id,
            name=config.bot_name.lower().replace(" ", ""),
            real_name=config.bot_name,
            email="",
            tz="America/Los_Angeles",
            color=COLORS[0],
            is_bot=True,
        )

    def _seed_channel(self, number: int, seed: ChannelSeed) -> None:
        channel_id = seed.id or f"C{number:08d}"
        named = [user.id for user in self.people() if seed.members is None or user.name in seed.members]
        self.channels[channel_id] = Channel(
            id=channel_id,
            name=seed.name,
            topic=seed.topic,
            is_private=seed.is_private,
            is_archived=seed.is_archived,
            is_ext_shared=seed.is_ext_shared,
            members=named + ([self.bot_user_id] if seed.bot_is_member else []),
            created=self._created,
        )

    def _seed_group(self, number: int, seed: UserGroupSeed, team_id: str) -> None:
        group_id = seed.id or f"S{number:08d}"
        users = [user.id for user in self.people() if user.name in seed.users]
        self.usergroups[group_id] = UserGroup(group_id, seed.handle, seed.name, team_id, users)

    def people(self) -> list[User]:
        """Everyone who is no bot and has not left."""
        return [user for user in self.users.values() if not user.is_bot and not user.deleted]

    def user(self, user_id: str) -> User:
        if user_id not in self.users:
            raise SlackError("user_not_found")
        return self.users[user_id]

    def user_named(self, name: str) -> User | None:
        wanted = name.lstrip("@").lower()
        return next((user for user in self.users.values() if user.name == wanted), None)

    def channel_named(self, name: str) -> Channel | None:
        wanted = name.lstrip("#")
        return next((c for c in self.channels.values() if not c.is_im and c.name == wanted), None)

    def direct_message(self, user_id: str) -> Channel:
        """The one conversation between the bot and a person, made when first asked for."""
        for channel in self.channels.values():
            if channel.im_user == user_id:
                return channel
        channel = Channel(
            id=f"D{user_id[1:]}",
            name="directmessage",
            im_user=user_id,
            members=[user_id, self.bot_user_id],
            created=self._created,
        )
        self.channels[channel.id] = channel
        return channel

    def shows(self, channel: Channel, caller: str) -> bool:
        """Whether a channel exists for somebody: members always, others when it is public and they are no guests."""
        if caller in channel.members:
            return True
        user = self.users.get(caller)
        return channel.kind == "channel" and user is not None and not user.is_guest

    def visible(self, reference: str, caller: str) -> Channel:
        """A channel by id or `#name`; private ones do not exist for those outside."""
        channel = self.channels.get(reference) or self.channel_named(reference)
        if channel is None or not self.shows(channel, caller):
            raise SlackError("channel_not_found")
        return channel
