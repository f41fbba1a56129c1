"""Who left in a period and why: by what people were told, else by what billing heard; what nobody knows is counted."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session

from bot import icp
from bot.clock import start_of_day
from bot.exits import reasons
from bot.exits.reasons import REASONS, Avoidable, Nature, Reasons
from bot.figures import segments
from bot.figures.asked import Asked, Grounds
from bot.figures.groups import Leaver, leavers, plans_and_places, told_apart
from bot.metrics.filters import Filter
from bot.metrics.periods import Span
from bot.metrics.rates import Rates
from storage import alerts, exit_interviews, exit_names, exit_reasons, icp_fits, leaving
from storage.accounts import called
from storage.exit_interviews import Interview, Said
from storage.fact_reader import exchange_rates
from storage.states import Answer, IcpFit

L = TypeVar("L", bound=str | None)
NOTHING_SAID = Said()
ANSWERED = {Answer.YES: Avoidable.YES, Answer.NO: Avoidable.NO}
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
    open at least two weeks before. `said` are the answers of the interview about this departure. `plan` and `place`
    are those of what it left with, `began` the first day of the stay that ended.
    """

    account_id: str
    name: str
    owner_email: str | None
    day: date
    lost: Decimal
    reason: str | None
    told: Told
    early: bool
    said: Said = NOTHING_SAID
    plan: str = ""
    place: str = ""
    began: date | None = None
    icp: IcpFit = IcpFit.UNKNOWN


@dataclass(frozen=True, slots=True)
class Tally:
    """Some exits, counted and summed."""

    count: int
    lost: Decimal


@dataclass(frozen=True, slots=True)
class Exits:
    """Those of a period, the largest loss first; `kept` is the filter they were kept to, `reasons` the team's.

    `names` are the competitors and features by id that interviews name. `icp_set` says whether the team has said what
    a good customer is. Customers who only ever paid in an `unrated` currency, without an exchange rate, are left out.
    """

    span: Span
    base: str
    kept: Filter
    exits: tuple[Exit, ...]
    unrated: frozenset[str]
    reasons: Reasons = field(default_factory=lambda: REASONS)
    names: Mapping[str, str] = field(default_factory=dict)
    icp_set: bool = False

    def avoidable(self, one: Exit) -> Avoidable:
        """Whether this customer could be kept: as the interview says, else by the reason."""
        if one.said.avoidable in ANSWERED:
            return ANSWERED[one.said.avoidable]
        return self.could_keep(one.reason)

    def could_keep(self, reason: str | None) -> Avoidable:
        """Whether a customer who leaves for this reason could be kept."""
        known = self.reasons.get(reason or "")
        return known.avoidable if known else Avoidable.UNSET

    def nature(self, one: Exit) -> Nature:
        """Whether this leaving is natural churn: by what the team found out, else by what was stated."""
        known = self.reasons.get(one.said.root_cause or one.reason or "")
        return known.nature if known else Nature.NONE

    def tally(self, which: Iterable[Exit] | None = None) -> Tally:
        found = self.exits if which is None else list(which)
        return Tally(len(found), sum((one.lost for one in found), Decimal(0)))

    @property
    def by_reason(self) -> list[tuple[str | None, Tally]]:
        """Each reason with its tally, the most MRR lost first; None is what nobody knows."""
        return self.by(lambda one: one.reason)

    @property
    def features(self) -> list[tuple[str, list[Exit]]]:
        """Each feature that an interview names, by id, with those that missed it, the most MRR lost first."""
        named = dict.fromkeys(tag for one in self.exits for tag in one.said.tags)
        groups = [(tag, [one for one in self.exits if tag in one.said.tags]) for tag in named]
        return sorted(groups, key=lambda group: (-self.tally(group[1]).lost, group[0]))

    def name_of(self, id_: str) -> str:
        """The name of a feature or a competitor."""
        return self.names.get(id_, id_)

    def by(self, label: Callable[[Exit], L]) -> list[tuple[L, Tally]]:
        """Each label with its tally, the most MRR lost first."""
        groups: defaultdict[L, list[Exit]] = defaultdict(list)
        for one in self.exits:
            groups[label(one)].append(one)
        tallies = [(name, self.tally(same)) for name, same in groups.items()]
        return sorted(tallies, key=lambda found: (-found[1].lost, -found[1].count, str(found[0] or "")))


