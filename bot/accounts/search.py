"""From what a person typed to the account that is meant, or to those that may be.

First what names an account: an id, an e-mail, a domain, a name or a part of one; then names that are only alike. An
address, a domain or an id that no account has gives at most a choice: a card would show another customer than the
one that was asked for.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlmodel import Session

from bot.accounts.folding import form_of, label_of, unglued, words_of
from bot.accounts.index import COLLEAGUES, Fit, Index
from bot.accounts.names import Names
from bot.accounts.query import Query, parse
from bot.money import to_major
from storage import ledger
from storage.accounts import search
from storage.accounts.names import every, looked_after_by
from storage.accounts.search import Named
from storage.engine import Database
from storage.fact_store import folded

CANDIDATES, MANY = 50, 1000
STRONG = 80.0  # one slip in a name of four letters
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

    @property
    def sure(self) -> Match | None:
        """The one that was named as it is called, for what is not to be done to one that is only alike."""
        return None if self.near else self.one


async def find(
    database: Database, names: Names, typed: str, email: str | None = None, owners: Collection[str] | None = None
) -> Found:
    """The account that is meant, or the candidates, best first.

    `email` is the address of the person who is mentioned, where somebody is and Slack tells it. Where `owners` are
    given, names are looked for among their accounts: of all that fit a word, theirs might not be among the best. When
    they have so many that an index of these would take long, more candidates are looked at instead.
    """
    query = parse(typed)
    if not query.text and not query.ids:
        return Found(query.shown, None, (), 0)
    if owners is not None and (found := await database.read(_found_among, owners, query, email)):
        return found
    index = await names.refreshed(database)
    return await database.read(_found_by, index, query, email, CANDIDATES if owners is None else MANY)


def _found_among(session: Session, owners: Collection[str], query: Query, email: str | None) -> Found | None:
    """What is found among the accounts of some people, None where they have too many for an index of their own."""
    theirs = list(islice(looked_after_by(session, owners), MANY + 1))
    return _found_by(session, Index(theirs), query, email) if len(theirs) <= MANY else None


def look_up(session: Session, typed: str) -> Found:
    """The same for a process that asks only once."""
    query = parse(typed)
    if known := search.with_ids(session, query.ids):
        return _found(session, query, {known[0].id: Fit.EXACT}, 1)
    return _found_by(session, Index(every(session)), query)


def _found_by(session: Session, index: Index, query: Query, email: str | None = None, most: int = CANDIDATES) -> Found:
    if query.person and (found := _of_person(session, index, query, email)):
        return found
    if known := search.with_ids(session, query.ids):
        return _found(session, query, {known[0].id: Fit.EXACT}, 1)
    hits = index.find(query.name, most)
    fits, total = hits.fits, hits.total
    if Fit.EXACT not in fits.values() and query.numbered and (owners := search.owners_of(session, query.ids)):
        return _found(session, query, dict.fromkeys(owners, Fit.EXACT), len(owners))
    found = _exactly(session, index, query, fits, total) if query.exacting else _found(session, query, fits, total)
    return found if found.matches else _alike(session, index, query)


def _of_person(session: Session, index: Index, query: Query, email: str | None) -> Found | None:
    """The account whose address a mentioned person has, else those that they look after, else of their company."""
    address = (email or "").casefold()
    if address and Fit.EXACT in (fits := index.find(address, CANDIDATES).fits).values():
        meant = {id_: fit for id_, fit in fits.items() if fit is Fit.EXACT}
        return _found(session, query, meant, len(meant))
    owned, total = search.of_owner(session, query.person or "", address, CANDIDATES)
    if owned:
        return _found(session, query, dict.fromkeys(owned, Fit.WORD_BEGINS), total)
    colleagues = _colleagues(session, index, replace(query, domain=address.rpartition("@")[2])) if address else None
    return colleagues if colleagues and colleagues.matches else None


def _exactly(session: Session, index: Index, query: Query, fits: Mapping[str, Fit], total: int) -> Found:
    """The candidates that the typed address, domain or id names; where none is named, those to choose from."""
    known = {named.id: named for named in search.with_ids(session, list(fits))}
    meant = {id_: fit for id_, fit in fits.items() if id_ in known and _names(query, known[id_])}
    if meant:
        return _found(session, query, meant, total if len(meant) == len(fits) else len(meant))
    if not fits and query.domain and query.domain != query.text:
        return _colleagues(session, index, query)
    return replace(_found(session, query, fits, total), one=None, near=True)


def _names(query: Query, named: Named) -> bool:
    """Whether what was typed is an account's id, address or domain, or stands whole in its name."""
    email = folded(named.email or "")
    if query.text in (folded(named.id), email):
        return True
    if query.domain == query.text and f".{email.rpartition('@')[2]}".endswith(f".{query.domain}"):
        return True
    return re.search(rf"(?<![\w.-]){re.escape(query.text)}(?![\w.-])", folded(named.name)) is not None


