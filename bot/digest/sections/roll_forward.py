"""How MRR went over the last 30 days, line by line to the cent, and what each figure means: the thread's last reply."""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.digest.scene import Scene
from bot.digest.sections.headline import MONTH
from bot.metrics.catalogue import METRICS
from bot.metrics.rolls import Roll
from bot.money import display, rounded
from bot.telling.told import Detail, Phrase, Row, Strong, Table, Told

EXPLAINED = ("mrr", "net_new_mrr", "customers", "arpa", "customer_churn", "mrr_churn")


@dataclass(frozen=True, slots=True)
class RollForward:
    day: date
    base: str
    roll: Roll

    def told(self) -> Told:
        table = Table(("30 days", "MRR", "Customers"), tuple(self.rows()), frozenset({1, 2}))
        heading = "How MRR went, and what the figures mean"
        notes = tuple(_definition(name) for name in EXPLAINED)
        return Told(details=(Detail(heading, table=table, notes=notes),))

    def rows(self) -> list[Row]:
        """Amounts in whole minor units that add up: what rounding leaves goes with the exchange rates."""
        roll = self.roll
        signed = [
            ("+ new", rounded(roll.new), f"+{roll.customers_new:,}"),
            ("+ came back", rounded(roll.reactivation), f"+{roll.customers_reactivated:,}"),
            ("+ expansion", rounded(roll.expansion), ""),
            ("− contraction", -rounded(roll.contraction), ""),
            ("− churn", -rounded(roll.churn), f"−{roll.customers_churned:,}"),
        ]
        begin, end = rounded(roll.begin), rounded(roll.end)
        fx = end - begin - sum(amount for _, amount, _ in signed)
        first, last = self.day - timedelta(days=MONTH), self.day
        return [
            _row(f"start of {first.day} {first:%b}", display(begin, self.base), f"{roll.customers_begin:,}"),
            *(_row(word, display(amount, self.base, sign=True), customers) for word, amount, customers in signed),
            _row("± exchange rates", display(fx, self.base, sign=True), ""),
            _row(f"= start of {last.day} {last:%b}", display(end, self.base), f"{roll.customers_end:,}"),
        ]


def roll_forward(scene: Scene) -> RollForward | None:
    if not scene.started:
        return None
    return RollForward(scene.until, scene.base, scene.month.of(Roll))


def _definition(name: str) -> Phrase:
    metric = METRICS[name]
    return (Strong(metric.name), f": {metric.definition.rstrip('.')} ({metric.formula}).")


def _row(*cells: str) -> Row:
    return tuple((cell,) for cell in cells)
