"""For how long what people did and wrote is kept, by kind, as an admin sets it: `messages=400d audit=2y left=5y`."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

FOREVER: Final = "forever"
PERIOD = re.compile(r"([1-9]\d{0,3})([dy])")
DAYS: Mapping[str, int] = {"d": 1, "y": 365}


class Kind(StrEnum):
    """What has a period of its own.

    MESSAGES: the texts of messages that were posted; those stay in Slack. AUDIT: who looked at and changed what.
    NOTES: the words of the journal and of exit interviews; costs, reasons and tags stay. SIGNALS: what was told of
    accounts beside billing. LEFT: customers that left, who are erased as `kahvi erase` does it.
    """

    MESSAGES = "messages"
    AUDIT = "audit"
    NOTES = "notes"
    SIGNALS = "signals"
    LEFT = "left"


DEFAULT = "messages=400d audit=2y notes=forever signals=forever left=forever"
LEAST = {Kind.MESSAGES: 35}  # days: threads, updates and what is told a month later need them


def periods(text: str) -> dict[Kind, timedelta]:
    """The periods of the kinds that are not kept for ever; ValueError says what is wrong with the text."""
    chosen = _words(DEFAULT) | _words(text)
    return {kind: period for kind, period in chosen.items() if period is not None}


def ends(text: str, now: datetime) -> dict[Kind, datetime]:
    """The instant before which nothing of a kind is kept."""
    return {kind: now - period for kind, period in periods(text).items()}


def _words(text: str) -> dict[Kind, timedelta | None]:
    return dict(_word(word) for word in text.split())


def _word(word: str) -> tuple[Kind, timedelta | None]:
    name, _, period = word.partition("=")
    if name not in list(Kind):
        raise ValueError(f'has "{word[:40]}", which must begin with {", ".join(Kind)} and "="')
    kind = Kind(name)
    if period == FOREVER:
        return kind, None
    if not (found := PERIOD.fullmatch(period)):
        raise ValueError(f'must say for how long after "{name}=": such as 400d, 2y or {FOREVER}')
    days = int(found[1]) * DAYS[found[2]]
    if days < (least := LEAST.get(kind, 1)):
        raise ValueError(f"must keep {name} for at least {least}d")
    return kind, timedelta(days=days)
