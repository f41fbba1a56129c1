"""Listeners that are alike: each starts its work, acks at once, and shows what came of it to whoever pressed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Asker
from bot.messages.blocks import Block, Message
from bot.services import Services
from handlers.answers import privately
from handlers.parsing import Body, asker, pressed
from handlers.windows import press, show

Listener = Callable[..., Awaitable[None]]
Answer = Callable[[Services, Asker, str], Awaitable[Message | Sequence[Message] | None]]


@dataclass(frozen=True, slots=True)
class Form:
    """A form by itself: the title of its window, how it is offered `again`, and what makes it."""

    title: str
    again: Callable[[Block], Message]
    make: Callable[[Services, Asker], Awaitable[Block | Message]]


@dataclass(frozen=True, slots=True)
class FormOf:
    """A form about what a button names."""

    title: str
    again: Callable[[Block], Message]
    make: Callable[[Services, Asker, str], Awaitable[Block | Message]]


def answering(services: Services, name: str, answer: Answer, value: Callable[[Body], str] = pressed) -> Listener:
    """Answers a press privately, by the value that it carries; `name` is that of the work in logs and measures."""

    async def listen(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = answer(services, asker(body, context), value(body))
        services.tasks.start(name, privately(respond, work))
        await ack()

    return listen


def opening(services: Services, name: str, form: Form) -> Listener:
    """Opens a form in a window, whatever the press carries."""
    return opening_of(services, name, FormOf(form.title, form.again, lambda *asked: form.make(*asked[:2])))


def opening_of(services: Services, name: str, form: FormOf) -> Listener:
    """Opens the form of what the button names in a window."""

    async def listen(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        made = form.make(services, asker(body, context), pressed(body))
        services.tasks.start(name, show(services, press(body, respond, form.title, form.again), made))
        await ack()

    return listen
