"""The planned changes of MRR of all accounts, from what is stored."""

from datetime import datetime

from sqlmodel import Session

from bot.ledger import LedgerRules
from bot.metrics.scheduled import Plans, Scheduled, begun_by, scheduled
from storage import fact_reader, schedules


def scheduled_changes(session: Session, rules: LedgerRules, now: datetime) -> list[Scheduled]:
    """What is planned for after `now`, in order of day, account and subscription."""
    by_subscription = {one.subscription_id: one for one in schedules.live_schedules(session) if one.subscription_id}
    ending = schedules.subscriptions_that_end(session, now)
    found = fact_reader.subscriptions_by_id(session, sorted({*by_subscription, *ending}))
    known = [subscription for subscription, _ in found.values()]
    for one in schedules.live_schedules(session):
        if one.subscription_id is None and one.currency and one.phases:
            known.append(begun_by(one, one.currency))
            by_subscription[one.id] = one
    owners = fact_reader.accounts(session, sorted({subscription.account_id for subscription in known}))
    discounts = {account_id: account.discounts for account_id, account in owners.items()}
    plans = Plans(fact_reader.prices(session), discounts, rules.policy, rules.zone, now)
    changes = [one for own in known for one in scheduled(own, by_subscription.get(own.id), plans)]
    return sorted(changes, key=lambda one: (one.day, one.account_id, one.subscription_id))
