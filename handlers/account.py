"""`/account`: one account's card, for the person who asks; and its buttons."""

from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.access import Action, Asker, Granted, allow
from bot.messages import account as messages
from bot.messages import look_up as look_up_messages
from bot.messages.account import GONE
from bot.messages.blocks import Block, Message, said
from bot.services import Services
from handlers import journal, resolving, timeline
from handlers.answers import privately
from handlers.listening import answering
from handlers.parsing import Body, asker, chosen, command_text, pressed, pressed_on, typed_so_far
from handlers.presence import INVITE, is_here
from handlers.readiness import not_ready
from handlers.resolving import looked_up, offered
from handlers.suggesting import in_time
from storage import outbox
from storage.accounts.story import depth, glance

USAGE = (
    "Which account? Type `/account` and a name, such as `/account acme`. A domain, an e-mail address, an id or invoice "
    "number of the billing system, or a person who belongs to it or looks after it do as well.\n"
    "• `/account acme note they call back on Monday` notes something\n"
    "• `/account acme notes` lists what was noted, `/account acme notes monday` searches it\n"
    "• `/account acme timeline` lists all that happened"
)
NO_CHANNEL = "There is no channel here to share it in: type `/account` and the name in the channel that is to see it."
NOTE_LAST = "Nothing was noted: write the account first, as in `/account acme note they call back on Monday`."
NOTE_FIRST = frozenset(("note", "notes"))
ASKING = frozenset(("show", "find", "search", "card", "account", "open"))
_EXPORT = "The menu behind the three dots below exports it."
BELOW = {  # what people type behind a name, and which button does it
    **dict.fromkeys(("card", "mrr", "risk", "info"), ""),
    **dict.fromkeys(("more", "details", "payments", "discounts"), "Press *More* below for that."),
    **dict.fromkeys(("contacts", "contact", "champion"), "Press *More* below, and then *Contacts*."),
    "share": "Press *Share here* below for that.",
    "exit": "Press *Log exit note* below for that.",
    **dict.fromkeys(("export", "csv", "json"), _EXPORT),
}


