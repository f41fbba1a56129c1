"""Which accounts a figure is made of that is no movement of MRR: charges, refunds, trials, subscriptions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session

from bot.figures.asked import Asked
from bot.figures.cash import KINDS, span_of
from bot.figures.loaders import load
from bot.metrics.carriers import Carrier, held
from bot.metrics.metric import Metric, Over, Share, Value, number
from storage import behind, flows, standing
from storage.flows import Item
from storage.movements import Carried
from storage.slices import Label, Slice, movements
from storage.tables import AccountRow
from storage.upsert import table_of

accounts = table_of(AccountRow)
ZERO = Decimal(0)
MOST = 5  # items of one account that are listed


@dataclass(frozen=True, slots=True)
class Holder:
    """An account, its part of the value or, of a level, of its change; and what that is made of where it is listed."""

    account_id: str
    name: str
    amount: Decimal
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Holders:
    """The parts of a value and of the one before it by groups of accounts; of a level, those of its change alone."""

    carriers: tuple[Carrier, ...]
    earlier: tuple[Carrier, ...]
    largest: tuple[Holder, ...]


def holders(
    asked: Asked, metric: Metric, whole: Sequence[Value], words: tuple[Label, Label], most: int
) -> Holders | None:
    """The accounts behind the values of two windows, the later one first; None where it is no sum over accounts."""
    names = select(accounts.c.id.label("key"), accounts.c.id.label("label")).subquery()
    each = replace(asked.part, by=Label(movements.c.account_id, names, ""))
    periods = load(Asked(asked.session, asked.windows, asked.grounds, each), metric.needs)
    now, before = (
        {account_id: _part(metric.value(found[at])) for account_id, found in periods.items()} for at in range(2)
    )
    if any(sum(parts.values(), ZERO) != _part(value) for parts, value in zip((now, before), whole, strict=True)):
        return None
    if metric.over is Over.END:
        now, before = {one: now[one] - before[one] for one in now}, {}
    ids = sorted({account_id for parts in (now, before) for account_id, amount in parts.items() if amount})
    alike = _alike(asked.session, ids, *words)
    return Holders(
        tuple(held(now, alike)), tuple(held(before, alike)), tuple(_largest(asked, metric, now, alike, most))
    )


def _part(value: Value) -> Decimal:
    """What accounts add up to: the value, or what is divided."""
    return value.part if isinstance(value, Share) else number(value) or ZERO


def _alike(session: Session, ids: Collection[str], plans: Label, places: Label) -> dict[str, Carried]:
    """What tells accounts apart: the plan of most of their MRR, and their place."""
    paid, where = (standing.labels_of(session, ids, Slice(by=label)) for label in (plans, places))
    named = behind.names(session, ids)
    return {
        one: Carried(paid.get(one, plans.otherwise), where.get(one, places.otherwise), "", named[one]) for one in ids
    }


def _largest(
    asked: Asked, metric: Metric, parts: dict[str, Decimal], alike: dict[str, Carried], most: int
) -> list[Holder]:
    ranked = sorted((one for one in parts if parts[one]), key=lambda one: (-abs(parts[one]), one))[:most]
    span = span_of(asked, asked.windows[0])
    found = [
        item
        for need in metric.needs
        if need in KINDS
        for item in flows.items(asked.session, span, KINDS[need], ranked, MOST)
    ]
    return [
        Holder(one, alike[one].name, parts[one], tuple(item for item in found if item.account_id == one))
        for one in ranked
    ]
