"""Fetches objects of one kind, completes what Stripe sends only in part, and turns them into facts."""

import asyncio
import re
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import structlog

from bot.errors import SourceRefused
from bot.sources.stripe.client import PATIENCE, ExpandRefused, NotFound, Query, StripeClient
from bot.sources.stripe.discounts import Known
from bot.sources.stripe.fields import Unreadable, mapping, reference
from bot.sources.stripe.fields import rows as objects
from bot.sources.stripe.kinds import COUPONS, PENDING, PLANS, PRICES, Kind
from storage.facts import ExchangeRate, Fact
from storage.faults import Held

LIMIT = 100

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rows:
    """One answer of a list; `last` is the id to go on from."""

    data: list[Any]
    more: bool
    last: str | None


@dataclass(frozen=True, slots=True)
class Read:
    """What objects said, each once, and those that mean nothing."""

    facts: list[Fact]
    unread: list[Held]


class Reader:
    """Lists and single objects as facts.

    Keeps coupons and the usage of prices, which other objects only name: they never change in Stripe. `notices`
    says what this server cannot give.
    """

    def __init__(self, client: StripeClient, patience: float = PATIENCE) -> None:
        self.notices: list[str] = []
        self._client = client
        self._patience = patience
        self._known = Known()
        self._without: dict[str, set[str]] = {}
        self._absent: set[str] = set()

    async def rows(self, kind: Kind, query: Query = (), limit: int = LIMIT) -> Rows:
        """A part of a list; empty where the server has no such list and Kahvi can do without."""
        kind = self._of_old(kind) if PRICES.name in self._absent else kind
        if kind.name in self._absent:
            return Rows([], more=False, last=None)
        try:
            asked = [("limit", str(limit)), *kind.filters, *query]
            return _rows(await self._expanded(kind.name, kind, "data.", asked))
        except NotFound:
            if kind.needed:
                raise
            self._absent.add(kind.name)
            if kind is PRICES:
                return await self.rows(kind, query, limit)
            self._notice(f"This server has no {kind.name} (404); they are left out.")
            return Rows([], more=False, last=None)

    def _of_old(self, kind: Kind) -> Kind:
        """What stands for a kind on a server from before prices; it lists only pending items, and knows no filter."""
        if kind is PRICES:
            return PLANS
        return replace(kind, filters=()) if kind is PENDING else kind

    async def one(self, kind: Kind, own: str) -> dict[str, Any]:
        """A single object with its inner list complete; NotFound when it is gone."""
        raw = await self._expanded(f"{kind.name}/{own}", kind, "", ())
        await self._complete(kind, raw)
        return raw

    async def holds(self, kind: Kind, own: str) -> bool:
        """Whether this account has, or had, an object with this id."""
        try:
            await self._get(f"{kind.name}/{own}", ())
        except NotFound:
            return False
        return True

    async def facts(self, kind: Kind, raws: Iterable[Any]) -> Read:
        found = list(raws)
        readable = [raw for raw in found if isinstance(raw, dict)]
        await together([self._complete(kind, raw) for raw in readable if _goes_on(kind, raw)])
        await self._look_up(kind, readable)
        facts: dict[object, Fact] = {}
        unread = [_unread(kind, {}, Unreadable("is no object")) for raw in found if not isinstance(raw, dict)]
        for raw in readable:
            try:
                for fact in kind.parse(raw, self._known):
                    facts.setdefault(_key(fact), fact)
            except Unreadable as why:
                unread.append(_unread(kind, raw, why))
        return Read(list(facts.values()), unread)

    async def _expanded(self, path: str, kind: Kind, prefix: str, query: Query) -> dict[str, Any]:
        """Asks with everything expanded that this server has not refused to expand."""
        wanted = kind.expand if prefix else (*kind.expand, *kind.alone)
        refused = self._without.setdefault(kind.name, set())
        while True:
            asked = [prefix + one for one in wanted if one not in refused]
            try:
                return await self._get(path, [*query, *(("expand[]", one) for one in asked)])
            except ExpandRefused as error:
                if not asked:
                    raise
                dropped = _refused(asked, str(error))
                refused.update(one.removeprefix(prefix) for one in dropped)
                self._notice(f"This server cannot expand {', '.join(dropped)} of {kind.name}; it is left out.")

    async def _get(self, path: str, query: Query) -> dict[str, Any]:
        return await self._client.get(path, query, self._patience)

    def _notice(self, sentence: str) -> None:
        if sentence not in self.notices:
            self.notices.append(sentence)
            log.warning("stripe.notice", notice=sentence)

    async def _complete(self, kind: Kind, raw: dict[str, Any]) -> None:
        """Fetches an inner list that goes on, from its beginning: it need not be ordered as its first part is."""
        if kind.inner is None or not _goes_on(kind, raw):
            return
        inner, own = kind.inner, str(raw["id"])
        path = inner.path.format(id=own)
        query = [("limit", str(LIMIT)), *(("expand[]", one) for one in inner.expand)]
        query += [(inner.owner, own)] if inner.owner else []
        found: list[Any] = list(objects(raw, inner.key))
        rows, last = _rows(await self._get(path, query)), None
        found += rows.data
        while rows.more and rows.last != last:
            last = rows.last
            rows = _rows(await self._get(path, [*query, ("starting_after", str(last))]))
            found += rows.data
        raw[inner.key] = {"data": found}

    async def _look_up(self, kind: Kind, raws: Sequence[dict[str, Any]]) -> None:
        """Fetches the coupons and prices that these objects name and that no list has shown yet."""
        coupons = {one for raw in raws for one in kind.coupons(raw)} - self._known.coupons.keys()
        prices = {one for raw in raws for one in kind.prices(raw)} - self._known.usages.keys()
        await together(
            [self._learn(COUPONS, one) for one in sorted(coupons)]
            + [self._learn(PRICES, one) for one in sorted(prices)]
        )

    async def _learn(self, kind: Kind, own: str) -> None:
        try:
            raw = await self.one(kind, own)
            list(kind.parse(raw, self._known))
        except (NotFound, Unreadable):
            table: dict[str, Any] = self._known.coupons if kind is COUPONS else self._known.usages
            table[own] = None


