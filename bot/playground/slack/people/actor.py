from dataclasses import dataclass

from bot.playground.slack.world.models import Json, User
from bot.playground.slack.world.state import State


@dataclass(frozen=True)
class Actor:
    """One person of the workspace, by id, in whose name something is read or done."""

    state: State
    id: str

    @property
    def user(self) -> User:
        return self.state.workspace.user(self.id)

    def complain(self, text: str) -> None:
        """Show the person an error, as Slack does above the composer."""
        self.state.live.notice("error", text, to=[self.id])

    def to_payload(self) -> Json:
        user = self.user
        return {"id": user.id, "username": user.name, "name": user.name, "team_id": self.state.config.team_id}
