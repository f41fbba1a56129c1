"""Money that moved: charged, paid, given back and given away."""

from decimal import Decimal

from bot.metrics.cash import Collected, Discounted, Disputed, Failed, Paid, Recovered, Refunded
from bot.metrics.metric import Missing, Over, Period, Unit, metric

NO_INVOICES = Missing("No invoices are known; provide them to see what they brought in and what was taken off.")


@metric(
    "gross_volume",
    "Gross volume",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Paid,),
    formula="sum of payments that succeeded",
    example="11,400 = $11,400.00",
    owner="Stripe",
)
def gross_volume(period: Period) -> Decimal:
    """All payments that succeeded, recurring or not, before anything is given back."""
    return period.of(Paid).amount


@metric(
    "net_revenue",
    "Net revenue",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Paid, Refunded),
    formula="gross volume − refunds",
    example="11,400 − 300 = $11,100.00",
    owner="Baremetrics",
    lowest=None,
)
def net_revenue(period: Period) -> Decimal:
    """Payments that succeeded less what was refunded, each on its own day."""
    return period.of(Paid).amount - period.of(Refunded).amount


@metric(
    "cash_collected",
    "Cash collected",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Collected,),
    formula="sum of what was paid on invoices, by the day they were paid",
    example="11,900 = $11,900.00",
)
def cash_collected(period: Period) -> Decimal | Missing:
    """What invoices brought in, tax included, also where it was paid outside the billing system."""
    collected = period.of(Collected)
    return collected.amount if collected.known else NO_INVOICES


@metric(
    "failed_charges",
    "Failed charges",
    Unit.COUNT,
    Over.PERIOD,
    needs=(Failed,),
    formula="attempts to charge that failed",
    example="7 = 7",
    owner="Baremetrics",
    up=False,
)
def failed_charges(period: Period) -> Decimal:
    """Attempts to charge that failed; each new try counts."""
    return Decimal(period.of(Failed).attempts)


@metric(
    "recovered_revenue",
    "Recovered revenue",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Recovered,),
    formula="sum of payments that succeeded after an earlier try had failed",
    example="350 = $350.00",
    owner="Baremetrics",
)
def recovered_revenue(period: Period) -> Decimal:
    """What was paid in the end after a charge had failed."""
    return period.of(Recovered).amount


@metric(
    "refunds",
    "Refunds",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Refunded,),
    formula="sum of refunds that were not undone",
    example="300 = $300.00",
    owner="Baremetrics",
    up=False,
)
def refunds(period: Period) -> Decimal:
    """What was given back to customers, by the day of the refund."""
    return period.of(Refunded).amount


@metric(
    "disputes",
    "Disputes",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Disputed,),
    formula="sum of payments that customers disputed",
    example="90 = $90.00",
    owner="Stripe",
    up=False,
)
def disputes(period: Period) -> Decimal:
    """Payments that customers took back through their bank, won or lost, by the day the dispute was opened."""
    return period.of(Disputed).amount


@metric(
    "disputes_opened",
    "Disputes opened",
    Unit.COUNT,
    Over.PERIOD,
    needs=(Disputed,),
    formula="number of disputes, inquiries left out",
    example="1 = 1",
    owner="Stripe",
    up=False,
)
def disputes_opened(period: Period) -> Decimal:
    """How many payments customers disputed."""
    return Decimal(period.of(Disputed).count)


@metric(
    "discounts",
    "Discounts given",
    Unit.MONEY,
    Over.PERIOD,
    needs=(Discounted,),
    formula="sum of discounts on issued invoices",
    example="480 = $480.00",
    up=False,
)
def discounts(period: Period) -> Decimal | Missing:
    """What discounts took off the invoices issued in the period."""
    discounted = period.of(Discounted)
    return discounted.amount if discounted.known else NO_INVOICES
