"""The sections of the coffee stats in reading order; to add one, write its module and name it here."""

from collections.abc import Callable

from bot.digest.scene import Part, Scene
from bot.digest.sections.ahead import ahead
from bot.digest.sections.calls import calls
from bot.digest.sections.freshness import freshness, staleness
from bot.digest.sections.headline import headline
from bot.digest.sections.moved import moved
from bot.digest.sections.plan import plan
from bot.digest.sections.roll_forward import roll_forward
from bot.digest.sections.summary import summary
from bot.digest.sections.trend import trend
from bot.digest.sections.untold import untold
from bot.digest.sections.worth_a_look import worth_a_look

# A section looks at the scene and gives what it found, or None when it has nothing to say today.
Section = Callable[[Scene], Part | None]

SECTIONS: tuple[Section, ...] = (
    staleness,
    summary,
    headline,
    trend,
    plan,
    moved,
    calls,
    worth_a_look,
    untold,
    ahead,
    freshness,
    roll_forward,
)

# The state of the business in short.
BRIEF: tuple[Section, ...] = (staleness, summary, headline, freshness)
