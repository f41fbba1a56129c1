"""The sections of the coffee stats in reading order; to add one, write its module and name it here."""

from collections.abc import Callable

from bot.digest.ahead import ahead
from bot.digest.calls import calls
from bot.digest.freshness import freshness, staleness
from bot.digest.headline import headline
from bot.digest.moved import moved
from bot.digest.roll import roll_forward
from bot.digest.scene import Part, Scene
from bot.digest.summary import summary
from bot.digest.trend import trend

# A section looks at the scene and gives what it found, or None when it has nothing to say today.
Section = Callable[[Scene], Part | None]

SECTIONS: tuple[Section, ...] = (staleness, summary, headline, trend, moved, calls, ahead, freshness, roll_forward)
