"""The month of a small company that every metric's example is about."""

from datetime import date
from decimal import Decimal

from bot.metrics.metric import Period
from bot.metrics.policy import KAHVI
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window

ROLL = Roll(
    begin=Decimal(10_000_00),
    new=Decimal(900_00),
    reactivation=Decimal(100_00),
    expansion=Decimal(600_00),
    contraction=Decimal(200_00),
    churn=Decimal(400_00),
    involuntary=Decimal(150_00),
    passing=Decimal(100_00),
    fx=Decimal(-50_00),
    end=Decimal(10_950_00),
    customers_begin=50,
    customers_new=6,
    customers_reactivated=1,
    customers_churned=4,
    customers_involuntary=1,
    customers_passing=1,
    customers_end=53,
)
PARTS: tuple[object, ...] = (ROLL,)
MONTH = Period(Window(date(2026, 11, 1), date(2026, 12, 1)), KAHVI, {type(part): part for part in PARTS})
