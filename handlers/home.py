"""The Home tab: made anew for whoever opens it, and only then."""

from typing import Any

import aiohttp
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError

from bot import home
from bot.access import Action, Asker, allow, email_of
from bot.digest.outgoing import Coffee
from bot.messages import home as messages
from bot.messages.blocks import Block, Message
from bot.services import Services
from handlers.answers import outcome, said
from handlers.parsing import Body, asker
from handlers.readiness import not_ready

log = structlog.get_logger()
HOME = "home"


def register(app: AsyncApp, services: Services) -> None:
    async def opened(event: dict[str, Any], body: Body, context: AsyncBoltContext) -> None:
        if event.get("tab") == HOME:
            who = asker({**body, "user_id": event.get("user")}, context)
            services.tasks.start("home", publish(services, who))

    app.event("app_home_opened")(opened)


async def publish(services: Services, who: Asker) -> None:
    """Show a person their Home tab, or the sentence that takes its place."""
    found = await outcome(view(services, who))
    shown = messages.sentence(found.blocks) if isinstance(found, Message) else found
    try:
        await services.client.views_publish(user_id=who.user, view=shown)
    except SlackApiError as error:
        log.warning("a Home tab could not be shown", error=str(error.response.get("error")))
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("a Home tab could not be shown", error=type(error).__name__)


async def view(services: Services, who: Asker) -> Block:
    """The whole tab. Raises Denied."""
    granted = await allow(services, who, Action.LOOK_AT_HOME)
    if still := await not_ready(services):
        return messages.waiting(said(still).blocks)
    coffee, email = Coffee(services.settings, services.source.name), await email_of(services, who.user)
    person = home.Person(who.user, email, granted.within)
    found = await services.database.read(home.gather, coffee, person, services.clock())
    return messages.home(found, services.settings.timezone)
