"""By what figures can be divided: one entry each, with the labels that go with accounts or with rows of the ledger.

To add a dimension, write an entry here; the commands, filters and docs find it by themselves. Each gives every
account, or every row, exactly one label, so its segments are disjoint and add up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, Subquery, case, cast, func, literal, select, true
from sqlmodel import Session

from storage.days import months_before
from storage.owners import owner_email
from storage.slices import UNKNOWN, By, Label, in_use, movements
from storage.tables import AccountRow, IcpFitRow, PriceRow, ProductRow
from storage.upsert import table_of
from storage.worth import Moment, first_days, scaled, worth

NONE = "none"
TAG = "tag."
MOST_LABELS = 5000  # that are looked through for the one that was meant
ACQUISITION_KEYS = ("acquisition", "acquisition_channel", "acquisition_source", "utm_source", "source", "channel")
SIZES = (100, 500, 1_000, 5_000, 10_000)  # whole units of the base, the least of each band but the first
SIZE_LABELS = ("under 100", "100–499", "500–999", "1,000–4,999", "5,000–9,999", "10,000 and more")
TENURES = (3, 6, 12, 24, 36)  # months, the least of each band but the first
TENURE_LABELS = ("under 3 months", "3–5 months", "6–11 months", "1 year", "2 years", "3 years and more")
accounts, prices, products = table_of(AccountRow), table_of(PriceRow), table_of(ProductRow)
fits = table_of(IcpFitRow)


@dataclass(frozen=True, slots=True)
class Dimension:
    """`what` says in a few words what its labels are.

    `order` are its labels in the order of reading, where that is known; `dated` labels are read in their own order,
    others the largest first.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    what: str
    by: Callable[[Moment], By]
    order: tuple[str, ...] = ()
    dated: bool = False


DIMENSIONS: dict[str, Dimension] = {}


def dimension(
    id_: str, name: str, *aliases: str, what: str, order: tuple[str, ...] = (), dated: bool = False
) -> Callable[[Callable[[Moment], By]], Callable[[Moment], By]]:
    """Register what gives the labels at a moment as a dimension."""

    def register(by: Callable[[Moment], By]) -> Callable[[Moment], By]:
        DIMENSIONS[id_] = Dimension(id_, name, aliases, what, by, order, dated)
        return by

    return register


def tag(key: str) -> Dimension:
    """The dimension of one of the accounts' own attributes; see `tags` for the keys."""
    return Dimension(
        f"{TAG}{key}", key, (), f"the accounts' own “{key}”", lambda _: _of_accounts(_attribute(key), NONE)
    )


def tags(session: Session) -> list[str]:
    """The keys of all accounts' own attributes; those that no query can name are left out."""
    if session.get_bind().dialect.name == "sqlite":
        pairs = func.json_each(accounts.c.attributes).table_valued("key")
        query: Any = select(pairs.c.key).select_from(accounts.join(pairs, true()))
    else:
        query = select(func.json_object_keys(accounts.c.attributes).label("key")).where(
            func.json_typeof(accounts.c.attributes) == "object"
        )
    keys = session.connection().execute(query.distinct().limit(MOST_LABELS)).scalars()
    return sorted(key for key in keys if key and not set(key) & set('"\\'))


def labels(session: Session, by: By) -> list[str]:
    """The labels that are in use, in the order of the alphabet."""
    if isinstance(by, Label):
        query: Any = select(by.names.c.label).where(by.names.c.label.is_not(None)).distinct()
    else:
        query = in_use(by)
    found = {str(one) for one in session.connection().execute(query.limit(MOST_LABELS)).scalars()}
    return sorted(found | {by.otherwise if isinstance(by, Label) else UNKNOWN})


# --- rows ------------------------------------------------------------------------------------------------------


@dimension("plan", "Plan", "plans", "price", "prices", what="the price that is paid, by its name")
def plan(_: Moment) -> Label:
    """Prices of one name are one plan; one without a name has that of its product and its interval, as it is known."""
    every = prices.outerjoin(products, products.c.id == prices.c.product_id)
    product_name = func.coalesce(_said(products.c.name), prices.c.product_id)
    sold = product_name.concat(", ").concat(_interval())
    name = func.coalesce(_said(prices.c.nickname), sold, _interval(), prices.c.id)
    return Label(movements.c.price_id, _subquery(every, prices.c.id, name), UNKNOWN)


@dimension(
    "billing", "Billing", "interval", "intervals", "billing_period", what="how often it is billed: monthly, yearly"
)
def billing(_: Moment) -> Label:
    return Label(movements.c.price_id, _subquery(prices, prices.c.id, _interval()), UNKNOWN)


@dimension("product", "Product", "products", what="what is paid for")
def product(_: Moment) -> Label:
    names = _subquery(products, products.c.id, func.coalesce(_said(products.c.name), products.c.id))
    return Label(movements.c.product_id, names, UNKNOWN)


