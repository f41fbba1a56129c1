"""Which doors are open over HTTP, by the settings."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.errors import SettingsError
from bot.settings import Settings
from bot.slack.incoming import App
from bot.web.health import HealthDoor
from bot.web.server import WebServer
from bot.web.signals import SignalsDoor
from bot.web.slack import SlackDoor
from bot.web.stripe import StripeDoor
from storage.engine import Database

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind the doors; `app` is there once Slack has told who we are."""

    database: Database
    clock: Clock
    health: HealthDoor
    app: Callable[[], App | None]
    hinted: Callable[[], None]


async def serve(settings: Settings, behind: Behind) -> WebServer | None:
    """Open the doors; None where none is wanted, or where only health was and its port is taken."""
    if settings.http_port == 0:
        return None
    doors = wanted(settings, behind)
    server = WebServer([*behind.health.routes(), *doors])
    try:
        port = await server.start(settings.http_host, settings.http_port)
    except SettingsError as error:
        if doors:
            raise
        log.warning("nobody can ask for health", reason=str(error))
        return None
    log.info("listening", host=settings.http_host, port=port, doors=[door.path for door in doors])
    return server


def wanted(settings: Settings, behind: Behind) -> list[web.RouteDef]:
    """The doors for which there is a secret; without one they do not exist."""
    found: list[web.RouteDef] = []
    if settings.slack_mode == "http" and settings.slack_signing_secret:
        found += SlackDoor(behind.app, settings.slack_signing_secret.get_secret_value(), behind.clock).routes()
    key, secret = settings.stripe_api_key, settings.stripe_webhook_secret
    if settings.source == "stripe" and key and secret:
        live = "_test_" not in key.get_secret_value()[:9]
        found += StripeDoor(behind.database, secret.get_secret_value(), behind.clock, behind.hinted, live=live).routes()
    if settings.signals_secret:
        pushed = settings.signals_secret.get_secret_value()
        found += SignalsDoor(behind.database, pushed, behind.clock, settings.timezone, settings.currency).routes()
    return found
