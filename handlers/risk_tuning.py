"""`/at-risk settings`: the form that tunes the risk rules; what it would do is shown before it is done."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from sqlmodel import Session

from bot.access import Action, Asker, allow
from bot.figures.segments import misnamed
from bot.messages import tuning_form as messages
from bot.messages.blocks import Block, Message, carried_by, said
from bot.messages.windows import still_open
from bot.risk import trying, tuning
from bot.risk.tuning import Tuning
from bot.services import Services
from handlers.listening import Form, opening
from handlers.parsing import Body, answers, asker
from handlers.readiness import not_ready
from handlers.saving import answer_form, not_saved, saved_in_time
from storage import locks, risks, tunings
from storage.tunings import RULES

WORD = "settings"


def register(app: AsyncApp, services: Services) -> None:
    async def attempt(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        wish = tuning.parse(answers(view))
        if not isinstance(wish, Tuning):
            await ack(response_action="errors", errors=wish)
            return
        since = str(carried_by(view).get(messages.SINCE) or "")
        work = preview(services, asker(body, context), wish, since)
        await answer_form(services, ack, view, work, tuning.NAMED)

    async def use(ack: AsyncAck, body: Body, view: Body, context: AsyncBoltContext) -> None:
        told = carried_by(view)
        wish, since = tuning.from_plain(told), str(told.get(messages.SINCE) or "")
        failed = await saved_in_time(choose(services, asker(body, context), wish, since), not_saved("Use them"))
        shown = still_open(view, failed) if isinstance(failed, str) else messages.chosen()
        await ack(response_action="update", view=shown)

    app.action(messages.OPEN)(opening(services, "risk settings", FORM))
    app.view(messages.FORM)(attempt)
    app.view(messages.CONFIRM)(use)


async def form(services: Services, who: Asker) -> Block | Message:
    await allow(services, who, Action.TUNE_RISK)
    if still := await not_ready(services):
        return said(still)
    present = await services.database.read(tuning.latest)
    return messages.form(present, services.settings.high_value_mrr, services.settings.currency)


async def choose(services: Services, who: Asker, wish: Tuning, since: str) -> str | None:
    """Put a tuning in force, by which every account is assessed anew; or why not: another one came `since`."""
    await allow(services, who, Action.TUNE_RISK)
    return await services.database.write(_chosen, wish.plain(), since, who.user, services)


async def preview(services: Services, who: Asker, wish: Tuning, since: str) -> Block | str:
    """What a tuning would do, to be confirmed; or what is wrong with its filter for accounts of high value."""
    await allow(services, who, Action.TUNE_RISK)
    if wrong := await services.database.read(misnamed, wish.named, services.settings.currency, services.today()):
        return wrong
    settings = services.risk_settings()
    found = await services.database.read(trying.preview, settings, wish, services.clock())
    return messages.confirm(wish, found, since, settings.calm.per_day)


def _chosen(session: Session, plain: Mapping[str, Any], since: str, user: str, services: Services) -> str | None:
    locks.alone(session, RULES)
    if since and tuning.latest(session).at.isoformat() != since:
        return messages.CHANGED
    tunings.choose(session, dict(plain), user, services.clock())
    risks.touch_all(session)
    return None


FORM = Form(messages.TITLE, messages.again, form)
