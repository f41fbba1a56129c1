"""How far the month's figures are on the way to their targets; nothing where no target was told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.digest.scene import Scene
from bot.figures import Grounds
from bot.figures.plan_words import against_plan
from bot.figures.plans import plans, segments_with_plans
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Missing
from bot.metrics.plan import Progress
from bot.telling.told import Detail, Strong, Told

SHOWN = 5
YESTERDAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AgainstPlan:
    """The month of `until`'s day before, and what is known of each of its targets, by metric id.

    `parts` are those of segments, by the filter that names each.
    """

    until: date
    base: str
    found: Mapping[str, Progress | Missing]
    parts: Mapping[str, Mapping[str, Progress | Missing]] = field(default_factory=dict)

    def told(self) -> Told:
        month = self.until - YESTERDAY
        so_far = ", so far" if self.until.month == month.month else ""
        lines = tuple(
            (Strong(METRICS[id_].name), f"{f' of {segment}' if segment else ''}: {against_plan(one, self.base)}")
            for segment, found in (("", self.found), *self.parts.items())
            for id_, one in found.items()
        )
        rest = (Detail("Also against plan", lines[SHOWN:]),) if len(lines) > SHOWN else ()
        return Told(heading=f"{month:%B} against plan{so_far}", lines=lines[:SHOWN], details=rest)


def plan(scene: Scene) -> AgainstPlan | None:
    if not scene.started:
        return None
    session, grounds, until = scene.session, Grounds(scene.base, scene.zone, scene.policy), scene.until
    found = plans(session, grounds, until)
    parts = {one: plans(session, grounds, until, segment=one) for one in segments_with_plans(session, until)}
    return AgainstPlan(until, scene.base, found, parts) if found or parts else None
