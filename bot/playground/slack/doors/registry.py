"""The Web API methods by name, each with the scopes it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.playground.slack.doors.arguments import Arguments
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.state import State
from bot.playground.slack.world.teams import Teams

Caller = Literal["bot", "app", "anyone"]
Handler = Callable[["Call"], Json]


@dataclass(frozen=True)
class Call:
    """One call of a method; `basic` are credentials of the app itself, where it gave some."""

    teams: Teams
    state: State
    method: str
    args: Arguments
    basic: str = ""

    def need(self, *any_of: str) -> None:
        """Refuse unless one of these scopes was granted."""
        if not self.state.scopes.intersection(any_of):
            provided = ",".join(sorted(self.state.scopes))
            raise SlackError("missing_scope", needed=any_of[0], provided=provided)


@dataclass(frozen=True)
class Method:
    handler: Handler
    scopes: tuple[str, ...]
    caller: Caller
    tier: int = 3


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, caller: Caller = "bot", tier: int = 3) -> Callable[[Handler], Handler]:
    """Register a handler; any one of `scopes` is enough, none means no scope is needed; `caller` is whose token.

    `tier` is that of Slack's limits; 0 where a method has a limit of its own.
    """

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(handler, scopes, caller, tier)
        return handler

    return register
