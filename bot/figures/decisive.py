"""Which choices of the policy had a part in what accounts moved: by another choice they would have moved otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from bot.figures.asked import Asked
from bot.ledger import LedgerMaker, LedgerRules
from bot.metrics.policy import AXES, MetricsPolicy

MOST = 20  # accounts whose ledgers are made anew, once for each other choice


def decisive(asked: Asked, account_ids: Sequence[str], *, since: date | None, of_money: bool) -> set[str]:
    """The names of those axes of the ledger, for what accounts moved in the first window: since a day of it, or ever.

    Where a figure is not `of_money` they only are what decides who came, stayed and left. Of many accounts the first
    ones are looked at.
    """
    if not account_ids:
        return set()
    grounds, until = asked.grounds, asked.windows[0].end
    now = asked.read_at or asked.instant(until)
    maker = LedgerMaker(asked.session, LedgerRules(grounds.zone, grounds.base, grounds.policy), now)
    names, policies = zip(("", grounds.policy), *_otherwise(grounds.policy), strict=True)
    in_force, *others = (
        {
            one if of_money else (one.account_id, one.day, one.kind)
            for one in made
            if one.day < until and (since is None or one.day >= since) and (of_money or one.accounts)
        }
        for made in maker.make_by(asked.session, account_ids[:MOST], policies)
    )
    return {name for name, other in zip(names[1:], others, strict=True) if other != in_force}


def _otherwise(policy: MetricsPolicy) -> Iterator[tuple[str, MetricsPolicy]]:
    """The name of each axis that movements depend on, with the policy of each other choice."""
    for axis in AXES.values():
        if axis.ledger:
            for value in axis.kind.samples:
                if value != axis.value(policy):
                    yield axis.name, replace(policy, **{axis.name: value})
