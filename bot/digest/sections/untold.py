"""On Mondays: who left within thirty days without anybody having noted why."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.digest.scene import Scene, total
from bot.telling.told import Foreign, Phrase, Strong, Told, counted, money
from storage import departures
from storage.accounts import called

MONDAY = 1
MONTH = timedelta(days=30)
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Untold:
    """`names` are those of the largest losses; `lost` is the MRR of all, in minor units of the base."""

    base: str
    count: int
    lost: Decimal
    names: tuple[str, ...]

    def told(self) -> Told:
        named: list[str | Strong] = []
        for name in self.names:
            named += [", " if named else "", Strong(Foreign(name))]
        more = f" and {self.count - len(self.names):,} more" if self.count > len(self.names) else ""
        head = f"{counted(self.count, 'exit')} in 30 days without an interview, {money(self.lost, self.base)} MRR: "
        line: Phrase = (head, *(one for one in named if one), f"{more}. /exit-interview and the name notes why.")
        return Told(lines=(line,))


def untold(scene: Scene) -> Untold | None:
    if scene.day.isoweekday() != MONDAY:
        return None
    gone = [one for one in departures.without_interview(scene.session, scene.now - MONTH, scene.now) if one.left]
    if not gone:
        return None
    names = called.names(scene.session, [one.account_id for one in gone])
    worth = {one.account_id: scene.sum_of(one.lost) for one in gone}
    ranked = sorted(worth, key=lambda account_id: (-worth[account_id], account_id))
    shown = tuple(names[one].name for one in ranked[:SHOWN])
    return Untold(scene.base, len(gone), total(list(worth.values())), shown)
