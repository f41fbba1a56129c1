"""A story told to the visitor at the page in a few steps, each of which really happens."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field

from bot.playground.slack.world.models import Json


class StepFailed(Exception):
    """A step of the story did not come about; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """Where there is something to see: a channel by id, and in it a message by ts, beside its thread if `thread`.

    Where the message is taller than the window, `end` is whether its end is what to look at.
    """

    label: str
    channel: str
    ts: str = ""
    thread: bool = False
    end: bool = False


def _never(_did: str, _asked: Json) -> bool:
    return False


@dataclass(frozen=True)
class Step:
    """`take` does it in the name of somebody, by id, and tells where to look; it raises StepFailed.

    `done_by` is whether what somebody did by themselves at the page amounts to it: the name of a request and its body.
    """

    name: str
    title: str
    text: str
    take: Callable[[str], Awaitable[Sequence[Place]]]
    done_by: Callable[[str, Json], bool] = _never


@dataclass
class Story:
    """The steps in order, and how far the visitor came; `tell` hears of every change."""

    steps: Sequence[Step]
    tell: Callable[[], None] = lambda: None
    closed: bool = False
    _seen: dict[str, Sequence[Place]] = field(default_factory=dict)
    _under_way: set[str] = field(default_factory=set)

    @property
    def done(self) -> Collection[str]:
        """The names of the steps that are done."""
        return self._seen.keys()

    def shape(self) -> Json:
        return {
            "closed": self.closed,
            "steps": [
                {
                    "name": step.name,
                    "title": step.title,
                    "text": step.text,
                    "done": step.name in self._seen,
                    "places": [asdict(place) for place in self._seen.get(step.name, ())],
                }
                for step in self.steps
            ],
        }

    def close(self, *, closed: bool) -> None:
        self.closed = closed
        self.tell()

    def begin_again(self) -> None:
        """For the next visitor; what happened in the workspace stays."""
        self._seen.clear()
        self.tell()

    async def take(self, name: str, person: str) -> Sequence[Place]:
        """Where to look once the step is done; KeyError for a step that there is not, StepFailed."""
        step = next((one for one in self.steps if one.name == name), None)
        if step is None:
            raise KeyError(name)
        if name in self._under_way:
            raise StepFailed("This step is under way; wait for a moment.")
        self._under_way.add(name)
        try:
            places = await step.take(person)
        finally:
            self._under_way.discard(name)
        self._seen[name] = places
        self.tell()
        return places

    def heard(self, did: str, asked: Json) -> None:
        """Somebody did something at the page: steps that it amounts to are done."""
        for step in self.steps:
            if step.name not in self._seen and step.name not in self._under_way and step.done_by(did, asked):
                self.mark(step.name)

    def mark(self, name: str) -> None:
        """A step came about elsewhere."""
        if name not in self._seen and name not in self._under_way:
            self._seen[name] = ()
            self.tell()
