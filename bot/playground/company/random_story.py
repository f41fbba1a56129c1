"""The ordinary life of one account: it tries, buys, grows, shrinks, fails to pay, leaves, and sometimes comes back."""

from collections.abc import Callable

from bot.playground.company import leaving_words
from bot.playground.company.profiles import Profile
from bot.playground.company.teller import Stage
from bot.playground.stripe.billing.billing import Card
from bot.playground.stripe.billing.dates import DAY
from bot.playground.stripe.store import Object

_CODES = ("insufficient_funds", "insufficient_funds", "generic_decline", "do_not_honor", "expired_card", "lost_card")
_UP = {"starter": "team_monthly", "team": "business_monthly"}
_DOWN = {"business": "team_monthly", "team": "starter_monthly"}


class Life:
    """Tells one account's story from `joined` to the present."""

    def __init__(self, stage: Stage, profile: Profile, joined: int) -> None:
        self.stage, self.profile, self.joined = stage, profile, joined
        self.rng, self.billing = stage.rng, stage.billing
        self.customer = ""

    def tell(self) -> str:
        """The customer's id."""
        self.customer = self.stage.join(self.profile, self.joined)
        self._habits()
        self._begin()
        while (at := self._next()) < self.stage.now:
            self.stage.go(at)
            if self.billing.living(self.customer):
                self._happen()
            elif not self._return():
                break
        self.stage.go(self.stage.now)
        return self.customer

    def _habits(self) -> None:
        habit = self.billing.books.habits[self.customer]
        habit.pays_after = self.rng.choice((9, 16, 24, 28, 33, 41)) * DAY
        habit.when_exhausted = self.rng.choices(("cancel", "unpaid", "past_due"), (80, 12, 8))[0]
        if self.rng.random() < 0.16:
            begin = self.joined + self.rng.randint(60, 600) * DAY
            length = self.rng.choices((4, 10, 40), (55, 25, 20))[0]
            self.billing.declines(self.customer, begin, begin + length * DAY, self.rng.choice(_CODES))

    def _begin(self) -> None:
        stage, profile = self.stage, self.profile
        trial = self.rng.choice((14, 14, 30)) if self.rng.random() < 0.38 else 0
        due = 30 if profile.segment == "enterprise" and self.rng.random() < 0.35 else None
        coupon = self.rng.choices(("", "welcome", "launch", "halfyear", "partner", "nonprofit"), (74, 6, 8, 5, 5, 2))[0]
        items: list[tuple[str, int | None]] = [(profile.plan, profile.seats)]
        dollars_monthly = profile.place.currency == "usd" and profile.plan.endswith(("monthly", "volume"))
        if dollars_monthly and self.rng.random() < 0.12:
            items.append(("api_calls", None))
        if dollars_monthly and self.rng.random() < 0.08:
            items.append(("storage", self.rng.randint(40, 900)))
        order = stage.order(profile, *items, trial=trial, coupons=(coupon,) if coupon else (), due=due)
        key = stage.buy(self.customer, order)
        if trial and self.rng.random() < 0.27:
            gives_up = self.joined + (trial - 2) * DAY
            if gives_up < stage.now:
                stage.go(gives_up)
                self.billing.schedule_cancel(key, *leaving_words.parting(self.rng))

    def _next(self) -> int:
        return self.billing.books.now + int(self.rng.expovariate(1 / (44 * DAY))) + DAY

    def _return(self) -> bool:
        """A customer without a subscription: a few come back after months."""
        back = self.billing.books.now + self.rng.randint(40, 200) * DAY
        if self.rng.random() > 0.24 or back >= self.stage.now:
            return False
        self.stage.go(back)
        self.billing.books.habits[self.customer].declines.clear()
        self.stage.buy(self.customer, self.stage.order(self.profile))
        return True

    def _happen(self) -> None:
        deeds: list[tuple[Callable[[Object], None], float]] = [
            (self._grow, 34),
            (self._shrink, 9),
            (self._upgrade, 6),
            (self._downgrade, 3),
            (self._add_on, 4),
            (self._second, 1.5),
            (self._deal, 1.5),
            (self._leave_later, 6),
            (self._leave_now, 2.5),
            (self._pause, 1),
            (self._refund, 2),
            (self._dispute, 1),
            (self._correct, 1),
            (self._one_off, 2),
            (self._new_card, 3),
            (self._quiet, 18),
        ]
        living = self.billing.living(self.customer)
        subscription = self.rng.choice(living)
        if subscription["status"] not in {"active", "past_due"} or subscription["cancel_at_period_end"]:
            self._waver(subscription)
            return
        deed = self.rng.choices([deed for deed, _ in deeds], [weight for _, weight in deeds])[0]
        deed(subscription)

    def _waver(self, subscription: Object) -> None:
        if subscription["cancel_at_period_end"] and self.rng.random() < 0.15:
            self.billing.keep(subscription["id"])
        elif subscription["status"] == "unpaid" and self.rng.random() < 0.6:
            self.billing.cancel(subscription["id"], reason="payment_failed")

    def _per_seat(self, subscription: Object) -> bool:
        return self.stage.plan(subscription["id"]) in {"team", "business", "enterprise"}

    def _monthly(self, subscription: Object) -> bool:
        recurring = self.billing.items(subscription["id"])[0]["price"]["recurring"]
        return bool(recurring["interval"] == "month" and recurring["interval_count"] == 1)

    def _grow(self, subscription: Object) -> None:
        if self._per_seat(subscription):
            seats = self.stage.seats(subscription["id"])
            more = max(1, round(seats * self.rng.uniform(0.04, 0.3)))
            self._seats(subscription, seats + more)

    def _shrink(self, subscription: Object) -> None:
        seats = self.stage.seats(subscription["id"])
        if self._per_seat(subscription) and seats > 2:
            self._seats(subscription, max(2, seats - max(1, round(seats * self.rng.uniform(0.05, 0.35)))))

    def _seats(self, subscription: Object, seats: int) -> None:
        now = self.rng.random() < 0.4
        self.billing.change_quantity(subscription["id"], seats, invoice_now=now)

    def _upgrade(self, subscription: Object) -> None:
        plan = self.stage.plan(subscription["id"])
        monthly = self._monthly(subscription)
        if self.profile.place.currency in {"jpy", "kwd"} or plan not in {"starter", "team", "business"}:
            return
        if plan != "starter" and monthly and self.rng.random() < 0.35 and len(subscription["items"]["data"]) == 1:
            self._move(subscription, f"{plan}_annual", self.stage.seats(subscription["id"]))
        elif monthly and plan in _UP:
            seats = max(4, self.stage.seats(subscription["id"]))
            self._move(subscription, _UP[plan], seats)

    def _move(self, subscription: Object, plan: str, seats: int, *, at_renewal: bool = False) -> None:
        self.billing.change_plan(subscription["id"], self.stage.price(plan), seats, at_renewal=at_renewal)

    def _downgrade(self, subscription: Object) -> None:
        plan = self.stage.plan(subscription["id"])
        monthly = self._monthly(subscription)
        if plan in _DOWN and monthly and self.profile.place.currency in {"usd", "eur", "gbp"}:
            lower = _DOWN[plan]
            seats = 1 if lower.startswith("starter") else self.stage.seats(subscription["id"])
            self._move(subscription, lower, seats, at_renewal=self.rng.random() < 0.6)

    def _add_on(self, subscription: Object) -> None:
        first = self.billing.items(subscription["id"])[0]["price"]["recurring"]
        spoken_for = len(subscription["items"]["data"]) > 2 or self.profile.place.currency in {"jpy", "kwd"}
        if spoken_for or first["interval"] not in {"month", "year"} or first["interval_count"] != 1:
            return
        if first["interval"] == "year":
            self.billing.add_item(subscription["id"], self.stage.price("support_annual"), 1, invoice_now=True)
        elif self.rng.random() < 0.5:
            packs = self.rng.randint(500, 9_000)
            self.billing.add_item(subscription["id"], self.stage.price("contacts_pack"), packs)
        else:
            self.billing.add_item(subscription["id"], self.stage.price("support"), 1, invoice_now=True)

    def _second(self, subscription: Object) -> None:
        if subscription["currency"] in {"usd", "eur", "gbp"} and len(self.billing.living(self.customer)) == 1:
            order = self.stage.order(self.profile, ("team_monthly", self.rng.randint(3, 12)))
            self.stage.buy(self.customer, order)

    def _deal(self, subscription: Object) -> None:
        kinds = ["partner", "halfyear", "sorry"] if subscription["currency"] == "usd" else ["partner", "halfyear"]
        if not subscription["discounts"] and not self.billing.store["customers"][self.customer]["discount"]:
            target = self.customer if self.rng.random() < 0.3 else subscription["id"]
            self.billing.discount(target, self.stage.catalogue.coupons[self.rng.choice(kinds)])

    def _leave_later(self, subscription: Object) -> None:
        self.billing.schedule_cancel(subscription["id"], *leaving_words.parting(self.rng))

    def _leave_now(self, subscription: Object) -> None:
        self.billing.cancel(subscription["id"], *leaving_words.parting(self.rng))

    def _pause(self, subscription: Object) -> None:
        self.billing.pause_collection(subscription["id"], days=self.rng.randint(20, 70))

    def _refund(self, _subscription: Object) -> None:
        charge = self._charge()
        if charge:
            part = charge["amount"] if self.rng.random() < 0.4 else max(1, charge["amount"] // 4)
            self.billing.refund(self.customer, part)

    def _dispute(self, _subscription: Object) -> None:
        if self._charge():
            key = self.billing.dispute(self.customer, self.rng.choice(leaving_words.DISPUTES))
            closes = self.billing.books.now + 21 * DAY
            if closes < self.stage.now:
                self.stage.go(closes)
                self.billing.close_dispute(key, won=self.rng.random() < 0.45)

    def _charge(self) -> Object | None:
        try:
            charge = self.billing.last_charge(self.customer)
        except ValueError:
            return None
        return charge if charge["amount"] > charge["amount_refunded"] else None

    def _correct(self, subscription: Object) -> None:
        """Finance sets an invoice right: a credit note on a paid one, or an open one voided or written off."""
        invoice = self.billing.store["invoices"][subscription["latest_invoice"]]
        if invoice["status"] == "paid" and invoice["amount_paid"] > 400 and self._charge():
            self.billing.credit_note(invoice["id"], invoice["amount_paid"] // 5, memo="Service credit")
        elif invoice["status"] == "open" and self.rng.random() < 0.5:
            self.billing.void(invoice["id"])
        elif invoice["status"] == "open":
            self.billing.write_off(invoice["id"])

    def _one_off(self, subscription: Object) -> None:
        amount = {"jpy": 40_000, "kwd": 90_000}.get(subscription["currency"], 30_000)
        self.billing.one_off(self.customer, amount, "Onboarding workshop", subscription["currency"])

    def _new_card(self, _subscription: Object) -> None:
        card = self.profile.card or Card()
        self.billing.set_card(self.customer, Card(card.brand, f"{self.rng.randrange(10_000):04d}", 6, 2031))

    def _quiet(self, _subscription: Object) -> None:
        """Most of the time nothing happens."""
