"""The things a workspace holds, and their shapes on the wire."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]

ELSEWHERE = "T0ELSEWHERE"
COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "2b6836", "5a4592", "df3dc0")


@dataclass
class User:
    id: str
    name: str
    real_name: str
    email: str
    tz: str
    color: str
    locale: str = "en-US"
    title: str = ""
    is_bot: bool = False
    is_admin: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False

    @property
    def is_guest(self) -> bool:
        """Whether only the channels they are in exist for them."""
        return self.is_restricted or self.is_ultra_restricted or self.is_stranger

    def to_api(self, team_id: str, *, with_email: bool, with_locale: bool = False) -> Json:
        """As Slack shows it; somebody of another company belongs to another team."""
        team_id = ELSEWHERE if self.is_stranger else team_id
        offset = datetime.now(UTC).astimezone(ZoneInfo(self.tz)).utcoffset()
        names: Json = {"real_name": self.real_name, "display_name": self.name, "title": self.title}
        profile = names | {"team": team_id}
        if with_email and self.email:
            profile["email"] = self.email
        shape: Json = {
            "id": self.id,
            "team_id": team_id,
            "name": self.name,
            "real_name": self.real_name,
            "color": self.color,
            "deleted": self.deleted,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "profile": profile,
            "is_admin": self.is_admin,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_restricted": self.is_restricted or self.is_ultra_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "updated": 0,
        }
        shape |= {"locale": self.locale} if with_locale else {}
        return shape | ({"is_stranger": True} if self.is_stranger else {})

    def to_page(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "real_name": self.real_name,
            "color": self.color,
            "title": self.title,
            "tz": self.tz,
            "is_bot": self.is_bot,
            "is_guest": self.is_guest,
            "deleted": self.deleted,
        }


@dataclass
class UserGroup:
    id: str
    handle: str
    name: str
    team_id: str
    users: list[str] = field(default_factory=list)

    def to_api(self, *, with_users: bool) -> Json:
        shape: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "is_usergroup": True,
            "name": self.name,
            "handle": self.handle,
            "description": "",
            "is_external": False,
            "date_delete": 0,
            "user_count": len(self.users),
        }
        return shape | ({"users": list(self.users)} if with_users else {})


@dataclass
class Channel:
    """A public or private channel, or a direct message between the bot and `im_user`."""

    id: str
    name: str
    topic: str = ""
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    im_user: str | None = None
    members: list[str] = field(default_factory=list)
    created: int = 0

    @property
    def is_im(self) -> bool:
        return self.im_user is not None

    @property
    def kind(self) -> str:
        """The `channel_type` of message events."""
        if self.is_im:
            return "im"
        return "group" if self.is_private else "channel"

    def to_api(self, caller: str) -> Json:
        shape: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.is_im,
            "is_mpim": False,
            "is_private": self.is_private or self.is_im,
            "is_channel": not self.is_private and not self.is_im,
            "is_group": self.is_private,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
        }
        if self.is_im:
            return shape | {"user": self.im_user}
        topic = {"value": self.topic, "creator": "", "last_set": 0}
        return shape | {
            "name": self.name,
            "name_normalized": self.name,
            "is_general": self.name == "general",
            "is_member": caller in self.members,
            "topic": topic,
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "num_members": len(self.members),
        }


@dataclass
class Message:
    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    attachments: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    subtype: str | None = None
    edited: Json | None = None
    ephemeral_to: str | None = None
    reactions: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    replies: list["Message"] = field(default_factory=list)

    @property
    def in_channel(self) -> bool:
        """Whether it stands in the channel itself: replies do not, unless sent to the channel as well."""
        return self.thread_ts is None or self.subtype == "thread_broadcast"

    def to_api(self, *, with_metadata: bool = False) -> Json:
        shape: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        optional = {
            "subtype": self.subtype,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "username": self.username,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "edited": self.edited,
            "reactions": self.reactions,
            "files": self.files,
            "metadata": self.metadata if with_metadata else None,
        }
        shape |= {key: value for key, value in optional.items() if value}
        return shape | self._thread()

    def _thread(self) -> Json:
        if self.replies:
            return {
                "thread_ts": self.ts,
                "reply_count": len(self.replies),
                "reply_users": sorted({reply.user for reply in self.replies}),
                "latest_reply": self.replies[-1].ts,
            }
        return {"thread_ts": self.thread_ts} if self.thread_ts else {}

    def to_page(self) -> Json:
        shape = self.to_api(with_metadata=True) | {"channel": self.channel}
        shape.setdefault("blocks", [])
        if self.ephemeral_to:
            shape["ephemeral"] = True
        return shape


@dataclass
class View:
    """A modal or a Home tab: what the app sent, plus what Slack adds."""

    id: str
    user: str
    content: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)

    @property
    def external_id(self) -> str:
        return str(self.content.get("external_id") or "")

    def to_api(self, team_id: str, app_id: str, bot_id: str) -> Json:
        content = self.content
        shape: Json = {
            "id": self.id,
            "team_id": team_id,
            "type": content["type"],
            "blocks": content["blocks"],
            "private_metadata": content.get("private_metadata", ""),
            "callback_id": content.get("callback_id", ""),
            "state": {"values": self.values},
            "hash": self.hash,
            "clear_on_close": content.get("clear_on_close", False),
            "notify_on_close": content.get("notify_on_close", False),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": app_id,
            "external_id": self.external_id,
            "app_installed_team_id": team_id,
            "bot_id": bot_id,
        }
        if content.get("title"):
            shape["title"] = content["title"]
        if content.get("submit_disabled"):
            shape["submit_disabled"] = True
        return shape
