"""Shares accounts without an owner out among people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.owners import Load


class How(StrEnum):
    """Who gets the next account: who has the fewest, who has the least MRR, or each in turn."""

    FEWEST = "fewest"
    LEAST_MRR = "least_mrr"
    IN_TURN = "in_turn"


@dataclass(frozen=True, slots=True)
class Share:
    """What one person would get: ids of accounts, and their MRR in minor units of the base; and have in all `then`."""

    accounts: tuple[str, ...]
    worth: int
    then: Load


def shared_out(
    worth: Mapping[str, int], people: Sequence[str], loads: Mapping[str, Load], how: How
) -> dict[str, Share]:
    """By person what they get of the accounts, whose MRR is told by id; `loads` is what they look after now.

    The largest are given out first; of people who stand alike the first named gets the next.
    """
    given: dict[str, list[str]] = {person: [] for person in people}
    counts = {person: loads[person].accounts if person in loads else 0 for person in people}
    sums = {person: loads[person].worth if person in loads else 0 for person in people}
    for account_id, amount in sorted(worth.items(), key=lambda one: (-one[1], one[0])):
        match how:
            case How.FEWEST:
                chosen = min(given, key=lambda person: (counts[person], sums[person]))
            case How.LEAST_MRR:
                chosen = min(given, key=lambda person: (sums[person], counts[person]))
            case How.IN_TURN:
                chosen = min(given, key=lambda person: len(given[person]))
        given[chosen].append(account_id)
        counts[chosen] += 1
        sums[chosen] += amount
    return {
        person: Share(tuple(ids), sum(worth[one] for one in ids), Load(counts[person], sums[person]))
        for person, ids in given.items()
    }
