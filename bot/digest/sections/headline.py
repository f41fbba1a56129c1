"""The six headline figures, each with its change; what cannot be known is a dash with the reason in the footer."""

from dataclasses import dataclass
from decimal import Decimal

from bot.digest.scene import Scene, enough
from bot.metrics.axes import ChurnWindow
from bot.metrics.catalogue import churn
from bot.metrics.catalogue.customers import arpa
from bot.metrics.metric import Share, number
from bot.metrics.policy import MetricsPolicy
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window
from bot.money import rounded
from bot.telling.rounding import adding_up
from bot.telling.told import NO_SHARE, Figure, Phrase, Told, arrow, counted, exact, money, percent

MONTH = 30
SPANS = (1, 7, MONTH)
THIRTY_DAYS = "30 days"
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a level changed over some days, and from what."""

    days: int
    begin: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Headline:
    """Levels at the start of the day; flows over 30 days, churn over `churned_in`; `_before` before those."""

    base: str
    mrr: Decimal
    changes: tuple[Change, ...]
    roll: Roll
    arpa: Decimal | None
    arpa_before: Decimal | None
    churned_in: str
    customer_churn: Share
    customer_churn_before: Share
    mrr_churn: Share
    mrr_churn_before: Share

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
        return enough(int(self.customer_churn.whole))

    def _change(self, change: Change) -> str:
        days = counted(change.days, "day")
        if not rounded(change.amount):
            return f"{days}: unchanged"
        grown = percent(change.amount / change.begin, sign=True) if self.shares and change.begin > 0 else NO_SHARE
        share = f" ({grown})" if grown != NO_SHARE else ""
        return f"{days}: {arrow(change.amount)} {money(change.amount, self.base, sign=True)}{share}"

    def _net_new(self) -> Figure:
        """Its parts add up to it, and it and the exchange rates to the change of MRR over the same days, as shown."""
        roll = self.roll
        amounts = (roll.fx, roll.new, roll.reactivation, roll.expansion, -roll.churn, -roll.contraction)
        fx, *moved = adding_up(amounts, roll.end - roll.begin, self.base)
        named = list(zip(moved, ("new", "back", "grown", "left", "shrunk"), strict=True))
        notes = [
            " · ".join(f"{exact(amount, self.base, sign=True)} {word}" for amount, word in side if amount)
            for side in (named[:3], named[3:])
        ]
        if fx:
            notes.append(f"exchange rates, counted apart: {exact(fx, self.base, sign=True)}")
        shown = tuple(note for note in notes if note)
        return Figure("Net new MRR, 30 days", exact(sum(moved), self.base, sign=True), shown)

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
        way = f"{arrow(change)} {money(change, self.base, sign=True)}" if rounded(change) else "unchanged"
        return Figure("ARPA", money(self.arpa, self.base), (f"30 days: {way}",))

    def _customer_churn(self) -> Figure:
        label = f"Customer churn, {self.churned_in}"
        share = self.customer_churn
        of = f"{share.part:,} of {share.whole:,}"
        if share.value is None:
            return Figure(label, UNKNOWN)
        if not self.shares:
            return Figure(label, of, ("left",))
        return Figure(label, percent(share.value), (of, *self._before(share.value, self.customer_churn_before.value)))

    def _mrr_churn(self) -> Figure:
        label = f"MRR churn, {self.churned_in}"
        share = self.mrr_churn
        lost = money(share.part, self.base)
        of = f"of {money(share.whole, self.base)}"
        if share.value is None:
            return Figure(label, UNKNOWN)
        if not self.shares:
            return Figure(label, lost, (of,))
        return Figure(
            label, percent(share.value), (f"{lost} {of}", *self._before(share.value, self.mrr_churn_before.value))
        )

    def _before(self, share: Decimal, earlier: Decimal | None) -> tuple[str, ...]:
        if earlier is None:
            return ()
        was = percent(earlier)
        same, before = was == percent(share), f"in the {self._length} before"
        return (f"as {before}" if same else f"{arrow(share - earlier)} from {was} {before}",)

    @property
    def _length(self) -> str:
        return THIRTY_DAYS if self.churned_in == THIRTY_DAYS else "month"

    @property
    def _these(self) -> str:
        return f"these {THIRTY_DAYS}" if self.churned_in == THIRTY_DAYS else self.churned_in

    @property
    def _ago(self) -> str:
        return f"{THIRTY_DAYS} ago" if self.churned_in == THIRTY_DAYS else f"when {self.churned_in} began"

    def _unknown(self) -> tuple[Phrase, ...]:
        if self.customer_churn.value is None:
            return ((f"Churn cannot be told yet: nobody paid in {self._these}.",),)
        said: list[Phrase] = []
        if self.mrr_churn.value is None:
            said.append((f"MRR churn cannot be told yet: there was no MRR {self._ago}.",))
        if not self.shares:
            said.append(("Under 20 customers Kahvi shows counts and amounts instead of percentages.",))
        return tuple(said)


def headline(scene: Scene) -> Headline | None:
    if not scene.started:
        return None
    book, day = scene.book, scene.until
    return Headline(
        base=scene.base,
        mrr=book.mrr(day),
        changes=tuple(_change(scene, days) for days in SPANS),
        roll=scene.month.of(Roll),
        arpa=number(arpa(scene.month)),
        arpa_before=number(arpa(scene.month_before)),
        churned_in=_named(scene.churned.window, scene.policy),
        customer_churn=churn.customer_churn(scene.churned),
        customer_churn_before=churn.customer_churn(scene.churned_before),
        mrr_churn=churn.mrr_churn(scene.churned),
        mrr_churn_before=churn.mrr_churn(scene.churned_before),
    )


def _change(scene: Scene, days: int) -> Change:
    begin = scene.book.mrr(Window.last(days, scene.until).start)
    return Change(days, begin, scene.book.mrr(scene.until) - begin)


def _named(window: Window, policy: MetricsPolicy) -> str:
    return THIRTY_DAYS if policy.churn_window is ChurnWindow.ROLLING_30D else f"{window.start:%B}"
