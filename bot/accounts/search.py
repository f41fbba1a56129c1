"""From what a person typed to the account that is meant, or to those that may be.

First what names an account: an id, an e-mail, a domain, a name or a part of one; then names that are only alike. An
address, a domain or an id that no account has gives at most a choice: a card would show another customer than the
one that was asked for.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from bot.accounts.folding import form_of, label_of, unglued, words_of
from bot.accounts.index import Fit, Index
from bot.accounts.names import Names
from bot.accounts.query import Query, parse
from bot.money import to_major
from storage import ledger
from storage.accounts import search
from storage.accounts.names import every
from storage.accounts.search import Named
from storage.engine import Database
from storage.fact_store import folded
from storage.owners import looked_after_by

CANDIDATES = 50
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
    given, names are looked for among their accounts: of all that fit a word, theirs might not be among the best.
    """
    query = parse(typed)
    if not query.text and not query.ids:
        return Found(query.shown, None, (), 0)
    index = await names.refreshed(database)
    return await database.read(_found, index, query, email, owners)


def _found(
    session: Session, index: Index, query: Query, email: str | None, owners: Collection[str] | None = None
) -> Found:
    among = None if owners is None else looked_after_by(session, owners)
    return _Search(session, index, query, among).found(email)


def look_up(session: Session, typed: str) -> Found:
    """The same for a process that asks only once."""
    query = parse(typed)
    if known := search.with_ids(session, query.ids):
        return _Search(session, Index(), query).those({known[0].id: Fit.EXACT}, 1)
    return _Search(session, Index(every(session)), query).found()


@dataclass(frozen=True, slots=True)
class _Search:
    """One look-up; `among` are the ids of the accounts that are looked at where these are not all."""

    session: Session
    index: Index
    query: Query
    among: Collection[str] | None = None

    def found(self, email: str | None = None) -> Found:
        query = self.query
        if query.person and (found := self._of_person(query.person, (email or "").casefold())):
            return found
        if known := search.with_ids(self.session, query.ids):
            return self.those({known[0].id: Fit.EXACT}, 1)
        hits = self.index.find(query.name, CANDIDATES, self.among)
        fits, total = hits.fits, hits.total
        unknown = Fit.EXACT not in fits.values()
        if unknown and query.numbered and (owners := search.owners_of(self.session, query.ids)):
            return self.those(dict.fromkeys(owners, Fit.EXACT), len(owners))
        found = self._exactly(fits, total) if query.exacting else self.those(fits, total)
        return found if found.matches else self._alike()

    def those(self, fits: Mapping[str, Fit], total: int) -> Found:
        """The accounts that fit, the best first, and the one of them that is meant where that is clear."""
        query = self.query
        matches = sorted(matches_of(self.session, list(fits)), key=lambda match: _rank(match, fits[match.id], query))
        best = [match for match in matches if fits[match.id] is Fit.EXACT]
        best = best or [match for match in matches if fits[match.id] is Fit.ALMOST]
        one = best[0] if len(best) == 1 else matches[0] if total == 1 and matches else None
        if one and fits[one.id] is Fit.EXACT and form_of(words_of(query.name)):  # no other one is meant
            matches = [match for match in matches if fits[match.id] <= Fit.ALMOST]
            total = len(matches)
        return Found(query.shown, one, matches, total, near=one is not None and _is_other_company(query, one))

    def _of_person(self, person: str, address: str) -> Found | None:
        """The account whose address a mentioned person has, else those they look after, else of their company."""
        fits = self.index.find(address, CANDIDATES, self.among).fits if address else {}
        if meant := {id_: fit for id_, fit in fits.items() if fit is Fit.EXACT}:
            return self.those(meant, len(meant))
        owned, total = search.of_owner(self.session, person, address, CANDIDATES)
        if owned:
            return self.those(dict.fromkeys(owned, Fit.WORD_BEGINS), total)
        colleagues = self._colleagues(address.rpartition("@")[2]) if address else None
        return colleagues if colleagues and colleagues.matches else None

    def _exactly(self, fits: Mapping[str, Fit], total: int) -> Found:
        """The candidates that the typed address, domain or id names; where none is named, those to choose from."""
        query = self.query
        known = {named.id: named for named in search.with_ids(self.session, list(fits))}
        meant = {id_: fit for id_, fit in fits.items() if id_ in known and _names(query, known[id_])}
        if meant:
            return self.those(meant, total if len(meant) == len(fits) else len(meant))
        if not fits and query.domain and query.domain != query.text:
            return self._colleagues(query.domain)
        return replace(self.those(fits, total), one=None, near=True)

    def _colleagues(self, domain: str) -> Found:
        """Accounts that share the domain of an unknown address."""
        ids = self.index.colleagues(domain, self.among)
        return replace(self.those(dict.fromkeys(ids, Fit.INSIDE), len(ids)), one=None, near=True)

    def _alike(self) -> Found:
        query = self.query
        name = label_of(query.domain) if query.domain else query.name
        if found := self._with_form(unglued("".join(words_of(name)))):
            return found
        scores = dict(self.index.alike(name, CANDIDATES, self.among))
        matches = matches_of(self.session, list(scores))
        one = None if query.exacting else _clear(matches, scores)
        return Found(query.shown, one, matches, len(matches), near=True)

    def _with_form(self, parts: Sequence[str]) -> Found | None:
        """The accounts that are called so but for the space before their legal form."""
        fits = self.index.find(" ".join(parts), CANDIDATES, self.among).fits if parts else {}
        named = {id_: fit for id_, fit in fits.items() if fit <= Fit.ALMOST}
        if not named:
            return None
        found = replace(self.those(named, len(named)), near=True)
        return replace(found, one=None) if self.query.exacting else found


def _names(query: Query, named: Named) -> bool:
    """Whether what was typed is an account's id, address or domain, or stands whole in its name."""
    email = folded(named.email or "")
    if query.text in (folded(named.id), email):
        return True
    if query.domain == query.text and f".{email.rpartition('@')[2]}".endswith(f".{query.domain}"):
        return True
    return re.search(rf"(?<![\w.-]){re.escape(query.text)}(?![\w.-])", folded(named.name)) is not None


def _clear(matches: Sequence[Match], scores: Mapping[str, float]) -> Match | None:
    """The first of them when no other comes close."""
    if not matches or scores[matches[0].id] < STRONG:
        return None
    lead = scores[matches[0].id] - (scores[matches[1].id] if len(matches) > 1 else 0)
    return matches[0] if lead >= CLEAR_LEAD else None


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
