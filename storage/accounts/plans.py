"""What accounts are subscribed to at present."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select
from sqlmodel import Session

from storage import facts as f
from storage.tables import ItemRow, PriceRow, ProductRow, SubscriptionRow
from storage.types import Utc
from storage.upsert import batches, table_of

OVER = (f.Status.ENDED, f.Status.NEVER_STARTED)
items, subscriptions = table_of(ItemRow), table_of(SubscriptionRow)
prices, products = table_of(PriceRow), table_of(ProductRow)


@dataclass(frozen=True, slots=True)
class Plan:
    """One product of the live subscriptions and its number of units; `name` is the price's own, if it has one."""

    product: str | None
    name: str | None
    interval: f.Interval | None
    interval_count: int
    quantity: int


def plans_of(session: Session, account_ids: Sequence[str], now: datetime) -> dict[str, list[Plan]]:
    """The plans of each account, those with the most units first."""
    found: defaultdict[str, list[Plan]] = defaultdict(list)
    for part in batches(account_ids):
        rows = session.connection().execute(PLANS, {"accounts": list(part), "now": now})
        for account_id, name, nickname, interval, count, quantity in rows:
            found[account_id].append(Plan(name, nickname, interval, count, int(quantity)))
    return dict(found)


def _plans() -> Select[Any]:
    product = func.coalesce(products.c.name, prices.c.product_id)
    units = func.sum(items.c.quantity)
    names = (items.c.account_id, product, prices.c.nickname, prices.c.interval, prices.c.interval_count)
    now = bindparam("now", type_=Utc)
    return (
        select(*names, units)
        .select_from(items)
        .join(subscriptions, subscriptions.c.id == items.c.subscription_id)
        .join(prices, prices.c.id == items.c.price_id)
        .outerjoin(products, products.c.id == prices.c.product_id)
        .where(
            items.c.account_id.in_(bindparam("accounts", expanding=True)),
            subscriptions.c.status.not_in(OVER),
            or_(items.c.started_at.is_(None), items.c.started_at <= now),
            or_(items.c.ended_at.is_(None), items.c.ended_at > now),
        )
        .group_by(*names)
        .order_by(units.desc(), product)
    )


PLANS = _plans()  # made once: to make it takes longer than to run it
