"""Whose account a key reads: told by objects that Stripe never forgets and that no other account holds.

The account's own id would need a permission that reading needs for nothing else. Ids of charges and subscriptions
are never given twice, and both can be asked for as long as the account lives.
"""

from collections.abc import Iterable, Mapping

from bot.errors import SourceRefused
from bot.sources.stripe.kinds import CHARGES, CUSTOMERS, PRODUCTS, SUBSCRIPTIONS
from bot.sources.stripe.reader import Reader
from storage.facts import Account, Fact, Payment, Product, Subscription

OTHER_ACCOUNT = (
    "This Stripe key belongs to another account than the data in this database; use the old key, or a new database."
)
# The surest first: customers and products may be copied from one account to another, and keep their ids.
KINDS = {Payment: CHARGES, Subscription: SUBSCRIPTIONS, Account: CUSTOMERS, Product: PRODUCTS}
ENOUGH = 2  # in case a stand-in for Stripe forgets what it ended

Landmarks = Mapping[str, str]  # the name of a kind, and the id of one of them


def remember(known: Landmarks, facts: Iterable[Fact]) -> Landmarks:
    """The surest landmarks among those known and these facts."""
    found = dict(known)
    for fact in facts:
        kind = KINDS.get(type(fact))
        if kind is not None and not (isinstance(fact, Account) and fact.deleted_at):
            found.setdefault(kind.name, fact.id)  # type: ignore[union-attr]  # every type in KINDS has an id
    names = [kind.name for kind in KINDS.values() if kind.name in found]
    return {name: found[name] for name in names[:ENOUGH]}


async def confirm(reader: Reader, known: Landmarks) -> None:
    """Raises SourceRefused when none of the landmarks is in this account; one that is there is enough."""
    kinds = {kind.name: kind for kind in KINDS.values()}
    for name, own in known.items():
        if await reader.holds(kinds[name], own):
            return
    if known:
        raise SourceRefused(OTHER_ACCOUNT)
