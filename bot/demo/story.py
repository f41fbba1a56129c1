"""The story that the page of the demo tells in six steps, each done by Kahvi before the visitor's eyes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import aiohttp

from bot.demo.person import awaits, words
from bot.playground.slack.client import Control, Person, Refused, Unseen
from bot.playground.slack.client.elements import has_button
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.state import State
from bot.playground.slack.world.story import Place, Step, StepFailed, Story
from bot.playground.stripe.billing.billing import Billing

ON_IT = "I'm on it"
LEAVER = "Granite Ridge Insurance"
FEEDBACK = "switched_service"
COMMENT = "A competitor offers single sign-on at half the price."
CANCEL = "cancel"
CANCELLATIONS = ("cancel", "schedule_cancel")  # as the billing stand-in calls them


@dataclass(frozen=True)
class Visitor:
    """Somebody by id, in each of the places of the story."""

    id: str
    digests: Person
    alerts: Person
    direct: Person


Act = Callable[[Visitor], Awaitable[Sequence[Place]]]


class DemoStory:
    """Acts through the page's own door in the name of whoever sits at it; `cancel` changes billing.

    `lead` is who is asked for exit interviews, by id; the two channels are ids.
    """

    def __init__(
        self, state: State, digests: str, alerts: str, lead: str, cancel: Callable[[], Awaitable[None]]
    ) -> None:
        self._state = state
        self._digests, self._alerts, self._lead = digests, alerts, lead
        self._cancel = cancel
        self._card = ""  # the ts of the alert that the story is about

    def story(self) -> Story:
        return Story(
            (
                Step(
                    "digest",
                    "Read the coffee stats",
                    "Every weekday at 08:30: what MRR is, what moved it and why, and who needs a call. Details are in "
                    "the thread.",
                    self._step(self._read_digest),
                    self._opened_digest,
                ),
                Step(
                    "alert",
                    "Open an alert",
                    "A valuable account is in trouble: one card with the reasons, the money at stake and what to do.",
                    self._step(self._open_alert),
                    lambda did, asked: did == "messages" and asked.get("channel") == self._alerts,
                ),
                Step(
                    "claim",
                    "Take it on",
                    "Press “I'm on it”, and the card tells everybody who looks after the account.",
                    self._step(self._claim),
                    lambda did, asked: did == "action" and _action(asked) == "alert_claim",
                ),
                Step(
                    "account",
                    "Look the account up",
                    "Type /account and its name: plan, payments, risk and people, for your eyes only.",
                    self._step(self._look_up),
                    lambda did, asked: did == "send" and _text(asked).startswith("/account "),
                ),
                Step(
                    CANCEL,
                    "See a customer cancel",
                    f"{LEAVER} gives notice in the billing stand-in. Within seconds an alert comes, and you are asked "
                    "for the exit interview.",
                    self._step(self._lose),
                ),
                Step(
                    "report",
                    "Read the exit report",
                    "Type /exit-interview report: who left, why, what it costs, and what could have been kept.",
                    self._step(self._report),
                    lambda did, asked: did == "send" and _text(asked).startswith("/exit-interview report"),
                ),
            )
        )

    def _step(self, act: Act) -> Callable[[str], Awaitable[Sequence[Place]]]:
        return partial(self._taken, act)

    async def _taken(self, act: Act, who: str) -> Sequence[Place]:
        if self._state.workspace.user(who).is_guest:
            raise StepFailed("Guests may not see what customers pay; act as somebody else to go on with the story.")
        async with Control(self._state.base_url) as slack:
            try:
                digests, alerts = (slack.person(who, channel) for channel in (self._digests, self._alerts))
                direct = self._state.workspace.direct_message(who).id
                return await act(Visitor(who, digests, alerts, slack.person(who, direct)))
            except Unseen as error:
                raise StepFailed(f"{str(error)[:1].upper()}{str(error)[1:]}; try this step again.") from None
            except Refused as error:
                raise StepFailed(f"The local Slack refused it ({error.code}); try this step again.") from None
            except aiohttp.ClientError:
                raise StepFailed("The demo is ending; start it again to go on with the story.") from None

    async def _read_digest(self, visitor: Visitor) -> Sequence[Place]:
        digest = await awaits(visitor.digests, "the coffee stats", _is_digest)
        return [Place("The coffee stats", self._digests, digest["ts"], thread=True)]

    def _opened_digest(self, did: str, asked: Json) -> bool:
        ts = asked.get("thread_ts")
        message = self._state.messages.get(self._digests, str(ts)) if did == "messages" and ts else None
        return message is not None and _is_digest(message.to_page())

    async def _open_alert(self, visitor: Visitor) -> Sequence[Place]:
        await awaits(visitor.alerts, "an alert", _is_card)
        seen = await visitor.alerts.sees()
        cards = [one for one in seen if has_button(one["blocks"], ON_IT)] or [one for one in seen if _is_card(one)]
        self._card = cards[-1]["ts"]
        return [Place("The alert", self._alerts, self._card)]

    async def _claim(self, visitor: Visitor) -> Sequence[Place]:
        card = await self._current(visitor)
        if has_button(card["blocks"], ON_IT):
            await visitor.alerts.presses(card, ON_IT)
            await awaits(visitor.alerts, "the claimed alert", partial(_is_claimed, card["ts"]))
        return [Place("The alert", self._alerts, card["ts"], end=True)]  # who is on it stands below all else

    async def _current(self, visitor: Visitor) -> Json:
        """The card of the story; where the visitor came to it by themselves, the one that the story would open."""
        if not self._card:
            await self._open_alert(visitor)
        return next(one for one in await visitor.alerts.sees() if one["ts"] == self._card)

    async def _look_up(self, visitor: Visitor) -> Sequence[Place]:
        card = await self._current(visitor)
        name = _account_of(card)
        answer = await _typed(visitor.alerts, f"/account {name}", name)
        return [Place("The account", self._alerts, answer["ts"])]

    async def _lose(self, visitor: Visitor) -> Sequence[Place]:
        await self._cancel()
        card = await awaits(visitor.alerts, f"an alert about {LEAVER}", lambda one: _account_of(one) == LEAVER)
        places = [Place("The alert", self._alerts, card["ts"])]
        if visitor.id == self._lead:
            asked = await awaits(visitor.direct, "the question why they leave", lambda one: LEAVER in words(one))
            places.append(Place("The exit interview", visitor.direct.channel, asked["ts"]))
        return places

    async def _report(self, visitor: Visitor) -> Sequence[Place]:
        answer = await _typed(visitor.digests, "/exit-interview report", "")
        return [Place("The report", self._digests, answer["ts"])]


def give_notice(billing: Billing) -> None:
    """The customer of the story asks to end; nothing when it has asked already."""
    subscription = billing.subscription(billing.find_customer(LEAVER))
    if not subscription["cancel_at_period_end"]:
        billing.schedule_cancel(subscription["id"], FEEDBACK, COMMENT)


async def _typed(person: Person, command: str, saying: str) -> Json:
    """The private answer to a command, or the first message of it."""
    before = {one["ts"] for one in await person.sees()}

    def answers(one: Json) -> bool:
        return bool(one.get("ephemeral")) and one["ts"] not in before and saying in words(one)

    await person.types(command)
    await awaits(person, f"the answer to {command}", answers)
    return next(one for one in await person.sees() if answers(one))


def _is_digest(message: Json) -> bool:
    return str(message["text"]).startswith("Coffee stats")


def _is_card(message: Json) -> bool:
    return ":" in str(message["text"]) and bool(message["blocks"]) and not message.get("ephemeral")


def _is_claimed(ts: str, message: Json) -> bool:
    return message["ts"] == ts and not has_button(message["blocks"], ON_IT)


def _account_of(card: Json) -> str:
    return str(card["text"]).partition(":")[0]


def _text(asked: Json) -> str:
    return str(asked.get("text") or "")


def _action(asked: Json) -> str:
    used = asked.get("action")
    return str(used.get("action_id")) if isinstance(used, dict) else ""
