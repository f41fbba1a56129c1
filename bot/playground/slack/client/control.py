"""Time, faults, changes of an administrator, and all that was sent."""

from datetime import datetime
from typing import Any

from bot.playground.slack.client.door import Door
from bot.playground.slack.client.person import Person
from bot.playground.slack.faults.faults import Fault
from bot.playground.slack.world.models import Json


class Control(Door):
    """The control door of the local Slack at `url`; each order raises Refused when it makes no sense."""

    def person(self, name: str, channel: str, team: str = "") -> Person:
        """Somebody by name or id, with a channel open, by id or `#name`; `team` is another workspace's id."""
        return Person(self, name, channel, team)

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.read("/_ctl/clock"))["now"])

    async def advance(self, seconds: float) -> None:
        await self.do("/_ctl/clock", advance_seconds=seconds)

    async def set_clock(self, moment: datetime, *, still: bool = False) -> None:
        """Jump to a moment, and run on from there or stand still."""
        await self.do("/_ctl/clock", set=moment.isoformat(), still=still)

    async def fault(self, fault: Fault) -> None:
        await self.do("/_ctl/fault", **fault.to_json())

    async def reset_faults(self) -> None:
        await self.do("/_ctl/reset_faults")

    async def pace(self, per_second: float | None, burst: float = 5) -> None:
        """How many messages each channel takes; None lifts the limit."""
        await self.do("/_ctl/pace", per_second=per_second, burst=burst)

    async def tiers(self, *, on: bool) -> None:
        """Limit the calls of each method by its tier, or no longer."""
        await self.do("/_ctl/tiers", on=on)

    async def scopes(self, *scopes: str) -> None:
        """What the bot's token is granted from now on."""
        await self.do("/_ctl/scopes", scopes=scopes)

    async def refuse_token(self, error: str = "token_revoked") -> None:
        await self.do("/_ctl/token", refused=error)

    async def take_token(self) -> None:
        await self.do("/_ctl/token", refused="")

    async def channel(self, channel: str, **changes: Any) -> None:
        """Change one: `is_archived`, `is_private`, `is_ext_shared`, `name`, `bot_is_member`."""
        await self.do("/_ctl/channel", channel=channel, **changes)

    async def user(self, user: str, **changes: Any) -> None:
        """Change one: `deleted`, `is_restricted`, `tz`, `email` and the like."""
        await self.do("/_ctl/user", user=user, **changes)

    async def http_mode(self, address: str, *, wall_time: bool = False) -> None:
        """Deliver by signed requests to one address from now on; it must answer Slack's challenge."""
        await self.do("/_ctl/addresses", all=address, wall_time=wall_time)

    async def socket_mode(self) -> None:
        await self.do("/_ctl/addresses")

    async def disconnect(self, reason: str = "refresh_requested") -> int:
        """Ask every connection to come back; how many there were."""
        return int((await self.do("/_ctl/disconnect", reason=reason))["connections"])

    async def cut(self) -> int:
        """Close every connection without a word."""
        return int((await self.do("/_ctl/disconnect", cut=True))["connections"])

    async def calls(self, method: str = "") -> list[Json]:
        """What the app called, oldest first: `method`, `args`, `outcome`, `at`."""
        found: list[Json] = (await self.read("/_ctl/calls", method=method))["calls"]
        return found

    async def messages(self, channel: str = "") -> list[Json]:
        """Everything in a channel, or anywhere, oldest first; `ephemeral_to` is the one who sees it."""
        found: list[Json] = (await self.read("/_ctl/messages", channel=channel))["messages"]
        return found
