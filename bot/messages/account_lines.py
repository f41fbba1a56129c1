"""Single lines of an account's card, as mrkdwn with foreign text escaped."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.accounts import standing
from bot.accounts.contacts import quiet
from bot.accounts.readings import Delivered, Reading
from bot.accounts.standing import Change
from bot.clock import local_day
from bot.digest.sections.moved import VERBS
from bot.exits import reasons
from bot.inputs.names import CSAT, NPS, comparable, kind_of
from bot.messages import alert_words, risk_words
from bot.messages.blocks import escape, link
from bot.messages.words import amounts, capital, day, days_until, moment, person, quoted, whole_day
from bot.money import display
from bot.telling.reasons import moved_by
from bot.telling.told import TENTH, counted, percent
from storage.accounts.peers import Peers
from storage.accounts.plans import Plan
from storage.accounts.story import AccountStory
from storage.alerts import Alert
from storage.contacts import Contact
from storage.exit_interviews import Interview
from storage.facts import (
    Discount,
    Duration,
    Interval,
    Invoice,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Status,
    Subscription,
)
from storage.journal import Entry
from storage.receivables import Collecting, Receivable
from storage.states import Answer, MovementKind, NoteKind

EVERY = {Interval.DAY: "daily", Interval.WEEK: "weekly", Interval.MONTH: "monthly", Interval.YEAR: "yearly"}
STANDING = {
    Status.SCHEDULED: "Not started",
    Status.TRIALING: "On trial",
    Status.ACTIVE: "Active",
    Status.PAST_DUE: "Past due",
    Status.UNPAID: "Unpaid",
    Status.PAUSED: "Paused",
}
PAYMENT = {PaymentStatus.SUCCEEDED: "paid", PaymentStatus.FAILED: "failed", PaymentStatus.PENDING: "pending"}
KEPT = {Answer.YES: "could have been kept", Answer.NO: "could not be kept"}
QUOTE = 300
CONTACTS = 3  # shown
DAYS = re.compile(r"_(\d{1,3})d$")  # how names end that count over so many days
FEW = 5  # peers, below which a comparison says nothing

NOTED = 500  # characters of a note
KINDS: Mapping[NoteKind, str] = {
    NoteKind.CALL: "Call",
    NoteKind.MAIL: "E-mail",
    NoteKind.MEETING: "Meeting",
    NoteKind.SAVE_PLAY: "Save play",
    NoteKind.INCENTIVE: "Incentive given",
    NoteKind.PROMISE: "Promise",
    NoteKind.KEPT: "Promise kept",
    NoteKind.OTHER: "Note",
}


def plan(one: Plan) -> str:
    name = escape(_plan_name(one), 80)
    every = "once" if one.interval is None else EVERY[one.interval]
    if one.interval and one.interval_count != 1:
        every = f"every {one.interval_count} {one.interval}s"
    units = f" × {one.quantity:,}" if one.quantity > 1 else ""
    return f"{name}{units} ({every})"


def tenure(story: AccountStory, now: datetime, zone: ZoneInfo) -> list[str]:
    """Since when it is a customer and for how long, and what it paid."""
    paid = f"paid {amounts(story.paid)} so far" if any(story.paid.values()) else "nothing paid yet"
    if story.movements:
        return [f"{day(story.movements[0].day, zone)}{_stay(story, local_day(now, zone))}", paid]
    signed_up = story.subscriptions.since
    return [f"Not a customer yet, signed up {day(signed_up, zone)}" if signed_up else "Not a customer yet", paid]


def _stay(story: AccountStory, today: date) -> str:
    found = standing.stay(story.movements, today)
    if found is None:
        return ""
    months, days = found
    return f" ({counted(months, 'month') if months else counted(days, 'day')})"


def standing_lines(story: AccountStory, now: datetime, zone: ZoneInfo) -> list[str]:
    """How the account stands, one line for each live subscription, or what became of it."""
    if story.account.deleted_at:
        return [f"Deleted in billing on {day(story.account.deleted_at, zone)}"]
    present = standing.live(story)
    if present:
        hidden = story.subscriptions.count - len(story.subscriptions.shown)
        more = [f"{counted(hidden, 'more subscription', 'more subscriptions')}"] if hidden > 0 else []
        return [subscription(one, now, zone) for one in present] + more
    left = standing.leaving(story)
    if left is None:
        return ["Signed up, never started" if story.subscriptions.count else "No subscription yet"]
    return [f"Left on {day(left.ended_at, zone) if left.ended_at else 'an unknown day'}{_because(left)}"]


def subscription(one: Subscription, now: datetime, zone: ZoneInfo) -> str:
    state = STANDING.get(one.status) or escape(one.status_word, 40)
    paused = ", collection paused" if one.pause_kind == "collection" else ""
    if one.cancel_at:
        return f"{state}{paused}, *cancels {_when(one.cancel_at, now, zone)}*{_because(one)}"
    if one.status is Status.TRIALING and one.trial_end:
        return f"{state} until {_when(one.trial_end, now, zone)}{paused}"
    if one.status is Status.SCHEDULED:
        return f"Starts {_when(one.started_at, now, zone)}"
    if one.status is Status.PAUSED and one.resumes_at:
        return f"{state}, resumes {_when(one.resumes_at, now, zone)}"
    renews = f", renews {_when(one.current_period_end, now, zone)}" if one.current_period_end else ""
    return f"{state}{paused}{renews}"


def invoice(one: Invoice, owed: Receivable | None, now: datetime, zone: ZoneInfo) -> str:
    name = one.number or "Invoice"
    shown = link(one.hosted_url, name) if one.hosted_url else escape(name)
    amount = display(one.amount_due - one.amount_paid, one.currency)
    return f"{shown}: {amount}, {collecting(one, owed, now, zone)}"


def collecting(one: Invoice, owed: Receivable | None, now: datetime, zone: ZoneInfo) -> str:
    """How far the collecting of an open invoice has come."""
    if owed and owed.state is Collecting.UNDER_WAY:
        return "payment under way"
    if owed and owed.state is Collecting.FAILED:
        return f"{risk_words.failed(owed.attempts, owed.code)}, {_next_try(owed.next_attempt_at, now, zone)}"
    if one.due_at:
        return f"{'overdue since' if one.due_at < now else 'due'} {_when(one.due_at, now, zone)}"
    return f"open since {day(one.issued_at, zone)}"


def payment(one: Payment, zone: ZoneInfo) -> str:
    return f"{day(one.at, zone)}: {paid(one)}"


def paid(one: Payment) -> str:
    """What became of a charge."""
    why = one.failure_message or one.failure_code
    said = f": {escape(why, 100)}" if one.status is PaymentStatus.FAILED and why else ""
    return f"{display(one.amount, one.currency)} {PAYMENT[one.status]}{said}"


def method(story: AccountStory, now: datetime, zone: ZoneInfo) -> str | None:
    """What the next charge will be tried on; None for an account that will not be charged."""
    if standing.pays_by_invoice(story):
        return "Pays by invoice"
    known = standing.pays_with(story)
    if known is None:
        return "No payment method known" if standing.live(story) else None
    name = (known.brand or known.kind).replace("_", " ").capitalize()
    digits = f" •••• {escape(known.last4, 10)}" if known.last4 else ""
    return f"Pays with {escape(name, 40)}{digits}{_validity(known, now, zone)}"


def discount(one: Discount, zone: ZoneInfo) -> str:
    if one.percent_off is not None:
        off = f"{one.percent_off.normalize():f}% off"
    elif one.amount_off is not None and one.currency:
        off = f"{display(one.amount_off, one.currency)} off"
    else:
        off = "Discount of unknown size"
    if one.ends_at:
        return f"{off} until {day(one.ends_at, zone)}"
    lasting = {Duration.ONCE: "once", Duration.FOREVER: "no end date", Duration.REPEATING: "for some months"}
    return f"{off}, {lasting.get(one.duration, 'end unknown')}"


def change(one: Change, zone: ZoneInfo) -> str:
    return f"{day(one.day, zone)}: {moved(one)}"


def moved(one: Change) -> str:
    """What a change did to MRR, and why."""
    by = one.kind in (MovementKind.EXPANSION, MovementKind.CONTRACTION)
    amount = f"by {display(abs(one.amount), one.currency)}" if by else display(one.amount, one.currency, sign=True)
    return f"{VERBS[one.kind]} {amount} ({moved_by(one.kind, one.cause)})"


def alert(one: Alert, zone: ZoneInfo, *, has_card: bool) -> str:
    """Why an account is at risk, and who is on it; that nobody is would surprise where nobody was asked."""
    reason = alert_words.reason(one, zone).replace("\n", ", ")
    if one.claimed_by and one.claimed_at:
        return f"{reason}; {person(one.claimed_by)} is on it since {moment(one.claimed_at, zone)}"
    return f"{reason}; nobody is on it yet" if has_card else reason


def people(story: AccountStory, now: datetime, zone: ZoneInfo) -> list[str]:
    """Whom to write to: the owner among colleagues, the champion, others, and billing's address where nobody is known.

    Marked are a champion who has gone quiet, and that only one person is known.
    """
    account, known = story.account, story.contacts
    shown = [f"Owner {escape(account.owner_email)}"] if account.owner_email else []
    if not known:
        return [*shown, *([f"Contact {escape(account.email)}"] if account.email else [])]
    shown += [contact(one) for one in sorted(known, key=lambda one: not one.champion)[:CONTACTS]]
    shown += [f"and {len(known) - CONTACTS:,} more"] if len(known) > CONTACTS else []
    shown += ["*Only one person is known*"] if len(known) == 1 else []
    if heard := quiet(known, story.readings, now):
        shown.append(f"*The champion has gone quiet*: last heard of {_when(heard.at, now, zone)}")
    return shown


def contact(one: Contact) -> str:
    """A person of the customer's: who, and in which role."""
    title = "Champion" if one.champion else "Contact"
    said = [escape(part) for part in (one.role, one.email if one.name else "") if part]
    return f"{title} {escape(one.name or one.email)}" + (f" ({', '.join(said)})" if said else "")


