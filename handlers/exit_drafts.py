"""What somebody types into the form of an exit interview is kept as it is typed: a closed form is not lost.

Slack tells nothing of what stands in a form that is closed, so each change is sent and kept. Whoever types was let in
when the form was opened, and only a form that was opened for this very person is written to.
"""

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.access import Action, Asker, allow
from bot.exits.interview import NAMES
from bot.exits.naming import suggested
from bot.messages import exits as messages
from bot.messages.blocks import Block
from bot.services import Services
from handlers.parsing import Body, answers, asker, typed_so_far
from handlers.suggesting import in_time
from handlers.windows import fill
from storage import exit_forms, exit_names
from storage.exit_forms import Typed
from storage.states import NameKind

SUGGESTED = 30


class Drafts:
    """Keeps drafts one after another for each form: while one is written, only the newest of the others waits."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting: dict[tuple[str, str], Typed] = {}

    def keep(self, form_id: str, author: str, typed: Typed) -> None:
        key = (form_id, author)
        at_work = key in self._waiting
        if not at_work or self._waiting[key].stamp < typed.stamp:
            self._waiting[key] = typed
        if not at_work:
            self._services.tasks.start("exit draft", self._write(key))

    async def _write(self, key: tuple[str, str]) -> None:
        try:
            written = ""
            while (typed := self._waiting[key]).stamp != written:
                await write(self._services, *key, typed)
                written = typed.stamp
        finally:
            del self._waiting[key]


async def write(services: Services, form_id: str, author: str, typed: Typed) -> None:
    await services.database.write(exit_forms.keep, form_id, author, typed)


def register(app: AsyncApp, services: Services) -> None:
    drafts = Drafts(services)

    def kept(body: Body, context: AsyncBoltContext) -> None:
        view, action = body["view"], body["actions"][0]
        typed = Typed(messages.typed(answers(view)), str(action.get("action_ts") or ""), services.clock())
        drafts.keep(messages.subject_of(view).form, asker(body, context).user, typed)

    async def change(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        kept(body, context)
        await ack()

    async def more_room(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        kept(body, context)
        view = body["view"]
        services.tasks.start("more room", fill(services, str(view["id"]), messages.with_more_room(view)))
        await ack()

    async def suggest(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        at = messages.BLOCK_ID.fullmatch(str(body.get("block_id") or ""))
        kind = NAMES.get(at["field"]) if at else None
        account_id = messages.subject_of(body["view"]).account_id
        who, text = asker(body, context), typed_so_far(body)
        await ack(options=await in_time(suggestions(services, who, account_id, kind, text)) if kind else [])

    inputs: dict[str, str | re.Pattern[str]] = {"block_id": re.compile(rf"^{messages.BLOCK}:"), "action_id": "value"}
    app.action(inputs)(change)
    app.action(messages.MORE_ROOM)(more_room)
    app.options(inputs)(suggest)


async def suggestions(services: Services, who: Asker, account_id: str, kind: NameKind, text: str) -> list[Block]:
    """Names for what was typed so far, and what was typed as a new one. Raises Denied."""
    await allow(services, who, Action.LOG_EXIT, account_id)
    names = await services.database.read(exit_names.all_of, kind)
    return messages.suggestions(suggested(names, text, SUGGESTED), text)
