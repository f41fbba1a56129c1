"""The accounts that every story needs, told one by one, so that any morning has something to report.

Dates are counted from today; an account's past may reach further back than the company's other customers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.playground.company import names
from bot.playground.company.profiles import JAPAN, KUWAIT, OWNERS, PLACES, Place, Profile, Segment
from bot.playground.company.stage import Stage
from bot.playground.stripe.billing import Card
from bot.playground.stripe.dates import DAY, moment

Act = Callable[[Stage, Profile], None]

_US, _BOSTON, _CA, _UK, _DE, _FR, _SE, _AU, _SG = (
    next(place for place in PLACES if place.city == city)
    for city in ("Austin", "Boston", "Toronto", "London", "Hamburg", "Lyon", "Malmö", "Sydney", "Singapore")
)

_CARD = Card()


@dataclass(frozen=True)
class Player:
    name: str
    act: Act
    plan: str
    seats: int
    place: Place = _US
    segment: Segment = "mid-market"
    contact: str = "Robin Vale"
    card: Card | None = _CARD

    def profile(self, stage: Stage, number: int) -> Profile:
        contact = self.contact if self.name == "Acme Corp" else names.person(stage.rng)
        return Profile(
            name=self.name,
            place=self.place,
            segment=self.segment,
            plan=self.plan,
            seats=self.seats,
            owner=OWNERS[number % len(OWNERS)],
            source="outbound" if self.segment == "enterprise" else "organic",
            contact=contact,
            card=self.card,
            number=number,
        )


def _acme(stage: Stage, profile: Profile) -> None:
    """A good customer for two years who grew all the time; yesterday the renewal's payment failed."""
    billing = stage.billing
    anchor = stage.months_ago(18, days=-1)
    customer = stage.join(profile, anchor - 14 * DAY)
    key = stage.buy(customer, stage.order(profile, ("team_monthly", 12), trial=14))
    stage.go(anchor + 70 * DAY)
    billing.change_plan(key, stage.price("business_monthly"), 20)
    for days, seats in ((150, 34), (260, 52)):
        stage.go(anchor + days * DAY)
        billing.change_quantity(key, seats, invoice_now=True)
    stage.go(anchor + 300 * DAY)
    billing.add_item(key, stage.price("support"), 1, invoice_now=True)
    billing.declines(customer, stage.at(-130), stage.at(-97), "expired_card")
    billing.books.habits[customer].when_exhausted = "past_due"
    stage.go(stage.at(-96))
    billing.set_card(customer, Card("visa", "1881", *_next_month(stage)))
    if any(held["status"] == "past_due" for held in billing.living(customer)):
        billing.recover_payment(customer)
    stage.go(stage.at(-75))
    billing.change_quantity(key, 96, invoice_now=True)
    stage.go(stage.at(-19))
    billing.change_quantity(key, 84)
    billing.declines(customer, stage.at(-2, 1), stage.at(40), "insufficient_funds")


def _next_month(stage: Stage) -> tuple[int, int]:
    soon = moment(stage.today + 32 * DAY)
    return soon.month, soon.year


def _steady(months: int, *items: tuple[str, int | None], days: float = 0) -> Act:
    """Joined so many months before a day and has been paying since."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days))
        stage.buy(customer, stage.order(profile, *items))

    return act


def _seats_on(days: float, seats: int, months: int = 11) -> Act:
    """Changed the number of seats on a day."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=12))
        key = stage.buy(customer, stage.order(profile))
        stage.go(stage.at(days))
        stage.billing.change_quantity(key, seats, invoice_now=seats > profile.seats)

    return act


def _leaves(days: float, feedback: str, comment: str | None, months: int = 14) -> Act:
    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=9))
        key = stage.buy(customer, stage.order(profile))
        stage.go(stage.at(days))
        stage.billing.cancel(key, feedback, comment)

    return act


