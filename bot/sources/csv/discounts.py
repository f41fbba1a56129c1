"""discounts.csv, by what each is given on."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from bot.sources.csv.columns import DISCOUNTS
from bot.sources.csv.prices import product_id
from bot.sources.csv.problems import quoted
from bot.sources.csv.rows import Folder, Row
from storage.facts import Discount


class Discounts:
    """The discounts of the folder; `check` once the targets and products are known."""

    def __init__(self, folder: Folder) -> None:
        self._on: dict[tuple[str, str], list[Discount]] = defaultdict(list)
        self._rows: list[Row] = []
        for row in folder.rows(DISCOUNTS):
            self._rows.append(row)
            discount = _discount(row)
            if row["counts_in_mrr"] is not False:
                self._on[row["target_kind"], row["target_id"]].append(discount)

    def on(self, kind: str, target: str) -> tuple[Discount, ...]:
        return tuple(self._on.get((kind, target), ()))

    def check(self, targets: Mapping[str, Collection[str] | None], products: Collection[str] | None) -> None:
        """Notes what is given on nothing; None stands for what could not be read and is not checked."""
        for row in self._rows:
            known = targets[row["target_kind"]]
            if known is not None and row["target_id"] not in known:
                kind = row["target_kind"]
                row.reject(f"{quoted(row['target_id'])} is no {kind} of these files; mend the id", "target_id")
            for name in row["products"] or ():
                if products is not None and product_id(name) not in products:
                    row.reject(f"{quoted(name)} is no product of these files; mend the name", "products")


def _discount(row: Row) -> Discount:
    currency = row["currency"]
    if (row["percent"] is None) == (row["amount"] is None):
        row.reject("needs either percent or amount; fill one of the two", "percent")
    if row["amount"] is not None and currency is None:
        row.reject("is empty; an amount needs it", "currency")
    return Discount(
        id=row["discount_id"],
        duration=row["duration"],
        percent_off=row["percent"],
        amount_off=None if row["amount"] is None else row.minor("amount", currency or "usd"),
        currency=None if row["amount"] is None else currency,
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        products=tuple(product_id(name) for name in row["products"] or ()),
    )
