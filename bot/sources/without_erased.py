"""A billing source that tells no more of whom Kahvi has erased than figures need.

The billing system may go on telling of them, changed or in a read of everything. Its facts get the pseudonyms under
which the rows stayed, before anything of Kahvi's sees them.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.sources.base import BillingSource, Changes, Check, Page
from storage import facts as f
from storage.engine import Database
from storage.erasure import Traces, erased_row
from storage.faults import Held
from storage.pseudonyms import Erased, erased

TABLES: Mapping[type, str] = {
    f.Account: "accounts",
    f.Subscription: "subscriptions",
    f.Item: "items",
    f.Discount: "discounts",
    f.Schedule: "schedules",
    f.Invoice: "invoices",
    f.InvoiceLine: "invoice_lines",
    f.Payment: "payments",
    f.Refund: "refunds",
    f.Dispute: "disputes",
}
NESTED = ("items", "discounts", "lines")


class WithoutErased:
    """The source with pseudonyms in the place of who was erased; everything else passes as it is."""

    def __init__(self, source: BillingSource, database: Database) -> None:
        self._source = source
        self._database = database
        self.name = source.name
        self.stages = source.stages

    async def walk(self, cursor: str | None) -> AsyncIterator[Page]:
        known = await self._database.read(erased)
        async for page in self._source.walk(cursor):
            yield page if known is None else _page(known, page)

    async def changes(self, cursor: str) -> Changes | None:
        known = await self._database.read(erased)
        found = await self._source.changes(cursor)
        if found is None or known is None:
            return found
        changed_at = {**found.changed_at} | {known.names.of(id_): at for id_, at in found.changed_at.items()}
        facts, unread = veiled(known, found.facts), held(known, found.unread)
        return replace(found, facts=facts, unread=unread, changed_at=changed_at)

    async def confirm(self, cursor: str | None) -> None:
        await self._source.confirm(cursor)

    async def check(self) -> Sequence[Check]:
        return await self._source.check()

    def read_until(self, cursor: str) -> datetime | None:
        return self._source.read_until(cursor)

    def account_url(self, account_id: str) -> str | None:
        return self._source.account_url(account_id)

    async def aclose(self) -> None:
        await self._source.aclose()


def _page(known: Erased, page: Page) -> Page:
    return replace(page, facts=veiled(known, page.facts), unread=held(known, page.unread))


def veiled(known: Erased, facts: Sequence[f.Fact]) -> list[f.Fact]:
    """The facts, those of erased accounts under pseudonyms and without what tells of them."""
    paid = {fact.id for fact in facts if isinstance(fact, f.Payment) and _is_erased(known, fact.account_id)}
    found = (_veiled(known, fact, paid) for fact in facts)
    return [fact for fact in found if fact is not None]


def held(known: Erased, unread: Sequence[Held]) -> list[Held]:
    """The same of what could not be read."""
    return [
        replace(one, id=known.names.of(one.id), account_id=known.names.of(one.account_id), detail="")
        if one.account_id and _is_erased(known, one.account_id)
        else one
        for one in unread
    ]


def _veiled(known: Erased, fact: f.Fact, paid: set[str]) -> f.Fact | None:
    if isinstance(fact, f.Account) and known.people:
        fact = _without_people(known, fact)
    if not _is_of_erased(known, fact, paid):
        return fact
    if isinstance(fact, f.PaymentMethod):
        return None
    veiled: f.Fact = _as_erased(fact, Traces(known.names, frozenset(), frozenset()))
    return veiled


def _is_of_erased(known: Erased, fact: f.Fact, paid: set[str]) -> bool:
    if isinstance(fact, f.Account):
        return _is_erased(known, fact.id)
    if isinstance(fact, f.Refund | f.Dispute) and fact.account_id is None:
        payment = fact.payment_id
        return payment is not None and (payment in paid or known.names.of(payment) in known.payments)
    account_id = getattr(fact, "account_id", None)
    return account_id is not None and _is_erased(known, account_id)


def _is_erased(known: Erased, account_id: str) -> bool:
    return known.names.of(account_id) in known.accounts


def _as_erased(fact: Any, traces: Traces) -> Any:
    """One fact, and those nested in it, as its row stays when the account is erased."""
    names = f.columns_of(type(fact))
    row = erased_row(TABLES[type(fact)], {name: getattr(fact, name) for name in names}, traces) or {}
    nested = {name: tuple(_as_erased(one, traces) for one in getattr(fact, name, ())) for name in NESTED}
    values = row | {name: inner for name, inner in nested.items() if hasattr(fact, name)}
    return fact._replace(**values) if isinstance(fact, f.InvoiceLine) else replace(fact, **values)


def _without_people(known: Erased, account: f.Account) -> f.Account:
    """An account without the addresses of people who were erased."""
    email, owner = (known.person(one) if one else one for one in (account.email, account.owner_email))
    attributes = {key: known.person(value) for key, value in account.attributes.items()}
    return replace(account, email=email, owner_email=owner, attributes=attributes)