@dimension("currency", "Currency", "currencies", what="the currency that is paid in")
def currency(_: Moment) -> ColumnElement[str]:
    return func.upper(movements.c.currency, type_=String)


# --- accounts --------------------------------------------------------------------------------------------------


@dimension("country", "Country", "countries", what="the country of the billing address")
def country(_: Moment) -> Label:
    return _of_accounts(func.upper(_said(accounts.c.country)), UNKNOWN)


@dimension("region", "Region", "regions", what="the account's region")
def region(_: Moment) -> Label:
    return _of_accounts(_said(accounts.c.region), UNKNOWN)


@dimension("segment", "Segment", "segments", what="the account's segment")
def segment(_: Moment) -> Label:
    return _of_accounts(_said(accounts.c.segment), UNKNOWN)


@dimension("owner", "Owner", "owners", "csm", "csms", what="who looks after the account")
def owner(_: Moment) -> Label:
    return _of_accounts(func.lower(_said(owner_email())), NONE)


@dimension(
    "acquisition", "Acquisition", "acquired", "utm_source", "lead_source", what="how the account was won, by its tags"
)
def acquisition(_: Moment) -> Label:
    return _of_accounts(func.coalesce(*map(_attribute, ACQUISITION_KEYS)), UNKNOWN)


@dimension(
    "icp",
    "Ideal customer",
    "icp_fit",
    "fit",
    what="whether the account is such a customer as you want: in, out or unknown",
    order=("in", "out", UNKNOWN),
)
def icp(_: Moment) -> Label:
    return Label(movements.c.account_id, _subquery(fits, fits.c.account_id, cast(fits.c.fit, String)), UNKNOWN)


@dimension("cohort", "Cohort", "cohorts", "cohort_month", what="the month of the first MRR", dated=True)
def cohort(_: Moment) -> Label:
    first = first_days()
    return _of_account_sums(first, func.substr(cast(first.c.day, String), 1, 7), NONE)


@dimension("cohort_quarter", "Cohort by quarter", "quarterly_cohort", what="the quarter of the first MRR", dated=True)
def cohort_quarter(_: Moment) -> Label:
    first = first_days()
    written = cast(first.c.day, String)
    month = func.substr(written, 6, 2)
    quarter = case((month <= "03", " Q1"), (month <= "06", " Q2"), (month <= "09", " Q3"), else_=" Q4")
    return _of_account_sums(first, func.substr(written, 1, 4) + quarter, NONE)


@dimension(
    "size",
    "Size",
    "sizes",
    "size_band",
    "mrr_band",
    what="the account's MRR at the end of the period, or its last one",
    order=(*SIZE_LABELS, NONE),
)
def size(moment: Moment) -> Label:
    had = worth(moment)
    bands = [
        (had.c.amount < scaled(least * moment.unit), label) for least, label in zip(SIZES, SIZE_LABELS, strict=False)
    ]
    return _of_account_sums(had, case(*bands, else_=SIZE_LABELS[-1]), NONE)


@dimension(
    "tenure_band",
    "Tenure",
    "tenure",
    "age",
    what="how long ago the first MRR was, at the end of the period",
    order=(*TENURE_LABELS, NONE),
)
def tenure(moment: Moment) -> Label:
    first = first_days()
    bands = [
        (first.c.day > months_before(moment.until, least), label)
        for least, label in zip(TENURES, TENURE_LABELS, strict=False)
    ]
    return _of_account_sums(first, case(*bands, else_=TENURE_LABELS[-1]), NONE)


def _interval() -> ColumnElement[str]:
    """Such as "monthly", "every 3 months"; NULL for a price that does not recur."""
    adverbs = case({"day": "daily", "week": "weekly", "month": "monthly", "year": "yearly"}, value=_unit())
    several = literal("every ").concat(cast(prices.c.interval_count, String)).concat(" ").concat(_unit()).concat("s")
    return case((prices.c.interval_count == 1, adverbs), (prices.c.interval.is_not(None), several), else_=None)


def _unit() -> ColumnElement[str]:
    return cast(prices.c.interval, String)


def _of_accounts(label: ColumnElement[str], otherwise: str) -> Label:
    return Label(movements.c.account_id, _subquery(accounts, accounts.c.id, label), otherwise)


def _of_account_sums(found: Subquery, label: ColumnElement[str], otherwise: str) -> Label:
    return Label(movements.c.account_id, _subquery(found, found.c.key, label), otherwise, summed=True)


def _subquery(source: FromClause, key: ColumnElement[str], label: ColumnElement[str]) -> Subquery:
    return select(key.label("key"), label.label("label")).select_from(source).subquery()


def _attribute(key: str) -> ColumnElement[str]:
    return _said(accounts.c.attributes[key].as_string())


def _said(column: ColumnElement[Any]) -> ColumnElement[str]:
    """What a column says, NULL when that is nothing but spaces."""
    return func.nullif(func.trim(column), "")
