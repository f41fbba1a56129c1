"""Trials in a window, counted by subscription."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Trials:
    """Trials that began, ended, and were first paid for in the window; `known` says whether there are invoices.

    A trial that was cancelled ends on that day and converts never.
    """

    started: int = 0
    ended: int = 0
    converted: int = 0
    known: bool = True


@dataclass(frozen=True, slots=True)
class TrialWorth:
    """What the trials that run at the end would be worth per month, in minor units of the base."""

    mrr: Decimal = Decimal(0)
