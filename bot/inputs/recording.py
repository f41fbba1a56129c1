"""Single values as people type them: checked by the rules of the files, kept whole or not at all.

Each function gives one sentence that says what is kept now; NotRecorded says which word was wrong and what to write.
`none` as the value takes back what is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlmodel import Session

from bot.accounts.search import look_up
from bot.clock import start_of_day
from bot.errors import NotRecorded
from bot.inputs import names, rules
from bot.inputs.keeping import keep
from bot.inputs.refresh import ORIGIN as FILES
from bot.inputs.rules import Terms
from bot.metrics.metric import Metric, Unit
from bot.money import display
from bot.sources.csv import cells
from bot.sources.csv.problems import quoted
from storage import signals, targets
from storage import spend as spending
from storage.accounts import search
from storage.inputs import COMPANY, Signal, Spend, SpendKind, Target

T = TypeVar("T")
ORIGIN = "record"
NONE = "none"
CHOICES = 5


@dataclass(frozen=True, slots=True)
class Observation:
    """What was typed about a signal: `account` is None for the whole company, `on` is None for today."""

    name: str
    value: str
    account: str | None
    on: str | None
    respondent: str | None


def spend(
    session: Session,
    terms: Terms,
    *,
    kind: SpendKind,
    amount: str,
    period: str,
    currency: str | None,
    note: str | None,
) -> str:
    """Record what was spent in a period."""
    days = _given("--period", lambda: cells.period(period))
    _given("--period", lambda: rules.begun(days.start, terms.today))
    code = _given("--currency", lambda: rules.known_currency((currency or terms.currency).lower()))
    words = _given("--note", lambda: cells.short(note or ""))
    minor = None if amount == NONE else _given("AMOUNT", lambda: rules.spent(amount, code))
    made = Spend(kind, days.start, days.end, minor or 0, code, words, ORIGIN)
    same = spending.between(session, made.start, made.end, kind)
    what = f"{kind} spend in {_in_words(days)}{f' for {quoted(words)}' if words else ''}"
    if other := rules.overlapping(made, same):
        meant = f"is kept for {_in_words(cells.Period(other.start, other.end))}"
        raise NotRecorded(f"--period: {kind} spend {meant}, which overlaps; take that back, or give it a --note.")
    kept = next((one for one in same if (one.start, one.end, one.note) == (made.start, made.end, made.note)), None)
    _not_of_a_file(kept, what, "spend.csv")
    if minor is None:
        spending.forget(session, made)
    else:
        spending.store(session, [made], terms.now)
    return _said(what, _money(kept) if kept else None, None if minor is None else _money(made))


def target(
    session: Session,
    terms: Terms,
    *,
    metric: str,
    value: str,
    month: str,
    currency: str | None,
    segment: str | None = None,
) -> str:
    """Record what a metric is to be in a month, in all or in one segment."""
    known = _given("METRIC", lambda: rules.metric_of(metric))
    first = _given("--month", lambda: cells.month(month))
    code = _given("--currency", lambda: rules.known_currency((currency or terms.currency).lower()))
    meant = None if value == NONE else _given("VALUE", lambda: rules.target_of(known, _number(known, value), code))
    part = _given("--segment", lambda: rules.segment_of(session, segment, terms)) if segment else ""
    what = f"target for {known.name}{f' of {part}' if part else ''} in {first:%B %Y}"
    kept = targets.of_month(session, first, segment=part).get(known.id)
    _not_of_a_file(kept, what, "targets.csv")
    made = Target(known.id, first, *(meant or (Decimal(0), None)), segment=part, origin=ORIGIN)
    if meant is None:
        targets.forget(session, made)
    else:
        targets.store(session, [made], terms.now)
    return _said(what, target_words(known, kept) if kept else None, target_words(known, made) if meant else None)


def signal(session: Session, terms: Terms, typed: Observation) -> str:
    """Record one observation of an account, or of the whole company."""
    name = _given("NAME", lambda: names.name_of(typed.name))
    account_id, whose = _account(session, typed.account) if typed.account else (COMPANY, "the company")
    day = _given("--on", lambda: cells.day(typed.on or terms.today.isoformat()))
    at = _given("--on", lambda: rules.observed(start_of_day(day, terms.zone), terms.now))
    who = _given("--from", lambda: cells.short(typed.respondent or ""))
    value = None if typed.value == NONE else _given("VALUE", lambda: names.value_of(name, typed.value, terms.today))
    made = Signal(account_id, name, at, value or Decimal(0), who, ORIGIN)
    kept = signals.find(session, made)
    if value is None:
        signals.forget(session, made)
    else:
        keep(session, [made], terms.now)
    show = names.kind_of(name).show
    source = f" from {quoted(who)}" if who else ""
    what = f"{name} of {whose}{source} on {day.day} {day:%B %Y}"
    return _said(what, show(kept.value) if kept else None, None if value is None else show(value)) + _unknown(name)


def target_words(metric: Metric, target: Target) -> str:
    """A target as people read it."""
    if metric.unit is Unit.MONEY and target.currency:
        return display(target.value, target.currency)
    plain = f"{(target.value * 100 if metric.unit is Unit.SHARE else target.value).normalize():,f}"
    return f"{plain} %" if metric.unit is Unit.SHARE else plain


def _given(field: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError as error:
        end = "" if str(error).endswith("?") else "."
        raise NotRecorded(f"{field}: {error}{end}") from None


def _number(metric: Metric, text: str) -> Decimal:
    """The number of a target; a share may be typed with its sign."""
    return cells.decimal(text.removesuffix("%").rstrip() if metric.unit is Unit.SHARE else text)


def _account(session: Session, typed: str) -> tuple[str, str]:
    """The id and the quoted name of the account that is meant."""
    if known := search.with_ids(session, [typed]):
        return known[0].id, quoted(known[0].name)
    found = look_up(session, typed)
    if found.sure:
        return found.sure.id, quoted(found.sure.name)
    if not found.matches:
        raise NotRecorded(f"--account: {quoted(typed)} is not an account that billing knows; write its id or name.")
    choice = ", ".join(f"{one.id} ({quoted(one.name)})" for one in found.matches[:CHOICES])
    more = f" and {found.total - CHOICES:,} more" if found.total > CHOICES else ""
    raise NotRecorded(f"--account: {quoted(typed)} may be {choice}{more}; write the id of the one you mean.")


def _not_of_a_file(kept: Spend | Target | None, what: str, file: str) -> None:
    if kept is not None and kept.origin == FILES:
        raise NotRecorded(f"The {what} stands in {file}; change it there.")


def _money(one: Spend) -> str:
    return display(one.amount, one.currency)


def _in_words(days: cells.Period) -> str:
    months = (days.end.year - days.start.year) * 12 + days.end.month - days.start.month
    if months == 1:
        return f"{days.start:%B %Y}"
    return f"{days.start.year}" if months == 12 else f"Q{_quarter(days.start)} {days.start.year}"


def _quarter(first: date) -> int:
    return (first.month + 2) // 3


def _said(what: str, before: str | None, now: str | None) -> str:
    if now is None:
        return f"Taken back: {what}, {before}." if before else f"Nothing to take back: no {what} is kept."
    if before == now:
        return f"Kept already: {what}, {now}."
    return f"Recorded: {what}, {now}{f' instead of {before}' if before else ''}."


def _unknown(name: str) -> str:
    if names.has_meaning(name):
        return ""
    near = names.like(name)
    return f" {name} is not a name Kahvi knows: it is kept and shown, never counted." + (
        f" Did you mean {near}?" if near else ""
    )
