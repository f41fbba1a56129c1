"""What stands around the workspace on its page: the time, a story for the visitor, and pages beside it."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.playground.slack.world.models import Json
from bot.playground.slack.world.story import Story


@dataclass(frozen=True)
class Link:
    """A page beside this one, at another address of this machine."""

    name: str
    url: str


@dataclass
class Frame:
    """`pass_time` moves the clock to a moment, as whoever lives by this clock needs it; `moving` while it does."""

    pass_time: Callable[[datetime], Awaitable[None]]
    story: Story | None = None
    links: tuple[Link, ...] = ()
    moving: bool = False

    def shape(self) -> Json:
        return {
            "links": [asdict(link) for link in self.links],
            "story": self.story.shape() if self.story else None,
        }
