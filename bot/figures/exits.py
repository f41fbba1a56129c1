"""Who left in a period and why: by what people were told, else by what billing heard; what nobody knows is counted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Session

from bot.clock import start_of_day
from bot.exits import reasons
from bot.exits.reasons import REASONS, Avoidable, Reasons
from bot.figures import segments
from bot.figures.asked import Asked, Grounds
from bot.figures.groups import Leaver, leavers
from bot.metrics import filters
from bot.metrics.filters import Filter
from bot.metrics.periods import Span
from bot.metrics.rates import Rates
from storage import alerts, exit_interviews, exit_reasons, leaving
from storage.fact_reader import exchange_rates

EARLY = timedelta(days=14)  # how long before the day somebody has to know of it to do something


class Told(StrEnum):
    """Where a reason comes from."""

    INTERVIEW = "interview"
    BILLING = "billing"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Exit:
    """One customer that left: `lost` is its MRR in minor units of the base by the rate of each day, `day` the last.

    `reason` is an id of the registry or a word of billing's, None when nobody knows. `early` says that an alert was
    open at least two weeks before.
    """

    account_id: str
    name: str
    owner_email: str | None
    day: date
    lost: Decimal
    reason: str | None
    told: Told
    early: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Some exits, counted and summed."""

    count: int
    lost: Decimal


@dataclass(frozen=True, slots=True)
class Exits:
    """Those of a period, the largest loss first; `kept` is the filter they were kept to, `reasons` the team's.

    Customers who only ever paid in an `unrated` currency, without an exchange rate, are left out.
    """

    span: Span
    base: str
    kept: Filter
    exits: tuple[Exit, ...]
    unrated: frozenset[str]
    reasons: Reasons = field(default_factory=lambda: REASONS)

    def avoidable(self, reason: str | None) -> Avoidable:
        """Whether a customer who leaves for this reason could be kept."""
        known = self.reasons.get(reason or "")
        return known.avoidable if known else Avoidable.UNSET

    def tally(self, which: Iterable[Exit] | None = None) -> Tally:
        found = self.exits if which is None else list(which)
        return Tally(len(found), sum((one.lost for one in found), Decimal(0)))

    @property
    def by_reason(self) -> list[tuple[str | None, Tally]]:
        """Each reason with its tally, the most MRR lost first; None is what nobody knows."""
        groups: defaultdict[str | None, list[Exit]] = defaultdict(list)
        for one in self.exits:
            groups[one.reason].append(one)
        tallies = [(reason, self.tally(same)) for reason, same in groups.items()]
        return sorted(tallies, key=lambda found: (-found[1].lost, -found[1].count, found[0] or ""))


def exits(session: Session, span: Span, where: str, grounds: Grounds) -> Exits:
    """The exits of a period, of all customers or of those a filter names. Raises FilterError for one that is none.

    They are the churned customers of the catalogue, netted alike, and their sum is its churned MRR; but a policy that
    counts one of several subscriptions as churned has that beside them, as its customer did not leave.
    """
    rates = Rates(grounds.base, exchange_rates(session, grounds.base))
    wanted = filters.parse(where, *segments.names(session))
    part, kept = segments.sliced(session, segments.moment(session, rates, span.window.end), "", wanted)
    asked = Asked(session, (span.window,), grounds, part)
    found = _exits(session, leavers(asked, span.window), grounds)
    own = reasons.as_set(exit_reasons.in_force(session))
    return Exits(span, grounds.base, kept, tuple(found), asked.unrated | asked.left_out, own)


def _exits(session: Session, left: Sequence[Leaver], grounds: Grounds) -> list[Exit]:
    ids = sorted(one.account_id for one in left)
    names, told, stood = leaving.names(session, ids), _reasons(session, left), alerts.times(session, ids)
    found = []
    for one in left:
        name, owner = names.get(one.account_id, (one.account_id, None))
        reason, source = told.get(one.account_id, (None, Told.NOBODY))
        then = start_of_day(one.day, grounds.zone) - EARLY
        alerted = stood.get(one.account_id, ())
        early = any(opened <= then and (closed is None or closed > then) for opened, closed in alerted)
        found.append(Exit(one.account_id, name, owner, one.day, one.lost, reason, source, early))
    return sorted(found, key=lambda one: (-one.lost, one.account_id))


def _reasons(session: Session, left: Sequence[Leaver]) -> Mapping[str, tuple[str, Told]]:
    """By account: the reason of the interview about this leaving, else what billing heard, else nothing."""
    ids = [one.account_id for one in left]
    interviews = exit_interviews.of_accounts(session, ids)
    found: dict[str, tuple[str, Told]] = {}
    for account_id, word, kind in leaving.heard(session, ids):
        known = reasons.told_by_billing(word, kind)
        said = known.id if known else word
        if said:
            found[account_id] = said, Told.BILLING
    for one in left:
        interview = exit_interviews.about(interviews.get(one.account_id, ()), one.day)
        if interview and interview.said.reason:
            found[one.account_id] = interview.said.reason, Told.INTERVIEW
    return found