def _gives_notice(days: float, feedback: str, comment: str | None, *, ends_in: float, months: int) -> Act:
    """Asked on a day to end with the running period."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=ends_in))
        key = stage.buy(customer, stage.order(profile))
        stage.go(stage.at(days))
        stage.billing.schedule_cancel(key, feedback, comment)

    return act


def _joins(days: float, trial: int = 0, coupon: str = "") -> Act:
    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.at(days))
        coupons = (coupon,) if coupon else ()
        stage.buy(customer, stage.order(profile, trial=trial, coupons=coupons))

    return act


def _trial_lost(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.at(-18))
    key = stage.buy(customer, stage.order(profile, trial=14))
    stage.go(stage.at(-9))
    stage.billing.schedule_cancel(key, "missing_features", "Evaluated three tools, chose another one.")


def _returns(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.at(-500))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-190))
    stage.billing.cancel(key, "switched_service", "Trying something cheaper.")
    stage.go(stage.at(-5))
    stage.buy(customer, stage.order(profile))


def _late(first_failure: float, exhausted: str, code: str, months: int = 10) -> Act:
    """The payment of the renewal on a day fails, and so does every retry."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=first_failure))
        stage.buy(customer, stage.order(profile))
        habit = stage.billing.books.habits[customer]
        habit.when_exhausted = "unpaid" if exhausted == "unpaid" else "cancel"
        stage.billing.declines(customer, stage.at(first_failure - 1), stage.at(400), code)

    return act


