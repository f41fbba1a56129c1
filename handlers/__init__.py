"""What people do in Slack: each listener parses, notes the work and acks; the work asks access, and answers."""

from slack_bolt.app.async_app import AsyncApp

from bot.services import Services
from handlers import account, alerts, coffee, exit_interview


def register_all(app: AsyncApp, services: Services) -> None:
    """Let every module of this package listen."""
    for module in (account, alerts, coffee, exit_interview):
        module.register(app, services)
