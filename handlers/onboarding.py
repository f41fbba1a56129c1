"""`/at-risk onboarding`: who is behind in the first ninety days."""

from sqlmodel import Session

from bot.access import Action, Asker, allow, email_of
from bot.clock import local_day
from bot.errors import KahviError
from bot.figures.segments import fitting
from bot.messages import onboarding as messages
from bot.messages.blocks import Message
from bot.messages.figures import refused
from bot.risk.onboarding import Watch, watch
from bot.services import Services
from handlers.answers import said
from handlers.readiness import not_ready
from storage import risks

WORD = "onboarding"
NAMELESS = (
    "I cannot tell which accounts are yours: Slack does not give me your e-mail address. "
    "`/at-risk onboarding owner:you@company.com` does the same."
)


async def ask(services: Services, who: Asker, text: str) -> Message:
    """Of all newcomers, of one's own ("me"), or of a filter."""
    word = text.casefold()
    asked = word if word in ("all", "me") else text or "all"
    granted = await allow(services, who, Action.LOOK_AT_RISK, f"{WORD} {asked if asked in ('all', 'me') else 'filter'}")
    if waiting := await not_ready(services):
        return said(waiting)
    owner = await email_of(services, who.user) if asked == "me" else None
    if asked == "me" and not owner:
        return said(NAMELESS)
    if asked != "me":
        asked = granted.narrowed("" if asked == "all" else asked) or "all"
    try:
        found = await services.database.read(_watched, asked, owner or "", services)
    except KahviError as error:
        return refused(str(error))
    return messages.told(found, asked, services.settings.currency)


def _watched(session: Session, asked: str, owner: str, services: Services) -> Watch:
    now, base = services.clock(), services.settings.currency
    today = local_day(now, services.settings.timezone)
    match asked:
        case "all":
            among = None
        case "me":
            among = set(risks.owned_by(session, owner))
        case _:
            among = fitting(session, asked, risks.worths(session).keys(), base, today)
    return watch(session, today, now, among)
