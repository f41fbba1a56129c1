"""Making the ledger from the facts: all of it, or that of a few accounts, to the same cents."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.metrics.billed import Known
from bot.metrics.history import Evidence, steps
from bot.metrics.movements import Stepped, movements
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.rates import Rates
from storage import fact_reader, ledger
from storage.fact_reader import AccountHistory
from storage.movements import Movement

BATCH = 20_000  # movements written at a time


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """By what the ledger is made: the policy, the zone whose days it counts, the currency it reports in."""

    zone: ZoneInfo
    base: str
    policy: MetricsPolicy = KAHVI

    @property
    def key(self) -> str:
        """The rules as text: a ledger made by others must be made anew."""
        return f"{self.policy} {self.zone.key} {self.base}"


class LedgerMaker:
    """Makes movements of what is stored, and writes none; prices and rates are read once."""

    def __init__(self, session: Session, rules: LedgerRules, now: datetime) -> None:
        self._known = Known(fact_reader.prices(session), rules.policy, rules.zone, now)
        self._rates = Rates(rules.base, fact_reader.exchange_rates(session, rules.base))

    def movements_of(self, session: Session, account_ids: Sequence[str]) -> list[Movement]:
        """The movements of these accounts."""
        return [one for history in fact_reader.histories(session, account_ids) for one in self.movements(history)]

    def movements(self, history: AccountHistory) -> list[Movement]:
        stepped = [
            Stepped(
                subscription,
                steps(
                    Evidence(
                        subscription,
                        history.discounts,
                        history.lines.get(subscription.id, ()),
                        history.changed_at.get(subscription.id),
                        history.last_failure,
                    ),
                    self._known,
                ),
            )
            for subscription in history.subscriptions
        ]
        return movements(history.account_id, stepped, self._rates)


def rebuild(
    session: Session, rules: LedgerRules, now: datetime, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Make the whole ledger anew; readers see the old one until this transaction ends.

    `progress` is told the number of accounts done.
    """
    maker = LedgerMaker(session, rules, now)
    ledger.clear(session)
    pending: list[Movement] = []
    for done, history in enumerate(fact_reader.histories(session), start=1):
        pending.extend(maker.movements(history))
        if len(pending) >= BATCH:
            ledger.append(session, pending)
            pending = []
            progress(done)
    ledger.append(session, pending)


def update(session: Session, account_ids: Iterable[str], rules: LedgerRules, now: datetime) -> None:
    """Make the ledger of these accounts anew, in the transaction that changed their facts."""
    ids = sorted(account_ids)
    ledger.replace(session, ids, LedgerMaker(session, rules, now).movements_of(session, ids))
