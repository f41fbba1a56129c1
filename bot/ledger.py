"""Making the ledger from the facts: all of it, or that of a few accounts, to the same cents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from bot.metrics.billed import Known
from bot.metrics.history import Evidence, steps
from bot.metrics.movements import Stepped, movements
from bot.metrics.policy import KAHVI, MetricsPolicy
from bot.metrics.rates import Rates
from bot.metrics.together import together
from storage import fact_reader, fate_reader, ledger
from storage.fact_reader import AccountHistory
from storage.facts import InvoiceLine
from storage.fates import Fate
from storage.movements import Movement

log = structlog.get_logger()

LARGEST = 2**62  # minor units; what a column holds


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """By what the ledger is made: the policy, the zone whose days it counts, the currency it reports in."""

    zone: ZoneInfo
    base: str
    policy: MetricsPolicy = KAHVI

    @property
    def key(self) -> str:
        """The rules as text: a ledger made by others must be made anew."""
        return f"{self.policy.ledger_key} {self.zone.key} {self.base}"


class LedgerMaker:
    """Makes movements of what is stored, and writes none; prices and rates are read once."""

    def __init__(self, session: Session, rules: LedgerRules, now: datetime) -> None:
        self._known = Known(fact_reader.prices(session), rules.policy, rules.zone, now)
        self._rates = Rates(rules.base, fact_reader.exchange_rates(session, rules.base))
        self._fates: Mapping[str, Fate] = {}
        self._others: Mapping[str, Sequence[InvoiceLine]] = {}

    def movements_of(self, session: Session, account_ids: Sequence[str]) -> tuple[list[str], list[Movement]]:
        """The accounts that could be made anew, and their movements.

        One whose facts make no sense is left out and logged, so that it keeps what it has and holds up nobody.
        """
        made: list[str] = []
        found: list[Movement] = []
        self._look_up(session, account_ids)
        for history in fact_reader.histories(session, account_ids):
            try:
                found.extend(self.movements(history))
            except Exception:
                log.exception("the ledger of an account could not be made", account=history.account_id)
            else:
                made.append(history.account_id)
        return made, found

    def _look_up(self, session: Session, account_ids: Sequence[str]) -> None:
        """What only some policies ask for."""
        policy = self._known.policy
        self._fates = fate_reader.fates(session, account_ids) if policy.needs_fates else {}
        self._others = fate_reader.other_lines(session, account_ids) if policy.needs_other_lines else {}

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
                        self._fates,
                        self._others.get(subscription.id, ()),
                    ),
                    self._known,
                ),
            )
            for subscription in history.subscriptions
        ]
        policy = self._known.policy
        joint = together(stepped, policy, self._rates, self._known.zone)
        found = movements(history.account_id, joint, self._rates, policy)
        if any(abs(movement.amount) > LARGEST for movement in found):
            raise OverflowError("an amount is too large to be true")
        return found


def update(session: Session, account_ids: Iterable[str], rules: LedgerRules, now: datetime) -> None:
    """Make the ledger of these accounts anew, in the transaction that changed their facts."""
    ids = sorted(account_ids)
    if ids:
        ledger.replace(session, *LedgerMaker(session, rules, now).movements_of(session, ids))
