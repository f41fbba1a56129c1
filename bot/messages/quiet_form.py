"""The form that says when a channel or a person is left alone by alerts."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from bot.business_days import NONE, WEEKENDS, BusinessDays
from bot.messages import blocks as b
from bot.messages.windows import open_again, told
from bot.settings import NO_HOURS
from storage.quiet_times import QuietTime

FORM, OPEN = "quiet_times", "quiet_times_open"
TITLE = "Quiet times"
HOURS, START, END, DAYS, COUNTRY = "hours", "start", "end", "days", "country"
USUAL, OWN = "usual", "own"
NIGHT = "20:00-07:00"
LONGEST = 12  # characters of a country and a part of it


def form(chosen: QuietTime, usual: QuietTime, zone: ZoneInfo, channel: str = "") -> b.Block:
    """Filled with what was `chosen` for a channel, or for the person who asks; `usual` is what the workspace has."""
    who = f"in <#{channel}>" if channel else "in direct messages to you"
    start, end = (NIGHT if _of(chosen, usual) == NO_HOURS else _of(chosen, usual)).split("-")
    own_hours = {None: USUAL, NO_HOURS: NO_HOURS}.get(chosen.hours, OWN)
    own_days = {None: USUAL, WEEKENDS: WEEKENDS, NONE: NONE}.get(chosen.free_days, OWN)
    hours = [
        b.option(f"As the workspace: {hours_words(usual.hours)}"[: b.OPTION_TEXT], USUAL),
        b.option("The hours below", OWN),
        b.option("No quiet hours", NO_HOURS),
    ]
    days = [
        b.option(f"As the workspace: {days_words(usual.free_days)}"[: b.OPTION_TEXT], USUAL),
        b.option("Weekends", WEEKENDS),
        b.option("Weekends and holidays of the country below", OWN),
        b.option("None: every day is a working day", NONE),
    ]
    country = chosen.free_days if own_days == OWN and chosen.free_days else ""
    return b.modal(
        FORM,
        TITLE,
        [
            b.section(f"When no alert is to come {who}, by the clocks of {zone.key}; what waits comes afterwards."),
            b.entry(HOURS, "Quiet hours", b.choice(hours, initial=own_hours, kind="radio_buttons")),
            b.entry(START, "From", b.time_input(start), optional=True),
            b.entry(END, "Until", b.time_input(end), optional=True),
            b.entry(DAYS, "Free days", b.choice(days, initial=own_days, kind="radio_buttons")),
            b.entry(
                COUNTRY,
                "Country",
                b.text_input(initial=country, placeholder="FI, or DE-BY for a part of one", longest=LONGEST),
                optional=True,
            ),
        ],
        submit="Save",
        private_metadata=b.carried({"channel": channel}),
    )


def submitted(answers: Mapping[str, Any]) -> QuietTime | dict[str, str]:
    """What was chosen, or what is wrong with it by field."""
    wrong: dict[str, str] = {}
    hours = {NO_HOURS: NO_HOURS, OWN: ""}.get(str(answers.get(HOURS)))
    if hours == "":
        start, end = b.time_of(answers.get(START)), b.time_of(answers.get(END))
        if start is None or end is None:
            wrong[END if start else START] = "Choose a time of day."
        elif start == end:
            wrong[END] = "Choose another time than the first one."
        else:
            hours = f"{start:%H:%M}-{end:%H:%M}"
    free = {NONE: NONE, WEEKENDS: WEEKENDS, OWN: ""}.get(str(answers.get(DAYS)))
    if free == "":
        free = str(answers.get(COUNTRY) or "").strip().upper()
        if not _is_country(free):
            wrong[COUNTRY] = "Write a country such as FI, or a part of one such as DE-BY."
    return wrong or QuietTime(hours, free)


def done(chosen: QuietTime, usual: QuietTime, channel: str) -> b.Block:
    who = f"<#{channel}>" if channel else "you"
    hours, free = chosen.hours or usual.hours, chosen.free_days or usual.free_days
    return told(TITLE, f"Saved. Alerts leave {who} alone: {hours_words(hours)}; {days_words(free)}.")


def again(_: b.Block) -> b.Message:
    return open_again(OPEN, "")


def hours_words(hours: str | None) -> str:
    return "no quiet hours" if hours in (None, NO_HOURS) else str(hours).replace("-", "\N{EN DASH}")


def days_words(free: str | None) -> str:
    if free in (None, NONE):
        return "no free days"
    return "weekends" if free == WEEKENDS else f"weekends and holidays of {free}"


def _of(chosen: QuietTime, usual: QuietTime) -> str:
    return chosen.hours or usual.hours or NO_HOURS


def _is_country(written: str) -> bool:
    if not written or written.casefold() in (NONE, WEEKENDS) or len(written) > LONGEST:
        return False
    try:
        BusinessDays(written)
    except ValueError:
        return False
    return True
