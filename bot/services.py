"""What the parts of the running bot share; built once, in `bot.app`."""

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.settings import Settings
from bot.sources.base import BillingSource
from bot.tasks import Tasks
from storage.engine import Database


@dataclass(frozen=True, slots=True)
class Services:
    """`client` is for answers: it gives up soon and tries once. Messages to channels go through the outbox."""

    settings: Settings
    database: Database
    clock: Clock
    source: BillingSource
    client: AsyncWebClient
    tasks: Tasks
