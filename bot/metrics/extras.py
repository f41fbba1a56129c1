"""What counts beside licensed items where the policy says so: metered usage and one-off items, from their lines."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter, itemgetter

from bot.metrics.axes import Metered, OneOff, Tax
from bot.metrics.known import Known, counted_discount, months_in
from bot.metrics.mrr import Level, months
from bot.metrics.spans import Point
from storage.facts import InvoiceLine, LineKind

AVERAGED = 3  # bills
MONTH = timedelta(days=30)
Event = tuple[datetime, str, Level | None]


def extras(lines: Iterable[InvoiceLine], known: Known) -> list[Point]:
    """The states of a subscription's usage and one-off items, from each instant on which they change."""
    own = list(lines)
    events: list[Event] = []
    if known.policy.metered is Metered.AVERAGED:
        events.extend(_usage([line for line in own if line.kind is LineKind.USAGE], known))
    if known.policy.one_off is OneOff.IN_PERIOD:
        events.extend(_one_off([line for line in own if line.kind is LineKind.ONE_OFF], known))
    points: list[Point] = []
    state: dict[str, Level] = {}
    for at, key, level in sorted(events, key=itemgetter(0, 1)):
        state = {other: kept for other, kept in state.items() if other != key}
        if level:
            state[key] = level
        points.append((at, state))
    return points


def _usage(lines: Sequence[InvoiceLine], known: Known) -> Iterator[Event]:
    """From the end of each billed period on, the average of the latest bills; nothing once two bills are missing."""
    by_item = attrgetter("item_id", "price_id")
    for _, same in groupby(sorted(lines, key=lambda line: (str(by_item(line)), line.period_end)), key=by_item):
        bills = [list(bill) for _, bill in groupby(same, key=attrgetter("period_end"))]
        worth = [sum((_monthly(line, known) for line in bill), Decimal(0)) for bill in bills]
        for at, bill in enumerate(bills):
            latest = worth[max(0, at + 1 - AVERAGED) : at + 1]
            level = _level(bill[0], sum(latest, Decimal(0)) / len(latest), known)
            yield bill[0].period_end, _key(bill[0]), level if level.amount > 0 else None
        last = bills[-1][0]
        yield last.period_end + 2 * max(last.period_end - last.period_start, MONTH), _key(last), None


def _one_off(lines: Sequence[InvoiceLine], known: Known) -> Iterator[Event]:
    for line in lines:
        net = _net(line, known)
        if net > 0:
            end = max(line.period_end, line.period_start + MONTH)
            yield line.period_start, line.id, _level(line, net / months_in(end - line.period_start), known)
            yield end, line.id, None


def _monthly(line: InvoiceLine, known: Known) -> Decimal:
    price = known.prices.get(line.price_id or "")
    if price and price.interval:
        return _net(line, known) / months(price, known.policy)
    return _net(line, known) / months_in(line.period_end - line.period_start)


def _net(line: InvoiceLine, known: Known) -> Decimal:
    inside = 0 if known.policy.tax is Tax.IN else line.tax_inside
    return Decimal(line.amount - inside - counted_discount(line, known.policy))


def _level(line: InvoiceLine, amount: Decimal, known: Known) -> Level:
    price = known.prices.get(line.price_id or "")
    name = line.price_id or line.kind.value
    return Level((price and price.product_id) or name, name, Decimal(1), amount)


def _key(line: InvoiceLine) -> str:
    return line.item_id or line.price_id or line.id
