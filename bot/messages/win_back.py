"""Customers to win back, and that a feature they missed is fixed, as Slack messages."""

from collections.abc import Iterator, Sequence

from bot import spreadsheet
from bot.figures.exits import Exit, Exits
from bot.figures.win_back import Candidate
from bot.messages import blocks as b
from bot.messages import exports
from bot.messages.account import SHOW
from bot.messages.blocks import Message
from bot.messages.windows import open_again, told
from bot.messages.words import whole_day
from bot.money import rounded, to_major
from bot.telling.told import counted, listed, money

OPEN_FIXED, FIXED, EXPORT = "fixed_open", "fixed", "win_back_export"
FEATURE = "feature"
TITLE = "A feature is fixed"
SHOWN, NAMED = 10, 20
NAMES = (
    "account_id",
    "account",
    "owner",
    "left_on",
    "currency",
    "mrr_lost",
    "paid_in_all",
    "fixed",
    "may_be_asked_since",
)
NOBODY = (
    "*Nobody to win back just now.*\nA customer is listed here when it could have been kept, fits, has not come back,"
    " and what it missed is fixed, or the day has come on which it may be asked again."
)


def listing(found: Sequence[Candidate], exits: Exits) -> Message:
    """Whom to ask now, a button each, the one that brought most first."""
    fix = b.button("A feature is fixed …", OPEN_FIXED)
    if not found:
        return Message(NOBODY, [b.section(NOBODY), b.actions(fix)])
    lost = exits.tally(one.exit for one in found).lost
    head = f"*{counted(len(found), 'customer')} to win back, who left with {money(lost, exits.base)} MRR*"
    rows = [_entry(one, exits) for one in found[:SHOWN]]
    sections = [
        b.section(text, accessory=b.button("Look up", SHOW, one.exit.account_id), block_id=f"win_back_{number}")
        for number, (text, one) in enumerate(zip(rows, found, strict=False))
    ]
    more = len(found) - SHOWN
    rest = [f"{more:,} more, in the CSV."] if more > 0 else []
    small = "Who paid most stands first. Each could have been kept, fits, and has a reason to be asked now."
    blocks = [b.section(head), *sections, *map(b.context, (*rest, small)), b.actions(fix, b.button("CSV", EXPORT))]
    return Message("\n".join([head, *rows, *rest, small]), b.fitted(blocks))


def export(found: Sequence[Candidate], exits: Exits) -> list[Message]:
    rows = [tuple(_cells(one, exits)) for one in found]
    return exports.as_messages("Win-back as CSV", spreadsheet.as_csv(NAMES, rows), "")


def form(features: Sequence[tuple[str, str]]) -> b.Block:
    """The form that asks which feature is fixed; a window that says so when interviews name none that is not."""
    if not features:
        return told(TITLE, "No interview names a feature that is not fixed yet.")
    options = [b.option(name, tag) for tag, name in features]
    return b.modal(
        FIXED,
        TITLE,
        [
            b.section("The owners of everyone who left for it get one direct message each, with their customers."),
            b.entry(FEATURE, "Which feature", b.choice(options)),
        ],
        submit="It is fixed",
    )


def announced(name: str, people: int, customers: int, nobodys: Sequence[Exit]) -> b.Block:
    """Who was told of a fix."""
    lines = [f"*{b.escape(name)}* is noted as fixed."]
    if people:
        lines.append(f"{counted(people, 'owner')} of {counted(customers, 'customer')} are told by direct message.")
    if nobodys:
        shown = ", ".join(b.escape(one.name) for one in nobodys[:NAMED])
        lines.append(f"Nobody in Slack looks after {shown}: ask them yourself.")
    return told(TITLE, "\n".join(lines))


def fixed(name: str, left: Sequence[Exit], base: str) -> Message:
    """To an owner: what is fixed, and who of theirs left for it; what these said is for those with a role to read."""
    head = f"*{b.escape(name)}* is fixed. {counted(len(left), 'customer')} of yours left for it:"
    rows = [
        f"*{b.escape(one.name)}*, left on {whole_day(one.day)} with {money(one.lost, base)} MRR" for one in left[:NAMED]
    ]
    more = [f"and {len(left) - NAMED:,} more"] if len(left) > NAMED else []
    lines = [head, *rows, *more]
    sections = [
        b.section(text, accessory=b.button("Look up", SHOW, one.account_id), block_id=f"left_{number}")
        for number, (text, one) in enumerate(zip(rows, left, strict=False))
    ]
    return Message("\n".join(lines), b.fitted([b.section(head), *sections, *map(b.context, more)]))


def again(_: b.Block) -> b.Message:
    return open_again(OPEN_FIXED, "")


def _entry(one: Candidate, exits: Exits) -> str:
    gone = one.exit
    paid = f", {money(one.paid, exits.base)} paid in all" if one.paid else ""
    lines = [
        f"*{b.escape(gone.name)}* left on {whole_day(gone.day)} with {money(gone.lost, exits.base)} MRR{paid}",
        f"{'. '.join(_why(one, exits))}.",
    ]
    return "\n".join(lines)


def _why(one: Candidate, exits: Exits) -> Iterator[str]:
    if one.fixed:
        names = listed([b.escape(exits.name_of(tag)) for tag in one.fixed])
        yield f"What they missed is fixed: {names}"
    if one.may_ask:
        yield f"May be asked again since {whole_day(one.may_ask)}"


def _cells(one: Candidate, exits: Exits) -> Iterator[str]:
    gone = one.exit
    yield from (gone.account_id, gone.name, gone.owner_email or "", gone.day.isoformat(), exits.base.upper())
    yield f"{to_major(rounded(gone.lost), exits.base)}"
    yield "" if one.paid is None else f"{to_major(rounded(one.paid), exits.base)}"
    yield "; ".join(exits.name_of(tag) for tag in one.fixed)
    yield one.may_ask.isoformat() if one.may_ask else ""
