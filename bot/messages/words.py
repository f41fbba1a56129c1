"""Dates, amounts and names as people read them."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.clock import local_day
from bot.messages.blocks import escape, local_time
from bot.money import display
from storage.pseudonyms import FORMER, is_pseudonym


def day(at: date | datetime, zone: ZoneInfo) -> str:
    """Like "3 Mar 2026": the local day of an instant, or a day as it is."""
    return whole_day(local_day(at, zone) if isinstance(at, datetime) else at)


def whole_day(at: date) -> str:
    """A day, which is the same everywhere, like "3 Mar 2026"."""
    return f"{at.day} {at:%b %Y}"


def days_until(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Such as "today", "tomorrow", "in 12 days", "yesterday", "3 days ago"."""
    days = (local_day(at, zone) - local_day(now, zone)).days
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in named:
        return named[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """An instant in the reader's own time, with its day: what stands in a channel is read on other days too."""
    return local_time(int(at.timestamp()), f"{day(at, zone)} {at.astimezone(zone):%H:%M}", "{date_short} {time}")


def moment_now(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """An instant for an answer that is read at once: "14:06 today", else with its day."""
    if local_day(at, zone) != local_day(now, zone):
        return moment(at, zone)
    return f"{local_time(int(at.timestamp()), f'{at.astimezone(zone):%H:%M}', '{time}')} today"


def amounts(by_currency: Mapping[str, int], *, nothing: str = "nothing") -> str:
    """Amounts of several currencies, none converted: "$4,200.00 + €90.00"."""
    shown = [display(amount, currency) for currency, amount in sorted(by_currency.items()) if amount]
    return " + ".join(shown) or nothing


def capital(text: str) -> str:
    """Text as it begins a sentence or stands alone."""
    return text[:1].upper() + text[1:]


def quoted(text: str, limit: int = 200) -> str:
    """Foreign text between quotation marks."""
    return f"“{escape(text, limit)}”"


def person(user: str) -> str:
    """A mention that notifies nobody in an update, and shows the person's present name."""
    return FORMER if is_pseudonym(user) else f"<@{user}>"
