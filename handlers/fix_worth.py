"""Is a fix worth it? From the report of exits: a feature and its cost, against what its customers would have paid."""

from decimal import Decimal

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from sqlmodel import Session

from bot.access import Asker
from bot.figures import Grounds
from bot.figures.exits import Exits
from bot.figures.fix_worth import Worth, lifetime, worth
from bot.messages import fix_worth as messages
from bot.messages.blocks import Block, Message
from bot.messages.exit_report import WORTH, Look, look_of
from bot.money import exponent
from bot.services import Services
from handlers.exit_report import exits_of
from handlers.listening import FormOf, opening_of
from handlers.parsing import Body, answers, asker
from handlers.saving import answer_form

NO_AMOUNT = "Write an amount of 0 or more, such as 12000."


def register(app: AsyncApp, services: Services) -> None:
    async def submit(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        tag, cost = messages.chosen(answers(view))
        if cost is None:
            await ack(response_action="errors", errors={messages.COST: NO_AMOUNT})
            return
        work = answer(services, asker(body, context), look_of(view), tag, cost)
        await answer_form(services, ack, view, work, messages.COST)

    asking = FormOf(messages.TITLE, messages.again, form)
    app.action(WORTH)(opening_of(services, "fix worth", asking))
    app.view(messages.FORM)(submit)


async def form(services: Services, who: Asker, asked: str) -> Block | Message:
    look = Look.read(asked)
    found = await exits_of(services, who, look)
    return messages.form(found, look) if isinstance(found, Exits) else found


async def answer(services: Services, who: Asker, look: Look, tag: str, cost: Decimal) -> Block | str:
    """What a fix of this feature would have held; `cost` is in whole units of the base."""
    found = await exits_of(services, who, look)
    if isinstance(found, Message):
        return found.text
    amount = cost * 10 ** exponent(found.base)
    return messages.answer(found, *await services.database.read(_worth, services, found, tag, amount))


def _worth(session: Session, services: Services, found: Exits, tag: str, cost: Decimal) -> tuple[str, Worth]:
    settings = services.settings
    grounds = Grounds.in_force(session, settings.currency, settings.timezone)
    return found.name_of(tag), worth(found, tag, lifetime(session, grounds, found), cost)
