"""The people of a customer as the team knows them, written a line each, and whether the champion has gone quiet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.contacts import Contact
from storage.inputs import Signal

MOST, LONGEST = 20, 75  # people, and letters of each part
FORM = 3000  # letters of all, as the form shows them again
CHAMPION = "champion"
ADDRESS = re.compile(r"[^@\s,<>]+@[^@\s,<>]+\.[^@\s,<>]+")
QUIET_AFTER = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Heard:
    """When somebody was last heard of, as answers to surveys and the like tell."""

    contact: Contact
    at: datetime


def written(found: Sequence[Contact]) -> str:
    """The contacts as people type them: name, address, role, champion."""
    return "\n".join(
        ", ".join(part for part in (one.name, one.email, one.role, CHAMPION if one.champion else "") if part)
        for one in found
    )


def parse(typed: str) -> list[Contact] | str:
    """What was typed, a person on each line, or what is wrong with it."""
    found: list[Contact] = []
    for number, line in enumerate(typed.splitlines(), start=1):
        if not line.strip():
            continue
        one = _contact(line)
        if isinstance(one, str):
            return f"Line {number}: {one}"
        if one.email and one.email in {known.email for known in found}:
            return f"Line {number}: {one.email} stands twice; leave one out."
        found.append(one)
    if len(found) > MOST:
        return f"{MOST} people are the most, and these are {len(found)}: leave some out."
    if sum(one.champion for one in found) > 1:
        return "Only one can be the champion: take the word away from the others."
    if len(written(found)) > FORM:
        return f"These are more than the {FORM:,} letters that the form holds: leave out what nobody needs."
    return found


def quiet(found: Sequence[Contact], seen: Sequence[Signal], now: datetime) -> Heard | None:
    """The champion who was heard of, and not lately; None where nothing tells that."""
    champion = next((one for one in found if one.champion and one.email), None)
    if champion is None:
        return None
    heard = [one.at for one in seen if one.respondent.casefold() == champion.email]
    return Heard(champion, max(heard)) if heard and now - max(heard) > QUIET_AFTER else None


def _contact(line: str) -> Contact | str:
    parts = [" ".join(part.split()) for part in line.split(",")]
    if any(len(part) > LONGEST for part in parts):
        return f"each part has up to {LONGEST} letters."
    champion = any(part.casefold() == CHAMPION for part in parts)
    rest = [part for part in parts if part and part.casefold() != CHAMPION]
    addresses = [part for part in rest if "@" in part]
    others = [part for part in rest if "@" not in part]
    if any(not ADDRESS.fullmatch(one) for one in addresses) or len(addresses) > 1:
        return "write one address, such as jane@acme.com."
    if not rest or len(others) > 2:
        return "write a name, an address and a role, with commas between them, such as Jane Doe, jane@acme.com, CTO."
    name, role = (*others, "", "")[:2]
    return Contact(name, addresses[0].casefold() if addresses else "", role, champion=champion)
