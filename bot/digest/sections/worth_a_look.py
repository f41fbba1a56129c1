"""Accounts worth a look that nobody is called for: signs that add up below an alert, and newcomers that are behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.digest.scene import Scene
from bot.risk.listing import LEAST
from bot.risk.onboarding import Newcomer, watch
from bot.risk.whose import Whose
from bot.telling.told import Foreign, Phrase, Strong, Told, counted, money
from storage import alert_cards, alerts, risks
from storage.risks import Ranked

SHOWN = 3
LOOKED_AT = 60
CALLED = frozenset(("cancel_scheduled", "payment_failing", "retries_exhausted", "hard_decline", "invoice_overdue"))


@dataclass(frozen=True, slots=True)
class WorthALook:
    """`near` are accounts by what is at stake, `behind` newcomers by MRR; `more` stand in `/at-risk` besides."""

    base: str
    near: Sequence[Ranked]
    more: int
    behind: Sequence[Newcomer]

    def told(self) -> Told:
        lines = [self._near(one) for one in self.near] + [self._behind(one) for one in self.behind]
        rest = f"{counted(self.more, 'more account')} in /at-risk, with the reasons" if self.more else ""
        return Told(heading="Worth a look", lines=(*lines, *(((rest,),) if rest else ())))

    def _near(self, one: Ranked) -> Phrase:
        moved = one.risk.score - one.risk.before if one.risk.before is not None else 0
        change = f", {'up' if moved > 0 else 'down'} {abs(moved)}" if moved else ""
        return (*self._head(one.name, Decimal(one.risk.worth or 0)), f"risk {one.risk.score}{change}")

    def _behind(self, one: Newcomer) -> Phrase:
        lacks = [f"{one.done} of {one.total} steps done"] if one.lacks_steps else []
        lacks += ["no use of the key feature yet"] if one.lacks_use else []
        return (*self._head(one.name, one.worth), f"day {one.age} with you: {', '.join(lacks)}")

    def _head(self, name: str, worth: Decimal) -> Phrase:
        return ("• ", Strong(Foreign(name)), f"  {money(worth, self.base)} MRR · ")


def _is_told_elsewhere(one: Ranked) -> bool:
    return any(reason["rule"] in CALLED for reason in one.risk.reasons)


def worth_a_look(scene: Scene) -> WorthALook | None:
    live = alerts.live(scene.session)
    written = alert_cards.written(scene.session, live)
    carded = {alert.account_id for alert in live if alert.id in written}
    waiting = {alert.account_id for alert in live} - carded  # a channel gets only so many cards a day
    ranked = [one for one in risks.ranked(scene.session, LEAST, 0, LOOKED_AT) if one.risk.account_id not in carded]
    near = [one for one in ranked if one.risk.account_id in waiting or not _is_told_elsewhere(one)]
    behind = watch(scene.session, Whose(), scene.base, scene.local(scene.now), scene.now).behind
    if not near and not behind:
        return None
    return WorthALook(scene.base, near[:SHOWN], len(near[SHOWN:]), behind[:SHOWN])
