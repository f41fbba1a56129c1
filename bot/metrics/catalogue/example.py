"""The month of a small company that every metric's example is about."""

from datetime import date
from decimal import Decimal

from bot.metrics.activity import Activity
from bot.metrics.cash import Collected, Discounted, Disputed, Failed, Paid, Recovered, Refunded
from bot.metrics.cohorts import Cohort, Cohorts, Logos
from bot.metrics.costs import Costs, Outlay
from bot.metrics.metric import Period
from bot.metrics.policy import KAHVI
from bot.metrics.rolls import Roll
from bot.metrics.standing import AtRisk, FirstMrr, Largest, Planned, Renewing, Scheduled, Subscribed
from bot.metrics.surveys import Recommendations, Satisfaction
from bot.metrics.survival import Tenures
from bot.metrics.trial import Trials, TrialWorth
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
COHORTS = Cohorts(
    (
        Cohort(date(2026, 10, 1), 5, Decimal(500_00), (5, 4), (Decimal(500_00), Decimal(475_00))),
        Cohort(date(2026, 11, 1), 5, Decimal(500_00), (5,), (Decimal(500_00),)),
    )
)
PARTS: tuple[object, ...] = (
    ROLL,
    FirstMrr(Decimal(840_00), 6),
    Subscribed(58),
    Largest(Decimal(5_475_00), ROLL.end, ROLL.customers_end),
    Scheduled(Decimal(450_00)),
    Planned(Decimal(120_00)),
    Renewing(Decimal(800_00), Decimal(1_900_00)),
    AtRisk(Decimal(1_250_00)),
    Trials(started=12, ended=10, converted=4),
    TrialWorth(Decimal(620_00)),
    Paid(Decimal(11_400_00)),
    Failed(7),
    Recovered(Decimal(350_00)),
    Refunded(Decimal(300_00)),
    Disputed(Decimal(90_00), 1),
    Collected(Decimal(11_900_00)),
    Discounted(Decimal(480_00)),
    COHORTS,
    Logos(COHORTS.each),
    Tenures({0: 12, 1: 7, 2: 5, 3: 4, 6: 3, 11: 2}, {1: 9, 4: 12, 8: 14, 12: 10, 20: 8}),
    Recommendations(promoters=45, passives=20, detractors=15),
    Satisfaction(satisfied=72, answers=80),
    Activity(Decimal(420), Decimal(1_400)),
    Costs(Outlay(Decimal(9_400_00)), Outlay(Decimal(5_400_00))),
)
MONTH = Period(Window(date(2026, 11, 1), date(2026, 12, 1)), KAHVI, {type(part): part for part in PARTS})
