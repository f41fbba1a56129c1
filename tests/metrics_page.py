"""docs/metrics.md, made from the catalogue."""

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from inspect import getdoc
from types import ModuleType

from bot.metrics.catalogue import FAMILIES, METRICS
from bot.metrics.metric import Metric, Unit, Value, number
from bot.money import display

INTRODUCTION = """# Metrics

Every figure that Kahvi knows, each with its definition, its formula and whose definition it is. What MRR is, and all
that formulas depend on, is chosen by a [policy](policies.md); formulas here are those of Kahvi's own. A period is a
span of whole days, and what accounts did in it is netted per account: one that grew and shrank again did neither. A
figure that cannot be known says why, and what to provide.

The examples are about one month of a small company, in dollars. This page is made from the code (`make docs`).
"""
UNITS = {Unit.SHARE: Decimal("0.1"), Unit.RATIO: Decimal("0.01"), Unit.MONTHS: Decimal("0.1")}


def metrics() -> str:
    lines = (line for family in FAMILIES for line in _family(family))
    return "\n".join([INTRODUCTION, *lines]).rstrip() + "\n"


def shown(value: Value, unit: Unit) -> str:
    """A value as the examples write it; amounts in dollars."""
    found = number(value)
    assert found is not None
    if unit is Unit.MONEY:
        return display(found, "usd")
    scaled = found * 100 if unit is Unit.SHARE else found
    rounded = scaled.quantize(UNITS.get(unit, Decimal(1)), rounding=ROUND_HALF_EVEN)
    ends = {Unit.SHARE: "%", Unit.MONTHS: " months"}
    return f"{rounded:,}{ends.get(unit, '')}".replace("-", "−")


def _family(family: ModuleType) -> Iterator[str]:
    title, _, rest = (getdoc(family) or "").partition("\n")
    yield from (f"## {title.rstrip('.')}", "", *([rest.strip(), ""] if rest.strip() else []))
    for metric in METRICS.values():
        if metric.function.__module__ == family.__name__:
            yield from _metric(metric)


def _metric(metric: Metric) -> Iterator[str]:
    better = {True: "more is better", False: "less is better", None: "neither way is better"}[metric.up]
    yield f"### {metric.name}: `{metric.id}`"
    yield ""
    yield metric.definition
    yield ""
    yield f"- Formula: {metric.formula}"
    yield f"- Definition of {metric.owner}; {metric.unit}, {metric.over}; {better}"
    yield f"- Example: {metric.example}"
    yield ""
