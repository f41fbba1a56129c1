"""Whose accounts a person asks about behind a word of `/at-risk`."""

from collections.abc import Collection

from bot.access import Asker, Granted, email_of
from bot.messages.blocks import Message
from bot.risk.whose import ALL, ME, Whose
from bot.services import Services
from handlers.answers import said

NAMELESS = (
    "I cannot tell which accounts are yours: Slack does not give me your e-mail address. "
    "`{command} owner:you@company.com` does the same."
)


async def whose(
    services: Services, who: Asker, granted: Granted, asked: str, command: str, *, words: Collection[str] = (ALL, ME)
) -> Whose | Message:
    """What was asked for, one of `words` or else a filter; or that nobody knows who asks for theirs."""
    if asked == ME:
        owner = await email_of(services, who.user)
        return Whose(ME, owner=owner) if owner else said(NAMELESS.format(command=command))
    return Whose(asked, "" if asked in words else asked, within=granted.within)
