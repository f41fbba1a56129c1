"""subscriptions.csv, each with its items and discounts."""

from collections.abc import Collection

from bot.sources.csv.columns import ITEMS, SUBSCRIPTIONS
from bot.sources.csv.discounts import Discounts
from bot.sources.csv.items import Items
from bot.sources.csv.prices import SOURCE, Catalogue, Offer, minor_price
from bot.sources.csv.rows import Folder, Row
from storage import facts
from storage.facts import Discount, Duration, Item, Status, Subscription

SHORT_FORM = ("product", "plan", "unit_amount", "quantity", "interval", "interval_count")
OVER = (Status.ENDED, Status.NEVER_STARTED)


class Subscriptions:
    """The subscriptions of the folder; `offers` are those of the one-item short form, by subscription id."""

    def __init__(self, folder: Folder, catalogue: Catalogue, discounts: Discounts) -> None:
        self.built: list[Subscription] = []
        self.offers: dict[str, Offer] = {}
        self._catalogue = catalogue
        self._discounts = discounts
        rows = {row["subscription_id"]: row for row in folder.rows(SUBSCRIPTIONS)}
        self.items = Items(folder, {key: row["currency"] for key, row in rows.items()}, catalogue, discounts)
        items_are_sound = not folder.problems.by_file[ITEMS.name]
        for row in rows.values():
            _check(row)
            items = self._items(row)
            if not items and items_are_sound:
                row.reject("has no price; fill unit_amount and interval, or add it to items.csv")
            self.built.append(self._subscription(row, items))
        self.item_ids: Collection[str] = self.items.versions.keys() | self.offers.keys()

    def _items(self, row: Row) -> tuple[Item, ...]:
        subscription = row["subscription_id"]
        listed = self.items.by_subscription.get(subscription)
        if all(row[column] is None for column in SHORT_FORM):
            return tuple(listed or ())
        if listed:
            row.reject("has a price here and in items.csv; keep one of the two", "unit_amount")
        for column in ("unit_amount", "interval"):
            if row[column] is None:
                row.reject("is empty; the price of a subscription needs it", column)
        if row["unit_amount"] is None or row["interval"] is None:
            return ()
        interval, times = row["interval"]
        offer = Offer(
            product=row["product"],
            plan=row["plan"],
            currency=row["currency"],
            unit_amount=minor_price(row["unit_amount"], row["currency"]),
            interval=interval,
            interval_count=times * (row["interval_count"] or 1),
        )
        self.offers[subscription] = offer
        return (
            Item(
                id=subscription,
                price_id=self._catalogue.price(offer),
                quantity=1 if row["quantity"] is None else row["quantity"],
                discounts=self._discounts.on("item", subscription),
            ),
        )

    def _subscription(self, row: Row, items: tuple[Item, ...]) -> Subscription:
        return Subscription(
            id=row["subscription_id"],
            account_id=row["account_id"],
            source=SOURCE,
            status=row["status"],
            status_word=row["status"].value,
            currency=row["currency"],
            started_at=row["started_at"],
            trial_start=row["trial_start"],
            trial_end=row["trial_end"],
            current_period_start=row["current_period_start"],
            current_period_end=row["current_period_end"],
            cancel_requested_at=row["cancel_requested_at"],
            cancel_at=row["cancel_at"],
            ended_at=row["ended_at"],
            cancel_kind=row["cancel_kind"],
            cancel_reason=row["cancel_reason"],
            cancel_comment=row["cancel_comment"],
            pause_kind=row["pause_kind"],
            paused_at=row["paused_at"],
            resumes_at=row["resumes_at"],
            collection=row["collection"] or facts.Collection.CHARGE,
            items=items,
            discounts=self._discounts.on("subscription", row["subscription_id"]) + _own_discount(row),
        )


def _check(row: Row) -> None:
    status, ended = row["status"], row["ended_at"]
    if status is Status.ENDED and ended is None:
        row.reject("is empty, but the status is ended; write when it ended", "ended_at")
    if ended is not None and status not in OVER:
        row.reject(
            f"is filled, but the status is {status}; write ended, or use cancel_at for a day to come", "ended_at"
        )
    if row["discount_percent"] is not None and row["discount_amount"] is not None:
        row.reject("is filled beside discount_percent; keep one of the two", "discount_amount")


def _own_discount(row: Row) -> tuple[Discount, ...]:
    percent, amount, currency = row["discount_percent"], row["discount_amount"], row["currency"]
    if not percent and not amount:
        return ()
    return (
        Discount(
            id=f"{row['subscription_id']}/discount",
            duration=Duration.FOREVER,
            percent_off=percent,
            amount_off=None if amount is None else row.minor("discount_amount", currency),
            currency=None if amount is None else currency,
        ),
    )
