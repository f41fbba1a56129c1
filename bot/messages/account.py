"""An account's card: at a glance, in depth, and as it is shared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.accounts import readings, standing
from bot.clock import age_in_words, local_day
from bot.exits.reasons import as_set
from bot.messages import account_lines as lines
from bot.messages import blocks as b
from bot.messages import icp_form, risk_words
from bot.messages.words import amounts, person
from bot.money import to_major
from storage.accounts.story import AccountStory
from storage.states import AlertState

SHOW = "account_show"
FIND = "account_find"
SHARE = "account_share"
TAKE_ON = "account_claim"
EXIT_NOTE, EXIT_HISTORY = "exit_open", "exit_history"
LOG_NOTE, NOTES = "journal_open", "journal_notes"
TIMELINE, EXPORT = "account_timeline", "account_export"
BILLING_LINK, MORE, CONTACTS = "link_billing", "account_more", "account_contacts"
MONTHS = 12  # of the chart
MOST_REASONS = 8
READINGS, MOST_READINGS = 4, 20
GONE = (
    "I no longer know this account. It may have been removed; `/account` and its name would find it under another id."
)


@dataclass(frozen=True, slots=True)
class Setting:
    """When and for whom a card is made; `url` is where the billing system shows the account."""

    now: datetime
    zone: ZoneInfo
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A titled group of mrkdwn lines, foreign text in them escaped."""

    title: str
    lines: Sequence[str]


def card(
    story: AccountStory, setting: Setting, *, shared_by: str | None = None, note: str = "", reads_only: bool = False
) -> b.Message:
    """The card at a glance: private with its buttons, or as shared by a person; `note` is a line above it.

    Who `reads_only` gets the buttons that show something, as the others would be refused.
    """
    head = [part for part in (part_of(story, setting) for part_of in HEAD) if part.lines]
    rest = [part for part in (part_of(story, setting) for part_of in REST) if part.lines]
    footer = _footer(story, setting)
    shared = f"Shared by {person(shared_by)}" if shared_by else ""
    shown = [
        *([b.context(note)] if note else []),
        b.header(story.account.name or story.account.id),
        b.fields(f"*{part.title}*\n" + "\n".join(part.lines) for part in head),
        *_chart(story, setting),
        *(b.section(_listed(part)) for part in rest),
    ]
    foot = [
        *([] if shared_by else [_buttons(story, setting, reads_only=reads_only)]),
        b.context(*(line for line in (shared, footer) if line)),
    ]
    words = [f"{part.title}: {'; '.join(part.lines)}" for part in (*head, *rest)]
    name = b.escape(story.account.name or story.account.id)
    text = b.cut_lines([line for line in (note, name, *words, shared, footer) if line], b.MESSAGE_TEXT)
    return b.Message(text, [*b.fitted(shown), *foot])


def more(story: AccountStory, setting: Setting, *, reads_only: bool = False) -> b.Message:
    """What stands behind the card; who `reads_only` cannot change contacts."""
    name = b.escape(story.account.name or story.account.id)
    parts = [part for part in (part_of(story, setting) for part_of in DEPTH) if part.lines]
    head = f"*{name}, in depth*"
    people = [] if reads_only else [b.actions(b.button("Contacts", CONTACTS, story.account.id))]
    if not parts:
        return b.Message(f"{head}\nNothing more is known.", [b.section(f"{head}\nNothing more is known."), *people])
    words = [f"{part.title}: {'; '.join(part.lines)}" for part in parts]
    shown = [b.section(head), *(b.section(_listed(part)) for part in parts)]
    return b.Message(b.cut_lines([head, *words], b.MESSAGE_TEXT), [*b.fitted(shown), *people])


def _chart(story: AccountStory, setting: Setting) -> list[b.Block]:
    """The course of MRR over the last months, in the currency of most of it; none where nothing changed."""
    currency, points = standing.course(story.movements, local_day(setting.now, setting.zone), MONTHS)
    if len({amount for _, amount in points}) < 2:
        return []
    drawn = [(f"{day:%b %Y}", to_major(amount, currency)) for day, amount in points]
    return [b.line_chart("MRR at the end of each month", [("MRR", drawn)], y_label=currency.upper())]


def _listed(part: Part) -> str:
    return b.cut_lines([f"*{part.title}*", *(f"• {line}" for line in part.lines)], b.SECTION_TEXT)


def _buttons(story: AccountStory, setting: Setting, *, reads_only: bool) -> b.Block:
    id_ = story.account.id
    link = [b.button("Open in billing", BILLING_LINK, url=setting.url)] if setting.url else []
    waits = any(alert.state is AlertState.OPEN for alert in story.alerts)
    claim = [b.button("I'm on it", TAKE_ON, id_, style="primary")] if waits else []
    note = b.button("Log note", LOG_NOTE, id_)
    all_notes = [b.button("All notes", NOTES, id_)] if story.journal or story.promises else []
    exit_note = b.button("Log exit note", EXIT_NOTE, id_)
    story_of = b.button("Timeline", TIMELINE, id_)
    history = [b.button("Exit history", EXIT_HISTORY, id_)] if story.interviews else []
    depth = b.button("More", MORE, id_)
    if reads_only:
        return b.actions(depth, story_of, *link)
    share = b.button("Share here", SHARE, id_)
    return b.actions(*claim, depth, share, note, *all_notes, story_of, exit_note, *history, *link, *_export(id_))


