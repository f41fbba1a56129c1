"""How many pay, and how much each."""

from decimal import Decimal

from bot.metrics.metric import Missing, Over, Period, Unit, metric
from bot.metrics.rolls import Roll


@metric(
    "customers",
    "Customers",
    Unit.COUNT,
    Over.END,
    needs=(Roll,),
    formula="accounts with MRR above zero",
    owner="Stripe",
)
def customers(period: Period) -> Decimal:
    """Accounts that pay; several subscriptions of one account count once."""
    return Decimal(period.of(Roll).customers_end)


@metric("arpa", "ARPA", Unit.MONEY, Over.END, needs=(Roll,), formula="MRR ÷ customers", owner="ChartMogul")
def arpa(period: Period) -> Decimal | Missing:
    """Average MRR of a customer."""
    roll = period.of(Roll)
    return roll.end / roll.customers_end if roll.customers_end else Missing("Nobody pays, so there is no average.")