def exits(session: Session, span: Span, where: str, grounds: Grounds, *, within: Filter = ()) -> Exits:
    """The exits of a period, of all customers or of those a filter names, kept `within` another one.

    Raises FilterError for a filter that is none.

    They are the churned customers of the catalogue, netted alike, and their sum is its churned MRR; but a policy that
    counts one of several subscriptions as churned has that beside them, as its customer did not leave.
    """
    rates = Rates(grounds.base, exchange_rates(session, grounds.base))
    wanted = segments.parsed(session, where, within)
    part, kept = segments.sliced(session, segments.moment(session, rates, span.window.end), "", wanted)
    asked = Asked(session, (span.window,), grounds, part.once(session))
    found = _exits(asked, leavers(asked, span.window))
    own = reasons.as_set(exit_reasons.in_force(session))
    named = exit_names.named_in(session, [one.said for one in found])
    missing = asked.unrated | asked.left_out
    return Exits(span, grounds.base, kept, tuple(found), missing, own, named, bool(icp.in_force(session)))


def _exits(asked: Asked, left: Sequence[Leaver]) -> list[Exit]:
    session, grounds = asked.session, asked.grounds
    ids = sorted(one.account_id for one in left)
    interviews = _interviews(session, left)
    names, told, stood = called.names(session, ids), _reasons(session, ids, interviews), alerts.times(session, ids)
    began, fits = leaving.began(session, ids), icp_fits.every(session)
    window = asked.windows[0]
    plans, places = plans_and_places(session, segments.moment(session, asked.rates, window.end))
    apart = told_apart(session, window, ids, plans, places)
    found = []
    for one in left:
        name, owner = names[one.account_id]
        reason, source = told.get(one.account_id, (None, Told.NOBODY))
        then = start_of_day(one.day, grounds.zone) - EARLY
        alerted = stood.get(one.account_id, ())
        early = any(opened <= then and (closed is None or closed > then) for opened, closed in alerted)
        interview = interviews.get(one.account_id)
        fit = fits.get(one.account_id, icp_fits.NOT_JUDGED).fit
        found.append(
            Exit(
                *(one.account_id, name, owner, one.day, one.lost, reason, source, early),
                said=interview.said if interview else NOTHING_SAID,
                plan=apart[one.account_id].plan,
                place=apart[one.account_id].place,
                began=began.get((one.account_id, one.day)),
                icp=fit,
            )
        )
    return sorted(found, key=lambda one: (-one.lost, one.account_id))


def _interviews(session: Session, left: Sequence[Leaver]) -> dict[str, Interview]:
    """By account: the interview about this leaving, where there is one."""
    found = exit_interviews.of_accounts(session, [one.account_id for one in left])
    about = {one.account_id: exit_interviews.about(found.get(one.account_id, ()), one.day) for one in left}
    return {account_id: interview for account_id, interview in about.items() if interview}


def _reasons(
    session: Session, ids: Sequence[str], interviews: Mapping[str, Interview]
) -> Mapping[str, tuple[str, Told]]:
    """By account: what the interview about this leaving says, else what billing heard, else nothing.

    Where an interview has only what the team made of it, that is the reason.
    """
    found: dict[str, tuple[str, Told]] = {}
    for account_id, word, kind in leaving.heard(session, ids):
        known = reasons.told_by_billing(word, kind)
        said = known.id if known else word
        if said:
            found[account_id] = said, Told.BILLING
    for account_id, interview in interviews.items():
        if told := interview.said.reason or interview.said.root_cause:
            found[account_id] = told, Told.INTERVIEW
    return found
