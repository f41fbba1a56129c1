"""Everything one running workspace consists of, wired once."""

from bot.playground.slack.doors.calls import Calls
from bot.playground.slack.doors.response_urls import ResponseUrls
from bot.playground.slack.doors.sockets import Sockets
from bot.playground.slack.faults.faults import Faults
from bot.playground.slack.faults.pace import Pace
from bot.playground.slack.world.announce import announce_message, announce_view
from bot.playground.slack.world.background import Background
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.config import SlackConfig
from bot.playground.slack.world.events import Events
from bot.playground.slack.world.live import Live
from bot.playground.slack.world.messages import Change, Messages
from bot.playground.slack.world.models import Json, Message, View
from bot.playground.slack.world.triggers import Triggers
from bot.playground.slack.world.views import Change as ViewChange
from bot.playground.slack.world.views import Views
from bot.playground.slack.world.workspace import Workspace


class State:
    """`me` is the person at the web page; `scopes` are what the bot's token was granted."""

    def __init__(self, config: SlackConfig) -> None:
        self.config = config
        self.clock = Clock()
        self.background = Background()
        self.live = Live()
        self.calls = Calls()
        self.faults = Faults()
        self.pace = Pace(self.clock)
        self.triggers = Triggers(self.clock)
        self.response_urls = ResponseUrls(self.clock)
        self.sockets = Sockets(self.clock, config.app_id)
        self.events = Events(config, self.clock, self.sockets, self.background)
        self.workspace = Workspace(config, int(self.clock.now()))
        self.messages = Messages(self.clock, self._message_changed)
        self.views = Views(self.clock, self._view_changed)
        self.scopes = set(config.scopes)
        self.me = self.workspace.people()[0].id
        self.last_read: dict[tuple[str, str], str] = {}
        self.base_url = ""

    @property
    def bot(self) -> str:
        return self.config.bot_user_id

    def view_shape(self, view: View) -> Json:
        return view.to_api(self.config.team_id, self.config.app_id, self.config.bot_id)

    def _message_changed(self, change: Change, message: Message, before: Message | None) -> None:
        announce_message(self, change, message, before)

    def _view_changed(self, change: ViewChange, view: View) -> None:
        announce_view(self, change, view)
