"""The card of one alert: what worries, who is on it, how it ended."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.messages import account_lines as lines
from bot.messages import alert_words, risk_words
from bot.messages import blocks as b
from bot.messages.account import BILLING_LINK, LOG_NOTE, SHOW
from bot.messages.words import amounts, capital, day, moment, moment_now, person
from bot.risk import quiet
from bot.telling.told import counted
from storage.accounts.briefs import Brief
from storage.alerts import Alert, Part, Plain
from storage.states import AlertState

CLAIM, SNOOZE, WAKE, NO_RISK = "alert_claim", "alert_snooze", "alert_wake", "alert_no_risk"
ASSIGN = "alert_assign"
NO_RISK_FORM, WHY, NOTE = "no_risk_form", "why", "note"
SNOOZE_WORDS = {
    "1": "For a day",
    "3": "For 3 days",
    "7": "For a week",
    "renewal": "Until its period ends",
    "worse": "Until it gets worse",
}
MOST_REASONS = 6


def card(
    alert: Alert, about: Brief | None, zone: ZoneInfo, url: str | None, read_at: datetime | None = None
) -> b.Message:
    """The card as the alert stands; `about` is None when the account is no longer stored.

    `read_at` is when billing was last read.
    """
    closed, reason = not alert.is_live, alert_words.reason(alert, zone)
    name = _name(alert, about)
    money = f"{amounts(about.mrr, nothing='no')} MRR" if about else ""
    said = [" · ".join(part for part in (f"*{b.escape(name)}*" if closed else "", money) if part), *reason.split("\n")]
    facts = _facts(about, zone) if about and not closed else []
    state = _state(alert, zone)
    why = [] if closed else _why(alert, zone)
    step = "" if closed else f"*Next:* {alert_words.next_step(alert, zone)}"
    data = "" if closed else _data(alert, read_at, zone)
    shown = [
        *([] if closed else [b.header(name)]),
        b.section("\n".join(f"~{line}~" if closed else line for line in said if line)),
        *([b.section("\n".join(why))] if why else []),
        *([b.fields(f"*{title}*\n{value}" for title, value in facts)] if facts else []),
        *([b.section(step)] if step else []),
        b.context(*(line for line in (state, data) if line)),
        b.actions(*_buttons(alert, url)),
    ]
    told = [f"{title}: {value}" for title, value in facts]
    words = [f"{b.escape(name)}: {reason}", money, *why, *told, step, state, data]
    return b.Message("\n".join(word for word in words if word), shown)


def waiting(accounts: int) -> b.Message:
    """A line for accounts whose card is still to come, since a channel gets only some at a time."""
    if accounts:
        need = counted(accounts, "more account needs", "more accounts need")
        rest = "lists it, and its card follows" if accounts == 1 else "lists them, and their cards follow"
        text = f"And {need} a look: `/at-risk` {rest} on the next days."
    else:
        text = "Every account that needs a look has its card now."
    return b.said(text)


def still_on_it(alert: Alert, about: Brief | None, zone: ZoneInfo) -> b.Message:
    """Asks a person whether they are still on an alert that they took on `quiet.CLAIMED_FOR` business days ago."""
    name = _name(alert, about)
    told, days = alert_words.reason(alert, zone).split("\n")[0], counted(quiet.CLAIMED_FOR, "business day")
    text = (
        f"You took on *{b.escape(name)}* {days} ago, and it is still open: {told}. "
        "I have put it back on the list; press the button if you are still on it."
    )
    return _asking(alert, text)


def assigned(alert: Alert, about: Brief | None, by: str, zone: ZoneInfo) -> b.Message:
    """Tells a person, in a direct message, that an account in trouble is theirs now."""
    name = _name(alert, about)
    text = f"{person(by)} gave you *{b.escape(name)}*: {alert_words.reason(alert, zone)}"
    return _asking(alert, text)


def left_alone(alert: Alert, about: Brief | None, days: int, zone: ZoneInfo) -> b.Message:
    """Tells the lead, in a direct message, of an alert that nobody takes on."""
    name, for_days = _name(alert, about), counted(days, "business day")
    text = f"Nobody is on *{b.escape(name)}* for {for_days}: {alert_words.reason(alert, zone)}"
    return _asking(alert, text)


def woken(alert: Alert, evidence: Plain, zone: ZoneInfo) -> b.Message:
    """News for the thread of a card: its snooze has ended, by its time or by what got worse since."""
    snooze = alert.snoozed or {}
    by, risk = person(snooze["by"]), evidence.get("risk")
    if not risk or not quiet.is_worse(snooze, evidence):
        worse = "it got worse" if quiet.is_worse(snooze, evidence) else "its time is over"
        return b.said(f"{by} snoozed this; {worse}.")
    known = snooze.get("rules")  # earlier versions kept none
    fresh = [one for one in risk["reasons"] if known is not None and one["rule"] not in known]
    return _risen(f"{by} snoozed this; it got worse. ", (snooze["score"], risk["score"]), fresh, zone)


def part_over(outcome: Plain, zone: ZoneInfo) -> b.Message:
    """News for the thread of a card: something of what it tells has ended."""
    return b.said(f"{alert_words.ending(outcome, zone)}.")


def joined(part: Part, zone: ZoneInfo) -> b.Message:
    """News for the thread of a card: something worries besides."""
    return b.said(f"That too: {alert_words.part_reason(part, zone)}.")


def again(part: Part, zone: ZoneInfo) -> b.Message:
    """News for the thread of a card that was closed: the account is in trouble again."""
    return b.said(f"It is open again: {alert_words.part_reason(part, zone)}.")


def worse(before: Plain, now: Plain, zone: ZoneInfo) -> b.Message:
    """News for the thread of a card: the risk rose, and why."""
    old, new = before["risk"], now["risk"]
    fresh = [one for one in new["reasons"] if one["rule"] not in {each["rule"] for each in old["reasons"]}]
    return _risen("", (old["score"], new["score"]), fresh, zone)


def _risen(intro: str, scores: tuple[int, int], fresh: Sequence[Plain], zone: ZoneInfo) -> b.Message:
    before, now = scores
    said = f"Risk rose from {before} to {now}." if now > before else f"More is at stake, at a risk of {now}."
    text = "\n".join([intro + said, *risk_words.reasons(fresh, zone, MOST_REASONS)])
    return b.Message(text, [b.section(text)])


def no_risk_form(alert: Alert, about: Brief | None) -> b.Block:
    """Asks why a person sees no risk."""
    name = _name(alert, about)
    options = [b.option(words, why) for why, words in alert_words.NO_RISK.items()]
    return b.modal(
        NO_RISK_FORM,
        "Not a risk",
        [
            b.section(
                f"*{b.escape(name)}*: the card is closed, and comes back for another cause, or when things get worse."
            ),
            b.entry(WHY, "Why is it no risk?", b.choice(options, kind="radio_buttons")),
            b.entry(NOTE, "What should others know?", b.text_input(multiline=True, longest=1000), optional=True),
        ],
        submit="Close it",
        private_metadata=alert.id,
    )


def taken_on(live: Sequence[Alert], user: str, now: datetime, zone: ZoneInfo) -> str:
    """What to tell a person who took on all alerts of an account."""
    others = [too_late(alert, user, now, zone) for alert in live if alert.claimed_by != user]
    mine = [alert for alert in live if alert.claimed_by == user]
    said = [f"You are on it: {alert_words.reason(alert, zone)}." for alert in mine]
    return (
        "\n".join([*said, *others]) or "Nothing is open here any more; `/account` and the name show how they stand now."
    )


def too_late(alert: Alert | None, user: str, now: datetime, zone: ZoneInfo) -> str:
    """What to tell a person whose press changed nothing."""
    if alert is None:
        return "I no longer know what this card was about. `/account` and the name show how they stand now."
    if not alert.is_live:
        return f"This one is settled already: {alert_words.outcome(alert, zone)}."
    if alert.claimed_by == user:
        return "You are on it already."
    since = f", since {moment_now(alert.claimed_at, now, zone)}" if alert.claimed_at else ""
    return f"{person(alert.claimed_by or '')} is on it already{since}."


def _name(alert: Alert, about: Brief | None) -> str:
    return (about.name if about else "") or alert.account_id


def _asking(alert: Alert, text: str) -> b.Message:
    """A direct message by which a person can take an alert on."""
    return b.Message(text, [b.section(text), b.actions(_claim(alert), _look_up(alert))])


def _claim(alert: Alert) -> b.Block:
    return b.button("I'm on it", CLAIM, alert.id, style="primary")


def _look_up(alert: Alert) -> b.Block:
    return b.button("Look up", SHOW, alert.account_id)


def _why(alert: Alert, zone: ZoneInfo) -> list[str]:
    """The score and what it is made of, to the point."""
    risk = alert.evidence.get("risk")
    if not risk or not risk["reasons"]:
        return []
    head = risk_words.scored(risk["score"], risk["before"], risk["day"], hard=risk["hard"])
    likely = risk.get("likely")
    title = f"*{capital(head)}*"
    title += f" · {round(likely / 10)}% likely to be lost within 30 days" if likely is not None else ""
    return [title, *risk_words.reasons(risk["reasons"], zone, MOST_REASONS)]


def _data(alert: Alert, read_at: datetime | None, zone: ZoneInfo) -> str:
    """How old what the card tells is, and what is too old to count."""
    said = [f"Billing as of {moment(read_at, zone)}"] if read_at else []
    stale = (alert.evidence.get("risk") or {}).get("stale") or ()
    said += [f"too old to count: {b.escape(', '.join(stale), 200)}"] if stale else []
    return "; ".join(said)


def _facts(about: Brief, zone: ZoneInfo) -> list[tuple[str, str]]:
    plans = ", ".join(lines.plan(plan) for plan in about.plans[:3])
    found = [
        ("Plan", plans),
        ("Period ends", day(about.period_end, zone) if about.period_end else ""),
        ("Owner", _owner(about)),
        ("Customer since", day(about.customer_since, zone) if about.customer_since else ""),
    ]
    return [(title, value) for title, value in found if value]


def _owner(about: Brief) -> str:
    if about.owner_user:
        return person(about.owner_user)
    return b.escape(about.owner_email) if about.owner_email else ""


def _state(alert: Alert, zone: ZoneInfo) -> str:
    if not alert.is_live:
        return f"Closed: {alert_words.outcome(alert, zone)}"
    quiet_since = _snoozed(alert.snoozed, zone)
    if alert.claimed_by and alert.claimed_at:
        return f"{person(alert.claimed_by)} is on it since {moment(alert.claimed_at, zone)}{quiet_since}"
    return f"Nobody is on it yet{quiet_since}"


def _snoozed(snooze: Plain | None, zone: ZoneInfo) -> str:
    if not snooze:
        return ""
    until = moment(datetime.fromisoformat(snooze["until"]), zone)
    ends = "until it gets worse" if snooze["for"] == "worse" else f"until {until}, or until it gets worse"
    return f" · {person(snooze['by'])} snoozed it {ends}"


def _buttons(alert: Alert, url: str | None) -> list[b.Block]:
    claim = [_claim(alert)] if alert.state is AlertState.OPEN else []
    link = [b.button("Open in billing", BILLING_LINK, url=url)] if url else []
    note = [b.button("Log note", LOG_NOTE, alert.account_id)] if alert.is_live else []
    return [*claim, *_quietening(alert), *note, _look_up(alert), *link]


def _quietening(alert: Alert) -> list[b.Block]:
    if not alert.is_live:
        return []
    others = [b.people_menu("Assign", f"{ASSIGN}:{alert.id}"), b.button("Not a risk…", NO_RISK, alert.id)]
    if alert.snoozed:
        return [b.button("Wake up", WAKE, alert.id), *others]
    options = [b.option(words, f"{how_long}:{alert.id}") for how_long, words in SNOOZE_WORDS.items()]
    return [b.menu("Snooze", SNOOZE, options), *others]