def _unread(kind: Kind, raw: dict[str, Any], why: Unreadable) -> Held:
    held = Held(kind.one, reference(raw, "id") or "?", why.fault, str(why), reference(raw, "customer"))
    log.warning("stripe.unread", kind=held.kind, id=held.id, detail=held.detail)
    return held


def _goes_on(kind: Kind, raw: dict[str, Any]) -> bool:
    if kind.inner is None or mapping(raw, kind.inner.key).get("has_more") is not True:
        return False
    return reference(raw, "id") is not None


def _rows(body: dict[str, Any]) -> Rows:
    data = body.get("data")
    if not isinstance(data, list):
        raise SourceRefused("The server does not answer like Stripe (no list where one was asked for).")
    last = next((own for raw in reversed(data) if isinstance(raw, dict) and (own := reference(raw, "id"))), None)
    return Rows(data, more=body.get("has_more") is True and last is not None, last=last)


def _refused(asked: Sequence[str], message: str) -> list[str]:
    """Which of these the server refused: those that hold a name it quotes, or else all of them."""
    quoted = re.findall(r"""[('"`]([\w.]+)[)'"`]""", message)
    return [one for one in asked if any(_holds(one, name) for name in quoted)] or list(asked)


def _holds(expand: str, name: str) -> bool:
    return expand == name or f".{name}." in f".{expand}."


def _key(fact: Fact) -> object:
    if isinstance(fact, ExchangeRate):
        return fact.day, fact.currency, fact.base
    return type(fact), fact.id


async def together(calls: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of all calls in order; when one fails, the others are stopped and its error is raised."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
