"""What the parts of the running bot share; built once, in `bot.app`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from slack_sdk.web.async_client import AsyncWebClient

from bot.accounts.names import Names
from bot.circles import Circles
from bot.clock import Clock, local_day
from bot.risk.settings import RiskSettings
from bot.settings import Settings
from bot.sources.base import BillingSource
from bot.tasks import Tasks
from storage.engine import Database


def _later() -> None:
    """Without a running delivery, what is written waits in the outbox."""


@dataclass(frozen=True, slots=True)
class Services:
    """`client` is for answers: it gives up soon and tries once. Messages to channels go through the outbox.
    `names` are those of all accounts, for look-ups; `circles` say who is in which group of Slack.

    Call `nudge` after writing to the outbox, and what was written is sent at once instead of within seconds.
    """

    settings: Settings
    database: Database
    clock: Clock
    source: BillingSource
    client: AsyncWebClient
    tasks: Tasks
    nudge: Callable[[], None] = field(default=_later)
    names: Names = field(default_factory=Names)
    circles: Circles = field(default_factory=Circles)

    def today(self) -> date:
        """The day it is for the workspace."""
        return local_day(self.clock(), self.settings.timezone)

    def risk_settings(self) -> RiskSettings:
        """By what accounts are assessed here, but for what people tuned in Slack."""
        return RiskSettings.of(self.settings, self.source)
