"""The lines of an invoice: whole periods, usage, prorations, trials, one-off items, with discounts and taxes."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

from bot.money import display
from bot.playground.stripe.billing import discounting, pricing
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.billing.dates import moment
from bot.playground.stripe.shapes import invoices
from bot.playground.stripe.store import Object

Period = tuple[int, int]


def whole(amount: Decimal | Fraction) -> int:
    """Minor units as billing rounds them: half away from zero."""
    if isinstance(amount, Fraction):
        sign = -1 if amount < 0 else 1
        return sign * floor(abs(amount) + Fraction(1, 2))
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def licensed(item: Object) -> bool:
    kind: str = item["price"]["recurring"]["usage_type"]
    return kind == "licensed"


def period_lines(books: Books, subscription: Object, period: Period) -> list[Object]:
    """What the licensed items cost for a period that begins; tiered prices give one line per tier."""
    lines: list[Object] = []
    for item in books.items(subscription):
        if licensed(item):
            lines += _price_lines(books, subscription, item, item["quantity"], period)
    return lines


def usage_lines(books: Books, subscription: Object, period: Period) -> list[Object]:
    """What the metered items used in a period that has ended."""
    lines: list[Object] = []
    for item in books.items(subscription):
        if not licensed(item):
            used = books.usage(item["id"], period[0])
            lines += _price_lines(books, subscription, item, used, period)
    return lines


def _price_lines(books: Books, subscription: Object, item: Object, quantity: int, period: Period) -> Iterable[Object]:
    price, currency = item["price"], subscription["currency"]
    for part in pricing.parts(price, books.extras(price), quantity, currency):
        yield invoices.line(
            books.ids("il"),
            amount=whole(part.amount),
            currency=currency,
            description=_describe(price, part, currency),
            period=period,
            parent=invoices.subscription_parent(subscription["id"], item["id"]),
            quantity=part.quantity,
            price=price,
            unit_amount=part.unit_amount,
        )


def _describe(price: Object, part: pricing.Part, currency: str) -> str:
    interval, count = price["recurring"]["interval"], price["recurring"]["interval_count"]
    rhythm = interval if count == 1 else f"{count} {interval}s"
    tier = f"Tier {part.tier} " if part.tier else ""
    return f"{part.quantity} × {price['nickname']} ({tier}at {display(part.unit_amount, currency)} / {rhythm})"


def trial_lines(books: Books, subscription: Object, period: Period) -> list[Object]:
    return [
        invoices.line(
            books.ids("il"),
            amount=0,
            currency=subscription["currency"],
            description=f"Free trial for {item['quantity']} × {item['price']['nickname']}",
            period=period,
            parent=invoices.subscription_parent(subscription["id"], item["id"]),
            quantity=item["quantity"],
            price=item["price"],
            unit_amount=Decimal(0),
        )
        for item in books.items(subscription)
        if licensed(item)
    ]


def proration(books: Books, subscription: Object, item: Object, sign: int) -> Object | None:
    """Credit (-1) for the item as it stands, or charge (+1) for it, from now to the end of its period."""
    start, end = item["current_period_start"], item["current_period_end"]
    if not licensed(item) or not start <= books.now < end:
        return None
    price, currency = item["price"], subscription["currency"]
    full = Fraction(pricing.period_amount(price, books.extras(price), item["quantity"], currency))
    left = full * _kept_after_percents(books, subscription, item) * Fraction(end - books.now, end - start)
    words = "Remaining time" if sign > 0 else "Unused time"
    return invoices.line(
        books.ids("il"),
        amount=sign * whole(left),
        currency=currency,
        description=f"{words} on {item['quantity']} × {price['nickname']} after {moment(books.now):%d %b %Y}",
        period=(books.now, end),
        parent=invoices.subscription_parent(
            subscription["id"],
            item["id"],
            books.ids("ii"),
            proration=True,
            credited=_credited(books, subscription, item) if sign < 0 else None,
        ),
        quantity=item["quantity"],
        price=price,
        discountable=False,
    )


def _credited(books: Books, subscription: Object, item: Object) -> Object:
    """The lines that charged for what is given back; a charge that still waits for its invoice has none."""
    for key in books.store["invoices"].walk(narrow=("subscription", subscription["id"])):
        found = [
            line["id"] for line in books.store.lines_of(key) if _item_of(line) == item["id"] and line["amount"] >= 0
        ]
        if found:
            return {"invoice": key, "invoice_line_items": found}
    return {"invoice": None, "invoice_line_items": []}


def _kept_after_percents(books: Books, subscription: Object, item: Object) -> Fraction:
    """Prorations are never discountable: their amounts already carry the percentages in force."""
    keys = [*item["discounts"], *discounting.level_discounts(books.store, subscription)]
    kept = Fraction(1)
    for discount in discounting.of(books.store, discounting.live(books.store, keys, books.now)):
        if discount.coupon["percent_off"] is not None and discount.covers(item["price"]["product"]):
            kept *= 1 - Fraction(str(discount.coupon["percent_off"])) / 100
    return kept


def one_off(books: Books, currency: str, amount: int, description: str, subscription: str | None) -> Object:
    """A one-off item; it repeats nothing and therefore belongs to no MRR."""
    return invoices.line(
        books.ids("il"),
        amount=amount,
        currency=currency,
        description=description,
        period=(books.now, books.now),
        parent=invoices.extra_parent(books.ids("ii"), subscription),
        quantity=1,
        discountable=False,
    )


def discount_lines(books: Books, subscription: Object, lines: list[Object]) -> list[str]:
    """Write the discounts in force into the lines; the ids of those on the whole invoice."""
    open_lines = [line for line in lines if line["discountable"]]
    for item in books.items(subscription):
        own = discounting.live(books.store, item["discounts"], books.now)
        of_item = [line for line in open_lines if _item_of(line) == item["id"]]
        for line in of_item:
            line["discounts"] = own
        _take(books, own, of_item)
    keys = discounting.level_discounts(books.store, subscription)
    overall = discounting.live(books.store, keys, books.now)
    _take(books, overall, open_lines)
    return overall


def _item_of(line: Object) -> str | None:
    details = line["parent"]["subscription_item_details"]
    return details["subscription_item"] if details else None


def _take(books: Books, keys: list[str], lines: list[Object]) -> None:
    products = {line["id"]: line["pricing"]["price_details"]["product"] for line in lines}
    for discount in discounting.of(books.store, keys):
        left = {line["id"]: Fraction(line["amount"] - discounted(line)) for line in lines}
        currency = lines[0]["currency"] if lines else books.currency
        exact = discounting.taken(discount, left, products, currency)
        running, given = Fraction(0), 0
        for line in lines:
            running += exact.get(line["id"], Fraction(0))
            amount, given = whole(running) - given, whole(running)
            if amount:
                line["discount_amounts"].append({"amount": amount, "discount": discount.key})


def discounted(line: Object) -> int:
    return sum(taken["amount"] for taken in line["discount_amounts"])


def tax_lines(lines: Iterable[Object], rates: Iterable[Object]) -> None:
    """Add exclusive tax to each line."""
    for line in lines:
        taxable = line["amount"] - discounted(line)
        line["taxes"] = [
            {
                "amount": whole(Decimal(taxable) * Decimal(str(rate["percentage"])) / 100),
                "tax_behavior": "exclusive",
                "tax_rate_details": {"tax_rate": rate["id"]},
                "taxability_reason": "standard_rated",
                "taxable_amount": taxable,
                "type": "tax_rate_details",
            }
            for rate in rates
        ]
