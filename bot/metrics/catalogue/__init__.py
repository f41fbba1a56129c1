"""Every figure Kahvi knows, one entry each: the digest, the commands, explain and the docs come from these entries.

To add a metric, write its function in the module of its family and decorate it; nothing else needs to change. What a
function reads is named by its `needs`; `bot.figures` loads it. The example is about the month in `example.py`.
"""

from bot.metrics.catalogue import beside_billing, cash, churn, cohorts, customers, outlook, revenue, trials
from bot.metrics.metric import METRICS, Metric

FAMILIES = (
    revenue,
    customers,
    churn,
    cohorts,
    outlook,
    trials,
    cash,
    beside_billing,
)  # in the order in which docs list them

__all__ = ["FAMILIES", "METRICS", "in_order"]


def in_order() -> list[Metric]:
    """All metrics, family by family, as docs list them."""
    names = [family.__name__ for family in FAMILIES]
    return sorted(METRICS.values(), key=lambda metric: names.index(metric.function.__module__))
