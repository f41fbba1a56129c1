"""What alerts and their cards are made by: what counts as high value, how cards say days and link, when they come."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self
from zoneinfo import ZoneInfo

from bot.money import exponent
from bot.risk.calm import Calm
from bot.risk.tuning import Tuning
from bot.settings import Settings
from bot.sources.base import BillingSource


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """`high_value` is the least MRR, in minor units of `base`, of an account that gets a card."""

    base: str
    high_value: Decimal
    zone: ZoneInfo
    account_url: Callable[[str], str | None]
    calm: Calm

    @classmethod
    def of(cls, settings: Settings, source: BillingSource) -> Self:
        high_value = settings.high_value_mrr.scaleb(exponent(settings.currency))
        return cls(settings.currency, high_value, settings.timezone, source.account_url, Calm.of(settings))

    def tuned(self, tuning: Tuning) -> Self:
        """With the least MRR that people set, where they did."""
        if tuning.high_value is None:
            return self
        return replace(self, high_value=tuning.high_value.scaleb(exponent(self.base)))
