"""Subscription schedules: what a subscription will be made of in later phases."""

from collections.abc import Iterator

from bot.sources.stripe.discounts import Known
from bot.sources.stripe.fields import (
    MOST,
    SOURCE,
    Raw,
    currency,
    instant,
    reference,
    required_id,
    required_reference,
    rows,
    whole,
    word,
)
from storage.facts import Phase, Schedule

LIVE = ("active", "not_started")


def parse_schedule(raw: Raw, _known: Known) -> Iterator[Schedule]:
    """The schedule with the phases that Stripe still keeps; one that was released or canceled plans nothing."""
    live = word(raw, "status") in LIVE
    yield Schedule(
        id=required_id(raw),
        account_id=required_reference(raw, "customer"),
        source=SOURCE,
        subscription_id=reference(raw, "subscription"),
        cancels=raw.get("end_behavior") == "cancel",
        currency=next((code for phase in rows(raw, "phases") if (code := currency(phase))), None),
        live=live,
        phases=tuple(_phases(raw)) if live else (),
    )


def _phases(raw: Raw) -> Iterator[Phase]:
    for phase in rows(raw, "phases"):
        start = instant(phase, "start_date")
        if start is not None:
            items = tuple(_items(phase))
            yield Phase(start, instant(phase, "end_date"), items, instant(phase, "trial_end"))


def _items(phase: Raw) -> Iterator[tuple[str, int]]:
    for item in rows(phase, "items"):
        price_id = reference(item, "price") or reference(item, "plan")
        if price_id is not None:
            quantity = whole(item, "quantity", MOST)
            yield price_id, 1 if quantity is None else quantity