def _export(account_id: str) -> list[b.Block]:
    """The menu of exports; none for an id so long that Slack takes no option with it."""
    options = [b.option("Export as CSV", f"csv:{account_id}"), b.option("Export as JSON", f"json:{account_id}")]
    fits = all(len(one["value"]) <= b.OPTION_VALUE for one in options)
    return [b.overflow(EXPORT, options)] if fits else []


def _footer(story: AccountStory, setting: Setting) -> str:
    if story.read_at is None:
        return "Billing data: not read whole yet."
    age = age_in_words(setting.now - story.read_at)
    return f"Billing data: {age if age == 'just now' else f'{age} old'} · amounts in the account's own currency"


def _mrr(story: AccountStory, _: Setting) -> Part:
    left = standing.lost(story.movements)
    was = f" (was {amounts(left)})" if left else ""
    return Part("MRR", [f"{amounts(standing.mrr(story.movements), nothing='None')}{was}"])


def _plans(story: AccountStory, _: Setting) -> Part:
    return Part("Plan", [lines.plan(one) for one in story.plans] or ["None"])


def _tenure(story: AccountStory, setting: Setting) -> Part:
    return Part("Customer since", lines.tenure(story, setting.now, setting.zone))


def _standing(story: AccountStory, setting: Setting) -> Part:
    return Part("Standing", lines.standing_lines(story, setting.now, setting.zone))


def _owed(story: AccountStory, setting: Setting) -> Part:
    owed = story.invoices.owed
    shown = [lines.invoice(one, owed.get(one.id), setting.now, setting.zone) for one in story.invoices.shown]
    more = story.invoices.count - len(shown)
    return Part("Open invoices", [*shown, *([f"{more:,} more"] if more > 0 else [])])


def _payments(story: AccountStory, setting: Setting) -> Part:
    method = lines.method(story, setting.now, setting.zone)
    return Part("Payments", [*([method] if method else []), *(lines.payment(p, setting.zone) for p in story.payments)])


def _discounts(story: AccountStory, setting: Setting) -> Part:
    return Part("Discounts", [lines.discount(one, setting.zone) for one in story.discounts])


def _history(story: AccountStory, setting: Setting) -> Part:
    return Part("MRR history", [lines.change(one, setting.zone) for one in standing.changes(story.movements, 5)])


def _risk(story: AccountStory, setting: Setting) -> Part:
    risk = story.risk
    if risk is None or not (risk.reasons or risk.stale):
        return Part("Risk", [])
    head = risk_words.scored(risk.score, risk.before, risk.day, hard=risk.hard).removeprefix("risk ")
    stale = [f"too old to count: {b.escape(', '.join(risk.stale), 200)}"] if risk.stale else []
    return Part(f"Risk {head}", [*risk_words.reasons(risk.reasons, setting.zone, MOST_REASONS), *stale])


def _alerts(story: AccountStory, setting: Setting) -> Part:
    shown = [lines.alert(one, setting.zone, has_card=one.id in story.carded) for one in story.alerts]
    return Part("Alerts", shown)


def _people(story: AccountStory, setting: Setting) -> Part:
    return Part("People", lines.people(story, setting.now, setting.zone))


def _journal(story: AccountStory, setting: Setting) -> Part:
    return Part("Notes", [lines.note(one, setting.zone) for one in story.journal])


def _promises(story: AccountStory, setting: Setting) -> Part:
    today = local_day(setting.now, setting.zone)
    return Part("Open promises", [lines.promise(one, today) for one in story.promises])


def _readings(story: AccountStory, setting: Setting) -> Part:
    found = readings.readings(story.readings)
    shown = [lines.reading(one, setting.now, setting.zone) for one in found[:READINGS]]
    return Part("Signals, against what is usual here", shown)


def _all_readings(story: AccountStory, setting: Setting) -> Part:
    found = readings.readings(story.readings)[READINGS:MOST_READINGS]
    return Part("More signals", [lines.reading(one, setting.now, setting.zone) for one in found])


def _delivered(story: AccountStory, setting: Setting) -> Part:
    found = readings.delivered(story.readings)
    return Part("Value delivered", [lines.delivered(one, setting.zone) for one in found[:MOST_READINGS]])


def _peers(story: AccountStory, _: Setting) -> Part:
    return Part("Among its peers", lines.peers(story.peers) if story.peers else [])


def _interviews(story: AccountStory, setting: Setting) -> Part:
    reasons = as_set(story.reasons)
    told = [lines.interview(one, reasons, story.exit_names, setting.zone) for one in reversed(story.interviews)]
    return Part("Exit interviews", [line for one in told for line in one])


def _ideal(story: AccountStory, _: Setting) -> Part:
    return Part("Ideal customer", [icp_form.line(story.icp)] if story.icp else [])


HEAD: Sequence[Callable[[AccountStory, Setting], Part]] = (_mrr, _plans, _tenure, _standing, _people, _ideal)
REST: Sequence[Callable[[AccountStory, Setting], Part]] = (
    _risk,
    _alerts,
    _owed,
    _promises,
    _readings,
    _journal,
    _interviews,
)
DEPTH: Sequence[Callable[[AccountStory, Setting], Part]] = (
    _delivered,
    _peers,
    _all_readings,
    _payments,
    _discounts,
    _history,
)
