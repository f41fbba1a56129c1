"""What the accounts of the cast live through; each act tells one account's whole story, dates counted from today."""

from collections.abc import Callable

from bot.playground.company.profiles import Profile
from bot.playground.company.teller import Stage
from bot.playground.stripe.billing.billing import Card
from bot.playground.stripe.billing.dates import DAY, moment

Act = Callable[[Stage, Profile], None]


def acme(stage: Stage, profile: Profile) -> None:
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
    billing.set_card(customer, Card("visa", "1881", *next_month(stage)))
    if any(held["status"] == "past_due" for held in billing.living(customer)):
        billing.recover_payment(customer)
    stage.go(stage.at(-75))
    billing.change_quantity(key, 96, invoice_now=True)
    stage.go(stage.at(-19))
    billing.change_quantity(key, 84)
    billing.declines(customer, stage.at(-2, 1), stage.at(40), "insufficient_funds")


def next_month(stage: Stage) -> tuple[int, int]:
    soon = moment(stage.today + 32 * DAY)
    return soon.month, soon.year


def steady(months: int, *items: tuple[str, int | None], days: float = 0) -> Act:
    """Joined so many months before a day and has been paying since."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days))
        stage.buy(customer, stage.order(profile, *items))

    return act


def seats_on(days: float, seats: int, months: int = 11) -> Act:
    """Changed the number of seats on a day."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=12))
        key = stage.buy(customer, stage.order(profile))
        stage.go(stage.at(days))
        stage.billing.change_quantity(key, seats, invoice_now=seats > profile.seats)

    return act


def leaves(days: float, feedback: str, comment: str | None, months: int = 14) -> Act:
    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=9))
        key = stage.buy(customer, stage.order(profile))
        stage.go(stage.at(days))
        stage.billing.cancel(key, feedback, comment)

    return act


def gives_notice(days: float, feedback: str, comment: str | None, *, ends_in: float, months: int) -> Act:
    """Asked on a day to end with the running period."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=ends_in))
        key = stage.buy(customer, stage.order(profile))
        stage.go(stage.at(days))
        stage.billing.schedule_cancel(key, feedback, comment)

    return act


def joins(days: float, trial: int = 0, coupon: str = "") -> Act:
    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.at(days))
        coupons = (coupon,) if coupon else ()
        stage.buy(customer, stage.order(profile, trial=trial, coupons=coupons))

    return act


def trial_lost(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.at(-18))
    key = stage.buy(customer, stage.order(profile, trial=14))
    stage.go(stage.at(-9))
    stage.billing.schedule_cancel(key, "missing_features", "Evaluated three tools, chose another one.")


def returns(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.at(-500))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-190))
    stage.billing.cancel(key, "switched_service", "Trying something cheaper.")
    stage.go(stage.at(-5))
    stage.buy(customer, stage.order(profile))


def late(first_failure: float, exhausted: str, code: str, months: int = 10) -> Act:
    """The payment of the renewal on a day fails, and so does every retry."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=first_failure))
        stage.buy(customer, stage.order(profile))
        habit = stage.billing.books.habits[customer]
        habit.when_exhausted = "unpaid" if exhausted == "unpaid" else "cancel"
        stage.billing.declines(customer, stage.at(first_failure - 1), stage.at(400), code)

    return act


def transfers(months: int, days: float, pays_after: int) -> Act:
    """Pays by bank transfer so many days after the invoice, which is due after 30."""

    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=days))
        habit = stage.billing.books.habits[customer]
        habit.pays_after = 21 * DAY
        stage.buy(customer, stage.order(profile, due=30))
        stage.go(stage.at(days - 20))
        habit.pays_after = pays_after * DAY

    return act


def discounted(coupon: str, months: int, days: float, on: str = "subscription") -> Act:
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


def card_ends(months: int, days: float) -> Act:
    def act(stage: Stage, profile: Profile) -> None:
        customer = stage.join(profile, stage.months_ago(months, days=days))
        stage.buy(customer, stage.order(profile))
        stage.go(stage.at(-200))
        stage.billing.set_card(customer, Card("mastercard", "4444", *next_month(stage)))

    return act


def disputes(days: float, outcome: str) -> Act:
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


def pauses(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(9, days=6))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-40))
    stage.billing.pause_collection(key, days=75)


def waits(stage: Stage, profile: Profile) -> None:
    """Asked finance to hold the invoices: they stay drafts."""
    customer = stage.join(profile, stage.months_ago(9, days=-5))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-12))
    stage.billing.pause_collection(key, behavior="keep_as_draft")


def written_off(stage: Stage, profile: Profile) -> None:
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


def two_subscriptions(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(13, days=8))
    stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-120))
    second = stage.buy(customer, stage.order(profile, ("team_monthly", 9)))
    stage.go(stage.at(-4))
    stage.billing.cancel(second, "unused", "The second team moved into the main workspace.")


def gives_back(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(8, days=-3))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-2))
    stage.billing.refund(customer, 12_000)
    paid = stage.billing.store["subscriptions"][key]["latest_invoice"]
    stage.go(stage.at(-1))
    stage.billing.credit_note(paid, 5_000, "product_unsatisfactory", "Outage of last week")


def falls_out(stage: Stage, profile: Profile) -> None:
    """The very first payment fails: the subscription never begins."""
    customer = stage.join(profile, stage.at(-30))
    stage.billing.declines(customer, stage.at(-40), stage.at(-20), "incorrect_cvc")
    stage.buy(customer, stage.order(profile))


def vanishes(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(5, days=3))
    stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-11))
    stage.billing.delete_customer(customer)


def moves_to_annual(stage: Stage, profile: Profile) -> None:
    customer = stage.join(profile, stage.months_ago(10, days=14))
    key = stage.buy(customer, stage.order(profile))
    stage.go(stage.at(-6))
    stage.billing.change_plan(key, stage.price("business_annual"), profile.seats + 5)
