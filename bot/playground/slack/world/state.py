"""Everything one running workspace consists of, and what the workspaces of one server share; wired once."""

from datetime import datetime

from bot.playground.slack.doors.calls import Calls
from bot.playground.slack.doors.outbound import Outbound
from bot.playground.slack.doors.request_urls import RequestUrls
from bot.playground.slack.doors.response_urls import ResponseUrls
from bot.playground.slack.doors.sockets import Sockets
from bot.playground.slack.faults.faults import Faults
from bot.playground.slack.faults.pace import Pace
from bot.playground.slack.world.announce import Announcer
from bot.playground.slack.world.background import Background
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.config import SlackConfig
from bot.playground.slack.world.events import Events
from bot.playground.slack.world.files import Files
from bot.playground.slack.world.frame import Frame
from bot.playground.slack.world.live import Live
from bot.playground.slack.world.messages import Messages
from bot.playground.slack.world.models import Json, View
from bot.playground.slack.world.triggers import Triggers
from bot.playground.slack.world.views import Change as ViewChange
from bot.playground.slack.world.views import Views
from bot.playground.slack.world.workspace import Workspace


class Common:
    """The clock, the app's ways in and out, the faults and the record of calls: one of each for a server."""

    def __init__(self, config: SlackConfig) -> None:
        self.clock = Clock()
        self.background = Background()
        self.calls = Calls(config.kept)
        self.faults = Faults()
        self.sockets = Sockets(self.clock, config.app_id)
        self.request_urls = RequestUrls(self.clock, config)
        self.outbound = Outbound(self.clock, self.background, self.faults, self.sockets, self.request_urls)
        self.base_url = ""


class State:
    """`me` is the person at the web page; `scopes` are what the bot's token was granted.

    `refusal` is the error that every use of the bot's token meets, empty while it is good; `installed` is
    whether the app ever came into this workspace.
    """

    def __init__(self, config: SlackConfig, common: Common | None = None) -> None:
        self.config = config
        self.common = common or Common(config)
        self.clock = self.common.clock
        self.background = self.common.background
        self.calls = self.common.calls
        self.faults = self.common.faults
        self.sockets = self.common.sockets
        self.outbound = self.common.outbound
        self.live = Live(lambda: self.me)
        self.pace = Pace(self.clock)
        self.triggers = Triggers(self.clock)
        self.response_urls = ResponseUrls(self.clock, lambda: f"{self.base_url}/response/{config.team_id}")
        self.files = Files(self.clock)
        self.workspace = Workspace(config, int(self.clock.now()))
        self.events = Events(self.clock, self.outbound, self.background, self.workspace, self._hears)
        self.announcer = Announcer(config, self.workspace, self.live, self.events, self._next_ts)
        self.messages = Messages(self.clock, self.announcer.message, config.kept)
        self.views = Views(self.clock, self._view_changed)
        self.scopes = set(config.scopes)
        self.refusal = ""
        self.installed = True
        self.me = self.workspace.people()[0].id
        self.last_read: dict[tuple[str, str], str] = {}
        self.frame = Frame(self._set_clock)
        self.clock.listeners.append(self.tell_time)

    @property
    def listens(self) -> bool:
        """Whether the app is installed here and its token good, so that it may be told of anything."""
        return self.installed and not self.refusal

    def _hears(self, subscription: str) -> bool:
        return self.listens and subscription in self.config.events

    @property
    def base_url(self) -> str:
        return self.common.base_url

    @property
    def bot(self) -> str:
        return self.config.bot_user_id

    def time_shape(self) -> Json:
        return {"now": self.clock.now(), "still": self.clock.is_still, "moving": self.frame.moving}

    def tell_time(self) -> None:
        self.live.push({"type": "clock", **self.time_shape()})

    def tell_frame(self) -> None:
        self.live.push({"type": "frame", "frame": self.frame.shape()})

    def _next_ts(self) -> str:
        return self.messages.next_ts()

    async def _set_clock(self, moment: datetime) -> None:
        self.clock.set(moment)

    def view_shape(self, view: View) -> Json:
        return view.to_api(self.config.team_id, self.config.app_id, self.config.bot_id)

    def _view_changed(self, change: ViewChange, view: View) -> None:
        self.announcer.view(change, view, self.view_shape(view))
