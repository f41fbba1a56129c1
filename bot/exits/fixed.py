"""That a feature is fixed: noted, and told to the owner of everyone who left for it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.figures.exits import Exit, Exits
from bot.messages import win_back as messages
from storage import fixes, outbox, owners, people
from storage.pseudonyms import is_pseudonym


@dataclass(frozen=True, slots=True)
class Announced:
    """Who was told of a fix: how many owners of how many customers, and the customers that nobody looks after."""

    owners: int
    customers: int
    nobodys: tuple[Exit, ...]


def announce(session: Session, found: Exits, tag: str, by: str, now: datetime) -> Announced:
    """Note a fix, and tell the owner of everyone who left for it and is not erased, in one direct message each."""
    fixes.mark(session, tag, by, now)
    left = [one for one in found.exits if tag in one.said.tags and not is_pseudonym(one.account_id)]
    theirs, nobodys = _by_owner(session, left)
    for user, same in theirs.items():
        said = messages.fixed(found.name_of(tag), same, found.base)
        outbox.put(session, f"fixed:{tag}:{user}:{now.date()}", user, said.text, said.blocks, now=now)
    return Announced(len(theirs), sum(map(len, theirs.values())), tuple(nobodys))


def _by_owner(session: Session, left: Sequence[Exit]) -> tuple[Mapping[str, Sequence[Exit]], Sequence[Exit]]:
    emails = owners.emails(session, [one.account_id for one in left])
    known = people.with_emails(session, emails.values())
    theirs: defaultdict[str, list[Exit]] = defaultdict(list)
    nobodys = []
    for one in left:
        person = known.get(emails.get(one.account_id, "").lower())
        if person and person.user:
            theirs[person.user].append(one)
        else:
            nobodys.append(one)
    return theirs, nobodys
