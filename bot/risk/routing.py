"""Where the card of an alert goes: the first rule that fits its account says, else every channel for alerts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Self

import structlog
from sqlmodel import Session

from bot.figures.segments import fitting
from bot.metrics.filter_words import FilterError
from storage import alerts, owners, tunings
from storage.tunings import ROUTES

log = structlog.get_logger()

OWNER, NOBODY = "owner", "nobody"
MOST = 20  # rules
PAUSE_FOR_OWNER, PAUSE_FOR_LEAD = 2, 4  # business days without anybody on it, then the channels, then the lead


@dataclass(frozen=True, slots=True)
class Route:
    """The accounts of a filter, all for an empty one, go `to` a channel's id, their owner, or nobody."""

    where: str
    to: str

    @property
    def id(self) -> str:
        return sha256(f"{self.where}\n{self.to}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Routing:
    """Rules in their order, and the person who is told of alerts that nobody takes on."""

    routes: Sequence[Route] = ()
    lead: str | None = None

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        return {"routes": [{"where": one.where, "to": one.to} for one in self.routes], "lead": self.lead}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        return cls(tuple(Route(one["where"], one["to"]) for one in told["routes"]), told["lead"])

    def without(self, route_id: str) -> "Routing":
        return Routing(tuple(one for one in self.routes if one.id != route_id), self.lead)

    def with_earlier(self, route_id: str) -> "Routing":
        """With a rule one place further up."""
        places = [place for place, one in enumerate(self.routes) if one.id == route_id and place]
        if not places:
            return self
        routes, place = list(self.routes), places[0]
        routes[place - 1 : place + 1] = routes[place], routes[place - 1]
        return Routing(tuple(routes), self.lead)


def in_force(session: Session) -> Routing:
    """The routing that people chose last."""
    chosen = tunings.in_force(session, ROUTES)
    return Routing.of(chosen.tuning) if chosen else Routing()


def owners_to_find(session: Session) -> list[str]:
    """The addresses of the owners of accounts in trouble, where a rule sends anything to owners."""
    if not any(route.to == OWNER for route in in_force(session).routes):
        return []
    emails = owners.emails(session, sorted({alert.account_id for alert in alerts.live(session)}))
    return sorted(set(emails.values()))


def destinations(
    session: Session, account_ids: Collection[str], routing: Routing, base: str, today: date
) -> dict[str, Route]:
    """By account the rule that says where it goes; those that none fits are left out."""
    left = set(account_ids)
    found: dict[str, Route] = {}
    for route in routing.routes:
        try:
            named = left & fitting(session, route.where, left, base, today) if left else set()
        except FilterError as error:
            log.warning("a rule for where cards go fits nothing", rule=route.id, error=type(error).__name__)
            continue
        found |= dict.fromkeys(named, route)
        left -= named
    return found