def register(app: AsyncApp, services: Services) -> None:
    async def account(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = look_up(services, asker(body, context), command_text(body), str(body.get("trigger_id") or ""))
        services.tasks.start("account", privately(respond, work))
        await ack()

    async def suggest(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        await ack(options=await in_time(suggestions(services, asker(body, context), typed_so_far(body))))

    async def share(ack: AsyncAck, body: Body, context: AsyncBoltContext, respond: AsyncRespond) -> None:
        work = share_card(services, asker(body, context), pressed(body), pressed_on(body))
        services.tasks.start("share", privately(respond, work))
        await ack()

    async def link(ack: AsyncAck) -> None:
        await ack()  # Slack sends a press of a link button too, and warns the person when nobody answers

    app.command("/account")(account)
    app.action(messages.SHOW)(answering(services, "account card", show_card))
    app.action(messages.FIND)(answering(services, "account found", show_card, chosen))
    app.options(messages.FIND)(suggest)
    app.action(messages.SHARE)(share)
    app.action(messages.MORE)(answering(services, "account in depth", in_depth))
    app.action(messages.BILLING_LINK)(link)


async def look_up(services: Services, who: Asker, text: str, delivery: str = "") -> Message:
    """The card of the account that is meant, or what to do instead."""
    if not text or text.casefold() == "help":
        await allow(services, who, Action.ASK_FOR_HELP)
        return said(USAGE)
    if note := journal.NOTE.fullmatch(text):
        return await journal.typed(services, who, note, delivery)
    if asked := timeline.TIMELINE.fullmatch(text):
        return await timeline.typed(services, who, asked["account"])
    return await _found_card(services, who, text)


async def _found_card(services: Services, who: Asker, text: str) -> Message:
    found = await looked_up(services, who, text)
    if isinstance(found, Message):
        return found
    if (found.near or not found.matches) and (meant := await _with_a_word(services, who, text)):
        return meant
    if found.one:
        return await _card_of(services, who, found.one.id, look_up_messages.near_note(found))
    return offered(found, messages.SHOW, "Show")


async def _with_a_word(services: Services, who: Asker, text: str) -> Message | None:
    """What is meant by a word before or behind the account that commands do not have, such as `acme share`."""
    first, _, after = text.partition(" ")
    before, _, last = text.rpartition(" ")
    if after and first.casefold() in NOTE_FIRST:
        return said(NOTE_LAST)
    if after and first.casefold() in ASKING:
        name, note = after, ""
    elif before and last.casefold() in BELOW:
        name, note = before, BELOW[last.casefold()]
    else:
        return None
    found = await looked_up(services, who, name)
    if isinstance(found, Message) or found.one is None:
        return None
    granted = await allow(services, who, Action.LOOK_AT_ACCOUNT, found.one.id)
    note = note if granted.allows(Action.LOG_NOTE) else ""
    return await _card(services, granted, found.one.id, note=note) or said(GONE)


async def suggestions(services: Services, who: Asker, text: str) -> list[Block]:
    """Options of a menu for what was typed so far. Raises Denied."""
    found = await resolving.suggest(services, who, text)
    return look_up_messages.suggestions(found) if found else []


async def show_card(services: Services, who: Asker, account_id: str) -> Message:
    granted = await allow(services, who, Action.LOOK_AT_ACCOUNT, account_id)
    if waiting := await not_ready(services):
        return said(waiting)
    return await _card(services, granted, account_id) or said(GONE)


async def _card_of(services: Services, who: Asker, account_id: str, note: str) -> Message:
    granted = await allow(services, who, Action.LOOK_AT_ACCOUNT, account_id)
    return await _card(services, granted, account_id, note=note) or said(GONE)


async def in_depth(services: Services, who: Asker, account_id: str) -> Message:
    """What stands behind the card."""
    granted = await allow(services, who, Action.LOOK_AT_ACCOUNT, account_id)
    if waiting := await not_ready(services):
        return said(waiting)
    now = services.clock()
    found = await services.database.read(depth, account_id, now)
    if found is None:
        return said(GONE)
    setting = messages.Setting(now, services.settings.timezone)
    return messages.more(found, setting, reads_only=not granted.allows(Action.SET_CONTACTS))


async def share_card(services: Services, who: Asker, account_id: str, pressed_ts: str) -> Message:
    """Post the card to the channel it was asked in; one press of many on the same card counts."""
    granted = await allow(services, who, Action.SHARE_ACCOUNT, account_id)
    if not who.channel:
        return said(NO_CHANNEL)
    if not await is_here(services.client, who.channel):
        return said(INVITE)
    card = await _card(services, granted, account_id, shared_by=who.user)
    if card is None:
        return said(GONE)
    key = f"share:{who.channel}:{account_id}:{who.user}:{pressed_ts}"
    fresh = await services.database.write(outbox.put, key, who.channel, card.text, card.blocks, now=services.clock())
    services.nudge()
    return said("On its way into this channel." if fresh else "You have shared this card here already.")


async def _card(
    services: Services, granted: Granted, account_id: str, *, note: str = "", shared_by: str | None = None
) -> Message | None:
    now = services.clock()
    found = await services.database.read(glance, account_id, now)
    if found is None:
        return None
    if not granted.allows(Action.LOOK_AT_NOTES):
        found = replace(found, journal=(), promises=())
    if not granted.allows(Action.READ_INTERVIEWS):
        found = replace(found, interviews=())
    setting = messages.Setting(now, services.settings.timezone, services.source.account_url(account_id))
    reads_only = not granted.allows(Action.LOG_NOTE)
    return messages.card(found, setting, shared_by=shared_by, note=note, reads_only=reads_only)
