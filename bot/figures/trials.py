"""Loading how trials went, and what those that run would be worth."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from bot.figures.asked import Asked
from bot.figures.loaders import Key, loads
from bot.metrics import mrr
from bot.metrics.trial import Trials, TrialWorth
from storage import fact_reader, flows, trials

ZERO = Decimal(0)
YESTERDAY = timedelta(days=1)


@loads(Trials)
def _trials(asked: Asked) -> dict[Key, Trials]:
    """Who is in a currency without a rate is left out, as in every figure."""
    known = flows.known(asked.session)
    found = [one for one in trials.trials(asked.session, asked.part) if one.currency in asked.rates]
    counted: dict[Key, Trials] = {(None, at): Trials(known=known) for at, _ in enumerate(asked.windows)}
    for at, window in enumerate(asked.windows):
        start, end = asked.instant(window.start), asked.instant(window.end)

        def inside(instant: datetime | None, start: datetime = start, end: datetime = end) -> bool:
            return instant is not None and start <= instant < end

        started = Counter(one.label for one in found if inside(one.start))
        ended = Counter(one.label for one in found if inside(one.end))
        converted = Counter(one.label for one in found if inside(one.paid_at))
        for label in started | ended | converted:
            counted[label, at] = Trials(started[label], ended[label], converted[label], known)
    return counted


@loads(TrialWorth)
def _trial_worth(asked: Asked) -> dict[Key, TrialWorth]:
    running = [trials.running(asked.session, asked.instant(window.end), asked.part) for window in asked.windows]
    subscriptions, owners = ({one[place] for each in running for one in each} for place in (1, 3))
    stored = fact_reader.subscriptions_by_id(asked.session, sorted(subscriptions))
    accounts = fact_reader.accounts(asked.session, sorted(owners))
    prices = fact_reader.prices(asked.session)
    found: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for at, (window, each) in enumerate(zip(asked.windows, running, strict=True)):
        for label, subscription_id, item_id, account_id in each:
            subscription, _ = stored[subscription_id]
            discounts = accounts[account_id].discounts if account_id in accounts else ()
            after = subscription.trial_end or asked.instant(window.end)
            level = mrr.levels(subscription, discounts, prices, asked.grounds.policy, after).get(item_id)
            if level is not None:
                worth = asked.worth(level.amount, subscription.currency, window.end - YESTERDAY)
                found[label, at] += worth or ZERO
    return {key: TrialWorth(amount) for key, amount in found.items()}
