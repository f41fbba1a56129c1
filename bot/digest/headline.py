"""The six headline figures, each with its change; what cannot be known is a dash with the reason in the footer."""

from dataclasses import dataclass
from decimal import Decimal

from bot.digest.scene import Scene, enough
from bot.digest.words import Figure, Phrase, Told, arrow, counted, money, percent
from bot.metrics.book import Roll
from bot.metrics.catalogue import METRICS, Window

MONTH = 30
SPANS = (1, 7, MONTH)
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a level changed over some days, and from what."""

    days: int
    begin: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Headline:
    """Levels at the start of the day; flows and shares over 30 days, `_before` over the 30 days before those.

    `churn_base` is how many customers the churn of customers is a share of.
    """

    base: str
    mrr: Decimal
    changes: tuple[Change, ...]
    roll: Roll
    arpa: Decimal | None
    arpa_before: Decimal | None
    churn_base: int
    customer_churn: Decimal | None
    customer_churn_before: Decimal | None
    mrr_churn: Decimal | None
    mrr_churn_before: Decimal | None
    mrr_lost: Decimal

    def told(self) -> Told:
        figures = (
            Figure("MRR", money(self.mrr, self.base), tuple(self._change(change) for change in self.changes)),
            self._net_new(),
            self._customers(),
            self._arpa(),
            self._customer_churn(),
            self._mrr_churn(),
        )
        return Told(figures=figures, small=self._unknown())

    @property
    def shares(self) -> bool:
        """Whether percentages are shown."""
        return enough(self.churn_base)

    def _change(self, change: Change) -> str:
        days = counted(change.days, "day")
        if not change.amount:
            return f"{days}: unchanged"
        known = self.shares and change.begin > 0
        share = f" ({percent(change.amount / change.begin, sign=True)})" if known else ""
        return f"{days}: {arrow(change.amount)} {money(change.amount, self.base, sign=True)}{share}"

    def _net_new(self) -> Figure:
        roll = self.roll
        gains = [(roll.new, "new"), (roll.reactivation, "back"), (roll.expansion, "grown")]
        losses = [(-roll.churn, "left"), (-roll.contraction, "shrunk")]
        notes = [
            " · ".join(f"{money(amount, self.base, sign=True)} {word}" for amount, word in side if amount)
            for side in (gains, losses)
        ]
        if abs(roll.fx) >= 1:
            notes.append(f"apart: {money(roll.fx, self.base, sign=True)} by exchange rates")
        shown = tuple(note for note in notes if note)
        return Figure("Net new MRR, 30 days", money(roll.net_new, self.base, sign=True), shown)

    def _customers(self) -> Figure:
        roll = self.roll
        change = roll.customers_end - roll.customers_begin
        came, gone = roll.customers_new + roll.customers_reactivated, roll.customers_churned
        way = f"{arrow(change)} {change:+,}".replace("-", "−") if change else "unchanged"
        moves = f" ({came:,} came, {gone:,} left)" if came or gone else ""
        return Figure("Customers", f"{roll.customers_end:,}", (f"30 days: {way}{moves}",))

    def _arpa(self) -> Figure:
        if self.arpa is None:
            return Figure("ARPA", UNKNOWN)
        if self.arpa_before is None:
            return Figure("ARPA", money(self.arpa, self.base), ("per customer and month",))
        change = self.arpa - self.arpa_before
        way = f"{arrow(change)} {money(change, self.base, sign=True)}" if abs(change) >= 1 else "unchanged"
        return Figure("ARPA", money(self.arpa, self.base), (f"30 days: {way}",))

    def _customer_churn(self) -> Figure:
        label = "Customer churn, 30 days"
        of = f"{self.roll.customers_churned:,} of {self.churn_base:,}"
        if self.customer_churn is None:
            return Figure(label, UNKNOWN)
        if not self.shares:
            return Figure(label, of, ("left",))
        return Figure(
            label, percent(self.customer_churn), (of, *_before(self.customer_churn, self.customer_churn_before))
        )

    def _mrr_churn(self) -> Figure:
        label = "MRR churn, 30 days"
        lost = money(self.mrr_lost, self.base)
        of = f"of {money(self.roll.begin, self.base)}"
        if self.mrr_churn is None:
            return Figure(label, UNKNOWN)
        if not self.shares:
            return Figure(label, lost, (of,))
        earlier = _before(self.mrr_churn, self.mrr_churn_before)
        return Figure(label, percent(self.mrr_churn), (f"{lost} {of}", *earlier))

    def _unknown(self) -> tuple[Phrase, ...]:
        if self.customer_churn is None:
            return (("Churn cannot be told yet: nobody paid in these 30 days.",),)
        said: list[Phrase] = []
        if self.mrr_churn is None:
            said.append(("MRR churn cannot be told yet: there was no MRR 30 days ago.",))
        if not self.shares:
            said.append(("Under 20 customers Kahvi shows counts and amounts instead of percentages.",))
        return tuple(said)


def headline(scene: Scene) -> Headline | None:
    if not scene.started:
        return None
    book, day = scene.book, scene.day
    window = Window.last(MONTH, day)
    before = Window.last(MONTH, window.start)
    roll = book.roll(window.start, window.end)
    policy = scene.policy
    joined = roll.customers_new + roll.customers_reactivated if policy.new_in_churn_base else 0

    def value(name: str, over: Window) -> Decimal | None:
        return METRICS[name].value(book, over, policy)

    return Headline(
        base=scene.base,
        mrr=book.mrr(day),
        changes=tuple(_change(scene, days) for days in SPANS),
        roll=roll,
        arpa=value("arpa", window),
        arpa_before=value("arpa", before),
        churn_base=roll.customers_begin + joined,
        customer_churn=value("customer_churn", window),
        customer_churn_before=value("customer_churn", before),
        mrr_churn=value("mrr_churn", window),
        mrr_churn_before=value("mrr_churn", before),
        mrr_lost=roll.churn + (roll.contraction if policy.contraction_in_mrr_churn else 0),
    )


def _change(scene: Scene, days: int) -> Change:
    begin = scene.book.mrr(Window.last(days, scene.day).start)
    return Change(days, begin, scene.book.mrr(scene.day) - begin)


def _before(share: Decimal, earlier: Decimal | None) -> tuple[str, ...]:
    if earlier is None:
        return ()
    was = percent(earlier)
    same = was == percent(share)
    return ("as in the 30 days before" if same else f"{arrow(share - earlier)} from {was} in the 30 days before",)