def _transfers(months: int, days: float, pays_after: int) -> Act:
    """Pays by bank transfer so many days after the invoice, which is due after 30."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=days))
        habit = stage.billing.books.habits[customer]
        habit.pays_after = 21 * DAY
        stage.buy(customer, stage.order(profile, due=30))
        stage.go(stage.at(days - 20))
        habit.pays_after = pays_after * DAY

    return act


def _discounted(coupon: str, months: int, days: float, on: str = "subscription") -> Act:
    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=11))
        items: tuple[tuple[str, int | None], ...] = ((profile.plan, profile.seats),)
        if on != "customer" and profile.plan == "business_monthly":
            items = (*items, ("support", 1))
        key = stage.buy(customer, stage.order(profile, *items))
        stage.go(stage.at(days))
        target = customer if on == "customer" else key
        item = len(items) - 1 if on == "item" else None
        stage.billing.discount(target, stage.catalogue.coupons[coupon], item=item)

    return act


def _card_ends(months: int, days: float) -> Act:
    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=days))
        stage.buy(customer, stage.order(profile))
        stage.go(stage.at(-200))
        stage.billing.set_card(customer, Card("mastercard", "4444", *_next_month(stage)))

    return act


def _disputes(days: float, outcome: str) -> Act:
    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(7, days=days - 4))
        key = stage.buy(customer, stage.order(profile))
        stage.go(stage.at(days))
        dispute = stage.billing.dispute(customer, "subscription_canceled" if outcome == "lost" else "unrecognized")
        if outcome:
            stage.go(stage.at(days + 20))
            stage.billing.close_dispute(dispute, won=outcome == "won")
        if outcome == "lost":
            stage.billing.cancel(key, reason="payment_disputed")

    return act


def _pauses(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(9, days=6))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-40))
    stage.billing.pause_collection(key, days=75)


def _waits(stage: Stage, profile: Profile) -> None:
    """Asked finance to hold the invoices: they stay drafts."""
    customer = stage.join(profile, stage.months_ago(9, days=-5))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-12))
    stage.billing.pause_collection(key, behavior="keep_as_draft")


def _written_off(stage: Stage, profile: Profile) -> None:
    """Never paid the last invoice; finance gave it up and the subscription was ended."""
    customer = stage.join(profile, stage.months_ago(11, days=-80))
    habit = stage.billing.books.habits[customer]
    key = stage.buy(customer, stage.order(profile, due=30))
    stage.go(stage.at(-90))
    habit.pays_after = 900 * DAY
    stage.go(stage.at(-28))
    invoices = stage.billing.store["invoices"]
    for number in list(invoices.walk(narrow=("subscription", key))):
        if invoices[number]["status"] == "open":
            stage.billing.write_off(number)
    stage.billing.cancel(key, reason="payment_failed")


def _two_subscriptions(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(13, days=8))
    stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-120))
    second = stage.buy(customer, stage.order(profile, ("team_monthly", 9)))
    stage.go(stage.at(-4))
    stage.billing.cancel(second, "unused", "The second team moved into the main workspace.")


def _gives_back(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(8, days=-3))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-2))
    stage.billing.refund(customer, 12_000)
    paid = stage.billing.store["subscriptions"][key]["latest_invoice"]
    stage.go(stage.at(-1))
    stage.billing.credit_note(paid, 5_000, "product_unsatisfactory", "Outage of last week")


def _falls_out(stage: Stage, profile: Profile) -> None:
    """The very first payment fails: the subscription never begins."""
    customer = stage.join(profile, stage.at(-30))
    stage.billing.declines(customer, stage.at(-40), stage.at(-20), "incorrect_cvc")
    stage.buy(customer, stage.order(profile))


def _vanishes(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(5, days=3))
    stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-11))
    stage.billing.delete_customer(customer)


def _moves_to_annual(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(10, days=14))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-6))
    stage.billing.change_plan(key, stage.price("business_annual"), profile.seats + 5)


_MODULES: tuple[tuple[str, int | None], ...] = tuple((f"module_{number}", 1 + number % 3) for number in range(1, 13))

PLAYERS: Final[tuple[Player, ...]] = (
    Player("Acme Corp", _acme, "business_monthly", 84, segment="enterprise", contact="Wile Coyote"),
    Player("Acme Labs", _steady(8, days=10), "team_monthly", 7, place=_BOSTON, segment="smb"),
    Player("Acne Studios", _steady(15, days=6), "business_monthly", 23, place=_SE),
    Player(
        "Nordlicht Logistik GmbH",
        _gives_notice(
            -1, "too_expensive", "Budget cut; the board wants one tool for all sites.", ends_in=24, months=12
        ),
        "enterprise_annual_eur",
        120,
        place=_DE,
        segment="enterprise",
    ),
    Player(
        "Hollow Pine Media",
        _leaves(-1, "switched_service", "Moved to a competitor with SSO in the base plan.", months=16),
        "business_monthly",
        48,
        place=_UK,
    ),
    Player("Larkspur Health", _joins(-1), "business_monthly", 27, place=_CA),
    Player("Tidewater Robotics", _seats_on(-1, 61), "business_monthly", 40, segment="enterprise"),
    Player("Quill & Sparrow", _seats_on(-1, 22), "business_monthly", 31, place=_FR),
    Player("Granite Ridge Insurance", _steady(12, days=4), "enterprise_annual", 140, segment="enterprise"),
    Player("Summit Therapeutics", _steady(12, days=9), "enterprise_annual", 95, segment="enterprise", place=_BOSTON),
    Player("Harbor Freight Forwarders", _steady(24, days=12), "business_annual", 70, segment="enterprise", place=_UK),
    Player("Velvet Hotels", _steady(12, days=2), "business_annual", 44, place=_FR),
    Player("Bramble Analytics", _returns, "team_monthly", 18),
    Player("Copper Kettle Foods", _joins(-17, trial=14), "business_monthly", 16, place=_AU),
    Player("Juniper Clinics", _joins(-12, trial=14), "business_monthly", 34),
    Player("Mosaic Learning", _joins(-9, trial=14, coupon="welcome"), "team_monthly", 20, place=_SG),
    Player("Otter Outdoor", _joins(-25, trial=30), "team_monthly", 8, place=_SE),
    Player("Flint & Steel Press", _trial_lost, "team_monthly", 11),
    Player("Paper Boat Design", _joins(-17, trial=14), "team_monthly", 6, card=None),
    Player(
        "Silverline Telecom", _late(-6, "cancel", "insufficient_funds"), "enterprise_monthly", 75, segment="enterprise"
    ),
    Player("Fern Fitness", _late(-10, "cancel", "expired_card"), "team_monthly", 9, segment="smb", place=_UK),
    Player("Wren Books", _late(-17, "cancel", "lost_card"), "team_monthly", 12, segment="smb"),
    Player("Umber Toys", _late(-25, "unpaid", "do_not_honor"), "business_monthly", 15),
    Player(
        "Thistle Insurance Group", _transfers(12, -45, 400), "enterprise_annual", 88, segment="enterprise", place=_AU
    ),
    Player("Delta Water Works", _transfers(9, -33, 400), "business_monthly", 52, segment="enterprise"),
    Player("Orchard Pharma", _transfers(7, -20, 25), "business_volume", 66, segment="enterprise", place=_BOSTON),
    Player("Lantern Legal", _card_ends(13, 8), "business_monthly", 58, segment="enterprise"),
    Player("Kestrel Motors", _card_ends(12, 19), "enterprise_monthly", 64, segment="enterprise", place=_CA),
    Player("Meadow Farms", _card_ends(9, 5), "team_monthly", 10, segment="smb"),
    Player("Indigo Games", _pauses, "business_monthly", 21, place=_SE),
    Player("Violet Press", _waits, "business_monthly", 12),
    Player("Iron Fabrication", _written_off, "business_monthly", 25, place=_DE),
    Player("Cinder Brewing", _disputes(-3, ""), "team_monthly", 14, segment="smb"),
    Player("Onyx Apparel", _disputes(-35, "won"), "business_monthly", 19, place=_FR),
    Player("Zephyr Travel", _disputes(-28, "lost"), "team_monthly", 13, segment="smb"),
    Player("Topaz Imaging", _gives_back, "business_monthly", 24),
    Player("Twin Rivers Supply", _two_subscriptions, "business_monthly", 29, place=_UK),
    Player("Modular Marine", _steady(6, *_MODULES, days=7), "module_1", 1, segment="mid-market"),
    Player("Saffron Kitchens", _discounted("nonprofit", 14, -30, on="customer"), "business_monthly", 26),
    Player("Linden Optics", _discounted("loyal", 12, -45), "business_monthly", 33),
    Player("Raven Security", _discounted("support", 11, -20), "business_monthly", 38),
    Player("Maple Mobility", _discounted("partner", 10, -15, on="item"), "business_monthly", 17, place=_UK),
    Player("Aspen Wines", _discounted("halfyear", 9, -60), "team_monthly", 15, place=_FR),
    Player("Spruce Works", _discounted("launch", 9, -150), "team_monthly", 22),
    Player("Clear Shore Optics", _moves_to_annual, "business_monthly", 20),
    Player("株式会社サクラ物流", _steady(11, days=15), "business_jpy", 42, place=JAPAN),
    Player("شركة الواحة للتجارة", _steady(10, days=13), "business_kwd", 36, place=KUWAIT),
    Player("Pebble Payments", _steady(4, days=3), "team_weekly", 12, segment="smb"),
    Player("Contact Forge", _steady(8, ("team_monthly", 8), ("contacts_pack", 41_500), days=2), "team_monthly", 8),
    Player("Blue Nimbus Cloud", _steady(7, ("team_monthly", 9), ("storage", 777), days=1), "team_monthly", 9),
    Player("Quartz Grid", _steady(9, ("business_volume", 101), ("api_calls", None), days=5), "business_volume", 101),
    Player("Ivory Photo", _falls_out, "team_monthly", 4, segment="smb"),
    Player("Walnut Toys", _vanishes, "starter_monthly", 1, segment="smb"),
    Player("Robin Freight", _leaves(-5, "unused", None, months=7), "team_monthly", 10, place=_DE),
    Player("Tundra Networks", _leaves(-3, "too_complex", "Nobody finished the set-up.", months=4), "team_monthly", 6),
    Player("Winter Supply", _seats_on(-3, 28), "team_monthly", 19),
    Player("Yarrow Diagnostics", _seats_on(-2, 36), "business_monthly", 30, place=_DE),
    Player("Heron Partners", _joins(-4, coupon="launch"), "team_monthly", 16, place=_UK),
)