def _colleagues(session: Session, index: Index, query: Query) -> Found:
    """Accounts that share the domain of an unknown address; a domain of many is that of a mail provider."""
    ids, total = index.of_domain(query.domain or "", COLLEAGUES)
    if total > COLLEAGUES:
        ids, total = [], 0
    return replace(_found(session, query, dict.fromkeys(ids, Fit.INSIDE), total), one=None, near=True)


def _alike(session: Session, index: Index, query: Query) -> Found:
    name = label_of(query.domain) if query.domain else query.name
    if found := _with_form(session, index, query, unglued("".join(words_of(name)))):
        return found
    scores = dict(index.alike(name, CANDIDATES))
    matches = matches_of(session, list(scores))
    one = None if query.exacting else _clear(matches, scores)
    return Found(query.shown, one, matches, len(matches), near=True)


def _with_form(session: Session, index: Index, query: Query, parts: Sequence[str]) -> Found | None:
    """The accounts that are called so but for the space before their legal form."""
    fits = index.find(" ".join(parts), CANDIDATES).fits if parts else {}
    named = {id_: fit for id_, fit in fits.items() if fit <= Fit.ALMOST}
    if not named:
        return None
    found = replace(_found(session, query, named, len(named)), near=True)
    return replace(found, one=None) if query.exacting else found


def _clear(matches: Sequence[Match], scores: Mapping[str, float]) -> Match | None:
    """The first of them when no other comes close."""
    if not matches or scores[matches[0].id] < STRONG:
        return None
    lead = scores[matches[0].id] - (scores[matches[1].id] if len(matches) > 1 else 0)
    return matches[0] if lead >= CLEAR_LEAD else None


def _found(session: Session, query: Query, fits: Mapping[str, Fit], total: int) -> Found:
    matches = sorted(matches_of(session, list(fits)), key=lambda match: _rank(match, fits[match.id], query))
    best = [match for match in matches if fits[match.id] is Fit.EXACT]
    best = best or [match for match in matches if fits[match.id] is Fit.ALMOST]
    one = best[0] if len(best) == 1 else matches[0] if total == 1 and matches else None
    if one and fits[one.id] is Fit.EXACT and form_of(words_of(query.name)):  # no other one is meant
        matches = [match for match in matches if fits[match.id] <= Fit.ALMOST]
        total = len(matches)
    return Found(query.shown, one, matches, total, near=one is not None and _is_other_company(query, one))


def _is_other_company(query: Query, match: Match) -> bool:
    """Whether a legal form was typed, and the account has another one."""
    typed, named = form_of(words_of(query.name)), form_of(words_of(match.name))
    return bool(typed and named) and typed != named


def matches_of(session: Session, ids: Sequence[str]) -> list[Match]:
    """The accounts in this order, without those that are gone by now."""
    known = {named.id: named for named in search.with_ids(session, ids)}
    levels = ledger.levels(session, list(known))
    return [
        Match(named.id, named.name, named.email, named.deleted_at is not None, levels.get(named.id, {}))
        for named in (known[id_] for id_ in ids if id_ in known)
    ]


def _rank(match: Match, fit: Fit, query: Query) -> tuple[bool, Fit, bool, float, str, str]:
    """Living accounts first, then the better fit, then names in the script that was typed, then the larger.

    Currencies are not weighed against each other.
    """
    size = sum(to_major(amount, currency) for currency, amount in match.mrr.items())
    return match.deleted, fit, query.text not in folded(match.name), -float(size), match.name, match.id
