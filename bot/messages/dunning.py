"""The dunning desk as Slack messages: each payment with where it stands and what comes next, and as CSV."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot import spreadsheet
from bot.messages import blocks as b
from bot.messages import exports
from bot.messages.account import SHOW as LOOK_UP
from bot.messages.blocks import Message
from bot.messages.risk_words import failed
from bot.messages.words import amounts, capital, day, days_until
from bot.money import display, to_major
from bot.risk.dunning import VALUABLE, Desk, Due, Stage
from bot.risk.listing import LEAST
from bot.risk.whose import ALL, ME
from bot.telling.reasons import decline
from bot.telling.told import counted

PAGE, EXPORT = "dunning_page", "dunning_export"
WHOSE: Mapping[str, str] = {VALUABLE: " of valuable accounts", ALL: "", ME: " of your accounts"}
NO_FURTHER = "no further try: ask for another way to pay"
NAMES = (
    *("account_id", "account", "owner", "stage", "currency", "amount", "attempts", "tries"),
    *("next", "reason", "card", "expires", "invoice", "url"),
)


def told(found: Desk, now: datetime, zone: ZoneInfo) -> Message:
    """One page, with what came and will not come in the end, and buttons for more."""
    head, small = _head(found), _small(found)
    shown = [
        b.section(head),
        *(
            b.section(_entry(one, found.base, now, zone), accessory=b.button("Look up", LOOK_UP, one.account_id))
            for one in found.page
        ),
        b.context(small),
        b.actions(*_buttons(found)),
    ]
    words = [head, *(_entry(one, found.base, now, zone) for one in found.page), small]
    return Message(b.cut_lines("\n".join(words).split("\n"), b.MESSAGE_TEXT), b.fitted(shown))


def export(found: Desk) -> list[Message]:
    """All of it as CSV in code blocks."""
    csv = spreadsheet.as_csv(NAMES, [_row(one) for one in found.page])
    left_out = found.total - len(found.page)
    return exports.as_messages("Dunning as CSV", csv, "Keep to fewer by a filter, such as `region:EU`.", left_out)


def _head(found: Desk) -> str:
    whose = _whose(found)
    if not found.total:
        return f"*No payment{whose} waits, and no card ends in the next 60 days.*"
    payments = found.total - found.cards
    parts = [counted(payments, "payment")] if payments else []
    parts += [counted(found.cards, "card that ends", "cards that end")] if found.cards else []
    waits = f": {amounts(found.failing)} to collect" if found.failing else ""
    return f"*{' and '.join(parts)}{whose}{waits}*"


def _whose(found: Desk) -> str:
    kept = found.whose.kept
    return f" with {b.escape(kept, 200)}" if kept else WHOSE[found.whose.asked]


def _small(found: Desk) -> str:
    this, last = (display(amount, found.base) for amount in found.recovered)
    said = [f"Recovered this month: {this}; last month: {last}"]
    rate = found.recovery.rate
    if rate is None:
        said.append(f"how much of it will come is unknown: {counted(found.recovery.failures, 'failure')} in a year")
    else:
        said.append(f"of what failed in a year, {rate * 100:.0f}% of the money came in the end")
    if found.waiting:
        said.append(_waiting(found))
    if len(found.page) < found.total:
        said.append(f"{found.start + 1} to {found.start + len(found.page)} of {found.total}")
    return " · ".join(said)


def _waiting(found: Desk) -> str:
    """The MRR behind the payments here, and how it comes that the list of accounts at risk names another sum."""
    waiting, listed = (display(Decimal(one), found.base) for one in (found.waiting, found.listed))
    lost = found.involuntary
    likely = f", of which {display(Decimal(lost), found.base)} is likely to be lost by that" if lost is not None else ""
    said = f"{waiting} MRR{_whose(found)} waits for payments that failed or are late{likely}"
    if found.whose.asked == VALUABLE:
        return f"{said}; `/at-risk` counts accounts of every size, from {LEAST} points or with a card"
    return said + (
        f"; {listed} of it is in `/at-risk`: from {LEAST} points or with a card" if listed != waiting else ""
    )


def _entry(one: Due, base: str, now: datetime, zone: ZoneInfo) -> str:
    amount = f" · {display(one.amount, one.currency)}" if one.amount else ""
    mrr = f" · {display(one.worth, base)} MRR" if one.worth else ""
    owner = f" · {b.escape(one.owner_email)}" if one.owner_email else ""
    head = f"*{b.escape(one.name or one.account_id)}*{amount}{mrr}{owner}"
    return f"{head}\n{WORDS[one.stage](one, now, zone)}{_invoice(one)}"


def _failed(one: Due, now: datetime, zone: ZoneInfo) -> str:
    following = f"next try {_when(one.next_at, now, zone)}" if one.next_at else NO_FURTHER
    return f"{capital(failed(max(one.attempts, 1), one.code, one.tries))}{_card(one, ' on ')}, {following}"


def _overdue(one: Due, now: datetime, zone: ZoneInfo) -> str:
    return f"Invoice is overdue since {_when(one.next_at, now, zone)}"


def _expiring(one: Due, now: datetime, zone: ZoneInfo) -> str:
    card = _card(one, "") or "The card"
    return f"{card} ends in {b.escape(one.expires or '')}, charged next {_when(one.next_at, now, zone)}"


WORDS: Mapping[Stage, Callable[[Due, datetime, ZoneInfo], str]] = {
    Stage.GIVEN_UP: _failed,
    Stage.FAILED: _failed,
    Stage.OVERDUE: _overdue,
    Stage.EXPIRING: _expiring,
}


def _card(one: Due, before: str) -> str:
    if not one.brand and not one.last4:
        return ""
    digits = f" …{b.escape(one.last4, 10)}" if one.last4 else ""
    return f"{before}{b.escape((one.brand or 'card').replace('_', ' ').capitalize(), 30)}{digits}"


def _invoice(one: Due) -> str:
    name = one.number or "Invoice"
    if one.url:
        return f" · {b.link(one.url, name)}"
    return f" · {b.escape(one.number)}" if one.number else ""


def _when(at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    return f"{day(at, zone)} ({days_until(at, now, zone)})" if at else "an unknown day"


def _buttons(found: Desk) -> list[b.Block]:
    following = found.start + len(found.page)
    more = [b.button("More", f"{PAGE}:next", f"{following}:{found.whose.asked}")] if following < found.total else []
    others = {VALUABLE: "Valuable", ME: "Mine", ALL: "All"}
    shown = [
        b.button(name, f"{PAGE}:{asked}", f"0:{asked}") for asked, name in others.items() if asked != found.whose.asked
    ]
    csv = [b.button("CSV", EXPORT, found.whose.asked)] if found.page else []
    return [*more, *shown, *csv]


def _row(one: Due) -> list[int | str | None]:
    why = decline(one.code)
    return [
        *(one.account_id, one.name, one.owner_email or "", one.stage.value, one.currency.upper()),
        f"{to_major(one.amount, one.currency)}" if one.amount else None,
        one.attempts or None,
        one.tries,
        one.next_at.date().isoformat() if one.next_at else "",
        one.code or (why if isinstance(why, str) else ""),
        " ".join(part for part in (one.brand, one.last4) if part),
        *(one.expires or "", one.number or "", one.url or ""),
    ]
