"""Whose accounts a list is about: all, one's own, or those of a filter, as far as they are within reach."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from bot.figures.segments import fitting
from bot.metrics import filters
from bot.metrics.filters import Filter
from storage import risks

ALL, ME = "all", "me"


@dataclass(frozen=True, slots=True)
class Whose:
    """`asked` is as it was typed: a word such as "all" or "me", or a filter, which is `where` then.

    `owner` is the address of whoever asks for theirs. `within` keeps to what that person may see, empty for everything.
    """

    asked: str = ALL
    where: str = ""
    owner: str = ""
    within: Filter = ()

    @property
    def kept(self) -> str:
        """The whole filter as people read it; empty where none was typed and everything may be seen."""
        return f"{filters.written(self.within)} {self.where}".strip()


def theirs(
    session: Session, whose: Whose, ids: Callable[[], Collection[str]], base: str, today: date
) -> Collection[str] | None:
    """The accounts that are meant, a filter's of those that `ids` gives; None for all. Raises FilterError."""
    if whose.asked == ME:
        return risks.owned_by(session, whose.owner)
    if whose.where or whose.within:
        return fitting(session, whose.where, ids(), base, today, within=whose.within)
    return None
