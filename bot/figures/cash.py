"""Loading what was charged, paid, given back and given away."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from bot.figures.asked import Asked
from bot.figures.loaders import Key, loads
from bot.metrics.cash import ZERO, Collected, Discounted, Disputed, Failed, Paid, Recovered, Refunded
from bot.metrics.windows import Window
from storage import flows
from storage.flows import Kind, Span

KINDS: dict[type, Kind] = {
    Paid: flows.PAID,
    Failed: flows.FAILED,
    Recovered: flows.RECOVERED,
    Refunded: flows.REFUNDED,
    Disputed: flows.DISPUTED,
    Collected: flows.COLLECTED,
    Discounted: flows.DISCOUNTED,
}


@loads(Paid)
def _paid(asked: Asked) -> dict[Key, Paid]:
    return {key: Paid(amount) for key, (amount, _) in _sums(asked, Paid)}


@loads(Failed)
def _failed(asked: Asked) -> dict[Key, Failed]:
    return {key: Failed(count) for key, (_, count) in _sums(asked, Failed)}


@loads(Recovered)
def _recovered(asked: Asked) -> dict[Key, Recovered]:
    return {key: Recovered(amount) for key, (amount, _) in _sums(asked, Recovered)}


@loads(Refunded)
def _refunded(asked: Asked) -> dict[Key, Refunded]:
    return {key: Refunded(amount) for key, (amount, _) in _sums(asked, Refunded)}


@loads(Disputed)
def _disputed(asked: Asked) -> dict[Key, Disputed]:
    return {key: Disputed(amount, count) for key, (amount, count) in _sums(asked, Disputed)}


@loads(Collected)
def _collected(asked: Asked) -> dict[Key, Collected]:
    if not flows.known(asked.session):
        return {(None, at): Collected(known=False) for at, _ in enumerate(asked.windows)}
    return {key: Collected(amount) for key, (amount, _) in _sums(asked, Collected)}


@loads(Discounted)
def _discounted(asked: Asked) -> dict[Key, Discounted]:
    if not flows.known(asked.session):
        return {(None, at): Discounted(known=False) for at, _ in enumerate(asked.windows)}
    return {key: Discounted(amount) for key, (amount, _) in _sums(asked, Discounted)}


def span_of(asked: Asked, window: Window) -> Span:
    """What a window asks of facts that stand on instants."""
    return Span(asked.instant(window.start), asked.instant(window.end), asked.part, asked.grounds.base)


def _sums(asked: Asked, part: type) -> Iterable[tuple[Key, tuple[Decimal, int]]]:
    """Amount and count by label and window; what is in a currency without a rate is in neither."""
    found: defaultdict[Key, tuple[Decimal, int]] = defaultdict(lambda: (ZERO, 0))
    for at, window in enumerate(asked.windows):
        for flow in flows.sums(asked.session, span_of(asked, window), KINDS[part]):
            worth = asked.worth(flow.amount, flow.currency, flow.day or window.start)
            if worth is not None:
                amount, count = found[flow.label, at]
                found[flow.label, at] = (amount + worth, count + flow.count)
    return found.items()
