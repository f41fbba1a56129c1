"""Which choices of the policy had a part in what accounts moved: by another choice they would have moved otherwise."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from bot.figures.asked import Asked
from bot.figures.groups import by_rows
from bot.ledger import LedgerMaker, LedgerRules
from bot.metrics.policy import AXES, Axis, MetricsPolicy

MOST = 20  # accounts whose ledgers are made anew, once for each other choice
NETTING = ("fx_drift", "same_window_new_churn", "one_of_many_cancelled")  # of what a window's rows come to


def decisive(asked: Asked, account_ids: Sequence[str], *, since: date | None, of_money: bool) -> set[str]:
    """The names of those axes, for what accounts moved in the first window: since a day of it, or ever.

    Where a figure is not `of_money` they only are what decides who came, stayed and left. Of many accounts the first
    ones are looked at.
    """
    meant = account_ids[:MOST]
    return _of_ledger(asked, meant, since, of_money=of_money) | _of_netting(asked, meant, of_money=of_money)


def _of_ledger(asked: Asked, account_ids: Sequence[str], since: date | None, *, of_money: bool) -> set[str]:
    if not account_ids:
        return set()
    grounds, until = asked.grounds, asked.windows[0].end
    now = asked.read_at or asked.instant(until)
    maker = LedgerMaker(asked.session, LedgerRules(grounds.zone, grounds.base, grounds.policy), now)
    axes = [axis for axis in AXES.values() if axis.ledger]
    names, policies = zip(("", grounds.policy), *_otherwise(grounds.policy, axes), strict=True)
    in_force, *others = (
        {
            one if of_money else (one.account_id, one.day, one.kind)
            for one in made
            if one.day < until and (since is None or one.day >= since) and (of_money or one.accounts)
        }
        for made in maker.make_by(asked.session, account_ids, policies)
    )
    return {name for name, other in zip(names[1:], others, strict=True) if other != in_force}


def _of_netting(asked: Asked, account_ids: Sequence[str], *, of_money: bool) -> set[str]:
    def netted(policy: MetricsPolicy) -> list[object]:
        flows = by_rows(asked.by(policy), asked.windows[0], account_ids)
        return [(account_id, flow if of_money else flow.accounts) for account_id, flow in flows]

    in_force = netted(asked.grounds.policy)
    axes = [AXES[name] for name in NETTING]
    return {name for name, policy in _otherwise(asked.grounds.policy, axes) if netted(policy) != in_force}


def _otherwise(policy: MetricsPolicy, axes: Iterable[Axis]) -> Iterator[tuple[str, MetricsPolicy]]:
    """The name of each axis with the policy of each other choice."""
    for axis in axes:
        for value in axis.kind.samples:
            if value != axis.value(policy):
                yield axis.name, replace(policy, **{axis.name: value})
