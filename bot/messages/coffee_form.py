"""The form of `/coffee here`, and the sentences about a channel's coffee stats."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.messages import blocks as b
from bot.messages import trouble
from bot.messages.figures import ASKING, families
from bot.messages.windows import open_again, told
from bot.messages.words import day
from bot.messages.zones import known_zones, zone_choice
from storage.channels import Channel

CALLBACK = "coffee_here"
OPEN = "coffee_open"
AT, ZONE, WEEKDAYS, ALERTS = "at", "zone", "weekdays", "alerts"
TITLE = "Coffee and alerts here"  # Slack takes 24 characters
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WORKING_DAYS = frozenset(range(1, 6))
MORNING = time(8, 30)
HELP = (
    "`/coffee` shows you today's coffee stats, only you see them",
    "`/coffee here` posts them to this channel on the days and at the time you choose",
    "`/coffee pause` and `/coffee resume` stop and start what is posted here",
    "`/coffee access` says who may see and do what",
    *ASKING,
    "`/at-risk` lists who is near to leaving, those with most at stake first",
    "`/account acme` shows one customer; `/exit-interview acme` notes why one left",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form starts from, or what it was submitted with. `weekdays` are those of `date.isoweekday`."""

    channel_id: str
    at: time
    zone: ZoneInfo
    weekdays: frozenset[int]
    alerts: bool


def starting(channel_id: str, present: Channel | None, zone: ZoneInfo) -> Wish:
    """The channel's present set-up; working days at half past eight in a zone for one without."""
    if present is None:
        return Wish(channel_id, MORNING, zone, WORKING_DAYS, alerts=True)
    return Wish(channel_id, present.at, present.zone, present.weekdays, present.alerts)


def form(wish: Wish, problem: str | None = None) -> b.Block:
    """The form; `problem` is why Slack refused the last message here."""
    days = [b.option(name, str(number)) for number, name in enumerate(DAYS, start=1)]
    also = b.option("Also post at-risk alerts here", "yes", "A card when a high-value account is in trouble")
    rows = [
        *([b.section(wrong(problem))] if problem else []),
        b.entry(AT, "Time", b.time_input(f"{wish.at:%H:%M}")),
        b.entry(ZONE, "Time zone", zone_choice(wish.zone.key)),
        b.entry(
            WEEKDAYS,
            "Days of the coffee stats",
            b.ticks(days, initial=map(str, wish.weekdays)),
            hint="Tick none when you want alerts alone.",
            optional=True,
        ),
        b.entry(
            ALERTS,
            "Alerts",
            b.ticks([also], initial=["yes"] if wish.alerts else []),
            hint="/at-risk quiet here says at which hours and on which days none come.",
            optional=True,
        ),
    ]
    return b.modal(CALLBACK, TITLE, rows, submit="Set up", private_metadata=b.carried({"channel": wish.channel_id}))


def again(_: b.Block) -> b.Message:
    return open_again(OPEN, "")


def submitted(view: Mapping[str, Any], answers: Mapping[str, Any]) -> Wish | dict[str, str]:
    """What the form asks for, or what is wrong with it, by input."""
    wrong: dict[str, str] = {}
    at, zone = b.time_of(answers.get(AT)), answers.get(ZONE)
    weekdays = frozenset(int(one) for one in answers.get(WEEKDAYS) or () if str(one) in "1234567")
    if at is None:
        wrong[AT] = "Please choose a time of day."
    if zone not in known_zones():
        wrong[ZONE] = "Please choose a time zone from the list."
    if not weekdays and not answers.get(ALERTS):
        wrong[WEEKDAYS] = "Please tick at least one day, or at-risk alerts; /coffee pause stops all posts."
    if wrong or at is None:
        return wrong
    return Wish(_channel_of(view), at, ZoneInfo(str(zone)), weekdays, bool(answers.get(ALERTS)))


def done(wish: Wish, following: datetime | None) -> b.Block:
    """The confirmation, with the next time something is posted."""
    return told(TITLE, f":coffee: *Set up.* {_posted(following, wish.zone, alerts=wish.alerts)}")


def next_words(following: datetime | None, zone: ZoneInfo) -> str:
    if following is None:
        return "No coffee stats are posted."
    local = following.astimezone(zone)
    return f"The next coffee stats come on {local:%A} {day(following, zone)} at {local:%H:%M} ({zone.key})."


def _posted(following: datetime | None, zone: ZoneInfo, *, alerts: bool) -> str:
    """All that comes to a channel."""
    too = " too" if following else ""
    return next_words(following, zone) + (f" At-risk alerts come here{too}." if alerts else "")


def standing(channel: Channel | None, following: datetime | None) -> str:
    """How a channel is set up, in a sentence or two."""
    if channel is None:
        return "Nothing is posted to this channel; `/coffee here` sets it up."
    problem = f" {wrong(channel.problem)}" if channel.problem else ""
    if channel.paused:
        return f"This channel is paused; `/coffee resume` starts it again.{problem}"
    return f"{_posted(following, channel.zone, alerts=channel.alerts)}{problem}"


def wrong(problem: str) -> str:
    """What keeps messages from a channel, as it was noted."""
    return f":warning: {b.escape(trouble.problem(problem), 300)}"


def usage(channel: Channel | None, following: datetime | None, opening: str = "") -> b.Message:
    """What can be typed, and how this channel is set up; `opening` comes first."""
    lines = [opening, *(f"• {line}" for line in HELP), *families(), standing(channel, following)]
    text = "\n".join(line for line in lines if line)
    return b.Message(text, [b.section(text)])


def _channel_of(view: Mapping[str, Any]) -> str:
    return str(b.carried_by(view).get("channel") or "")
