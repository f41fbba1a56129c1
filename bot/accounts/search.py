"""From what a person typed to the account that is meant, or to those that may be.

First what the database finds by index or text (id, e-mail, domain, beginning or part of the name), then names that
are only alike. An address, a domain or an id that no account has gives at most a choice: a card would show another
customer than the one that was asked for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from bot.accounts.names import Names
from bot.accounts.query import Query, parse
from bot.money import to_major
from storage import ledger
from storage.accounts import search
from storage.accounts.search import Fit, Named
from storage.engine import Database
from storage.fact_store import folded

CANDIDATES = 50
COLLEAGUES = 5
ALIKE = 60.0  # below this a name is no useful suggestion
SAME = 99.5  # the same but for spaces and punctuation
STRONG = 85.0  # one misspelt letter in a short name
CLEAR_LEAD = 6.0


@dataclass(frozen=True, slots=True)
class Match:
    """An account that may be meant; `mrr` is minor units by currency."""

    id: str
    name: str
    email: str | None
    deleted: bool
    mrr: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of a look-up: `one` when it is clear which account is meant, else the `matches` to choose from.

    `total` counts all that match; `near` says that nothing matches as typed and these are only alike.
    """

    typed: str
    one: Match | None
    matches: Sequence[Match]
    total: int
    near: bool = False


async def find(database: Database, names: Names, typed: str) -> Found:
    """The account that is meant, or the candidates, best first."""
    query = parse(typed)
    if not query.text and not query.ids:
        return Found(query.shown, None, (), 0)
    found = await database.read(stored_like, query)
    if found.total:
        return found
    alike = await names.like(database, _words_of(query), CANDIDATES)
    return await database.read(_near, query, [(id_, score) for id_, score in alike if score >= ALIKE])


def stored_like(session: Session, query: Query) -> Found:
    """What the database itself finds for a query."""
    known = search.with_ids(session, query.ids)
    if known:
        return _found(session, query, known[:1], 1)
    candidates, total = search.containing(session, query.text, CANDIDATES) if query.text else ([], 0)
    exact = any(named.fit is Fit.EXACT for named in candidates)
    if not exact and query.numbered and (owners := search.owners_of(session, query.ids)):
        return _found(session, query, owners, len(owners))
    if query.exacting:
        return _exactly(session, query, candidates, total)
    return _found(session, query, candidates, total)


def _exactly(session: Session, query: Query, candidates: Sequence[Named], total: int) -> Found:
    """The candidates that the typed address, domain or id names; where none is named, those to choose from."""
    meant = [named for named in candidates if _names(query, named)]
    if meant:
        return _found(session, query, meant, total if len(meant) == len(candidates) else len(meant))
    if not total and query.domain and query.domain != query.text:
        return _colleagues(session, query)
    return replace(_found(session, query, candidates, total), one=None, near=True)


def _names(query: Query, named: Named) -> bool:
    """Whether what was typed is an account's id, address or domain, or stands whole in its name."""
    email = folded(named.email or "")
    if query.text in (folded(named.id), email):
        return True
    if query.domain == query.text and f".{email.rpartition('@')[2]}".endswith(f".{query.domain}"):
        return True
    return re.search(rf"(?<![\w.-]){re.escape(query.text)}(?![\w.-])", folded(named.name)) is not None


def _colleagues(session: Session, query: Query) -> Found:
    """Accounts that share the domain of an unknown address; a domain of many is that of a mail provider."""
    candidates, total = search.containing(session, f"@{query.domain}", CANDIDATES)
    if total > COLLEAGUES:
        candidates, total = [], 0
    return replace(_found(session, query, candidates, total), one=None, near=True)


def _near(session: Session, query: Query, alike: Sequence[tuple[str, float]]) -> Found:
    same = [id_ for id_, score in alike if score >= SAME]
    scores = dict(alike)
    wanted = same or list(scores)
    known = {named.id: named for named in search.with_ids(session, wanted)}
    ordered = [known[id_] for id_ in wanted if id_ in known]
    matches = _matches(session, ordered)
    one = None if query.exacting else _clear(matches, scores)
    return Found(query.shown, one, matches, len(matches), near=query.exacting or not same)


def _clear(matches: Sequence[Match], scores: Mapping[str, float]) -> Match | None:
    """The first of them when no other comes close."""
    if not matches or scores[matches[0].id] < STRONG:
        return None
    lead = scores[matches[0].id] - (scores[matches[1].id] if len(matches) > 1 else 0)
    return matches[0] if lead >= CLEAR_LEAD else None


def _found(session: Session, query: Query, candidates: Sequence[Named], total: int) -> Found:
    fits = {named.id: named.fit for named in candidates}
    matches = sorted(_matches(session, candidates), key=lambda match: _rank(match, fits[match.id]))
    exact = [match for match in matches if fits[match.id] is Fit.EXACT]
    one = exact[0] if len(exact) == 1 else matches[0] if total == 1 else None
    return Found(query.shown, one, matches, total)


def _matches(session: Session, candidates: Sequence[Named]) -> list[Match]:
    levels = ledger.levels(session, [named.id for named in candidates])
    return [
        Match(named.id, named.name, named.email, named.deleted_at is not None, levels.get(named.id, {}))
        for named in candidates
    ]


def _rank(match: Match, fit: Fit) -> tuple[bool, Fit, float, str]:
    """Living accounts first, then the better fit, then the larger; currencies are not weighed against each other."""
    size = sum(to_major(amount, currency) for currency, amount in match.mrr.items())
    return match.deleted, fit, -float(size), match.name


def _words_of(query: Query) -> str:
    """What to compare names with: of a domain only its name."""
    return query.domain.split(".")[0] if query.domain else query.text
