"""Which names of competitors and features are offered for what somebody types, so that each stays once on its list."""

from collections.abc import Iterable, Sequence

from bot.accounts.likeness import ALIKE, likeness
from storage.exit_names import id_of
from storage.fact_store import folded

Named = tuple[str, str]  # id and name
BEGINS, HOLDS = 300.0, 200.0  # above any likeness


def suggested(names: Iterable[Named], typed: str, most: int) -> Sequence[Named]:
    """Names that begin with what was typed, hold it, or are much like it, in this order; all when nothing was typed."""
    wanted = id_of(typed) if typed.strip() else ""
    if not wanted:
        return list(names)[:most]
    words = folded(typed).split()
    scores = ((_score(wanted, words, one), one) for one in names)
    ranked = sorted((-score, one[0], one) for score, one in scores if score >= ALIKE)
    return [one for _, _, one in ranked][:most]


def _score(wanted: str, words: Sequence[str], one: Named) -> float:
    id_, name = one
    if id_.startswith(wanted):
        return BEGINS
    return HOLDS if wanted in id_ else likeness(words, folded(name).split())