def interview(one: Interview, known: reasons.Reasons, names: Mapping[str, str], zone: ZoneInfo) -> list[str]:
    """What an exit interview says in short: the answers of all together, and the note of each author."""
    newest, said = one.newest, one.said

    def label(id_: str) -> str:
        return escape(reasons.label_of(id_, known))

    found = [label(said.reason) if said.reason else "No reason stated"]
    if said.root_cause:
        found.append(f"really: {label(said.root_cause)}")
    if said.secondary_reason:
        found.append(f"also: {label(said.secondary_reason)}")
    if said.competitor:
        found.append(f"went to {escape(names.get(said.competitor, said.competitor))}")
    if said.tags:
        found.append(f"missed {', '.join(escape(names.get(tag, tag)) for tag in said.tags)}")
    found += [words for answer, words in KEPT.items() if said.avoidable is answer]
    found += [f"fit {said.icp_fit} of 10"] if said.icp_fit else []
    head = f"{'; '.join(found)}, noted {day(newest.written_at, zone)} by {person(newest.author)}"
    return [head, *_back(one), *(f"{person(note.author)}: {quoted(note.text, QUOTE)}" for note in one.notes)]


def _back(one: Interview) -> list[str]:
    """What brings them back, and when they may be asked."""
    said = one.said
    found = [f"would come back for {quoted(said.bring_back, QUOTE)}"] if said.bring_back else []
    found += [f"may be asked again from {whole_day(said.ask_again_on)} on"] if said.ask_again_on else []
    whole = "; ".join(found)
    return [capital(whole)] if whole else []


