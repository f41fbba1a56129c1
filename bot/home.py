"""What the Home tab tells one person: the business in short, their accounts at risk, and what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from bot.clock import local_day
from bot.digest import Digest
from bot.digest.outgoing import Coffee
from bot.exits import prompts
from bot.metrics.filters import Filter
from bot.risk.listing import Listing, listed
from bot.risk.whose import ME, Whose
from storage import alerts, owners
from storage.accounts import called
from storage.alerts import Alert
from storage.departures import Departure
from storage.owners import Load

RISKY = 5  # accounts at risk that are shown; a command lists the others


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of Slack, by their address where Slack tells it; `within` is the filter of what they may see."""

    user: str
    email: str | None
    within: Filter = ()


@dataclass(frozen=True, slots=True)
class Home:
    """Of one person and one moment; accounts come with their names.

    `business` is None for whoever may not see all accounts. `load` and `risky` are of the accounts that the person
    looks after, both None where Slack keeps the address by which billing names owners; `everyone` are all accounts at
    risk that they may see, none of them listed.
    """

    day: date
    business: Digest | None
    load: Load | None
    risky: Listing | None
    everyone: Listing
    on: Sequence[tuple[Alert, str]]
    interviews: Sequence[tuple[Departure, str]]


def gather(session: Session, coffee: Coffee, person: Person, now: datetime) -> Home:
    """What a person has on hand."""
    user, email = person.user, person.email
    base, today = coffee.settings.currency, local_day(now, coffee.settings.timezone)
    load = owners.loads(session, [email]).get(email.lower(), Load(0, 0)) if email else None
    risky = listed(session, Whose(ME, owner=email), base, today, count=RISKY) if email else None
    on = alerts.claimed_by(session, user)
    names = called.names(session, [alert.account_id for alert in on])
    return Home(
        day=today,
        business=None if person.within else coffee.brief(session, now),
        load=load,
        risky=risky,
        everyone=listed(session, Whose(within=person.within), base, today, count=0),
        on=[(alert, names[alert.account_id].name) for alert in on],
        interviews=prompts.waiting_for(session, user, now),
    )
