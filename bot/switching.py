"""Changing the metrics policy: what it does to the figures, and keeping it or not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from bot.figures import Asked, Grounds, load
from bot.ledger import LedgerRules
from bot.metrics.catalogue import METRICS, in_order
from bot.metrics.metric import Metric, Unit, Value, number
from bot.metrics.policy import MetricsPolicy
from bot.metrics.presets import written
from bot.metrics.windows import Window
from bot.money import display
from bot.sync import Sync
from storage import policies
from storage.engine import Database
from storage.movements import WHOLE

DAYS = 30
HUNDREDTH, WHOLE_ONE = Decimal("0.01"), Decimal(1)
FINE = (Unit.SHARE, Unit.RATIO, Unit.MONTHS)
WORDS = {Unit.SHARE: "%", Unit.MONTHS: " months"}
HEADLINES = ("mrr", "arr", "customers", "arpa", "net_new_mrr", "customer_churn", "mrr_churn")
Made = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of the last days by the old policy and by the new one."""

    metric: Metric
    before: Value
    after: Value

    @property
    def differs(self) -> bool:
        """Whether it reads otherwise now."""
        unit = self.metric.unit
        return _as_shown(number(self.before), unit) != _as_shown(number(self.after), unit)


class _Undone(Exception):
    """Ends a preview, so that nothing of it is kept."""

    def __init__(self, found: Mapping[str, Value]) -> None:
        self.found = found


def unwatched(_done: int, _all: int) -> None:
    """For changes that nobody waits for."""


class Switch:
    """A change of policy for one database; `until` is the first day that its figures do not cover."""

    def __init__(self, database: Database, sync: Sync, rules: LedgerRules, until: date) -> None:
        self._database = database
        self._sync = sync
        self._rules = rules
        self._until = until

    async def preview(self, policy: MetricsPolicy, watch: Made = unwatched) -> list[Change]:
        """What the policy would change; nothing is kept."""
        before = await self._before()

        def undone(session: Session, rules: LedgerRules) -> None:
            raise _Undone(self._figures(session, rules))

        try:
            await self._sync.remake(policy, undone, watch)
        except _Undone as preview:
            return _changes(before, preview.found)
        raise AssertionError("a preview is always undone")

    async def use(self, policy: MetricsPolicy, by: str, at: datetime, watch: Made = unwatched) -> list[Change]:
        """Put the policy in force, and say what it changed."""
        before = await self._before()

        def chosen(session: Session, rules: LedgerRules) -> Mapping[str, Value]:
            policies.choose(session, written(policy), by, at)
            return self._figures(session, rules)

        return _changes(before, await self._sync.remake(policy, chosen, watch))

    async def _before(self) -> Mapping[str, Value]:
        return await self._database.read(self._figures, self._rules)

    def _figures(self, session: Session, rules: LedgerRules) -> dict[str, Value]:
        asked = Asked(session, (Window.last(DAYS, self._until),), Grounds(rules.base, rules.zone, rules.policy))
        needs = {need for metric in METRICS.values() for need in metric.needs}
        period = load(asked, needs)[WHOLE][0]
        return {name: metric.value(period) for name, metric in METRICS.items()}


def _changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Change]:
    first = [*HEADLINES, *(one.id for one in in_order() if one.id not in HEADLINES)]
    return [Change(METRICS[name], before[name], after[name]) for name in first]


def shown(value: Value, unit: Unit, currency: str) -> str:
    """A figure for reading in a terminal: more exact than elsewhere, as it stands beside another of itself."""
    amount = _as_shown(number(value), unit)
    if amount is None:
        return "unknown"
    if unit is Unit.MONEY:
        return display(amount, currency)
    return f"{amount:,f}{WORDS.get(unit, '')}".replace("-", "−")


def difference(change: Change, currency: str) -> str:
    """By how much a figure changed, empty where that cannot be told."""
    unit = change.metric.unit
    before, after = (_as_shown(number(one), unit) for one in (change.before, change.after))
    if before is None or after is None:
        return ""
    if unit is Unit.MONEY:
        return display(after - before, currency, sign=True)
    return f"{after - before:+,f}{' points' if unit is Unit.SHARE else ''}".replace("-", "−")


def _as_shown(amount: Decimal | None, unit: Unit) -> Decimal | None:
    """The digits that are shown: whole minor units, hundredths of a percent, of a month or of a ratio, else whole."""
    if amount is None:
        return None
    return (amount * 100 if unit is Unit.SHARE else amount).quantize(HUNDREDTH if unit in FINE else WHOLE_ONE)
