"""The list of accounts at risk: the most MRR x points first, what is at stake, and why each is there."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from bot import spreadsheet
from bot.messages import blocks as b
from bot.messages import exports, risk_words
from bot.messages.account import SHOW
from bot.messages.blocks import Message
from bot.messages.words import quoted
from bot.money import display, to_major
from bot.risk.listing import LEAST, Listing
from bot.risk.whose import ALL, ME, Whose
from bot.telling.told import counted
from storage.risks import Ranked

PAGE, EXPORT = "at_risk_page", "at_risk_export"
REASONS = 3
NAMES = ("account_id", "account", "owner", "risk", "currency", "mrr", "ending", "overdue", "reasons")
USAGE = "\n• ".join(  # noqa: FLY002 - a line for each
    (
        "What `/at-risk` does:",
        "`/at-risk` lists the accounts at risk, those with the most at stake first",
        "`/at-risk me` keeps to your own, `/at-risk region:EU mrr>500` to what a filter names",
        "`/at-risk dunning` lists payments that failed or are late, `/at-risk onboarding` newcomers that are behind",
        "`/at-risk saves 90d` says what came of alerts",
        "`/at-risk settings` says what weighs how much, for how many days, and who gets a card",
        "`/at-risk routing` says where cards go; with a name behind it, where that account's would",
        "`/at-risk assign` shares out accounts without an owner",
        "`/at-risk quiet` sets when you are left alone, `/at-risk quiet here` when this channel is",
    )
)


def usage(typed: str, meant: str) -> str:
    """What can be typed, to who typed something else than was `meant`."""
    return f"I do not know {quoted(typed, 40)}. Did you mean `/at-risk {meant}`?\n{USAGE}"


def listed(found: Listing, zone: ZoneInfo) -> Message:
    """One page, with buttons for the next, for the caller's own and for an export."""
    head = heading(found)
    shown = [
        b.section(head),
        *(
            b.section(described(one, found, zone), accessory=b.button("Look up", SHOW, one.risk.account_id))
            for one in found.page
        ),
        b.context(_small(found)),
        *([b.actions(*_buttons(found))] if found.page else []),
    ]
    entries = [head, *(described(one, found, zone) for one in found.page), _small(found)]
    words = [line for entry in entries for line in entry.split("\n")]
    return Message(b.cut_lines(words, b.MESSAGE_TEXT), b.fitted(shown))


def export(found: Listing, zone: ZoneInfo) -> list[Message]:
    """The accounts as CSV in code blocks."""
    rows = [_row(one, found.base, zone) for one in found.page]
    remedy = "Keep to fewer by a filter, such as `/at-risk region:EU`."
    left_out = found.totals.accounts - len(rows)
    return exports.as_messages("Accounts at risk as CSV", spreadsheet.as_csv(NAMES, rows), remedy, left_out)


def heading(found: Listing) -> str:
    """How many need a look, and what is at stake in all of them."""
    whose = of_whom(found.whose)
    if not found.totals.accounts:
        return f"*No account{whose} is at risk.* A quiet morning: enjoy the coffee."
    need = counted(found.totals.accounts, f"account{whose} needs", f"accounts{whose} need")
    return f"*{need} a look, with {_money(found.totals.worth, found.base)} MRR*\n{_stake(found)}"


def of_whom(whose: Whose) -> str:
    """Whose accounts they are, behind the word "account"; empty for all."""
    if whose.asked == ME:
        return " of yours"
    return f" with {b.escape(whose.kept, 200)}" if whose.kept else ""


def _stake(found: Listing) -> str:
    totals = found.totals
    waits = "waits for payments that failed or are late"
    if found.involuntary is not None:
        waits += f", of which {_money(found.involuntary, found.base)} is likely to be lost, going by the past year"
    parts = [(totals.committed, "ends by a cancellation that is scheduled"), (totals.overdue, waits)]
    said = [f"{_money(amount, found.base)} {what}" for amount, what in parts if amount]
    rest = totals.worth - totals.committed - totals.overdue
    if found.likely and rest > 0:
        likely = _money(totals.predicted, found.base)
        said.append(f"of the other {_money(rest, found.base)}, {likely} is likely to be lost in 30 days")
    elif rest > 0:
        said.append(f"{_money(rest, found.base)} is only less safe than it was")
    return "; ".join(said)


def described(one: Ranked, found: Listing, zone: ZoneInfo) -> str:
    """An account of the list, with why it is there."""
    risk = one.risk
    money = "no exchange rate" if risk.worth is None else f"{_money(risk.worth, found.base)} MRR"
    money += f" · {round(risk.likely / 10)}% likely to leave" if risk.likely is not None else ""
    owner = f" · {b.escape(one.owner_email)}" if one.owner_email and found.whose.asked != ME else ""
    score = risk_words.scored(risk.score, risk.before, risk.day, hard=risk.hard)
    head = f"*{b.escape(one.name or risk.account_id)}* · {score} · {money}{owner}"
    return "\n".join([head, *(f"• {line}" for line in risk_words.reasons(risk.reasons, zone, REASONS))])


def _calibrated(found: Listing) -> str:
    if found.likely is None:
        return "Points of signs, not likelihoods: uncalibrated"
    return f"Likelihoods of leaving in 30 days, by {counted(found.likely.losses, 'loss', 'losses')} of your own past"


def _small(found: Listing) -> str:
    said = [_calibrated(found)]
    if found.totals.overdue:
        here = f"accounts from {LEAST} points, with a hard reason or a card"
        said.append(f"counted are {here}; payments of all others stand in `/at-risk dunning all`")
    if found.totals.unrated:
        said.append(f"{counted(found.totals.unrated, 'account')} without an exchange rate adds nothing to the sums")
    if len(found.page) < found.totals.accounts:
        said.append(f"{found.start + 1} to {found.start + len(found.page)} of {found.totals.accounts}")
    return " · ".join(said)


def _buttons(found: Listing) -> list[b.Block]:
    following = found.start + len(found.page)
    more = (
        [b.button("More", f"{PAGE}:next", f"{following}:{found.whose.asked}")]
        if following < found.totals.accounts
        else []
    )
    other = [b.button("All", f"{PAGE}:all", "0:all")] if found.whose.asked != ALL else []
    mine = [b.button("Mine", f"{PAGE}:mine", "0:me")] if found.whose.asked != ME else []
    return [*more, *mine, *other, b.button("CSV", EXPORT, found.whose.asked)]


def _row(ranked: Ranked, base: str, zone: ZoneInfo) -> list[int | str | None]:
    risk = ranked.risk
    told = "; ".join(f"{risk_words.worded(one, zone)} ({one['points']:+d})" for one in risk.reasons)
    amounts = (risk.worth, risk.committed, risk.overdue)
    money = [None if amount is None else f"{to_major(amount, base)}" for amount in amounts]
    return [risk.account_id, ranked.name, ranked.owner_email or "", risk.score, base.upper(), *money, told]


def _money(amount: int, base: str) -> str:
    return display(Decimal(amount), base)
