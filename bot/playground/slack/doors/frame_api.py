"""`/_page/clock` and `/_page/story`: what the page does to the frame around the workspace."""

from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.clock import instant_of, local_day
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.people.actor import Actor
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.state import State
from bot.playground.slack.world.story import StepFailed, Story

LONGEST = timedelta(days=31)


async def move_clock(actor: Actor, asked: Json) -> Json:
    """On by `hours`, or to the time `at` of the person's own zone: in so many `days`, or on the next `weekday` (1-7).

    The pages are told of the time as it passes; `clock_is_moving` until then.
    """
    state = actor.state
    if state.frame.moving:
        raise SlackError("clock_is_moving")
    now = datetime.fromtimestamp(state.clock.now(), UTC)
    try:
        moment = later(asked, now, ZoneInfo(actor.user.tz))
    except (KeyError, ValueError, TypeError, OverflowError):
        raise SlackError("invalid_time") from None
    if not now < moment <= now + LONGEST:
        raise SlackError("invalid_time")
    state.frame.moving = True
    state.background.run(_pass(state, moment))
    return {"ok": True, "to": moment.isoformat()}


def later(asked: Json, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that is asked for; KeyError, ValueError or TypeError when that is no moment."""
    if "hours" in asked:
        return now + timedelta(hours=float(asked["hours"]))
    today = local_day(now, zone)
    days = int(asked["days"]) if "days" in asked else (int(asked["weekday"]) - today.isoweekday() - 1) % 7 + 1
    return instant_of(today + timedelta(days=days), time.fromisoformat(asked["at"]), zone)


async def _pass(state: State, moment: datetime) -> None:
    state.tell_time()
    try:
        await state.frame.pass_time(moment)
    finally:
        state.frame.moving = False
        state.tell_time()


async def take_step(actor: Actor, asked: Json) -> Json:
    """Do one `step` of the story in the person's name; `places` are where to look."""
    try:
        places = await _story(actor).take(str(asked.get("step")), actor.id)
    except KeyError:
        raise SlackError("step_not_found") from None
    except StepFailed as error:
        actor.complain(str(error))
        raise SlackError("step_failed") from None
    return {"ok": True, "places": [asdict(place) for place in places]}


async def close_story(actor: Actor, asked: Json) -> Json:
    """Put the story away, or (`closed` false) bring it back."""
    _story(actor).close(closed=bool(asked.get("closed", True)))
    return {"ok": True}


async def tell_again(actor: Actor, _: Json) -> Json:
    _story(actor).begin_again()
    return {"ok": True}


def _story(actor: Actor) -> Story:
    if actor.state.frame.story is None:
        raise SlackError("story_not_found")
    return actor.state.frame.story
