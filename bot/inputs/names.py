"""The names of signals that Kahvi knows: what their values may be, and what they mean.

Other names are kept and shown, but nothing is reckoned from them. To add one, add its entry.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.sources.csv import cells
from bot.sources.csv.problems import quoted
from bot.spelling import nearest
from storage.inputs import PLACES

MOST = 10**9
ALIKE = 80.0  # names of signals are short, and many of them are alike
NAME = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,59}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value may be: `words` for people, `read` makes the stored number, `show` text of it again."""

    words: str
    read: Callable[[str], Decimal]
    show: Callable[[Decimal], str]


@dataclass(frozen=True, slots=True)
class Known:
    """A name, its kind of value, what it means, other names under which it may come, and whether its day is past."""

    name: str
    kind: Kind
    meaning: str
    aliases: tuple[str, ...] = ()
    past: bool = False


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _whole(lowest: int, highest: int, words: str) -> Kind:
    cell = cells.whole(lowest, highest)
    return Kind(words, lambda text: Decimal(cell(text, cells.NO_ZONE)), _plain)


def _number(lowest: int, highest: int, words: str) -> Kind:
    cell = cells.number(lowest, highest)

    def read(text: str) -> Decimal:
        value = cell(text, cells.NO_ZONE)
        if value != round(value, PLACES):
            raise ValueError(f"{quoted(text)} has more than {PLACES} decimal places; round it")
        return value

    return Kind(words, read, _plain)


def _flag(text: str) -> Decimal:
    said = {"true": 1, "1": 1, "false": 0, "0": 0}
    if text.lower() not in said:
        raise ValueError(f"{quoted(text)} is not true or false; write one of them")
    return Decimal(said[text.lower()])


def _day(text: str) -> Decimal:
    return Decimal(cells.day(text).toordinal())


COUNT = _whole(0, MOST, "a whole number")
SHARE = _number(0, 1, "0 to 1")
SENTIMENT = _whole(1, 5, "1 to 5")
FLAG = Kind("true or false", _flag, lambda value: "true" if value else "false")
DAY = Kind("a day, like 2026-11-02", _day, lambda value: date.fromordinal(int(value)).isoformat())
ANYTHING = _number(-MOST, MOST, f"a number with at most {PLACES} decimal places")

NPS, CSAT = "nps", "csat"
ACTIVE, ACTIVE_MONTHLY = "active_users", "monthly_active_users"

KNOWN: Mapping[str, Known] = {
    one.name: one
    for one in (
        Known(NPS, _whole(0, 10, "0 to 10"), "an answer to “would you recommend us?”"),
        Known(CSAT, SENTIMENT, "an answer to “how satisfied are you?”"),
        Known(ACTIVE, COUNT, "people who used it on that day", ("dau", "daily_active_users")),
        Known(
            ACTIVE_MONTHLY,
            COUNT,
            "people who used it in the 28 or 30 days up to then",
            ("mau", "active_users_28d", "active_users_30d"),
        ),
        Known("dau_mau", SHARE, "the share of a month's users who come on a day, where you have it ready"),
        Known("logins", COUNT, "log-ins on that day"),
        Known("login_count_7d", COUNT, "log-ins in the 7 days up to then"),
        Known("seats_used", COUNT, "seats in use"),
        Known("key_feature_days_28d", _whole(0, 28, "0 to 28"), "days with use of your key feature, of 28"),
        Known("onboarding_step_done", COUNT, "onboarding steps done so far"),
        Known("onboarding_total", COUNT, "onboarding steps in all"),
        Known("tickets_open", COUNT, "open support tickets"),
        Known("tickets_30d", COUNT, "tickets opened in the 30 days up to then"),
        Known("urgent_tickets", COUNT, "open urgent tickets"),
        Known("last_contact_at", DAY, "when somebody of yours last spoke with them", past=True),
        Known("contract_end", DAY, "when the contract ends"),
        Known("champion_left", FLAG, "whether the person who stood up for you is gone"),
        Known("export_requested", FLAG, "whether they asked for an export of their data"),
        Known("competitor_mentioned", FLAG, "whether they spoke of a competitor"),
        Known("sentiment_csm", SENTIMENT, "how their CSM feels about them"),
    )
}
VALUE = "value_"  # how the names begin of what the team marks as value that a customer got
ALIASES: Mapping[str, str] = {alias: one.name for one in KNOWN.values() for alias in one.aliases}


def name_of(text: str) -> str:
    """The name a signal is kept under; ValueError when it cannot be one."""
    name = text.lower()
    if not NAME.fullmatch(name):
        advice = "write small letters, digits and underscores, like active_users"
        raise ValueError(f"{quoted(text)} is not a name of a signal; {advice}")
    return ALIASES.get(name, name)


def value_of(name: str, text: str, today: date) -> Decimal:
    """The value of a signal as it is kept; ValueError when this name cannot have it."""
    value = kind_of(name).read(text)
    if name in KNOWN and KNOWN[name].past and value > today.toordinal():
        raise ValueError(f"{quoted(text)} is in the future; write a day that was")
    return value


def has_meaning(name: str) -> bool:
    """Whether Kahvi does more with a signal of this name than to keep and show it."""
    return name in KNOWN or name.startswith(VALUE)


def kind_of(name: str) -> Kind:
    return KNOWN[name].kind if name in KNOWN else ANYTHING


def comparable(name: str) -> bool:
    """Whether a value says more beside what is usual: a day or a yes does not."""
    return kind_of(name) not in (DAY, FLAG)


def like(name: str) -> str | None:
    """The known name that an unknown one may be meant for."""
    return nearest(name, [*KNOWN, *ALIASES], ALIKE)


def table() -> str:
    """The known names as a Markdown table."""
    lines = ["| name | value | meaning |", "|---|---|---|"]
    for one in KNOWN.values():
        names = ", ".join(f"`{name}`" for name in (one.name, *one.aliases))
        lines.append(f"| {names} | {one.kind.words} | {one.meaning} |")
    return "\n".join(lines)
