"""The channels and direct messages that the card of each alert is to stand in, by the rules for where cards go."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.business_days import BusinessDays
from bot.clock import local_day
from bot.messages.trouble import REMEDIES
from bot.risk import routing
from bot.risk.readers import Reader, calms, readers
from bot.risk.routing import NOBODY, OWNER, PAUSE_FOR_OWNER, Route
from bot.risk.settings import RiskSettings
from storage import alert_cards, channels, owners, people
from storage.alerts import Alert
from storage.people import Person
from storage.states import AlertState

PATIENCE = timedelta(hours=1)  # for Slack to say who an owner is


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, or direct messages with a person; `reader` is who reads there, `problem` why nothing arrives."""

    channel_id: str
    reader: Reader = field(compare=False)
    problem: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        return self.reader.zone


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules look at: the route of each account that has one, the owners whom Slack knows, and channels.

    `unasked` are the accounts about whose owner Slack was not asked yet, `readers` the owners by their id.
    """

    routes: Mapping[str, Route]
    unasked: Collection[str]
    owners: Mapping[str, Person]
    usual: Sequence[Place]
    set_up: Mapping[str, Place]
    readers: Mapping[str, Reader]


def by_place(
    session: Session, wanted: Sequence[Alert], valuable: Collection[str], settings: RiskSettings, now: datetime
) -> dict[Place, list[Alert]]:
    """Alerts in their order by the places where each is to stand; places for alerts are there without any too."""
    situation = situation_of(session, [alert.account_id for alert in wanted], settings, now)
    left_alone = _left_alone(session, wanted, situation, settings, now)
    found: dict[Place, list[Alert]] = {place: [] for place in situation.usual}
    for alert in wanted:
        if alert.account_id in situation.unasked and now - alert.opened_at < PATIENCE:
            continue
        up = alert.account_id in valuable and alert.id in left_alone
        for place in dict.fromkeys(places_of(alert.account_id, situation, up=up)):
            found.setdefault(place, []).append(alert)
    return found


def situation_of(session: Session, account_ids: Sequence[str], settings: RiskSettings, now: datetime) -> Situation:
    chosen = routing.in_force(session)
    today = local_day(now, settings.zone)
    routes = routing.destinations(session, account_ids, chosen, settings.base, today) if chosen.routes else {}
    to_owners = [account_id for account_id, route in routes.items() if route.to == OWNER]
    emails = owners.emails(session, to_owners)
    known, unknown = people.with_emails(session, emails.values()), people.unknown(session, emails.values(), now)
    set_up = channels.everywhere(session)
    by_channel = calms(session, [one.channel_id for one in set_up], settings)
    reading = {
        one.channel_id: Place(one.channel_id, Reader(one.zone, by_channel[one.channel_id]), one.problem)
        for one in set_up
    }
    return Situation(
        routes,
        {account_id for account_id, email in emails.items() if email.lower() in unknown and email.lower() not in known},
        {account_id: known[email.lower()] for account_id, email in emails.items() if email.lower() in known},
        [reading[one.channel_id] for one in channels.for_alerts(session)],
        {one.channel_id: reading[one.channel_id] for one in set_up if not one.paused and not one.shared},
        readers(session, [one.user for one in known.values() if one.user], settings),
    )


def places_of(account_id: str, situation: Situation, *, up: bool = False) -> Iterator[Place]:
    """Where the card of an account goes; `up`: its owner was left alone with it for too long.

    What cannot be reached, an owner unknown to Slack or a channel that was taken off or takes nothing, must not lose a
    card: it goes where those without a rule go.
    """
    route, person = situation.routes.get(account_id), situation.owners.get(account_id)
    if route is None:
        yield from situation.usual
    elif route.to == OWNER and person and person.user and person.direct:
        yield Place(person.direct, situation.readers[person.user])
        yield from situation.usual if up else ()
    elif route.to in situation.set_up and situation.set_up[route.to].problem not in REMEDIES:
        yield situation.set_up[route.to]
    elif route.to != NOBODY:
        yield from situation.usual


def waiting_for(alert: Alert, since: datetime, now: datetime, zone: ZoneInfo, days: BusinessDays) -> int:
    """For how many business days nobody has taken on an alert whose card was written at `since`.

    Days on which somebody was on it, or it was snoozed, do not count.
    """
    if alert.state is not AlertState.OPEN or alert.snoozed:
        return 0
    since = max(since, alert.free_since or since)
    return days.between(local_day(since, zone), local_day(now, zone))


def _left_alone(
    session: Session, wanted: Sequence[Alert], situation: Situation, settings: RiskSettings, now: datetime
) -> set[str]:
    """The alerts that nobody took on in time, by the business days of their owner.

    Days count from the first card on; without one, from the news on: an owner who is never to be told hides nothing.
    """
    everybody = Reader(settings.zone, settings.calm)
    found = set()
    cards = alert_cards.written(session, wanted)
    for alert in wanted:
        since = min((card.created_at for card in cards.get(alert.id, ())), default=max(alert.opened_at, alert.since))
        person = situation.owners.get(alert.account_id)
        reader = situation.readers.get(person.user or "", everybody) if person else everybody
        days = waiting_for(alert, since, now, reader.zone, reader.calm.days)
        if days >= PAUSE_FOR_OWNER:
            found.add(alert.id)
    return found
