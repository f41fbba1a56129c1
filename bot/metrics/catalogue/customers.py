"""How many pay, and how much each."""

from collections.abc import Sequence
from decimal import Decimal

from bot.metrics.metric import Missing, Over, Pace, Period, Share, Term, Unit, metric
from bot.metrics.rolls import Roll
from bot.metrics.standing import FirstMrr, Largest, Subscribed


@metric(
    "customers",
    "Customers",
    Unit.COUNT,
    Over.END,
    needs=(Roll,),
    formula="accounts with MRR above zero",
    example="50 + 6 + 1 − 4 = 53",
    owner="Stripe",
    aliases=(
        "active customers",
        "subscribers",
        "logos",
    ),
)
def customers(period: Period) -> Decimal:
    """Accounts that pay; several subscriptions of one account count once."""
    return Decimal(period.of(Roll).customers_end)


@metric(
    "new_customers",
    "New customers",
    Unit.COUNT,
    Over.PERIOD,
    needs=(Roll,),
    formula="accounts whose MRR came above zero for the first time",
    example="6 = 6",
    owner="Stripe",
)
def new_customers(period: Period) -> Decimal:
    """Accounts that paid for the first time."""
    return Decimal(period.of(Roll).customers_new)


@metric(
    "reactivated_customers",
    "Reactivated customers",
    Unit.COUNT,
    Over.PERIOD,
    needs=(Roll,),
    formula="accounts whose MRR came above zero again",
    example="1 = 1",
    owner="ChartMogul",
)
def reactivated_customers(period: Period) -> Decimal:
    """Accounts that had left and pay again."""
    return Decimal(period.of(Roll).customers_reactivated)


@metric(
    "churned_customers",
    "Churned customers",
    Unit.COUNT,
    Over.PERIOD,
    needs=(Roll,),
    formula="accounts whose MRR fell to zero",
    example="4 = 4",
    owner="ChartMogul",
    up=False,
)
def churned_customers(period: Period) -> Decimal:
    """Accounts whose last paying subscription ended."""
    return Decimal(period.of(Roll).customers_churned)


def _average(period: Period) -> Sequence[Term]:
    roll = period.of(Roll)
    return Term("MRR", Unit.MONEY, roll.end), Term("customers", Unit.COUNT, Decimal(roll.customers_end))


@metric(
    "arpa",
    "ARPA",
    Unit.MONEY,
    Over.END,
    needs=(Roll,),
    formula="MRR ÷ customers",
    example="10,950 ÷ 53 = $206.60",
    terms=_average,
    owner="ChartMogul",
    aliases=(
        "arpu",
        "average revenue",
    ),
)
def arpa(period: Period) -> Decimal | Missing:
    """Average MRR of a customer."""
    roll = period.of(Roll)
    return roll.end / roll.customers_end if roll.customers_end else Missing("Nobody pays, so there is no average.")


def _first(period: Period) -> Sequence[Term]:
    first = period.of(FirstMrr)
    customers = Term("new customers", Unit.COUNT, Decimal(first.accounts))
    return Term("first MRR of new customers", Unit.MONEY, first.amount), customers


@metric(
    "asp",
    "ASP",
    Unit.MONEY,
    Over.PERIOD,
    needs=(FirstMrr,),
    formula="first MRR of new customers ÷ new customers",
    example="840 ÷ 6 = $140.00",
    terms=_first,
    owner="ChartMogul",
    pace=Pace.STEADY,
)
def asp(period: Period) -> Decimal | Missing:
    """Average selling price: what a new customer pays per month at first."""
    first = period.of(FirstMrr)
    return first.amount / first.accounts if first.accounts else Missing("Nobody came, so there is no average price.")


@metric(
    "subscriptions",
    "Subscriptions",
    Unit.COUNT,
    Over.END,
    needs=(Subscribed,),
    formula="subscriptions with MRR above zero",
    example="58 = 58",
    owner="Stripe",
)
def subscriptions(period: Period) -> Decimal:
    """Subscriptions that are paid for; an account may have several."""
    return Decimal(period.of(Subscribed).count)


@metric(
    "concentration",
    "Concentration",
    Unit.SHARE,
    Over.END,
    needs=(Largest,),
    formula="MRR of the ten largest accounts ÷ MRR",
    example="5,475 ÷ 10,950 = 50.0%",
    up=False,
    highest=1,
)
def concentration(period: Period) -> Share:
    """Share of MRR that the ten largest accounts pay."""
    found = period.of(Largest)
    return Share(found.amount, found.mrr, found.customers, of_money=True)
