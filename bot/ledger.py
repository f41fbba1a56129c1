"""Making the ledger from the facts: all of it, or that of a few accounts, to the same cents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from bot.metrics.history import Evidence, breaks, steps
from bot.metrics.known import Known
from bot.metrics.movements import Stepped, movements
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.quarantine import LARGEST, Suspect, faults, left_out, unforeseen
from bot.metrics.rates import Rates
from bot.metrics.together import together
from storage import fact_reader, fate_reader, ledger, quarantine
from storage.fact_reader import AccountHistory
from storage.facts import InvoiceLine, Subscription
from storage.fates import Fate
from storage.faults import ACCOUNT, SUBSCRIPTION, Held
from storage.movements import Movement
from storage.states import Fault

log = structlog.get_logger()

MAKING = 5  # one more whenever the same facts make other movements, so that an upgrade makes the ledger anew


@dataclass(frozen=True, slots=True)
class Made:
    """What the ledger of some accounts holds, and which of their facts it leaves out: stored together."""

    account_ids: Sequence[str]
    rows: Sequence[ledger.Row]
    held: Sequence[Held]

    def store(self, session: Session, now: datetime) -> None:
        ledger.replace(session, self.account_ids, self.rows)
        quarantine.replace(session, self.account_ids, self.held, now)


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """By what the ledger is made: the policy, the zone whose days it counts, the currency it reports in."""

    zone: ZoneInfo
    base: str
    policy: MetricsPolicy = KAHVI

    @property
    def key(self) -> str:
        """The rules as text: a ledger made by others must be made anew."""
        return f"{self.policy.ledger_key} {self.zone.key} {self.base} {MAKING}"


class LedgerMaker:
    """Makes movements of what is stored, and writes none; prices and rates are read once."""

    def __init__(self, session: Session, rules: LedgerRules, now: datetime) -> None:
        self._known = Known(fact_reader.prices(session), rules.policy, rules.zone, now)
        self._rates = Rates(rules.base, fact_reader.exchange_rates(session, rules.base))
        self._unread = quarantine.unread(session)

    def make(self, session: Session, account_ids: Sequence[str]) -> Made:
        """The ledger of these accounts; facts that cannot be valued are held back, and hold up nobody."""
        policy = self._known.policy
        fates = fate_reader.fates(session, account_ids) if policy.needs_fates else {}
        others = fate_reader.other_lines(session, account_ids) if policy.needs_other_lines else {}
        maker = _Maker(self._known, self._rates, self._unread, fates, others)
        for history in fact_reader.histories(session, account_ids):
            maker.add(history)
        return Made(account_ids, ledger.rows(maker.movements), maker.held)

    def make_by(
        self, session: Session, account_ids: Sequence[str], policies: Iterable[MetricsPolicy]
    ) -> Iterator[list[Movement]]:
        """The movements of a few accounts by each of some policies, of one reading of their facts."""
        histories = list(fact_reader.histories(session, account_ids))
        fates, others = fate_reader.fates(session, account_ids), fate_reader.other_lines(session, account_ids)
        for policy in policies:
            known = Known(self._known.prices, policy, self._known.zone, self._known.now)
            asked = (fates if policy.needs_fates else {}, others if policy.needs_other_lines else {})
            maker = _Maker(known, self._rates, self._unread, *asked)
            for history in histories:
                maker.add(history)
            yield maker.movements


class _Maker:
    """Makes the movements of accounts from what was read; `fates` and `others` are what only some policies ask for."""

    def __init__(
        self,
        known: Known,
        rates: Rates,
        unread: frozenset[str],
        fates: Mapping[str, Fate],
        others: Mapping[str, Sequence[InvoiceLine]],
    ) -> None:
        self._known = known
        self._rates = rates
        self._unread = unread
        self._fates = fates
        self._others = others
        self.movements: list[Movement] = []
        self.held: list[Held] = []

    def add(self, history: AccountHistory) -> None:
        sound = [one for one in history.subscriptions if self._is_sound(one, history)]
        stepped = [one for one in (self._stepped(each, history) for each in sound) if one]
        try:
            found = self._movements(history.account_id, stepped)
            large = {one.subscription_id for one in found if abs(one.amount) > LARGEST}
            if large:
                found = self._movements(
                    history.account_id, [one for one in stepped if one.subscription.id not in large]
                )
            self.movements.extend(found)
            self.held.extend(
                Held(SUBSCRIPTION, id_, Fault.TOO_LARGE, "is worth more than all reason", history.account_id)
                for id_ in sorted(large)
            )
        except Exception as error:
            log.exception("the ledger of an account could not be made", account=history.account_id)
            self.held.append(unforeseen(ACCOUNT, history.account_id, history.account_id, error))

    def _is_sound(self, subscription: Subscription, history: AccountHistory) -> bool:
        """Whether a subscription can be valued; what is wrong with it is held."""
        lines = history.lines.get(subscription.id, ())
        found = faults(Suspect(subscription, lines, self._known.prices, self._rates))
        self.held.extend(found)
        return subscription.id not in self._unread and not left_out(found)

    def _stepped(self, subscription: Subscription, history: AccountHistory) -> Stepped | None:
        evidence = Evidence(
            subscription,
            history.discounts,
            history.lines.get(subscription.id, ()),
            history.changed_at.get(subscription.id),
            history.last_failure,
            self._fates,
            self._others.get(subscription.id, ()),
            history.lapses.get(subscription.id, ()),
        )
        try:
            return Stepped(subscription, steps(evidence, self._known), breaks(evidence, self._known))
        except Exception as error:
            log.exception("the past of a subscription could not be told", subscription=subscription.id)
            self.held.append(unforeseen(SUBSCRIPTION, subscription.id, history.account_id, error))
            return None

    def _movements(self, account_id: str, stepped: Sequence[Stepped]) -> list[Movement]:
        policy = self._known.policy
        joint = together(stepped, policy, self._rates, self._known.zone)
        return movements(account_id, joint, self._rates, policy, self._known.prices)


def update(session: Session, account_ids: Iterable[str], rules: LedgerRules, now: datetime) -> None:
    """Make the ledger of these accounts anew, in the transaction that changed their facts."""
    ids = sorted(account_ids)
    if ids:
        LedgerMaker(session, rules, now).make(session, ids).store(session, now)
