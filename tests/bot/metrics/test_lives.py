"""A past lived through day by day and a past read afterwards are the same, by every preset: pure, on made-up lives.

A small biller bills one subscription by the month, in advance, and prorates at once. Kahvi looks at the end of every
day at what there is then, and at the end once more at everything.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.metrics.history import Evidence, steps
from bot.metrics.known import Known
from bot.metrics.mrr import whole
from bot.metrics.policy import MetricsPolicy
from bot.metrics.presets import PRESETS, policy_of
from storage.facts import InvoiceLine, InvoiceStatus, Status, Subscription
from storage.fates import Fate
from tests.factories import at, item, line, price, subscription

UTC_ZONE = ZoneInfo("UTC")
PRICES = {one.id: one for one in (price("pro", "5000"), price("team", "8100"))}
BEGIN = at(3)
DAYS = 100
POLICIES = [*PRESETS.values(), *(policy_of(f"kahvi {words}") for words in (
    "past_due=out", "past_due=in_days(3)", "churn_date=on_service_end", "basis=payment past_due=out",
))]  # fmt: skip


@dataclass
class Biller:
    """One subscription, its invoice lines and what became of them."""

    sub: Subscription = field(
        default_factory=lambda: subscription(items=[item()], started_at=BEGIN, current_period_start=BEGIN)
    )
    lines: list[InvoiceLine] = field(default_factory=list)
    fates: dict[str, Fate] = field(default_factory=dict)
    changed_at: datetime | None = None
    end: datetime = BEGIN

    @property
    def over(self) -> bool:
        return self.sub.ended_at is not None

    def renew(self, now: datetime, *, fails: bool) -> None:
        """Bill the next month when it begins; a payment that fails is made up for on the fourth day."""
        if self.sub.cancel_at and now >= self.sub.cancel_at:
            self.sub = replace(self.sub, status=Status.ENDED, ended_at=self.sub.cancel_at)
            return
        start, self.end = self.end, _month_later(self.end)
        own = self.sub.items[0]
        amount = int(self._unit() * own.quantity)
        self._bill(amount, start, self.end, failed=now if fails else None)
        status = Status.PAST_DUE if fails else Status.ACTIVE
        self.sub = replace(self.sub, status=status, current_period_start=start, current_period_end=self.end)

    def pay(self, now: datetime) -> None:
        for key, fate in self.fates.items():
            if fate.status is InvoiceStatus.OPEN:
                self.fates[key] = replace(fate, status=InvoiceStatus.PAID, paid_at=now)
        if not self.over:
            self.sub = replace(self.sub, status=Status.ACTIVE)

    def change(self, now: datetime, price_id: str, quantity: int) -> None:
        """Another plan or number of seats, prorated and paid at once."""
        own = self.sub.items[0]
        if (own.price_id, own.quantity) == (price_id, quantity) or now >= self.end:
            return
        part = Decimal((self.end - now) // timedelta(seconds=1)) / (
            (self.end - _month_before(self.end)) // timedelta(seconds=1)
        )
        self._bill(-_cents(self._unit() * own.quantity * part), now, self.end, proration=True)
        self.sub = replace(self.sub, items=(replace(own, price_id=price_id, quantity=quantity),))
        self._bill(_cents(self._unit() * quantity * part), now, self.end, proration=True)
        self.changed_at = now

    def cancel(self, now: datetime, *, at_once: bool) -> None:
        if at_once:
            self.sub = replace(self.sub, status=Status.ENDED, cancel_requested_at=now, ended_at=now)
        else:
            self.sub = replace(self.sub, cancel_requested_at=now, cancel_at=self.end)

    def evidence(self) -> Evidence:
        return Evidence(self.sub, (), tuple(self.lines), self.changed_at, fates=dict(self.fates))

    def _unit(self) -> Decimal:
        amount = PRICES[self.sub.items[0].price_id].rates["usd"].unit_amount
        assert amount is not None
        return amount

    def _bill(
        self, amount: int, start: datetime, end: datetime, *, proration: bool = False, failed: datetime | None = None
    ) -> None:
        own = self.sub.items[0]
        key = f"l{len(self.lines)}"
        self.lines.append(
            line(
                key,
                amount,
                start,
                period_end=end,
                proration=proration,
                price_id=own.price_id,
                item_id="item-pro",
                quantity=Decimal(own.quantity),
            )
        )
        status = InvoiceStatus.OPEN if failed else InvoiceStatus.PAID
        self.fates[key] = Fate(key, status, amount, paid_at=None if failed else start, failed_at=failed)


def _cents(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _month_later(day: datetime) -> datetime:
    return day.replace(month=day.month + 1)


def _month_before(day: datetime) -> datetime:
    return day.replace(month=day.month - 1)


acts = st.one_of(
    st.tuples(st.just("change"), st.sampled_from(["pro", "team"]), st.integers(1, 40)),
    st.tuples(st.just("cancel"), st.booleans(), st.none()),
    st.tuples(st.just("fail"), st.none(), st.none()),
)
lives = st.dictionaries(st.integers(1, DAYS - 1), acts, max_size=6)


@given(lives, st.sampled_from(POLICIES))
def test_a_past_lived_through_is_the_past_read_afterwards(
    life: dict[int, tuple[str, object, object]], policy: MetricsPolicy
) -> None:
    biller, lived, fails = Biller(), {}, False
    biller.renew(BEGIN, fails=False)
    for number in range(DAYS):
        now = BEGIN + timedelta(days=number, hours=3)
        if not biller.over and now >= biller.end:
            biller.renew(biller.end, fails=fails)
            fails = False
        elif biller.sub.status is Status.PAST_DUE and now.day >= BEGIN.day + 4:
            biller.pay(now)
        act = life.get(number)
        if act and not biller.over and biller.sub.cancel_at is None and biller.sub.status is Status.ACTIVE:
            match act:
                case ("change", str(price_id), int(quantity)):
                    biller.change(now, price_id, quantity)
                case ("cancel", bool(at_once), _):
                    biller.cancel(now, at_once=at_once)
                case _:
                    fails = True
        evening = datetime.combine(now.date(), datetime.max.time(), tzinfo=now.tzinfo)
        lived[now.date()] = level(biller.evidence(), policy, evening, now.date())

    last = BEGIN + timedelta(days=DAYS)
    assert {day: level(biller.evidence(), policy, last, day) for day in lived} == lived


def level(evidence: Evidence, policy: MetricsPolicy, now: datetime, day: date) -> int:
    """MRR at the end of a day, as it is told at an instant."""
    told = steps(evidence, Known(PRICES, policy, UTC_ZONE, now))
    until = [state for since, state in told if since <= day]
    return sum(whole(until[-1]).values()) if until else 0
