"""A believable software company's billing history, the same for the same seed and day."""

import random
from dataclasses import replace
from datetime import datetime
from typing import Literal

from bot.playground.company import fixed_accounts, names, profiles, rates
from bot.playground.company.bulk import Light
from bot.playground.company.catalogue import Catalogue, stock
from bot.playground.company.profiles import PLACES, Profile
from bot.playground.company.random_story import Life
from bot.playground.company.teller import Stage
from bot.playground.company.times import Times
from bot.playground.company.truth import Truth
from bot.playground.stripe.billing.billing import Billing, Card
from bot.playground.stripe.billing.books import Books
from bot.playground.stripe.billing.dates import DAY, EVENTS_KEPT, add_months, moment, seconds
from bot.playground.stripe.ids import Ids
from bot.playground.stripe.shapes.account import account
from bot.playground.stripe.store import Store


class Company:
    """Kettle, with `accounts` customers over `months` months up to the aware instant `now`.

    The history is in `store`; `billing` goes on from there; `truth` knows the MRR of every subscription at any
    time, and keeps knowing it while `billing` acts. Nothing lies after `now` but what the calendar holds.

    With detail "light" there may be 40 to 1,000,000 accounts, computed on demand: what they are and pay for is as in
    their `lives`, but there are no charges, no events and no renewals at which nothing changed; `light.levels()` is the
    truth then.
    """

    def __init__(
        self,
        seed: int,
        now: datetime,
        accounts: int = 400,
        months: int = 24,
        detail: Literal["full", "light"] = "full",
    ) -> None:
        self.seed, self.accounts = seed, accounts
        self.now = seconds(now)
        self.today = self.now - self.now % DAY
        self.opened = add_months(self.today, -months)
        raised = add_months(self.today, -min(9, months // 2))
        self.store = Store(account("acct_kettle", "Kettle", self.opened - 90 * DAY))
        self.books = Books(self.store, Ids(f"{seed}"), rates.to_dollars, events_since=self.now - EVENTS_KEPT)
        self.books.usage = self._usage
        self.books.now = self.opened - 60 * DAY
        self.truth = Truth()
        self.books.on_level = lambda held, at: self.truth.note(self.books, held, at)
        self.billing = Billing(self.books)
        self.catalogue: Catalogue = stock(self.books, self.opened - 60 * DAY, raised)
        self._stage = Stage(
            self.billing, self.catalogue, random.Random(), today=self.today, now=self.now, raised=raised
        )
        if detail == "light":
            times = Times(seed, now, accounts, months)
            self.light = Light(self.books, times)
            self.light.fill()
        else:
            self._tell()
        self.books.ids.reseed(f"{seed}:live")
        self._stage.rng.seed(f"{seed}:live")
        self.billing.advance(self.now)

    def _tell(self) -> None:
        played = fixed_accounts.PLAYERS[: self.accounts]
        for number, player in enumerate(played):
            self._seed(number)
            player.act(self._stage, player.profile(self._stage, number))
            self.billing.advance(self.now)
        drawn = names.Names({player.name for player in played})
        told = {player.name for player in played}
        given = [name for name in (*names.NASTY, *names.ELSEWHERE) if name not in told]
        for number in range(len(played), self.accounts):
            self._seed(number)
            rng = self._stage.rng
            name = given.pop() if given and number % 3 == 0 else drawn.company(rng)
            Life(self._stage, self._profile(name, number), self._joined(rng)).tell()

    def new_customer(self, name: str, plan: str = "team_monthly", seats: int = 5, trial_days: int = 0) -> str:
        """Someone signs up at this moment, for one of `catalogue.prices`; the customer's id."""
        number = len(self.store["customers"])
        profile = replace(self._profile(name, number), place=PLACES[0], plan=plan, seats=seats, card=Card())
        customer = self.billing.new_customer(profile.customer())
        self._stage.buy(customer, self._stage.order(profile, trial=trial_days))
        return customer

    def change_plan(self, customer: str, plan: str, seats: int | None = None) -> None:
        """Move a customer's oldest living subscription at once to another of `catalogue.prices`, by name or by id."""
        self.billing.change_plan(customer, self.catalogue.prices.get(plan, plan), seats)

    def _seed(self, number: int) -> None:
        """Every account draws its own luck and ids: one more account changes nothing about those before it."""
        self._stage.rng.seed(f"{self.seed}:{number}:{self.today}")
        self.books.ids.reseed(f"{self.seed}:{number}:ids")

    def _profile(self, name: str, number: int) -> Profile:
        return profiles.draw(self._stage.rng, name, number, card_year=moment(self.now).year)

    def _joined(self, rng: random.Random) -> int:
        """The company's growth: a fifth of the customers in the first month, then more every month."""
        span = self.today - self.opened - DAY
        if rng.random() < 0.2:
            return self.opened + int(rng.random() * min(span, 30 * DAY))
        return self.opened + int(span * rng.random() ** 0.8)

    def _usage(self, item: str, start: int) -> int:
        return random.Random(f"{self.seed}:{item}:{start}").randint(2_000, 60_000)
