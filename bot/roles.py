"""Roles: how much somebody may see and do, of which accounts, and to whom roles are given.

A choice is kept whole as plain values with the tunings, so that what was in force when can be told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from sqlmodel import Session

from storage import tunings
from storage.tunings import ACCESS

EVERYONE = "everyone"
MOST = 40  # grants, that a window of Slack can still show
GROUP, CHANNELS, PEOPLE = "S", ("C", "G"), ("U", "W")  # how Slack's ids begin


class Role(IntEnum):
    """Each may what those before it may."""

    VIEWER = 1
    CSM = 2
    LEAD = 3
    ADMIN = 4

    @property
    def word(self) -> str:
        return self.name if self is Role.CSM else self.name.lower()


class Reach(StrEnum):
    """Whose accounts a role is for: all, those of one's group or channel, or one's own."""

    ALL = "all"
    TEAM = "team"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role given to "everyone" (of the full members), a person, a user group or the members of a channel, by id."""

    to: str
    role: Role
    reach: Reach = Reach.ALL

    @property
    def is_circle(self) -> bool:
        """Whether Slack has to be asked who is in it."""
        return self.to.startswith((GROUP, *CHANNELS))

    def plain(self) -> dict[str, str]:
        return {"to": self.to, "role": self.role.word, "reach": self.reach.value}


def role_of(word: str) -> Role | None:
    return next((role for role in Role if role.word.casefold() == word.casefold()), None)


def wrong_with(grant: Grant) -> str:
    """Why a role cannot be given like this; empty when it can."""
    if grant.to != EVERYONE and not (grant.is_circle or grant.to.startswith(PEOPLE)):
        return f'"{grant.to[:40]}" is no id of a person, a user group or a channel in Slack; or write {EVERYONE}.'
    if grant.reach is Reach.TEAM and not grant.is_circle:
        return "The accounts of a team are those of a user group's or a channel's members: choose one of these."
    if grant.role > Role.CSM and grant.reach is not Reach.ALL:
        return f"What {_a(grant.role)} sets counts for all accounts: choose all accounts, or the role CSM for some."
    return ""


def _a(role: Role) -> str:
    return f"an {role.word}" if role is Role.ADMIN else f"a {role.word}"


def in_force(session: Session) -> Sequence[Grant]:
    """What was given last; nothing while nobody has decided."""
    found = tunings.in_force(session, ACCESS)
    return from_plain(found.tuning) if found else ()


def with_grants(present: Iterable[Grant], more: Sequence[Grant]) -> list[Grant]:
    """The grants with these added; what the same people had before is replaced."""
    given = {one.to for one in more}
    return [*(one for one in present if one.to not in given), *more]


def plain(grants: Iterable[Grant]) -> dict[str, Any]:
    return {"grants": [one.plain() for one in grants]}


def from_plain(kept: Mapping[str, Any]) -> Sequence[Grant]:
    """Whatever cannot be read gives nobody anything."""
    rows = kept.get("grants")
    found: list[Grant] = []
    for row in rows if isinstance(rows, list) else ():
        role, reach = role_of(str(row.get("role"))), str(row.get("reach"))
        if role and reach in set(Reach):
            found.append(Grant(str(row.get("to")), role, Reach(reach)))
    return tuple(found)
