"""The Home tab as Slack draws it: what waits for the person, the business in short, and the way to the rest."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from bot.home import Home
from bot.messages import alert_words, at_risk, exits, telling
from bot.messages import blocks as b
from bot.messages.account import EXIT_NOTE, FIND, SHOW
from bot.messages.blocks import Block
from bot.messages.words import day
from bot.money import display
from bot.risk.listing import Listing
from bot.telling.told import counted, long_day

SHOWN = 5
COMMANDS = (
    "*Type in any channel*",
    "• `/coffee` for the whole coffee stats, `/coffee nrr 12m by plan` for any figure",
    "• `/account acme` for an account's whole story",
    "• `/at-risk me` for your accounts at risk, `/at-risk` for all",
    "• `/exit-interview acme` when a customer leaves",
    "Answers are for you alone unless you share them.",
)


def home(found: Home, zone: ZoneInfo) -> Block:
    """The whole tab of one person."""
    told = [part.told() for part in found.business.parts] if found.business else []
    return _view(
        [
            b.header(f"Today · {long_day(found.day)}"),
            *_risky(found, zone),
            *_on(found, zone),
            *_interviews(found),
            *([b.divider()] if told else []),
            *(block for one in told for block in telling.shown(one)),
            *telling.footer(told),
            b.divider(),
            *_ways(),
        ]
    )


def sentence(shown: Sequence[Block]) -> Block:
    """What stands there instead, where there is nothing to show or nothing may be shown."""
    return _view(shown)


def waiting(shown: Sequence[Block]) -> Block:
    """What stands there while there is nothing to show yet."""
    return _view([*shown, b.divider(), *_ways()])


def _risky(found: Home, zone: ZoneInfo) -> Iterator[Block]:
    yield b.section("\n".join(_yours(found)))
    mine = found.risky
    if mine:
        for one in mine.page:
            button = b.button("Look up", SHOW, one.risk.account_id)
            yield b.section(at_risk.described(one, mine, zone), accessory=button)
    lists = [("My accounts at risk", "mine", "0:me", mine), ("All at risk", "all", "0:all", found.everyone)]
    buttons = [b.button(text, f"{at_risk.PAGE}:{name}", value) for text, name, value, of in lists if _any(of)]
    if buttons:
        yield b.actions(*buttons)


def _yours(found: Home) -> Iterator[str]:
    """The person's own accounts in a sentence or two, then those of all."""
    if found.load is None or found.risky is None:
        yield "*Your accounts*\nI cannot tell which are yours: Slack does not give me your e-mail address."
    elif not found.load.accounts:
        yield "*You look after no account.* Billing names owners by e-mail; *Assign* on a card gives one to you too."
    else:
        worth = display(found.load.worth, found.everyone.base)
        yield f"You look after {counted(found.load.accounts, 'account')} with {worth} MRR."
        yield at_risk.heading(found.risky)
    if _any(found.everyone):
        totals = found.everyone.totals
        worth = display(totals.worth, found.everyone.base)
        need = "needs" if totals.accounts == 1 else "need"
        of = "all accounts" if found.business else "those that you may see"
        yield f"Of {of}, {totals.accounts:,} {need} a look, with {worth} MRR."


def _any(listing: Listing | None) -> bool:
    return listing is not None and listing.totals.accounts > 0


def _on(found: Home, zone: ZoneInfo) -> Iterator[Block]:
    if not found.on:
        return
    yield b.divider()
    yield b.section(f"*You are on {counted(len(found.on), 'account')}*")
    for alert, name in found.on[:SHOWN]:
        since = f" · since {day(alert.claimed_at, zone)}" if alert.claimed_at else ""
        lines = [
            f"*{b.escape(name)}*{since}",
            alert_words.reason(alert, zone).partition("\n")[0],
            f"*Next:* {alert_words.next_step(alert, zone)}",
        ]
        yield b.section("\n".join(lines), accessory=b.button("Look up", SHOW, alert.account_id))
    yield from _more(len(found.on), "their cards have them")


def _interviews(found: Home) -> Iterator[Block]:
    if not found.interviews:
        return
    yield b.divider()
    yield b.section(f"*{counted(len(found.interviews), 'exit interview')} to come from you*")
    for one, name in found.interviews[:SHOWN]:
        text = f"*{b.escape(name)}* {exits.departed(one.left, one.lost)}. Why?"
        yield b.section(text, accessory=b.button("Log exit note", EXIT_NOTE, one.account_id))
    yield from _more(len(found.interviews), "`/exit-interview` and the name does it too")


def _more(count: int, where: str) -> Iterator[Block]:
    if count > SHOWN:
        yield b.context(f"and {count - SHOWN:,} more: {where}")


def _ways() -> Iterator[Block]:
    yield b.actions(b.search_menu("Find an account", FIND, from_letters=2))
    yield b.section("\n".join(COMMANDS))


def _view(shown: Sequence[Block]) -> Block:
    return {"type": "home", "blocks": b.fitted(shown, b.BLOCKS_PER_VIEW)}
