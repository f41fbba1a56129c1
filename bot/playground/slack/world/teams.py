"""The workspaces of one server, and which of them installed the app."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.config import SlackConfig
from bot.playground.slack.world.state import Common, State

CODE_LIFETIME = 600.0
KEPT_CODES = 100


@dataclass
class Grant:
    """What a person agreed to when they installed the app."""

    state: State
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    due: float
    used: bool = False


class Teams:
    """The first workspace has the app installed from the start, the others get it by OAuth."""

    def __init__(self, config: SlackConfig, others: Sequence[SlackConfig] = ()) -> None:
        self.common = Common(config)
        self.first = State(config, self.common)
        app = {name: getattr(config, name) for name in ("app_id", "app_token", "commands", "shortcuts", "events")}
        self._states = [self.first, *(State(replace(other, **app), self.common) for other in others)]
        for state in self._states[1:]:
            state.installed = False
        self._grants: dict[str, Grant] = {}

    def __iter__(self) -> Iterator[State]:
        return iter(self._states)

    def named(self, team_id: str) -> State:
        """The workspace with this id, the first for an empty one."""
        for state in self._states:
            if team_id in ("", state.config.team_id):
                return state
        raise SlackError("team_not_found")

    def holding(self, token: str) -> State | None:
        """The workspace whose installation a bot token belongs to."""
        if not token:
            return None
        return next((one for one in self._states if one.installed and one.config.bot_token == token), None)

    def grant(self, state: State, user: str, scopes: tuple[str, ...], redirect_uri: str) -> str:
        """The code that the app exchanges for a token, once and within ten minutes."""
        code = f"{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        due = state.clock.now() + CODE_LIFETIME
        self._grants[code] = Grant(state, user, scopes, redirect_uri, due)
        while len(self._grants) > KEPT_CODES:
            del self._grants[next(iter(self._grants))]
        return code

    def redeem(self, code: str, redirect_uri: str) -> Grant:
        """Install the app where the code says; raises SlackError as Slack does for codes that are no good."""
        grant = self._grants.get(code)
        if grant is None or grant.due < grant.state.clock.now():
            raise SlackError("invalid_code")
        if grant.used:
            raise SlackError("code_already_used")
        if redirect_uri and redirect_uri != grant.redirect_uri:
            raise SlackError("bad_redirect_uri")
        grant.used = True
        grant.state.scopes = set(grant.scopes)
        grant.state.installed, grant.state.refusal = True, ""
        return grant
