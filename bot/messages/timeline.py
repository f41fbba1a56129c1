"""An account's timeline as people read it, day by day."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import assert_never
from zoneinfo import ZoneInfo

from bot.accounts.standing import Change
from bot.accounts.timeline import Closed, Event, Timeline
from bot.inputs.names import KNOWN, kind_of
from bot.messages import account_lines as lines
from bot.messages import alert_words
from bot.messages import blocks as b
from bot.messages.words import capital, day, person, quoted
from bot.spreadsheet import Cell, as_csv
from storage.alerts import Alert
from storage.exit_interviews import Entry as ExitEntry
from storage.facts import Payment
from storage.inputs import Signal
from storage.journal import Entry

PAGE = "account_timeline_page"
QUOTE = 300


def page(found: Timeline, zone: ZoneInfo) -> b.Message:
    """A page of it, with the button to the one before in time."""
    if not found.events:
        text = f"Nothing has happened with *{b.escape(found.name)}* yet."
        return b.Message(text, [b.section(text)])
    head = f"*{b.escape(found.name)}, the newest first*"
    days = [_day(list(events), found, zone) for _, events in groupby(found.events, key=lambda one: day(one.at, zone))]
    further = found.start + len(found.events)
    more = [b.actions(b.button("Earlier", PAGE, f"{further}:{found.account_id}"))] if found.has_more else []
    text = b.cut_lines([head, *days], b.MESSAGE_TEXT)
    return b.Message(text, [*b.fitted([b.section(head), *map(b.section, days)], b.BLOCKS_PER_MESSAGE - 1), *more])


def as_rows(found: Timeline, zone: ZoneInfo) -> str:
    """The events as CSV, in the zone's time; amounts in minor units of their currency."""
    rows = [_row(one, zone) for one in found.events]
    return as_csv(("at", "what", "said", "amount_minor", "currency", "by"), rows)


def _row(event: Event, zone: ZoneInfo) -> Sequence[Cell]:
    at, cells = event.at.astimezone(zone).isoformat(timespec="seconds"), tuple[Cell, ...]()
    match what := event.what:
        case Change():
            at, cells = at[:10], (f"mrr {what.kind}", what.cause, what.amount, what.currency, None)
        case Payment():
            cells = (f"payment {what.status}", what.failure_message, what.amount, what.currency, None)
        case Alert():
            cells = (f"alert {what.rule}", None, None, None, None)
        case Closed(alert):
            cells = (f"alert closed {alert.rule}", None, None, None, alert.claimed_by)
        case Entry():
            cells = (f"note {what.kind}", what.text, what.cost, what.currency, what.author)
        case ExitEntry():
            cells = ("exit interview", what.note, None, None, what.author)
        case Signal():
            cells = (what.name, kind_of(what.name).show(what.value), None, None, what.respondent)
        case _:
            assert_never(what)
    return (at, *cells)


def _day(events: list[Event], found: Timeline, zone: ZoneInfo) -> str:
    told = [f"• {line}" for one in events for line in _told(one, found, zone)]
    return b.cut_lines([f"*{day(events[0].at, zone)}*", *told], b.SECTION_TEXT)


def _told(event: Event, found: Timeline, zone: ZoneInfo) -> Iterator[str]:
    match what := event.what:
        case Change():
            yield f"MRR {lines.moved(what)}"
        case Payment():
            yield f"Payment: {lines.paid(what)}"
        case Alert():
            yield f"Alert: {alert_words.reason(what, zone).replace(chr(10), ', ')}"
        case Closed(alert):
            yield f"Alert closed: {alert_words.outcome(alert, zone)}"
        case Entry():
            yield lines.noted(what, put_right=what.id in found.corrected)
        case ExitEntry():
            note = f": {quoted(what.note, QUOTE)}" if what.note else ""
            yield f"{person(what.author)} · Exit interview{note}"
        case Signal():
            yield f"{capital(KNOWN[what.name].meaning)}: {kind_of(what.name).show(what.value)}"
        case _:
            assert_never(what)
