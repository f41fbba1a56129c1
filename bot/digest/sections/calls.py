"""Who needs a call today: paying accounts whose money did not arrive or that are about to leave, largest MRR first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bot.clock import start_of_day
from bot.digest.scene import Scene, total
from bot.telling import reasons
from bot.telling.told import Detail, Foreign, Phrase, Row, Strong, Table, Told, counted, exact, money, short_day
from storage import departures, ledger, receivables, upcoming
from storage.departures import Notice
from storage.receivables import Collecting, Receivable
from storage.upcoming import Cancellation

SHOWN = 5
LISTED = 99
LEAVING_DAYS = 30
TRIES = {1: "once", 2: "twice"}


@dataclass(frozen=True, slots=True)
class Owed:
    """What an account owes in one currency: `tries` failed charges of its worst invoice, 0 for an overdue one."""

    amount: int
    currency: str
    since: date
    tries: int
    next_try: date | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """What ends first on a day: all of an account's MRR, or `ends` of it in minor units of the base."""

    on: date
    reason: str | None
    ends: Decimal
    all_of_it: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One account to call; `mrr` in minor units of the base, `unrated` as (currency, amount) what has no rate."""

    account_id: str
    name: str
    mrr: Decimal
    owed: Owed | None
    leaving: Leaving | None
    unrated: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """At most LISTED calls; `count` and `mrr` are of all of them."""

    day: date
    base: str
    calls: tuple[Call, ...]
    count: int
    mrr: Decimal

    def told(self) -> Told:
        lines = tuple(self._line(call) for call in self.calls[:SHOWN])
        hidden = self.count - len(lines)
        rest: tuple[Phrase, ...] = ((f"and {hidden:,} more in the full list",),) if hidden else ()
        return Told(heading="Needs a call today", lines=(*lines, *rest), details=self._details())

    def _line(self, call: Call) -> Phrase:
        return ("• ", Strong(Foreign(call.name)), f"  {self._mrr(call)} MRR · ", *self._why(call))

    def _mrr(self, call: Call) -> str:
        rated = [money(call.mrr, self.base)] if call.mrr or not call.unrated else []
        return " + ".join([*rated, *(exact(amount, currency) for currency, amount in call.unrated)])

    def _why(self, call: Call) -> tuple[str | Foreign, ...]:
        owed = self._owed(call.owed) if call.owed else ()
        leaving = self._leaving(call.leaving) if call.leaving else ()
        return (*owed, "; ", *leaving) if owed and leaving else (*owed, *leaving)

    def _owed(self, owed: Owed) -> tuple[str | Foreign, ...]:
        amount = exact(owed.amount, owed.currency)
        if not owed.tries:
            return (f"invoice overdue since {short_day(owed.since, self.day)}, {amount}",)
        code = reasons.decline(owed.code)
        cause: tuple[str | Foreign, ...] = (" (", code, ")") if code else ()
        tries = TRIES.get(owed.tries, f"{owed.tries} times")
        then = f"next try {short_day(owed.next_try, self.day)}" if owed.next_try else "no further try"
        return (f"payment failed {tries}", *cause, f", {amount} open, {then}")

    def _leaving(self, leaving: Leaving) -> tuple[str | Foreign, ...]:
        reason = reasons.stated(leaving.reason) or "no reason given"
        on = short_day(leaving.on, self.day)
        ending = f"leaves {on}: " if leaving.all_of_it else f"{money(leaving.ends, self.base)} of it ends {on}: "
        return (ending, reason)

    def _details(self) -> tuple[Detail, ...]:
        if self.count <= SHOWN:
            return ()
        rows: tuple[Row, ...] = tuple(
            ((Foreign(call.name),), (self._mrr(call),), self._why(call)) for call in self.calls
        )
        hidden = f", the {len(rows)} largest listed" if self.count > len(rows) else ""
        said = f"{counted(self.count, 'account')} with {money(self.mrr, self.base)} MRR{hidden}"
        return (Detail("Needs a call", ((said,),), Table(("Account", "MRR", "Why"), rows, frozenset({1}))),)


def calls(scene: Scene) -> Calls | None:
    today, end = scene.span(LEAVING_DAYS)
    unpaid: defaultdict[str, list[Receivable]] = defaultdict(list)
    for invoice in receivables.missing(scene.session, scene.now):
        unpaid[invoice.account_id].append(invoice)
    leaving: defaultdict[str, list[Cancellation]] = defaultdict(list)
    asked = start_of_day(scene.since, scene.zone)
    for one in upcoming.cancellations(scene.session, today, end, requested_since=asked, before=scene.until):
        leaving[one.due.account_id].append(one)
    noticed = departures.on_notice(scene.session, scene.now, leaving.keys()) if leaving else []
    levels = ledger.levels(scene.session, sorted(unpaid.keys() | leaving.keys()), before=scene.until)
    departures.with_notices(levels, noticed)
    for notice in noticed:
        leaving[notice.account_id] = [_worth_until(one, notice) for one in leaving[notice.account_id]]
    found = [_call(scene, id_, unpaid.get(id_, ()), leaving.get(id_, ()), level) for id_, level in levels.items()]
    if not found:
        return None
    found.sort(key=lambda call: (-call.mrr, call.owed is None, call.account_id))
    return Calls(scene.until, scene.base, tuple(found[:LISTED]), len(found), total([call.mrr for call in found]))


def _worth_until(one: Cancellation, notice: Notice) -> Cancellation:
    """With what its subscription pays until it ends, which the policy counts no more."""
    same = one.due.subscription_id == notice.subscription_id and one.due.currency == notice.currency
    return replace(one, due=replace(one.due, mrr=notice.amount)) if same else one


def _call(
    scene: Scene,
    account_id: str,
    invoices: Sequence[Receivable],
    ending: Sequence[Cancellation],
    levels: Mapping[str, int],
) -> Call:
    names = [invoice.account_name for invoice in invoices] or [one.due.account_name for one in ending]
    mrr = scene.sum_of(levels)
    owed = _owed(scene, invoices) if invoices else None
    leaving = _leaving(scene, ending, mrr) if ending else None
    unrated = tuple((currency, levels[currency]) for currency in sorted(levels) if currency not in scene.book.rates)
    return Call(account_id, names[0], mrr, owed, leaving, unrated)


def _leaving(scene: Scene, ending: Sequence[Cancellation], mrr: Decimal) -> Leaving:
    """The first end, with the MRR of all that end."""
    first = ending[0]
    ends = total([scene.worth(one.due.mrr, one.due.currency) or Decimal(0) for one in ending])
    return Leaving(scene.local(first.due.at), first.reason, ends, all_of_it=ends >= mrr)


def _owed(scene: Scene, invoices: Sequence[Receivable]) -> Owed:
    """The invoices in the currency of the oldest one, together."""
    oldest = invoices[0]
    same = [invoice for invoice in invoices if invoice.currency == oldest.currency]
    failed = [invoice for invoice in same if invoice.state is Collecting.FAILED]
    tries = [invoice.next_attempt_at for invoice in failed if invoice.next_attempt_at]
    latest = max(failed, key=lambda invoice: invoice.since, default=None)
    return Owed(
        amount=sum(invoice.amount for invoice in same),
        currency=oldest.currency,
        since=scene.local(oldest.since),
        tries=max((invoice.attempts for invoice in failed), default=0),
        next_try=scene.local(min(tries)) if tries else None,
        code=latest.code if latest else None,
    )