def _next_try(at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    return f"next try {_when(at, now, zone)}" if at else "no further try planned"


def _plan_name(one: Plan) -> str:
    """The product, and the price's own name where it says more."""
    product, own = one.product or "", one.name or ""
    if own.casefold().startswith(product.casefold()):
        return own or "Unnamed plan"
    return f"{product} ({own})" if own else product


def _because(one: Subscription) -> str:
    """Why a subscription is cancelled: the reason and the customer's own words."""
    told = reasons.in_words(one.cancel_reason, one.cancel_kind)
    said = [escape(told, 60)] if told else []
    if one.cancel_comment:
        said.append(quoted(one.cancel_comment, QUOTE))
    return f" ({': '.join(said)})" if said else ""


def _validity(known: PaymentMethod, now: datetime, zone: ZoneInfo) -> str:
    if not known.exp_month or not known.exp_year:
        return ""
    today = local_day(now, zone)
    over = (known.exp_year, known.exp_month) < (today.year, today.month)
    return f", {'*expired* ' if over else 'valid to '}{known.exp_month:02}/{known.exp_year}"


def _when(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    return f"{day(at, zone)} ({days_until(at, now, zone)})"


def promise(entry: Entry, today: date) -> str:
    """What was promised by whom, and whether it is late."""
    due = ""
    if entry.due:
        late = f"*{counted((today - entry.due).days, 'day')} late*" if entry.due < today else "today"
        due = f", due {whole_day(entry.due)}" + (f" ({late})" if entry.due <= today else "")
    return f"{escape(entry.text, NOTED)} ({person(entry.author)}{due})"


def reading(one: Reading, now: datetime, zone: ZoneInfo) -> str:
    """A signal's newest value, how far it is from the usual, and its age."""
    value = kind_of(one.name).show(one.value)
    usual = ""
    if one.usual is not None and comparable(one.name):
        change = f" ({percent(one.change, sign=True)})" if one.change is not None else ""
        usual = f", usually {one.usual.quantize(TENTH).normalize():f}{change}"
    return f"{_named(one.name)}: {escape(value)}{usual} · {day(one.at, zone)}, {days_until(one.at, now, zone)}"


def delivered(one: Delivered, zone: ZoneInfo) -> str:
    return f"{_named(one.name)}: {one.total.normalize():,f} since {day(one.since, zone)}"


def peers(found: Peers) -> list[str]:
    """How an account stands among those of its segment: by places, as shares of few say nothing."""
    among = f"{counted(found.count, 'account')} in {escape(found.segment)}" if found.segment else "all accounts"
    if found.count < FEW:
        return [f"{among}: too few to compare"] if found.segment else []
    told = [f"MRR higher than {percent(Decimal(found.poorer) / found.count)} of {among}"] if found.money else []
    return [*told, f"Risk higher than {percent(Decimal(found.safer) / found.count)}"]


def _named(name: str) -> str:
    """A signal's name in words: active_users is Active users, tickets_30d Tickets in 30 days, nps NPS."""
    if name in (NPS, CSAT):
        return name.upper()
    return escape(DAYS.sub(r" in \1 days", name).replace("_", " ").capitalize())


def note(entry: Entry, zone: ZoneInfo, *, put_right: bool = False, most: int = NOTED) -> str:
    """One entry of the journal: when, who, what."""
    return f"{moment(entry.written_at, zone)} · {noted(entry, put_right=put_right, most=most)}"


def noted(entry: Entry, *, put_right: bool = False, most: int = NOTED) -> str:
    """Who noted what, and of which kind it is."""
    cost = f", {display(entry.cost, entry.currency)}" if entry.cost is not None and entry.currency else ""
    head = f"{person(entry.author)} · {KINDS[entry.kind]}{cost}"
    text = escape(entry.text, most)
    if put_right:
        return f"{head}: ~{text}~ ({'settled' if entry.kind is NoteKind.PROMISE else 'corrected'})"
    due = f" (due {whole_day(entry.due)})" if entry.due else ""
    return f"{head}: {text}{due}"
