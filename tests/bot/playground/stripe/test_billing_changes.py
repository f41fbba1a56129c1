"""Seats, plans, items, discounts, taxes: what they do to lines, totals and levels."""

from bot.playground.stripe.store import Object
from tests.bot.playground.stripe.world import World

DAY = 86_400


def lines_of(world: World, invoice: Object) -> list[Object]:
    return world.store.lines[invoice["id"]]


def test_new_seats_are_prorated_onto_the_next_invoice(world: World) -> None:
    key = world.subscribe(world.customer())
    world.go(15)
    world.billing.change_quantity(key, 16)
    assert len(world.invoices(key)) == 1

    world.go(31)

    rows = lines_of(world, world.invoice(key))
    assert [row["amount"] for row in rows] == [-7_500, 12_000, 24_000]
    assert [row["parent"]["subscription_item_details"]["proration"] for row in rows] == [True, True, False]
    assert rows[0]["period"] == {"start": world.start + 15 * DAY, "end": world.start + 30 * DAY}
    assert [row["discountable"] for row in rows] == [False, False, True]
    assert world.levels(key) == [(0, 15_000), (15, 24_000)]


def test_new_seats_may_be_invoiced_at_once(world: World) -> None:
    key = world.subscribe(world.customer())
    world.go(15)

    world.billing.change_quantity(key, 16, invoice_now=True)

    invoice = world.invoice(key)
    assert (invoice["billing_reason"], invoice["total"], invoice["status"]) == ("subscription_update", 4_500, "paid")
    assert world.subscription(key)["latest_invoice"] == invoice["id"]
    event = next(row for row in world.store["events"] if row["type"] == "customer.subscription.updated")
    old = event["data"]["previous_attributes"]["items"]["data"][0]["quantity"]
    assert (old, event["data"]["object"]["items"]["data"][0]["quantity"]) == (10, 16)


def test_money_back_becomes_balance_and_pays_later_invoices(world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer)
    world.go(15)
    world.billing.change_quantity(key, 2, invoice_now=True)
    assert world.invoice(key)["total"] == -6_000
    assert world.invoice(key)["status"] == "paid"
    assert world.store["customers"][customer]["balance"] == -6_000

    world.go(31)

    invoice = world.invoice(key)
    assert (invoice["total"], invoice["starting_balance"], invoice["amount_due"]) == (3_000, -6_000, 0)
    assert world.store["customers"][customer]["balance"] == -3_000


def test_a_plan_on_the_same_rhythm_is_prorated_at_once(world: World) -> None:
    key = world.subscribe(world.customer())
    world.go(15)

    world.billing.change_plan(key, world.prices["business_monthly"])

    assert world.invoice(key)["total"] == 14_500 - 7_500
    assert world.levels(key) == [(0, 15_000), (15, 29_000)]


def test_a_plan_on_another_rhythm_begins_a_new_period(world: World) -> None:
    key = world.subscribe(world.customer())
    world.go(15)

    world.billing.change_plan(key, world.prices["team_annual"], 20)

    item = world.subscription(key)["items"]["data"][0]
    assert item["current_period_start"] == world.start + 15 * DAY
    assert item["current_period_end"] == world.start + 380 * DAY
    assert world.invoice(key)["total"] == 20 * 15_000 - 7_500
    world.go(40)
    assert len(world.invoices(key)) == 2
    assert world.levels(key) == [(0, 15_000), (15, 25_000)]


def test_a_downgrade_can_wait_for_the_renewal(world: World) -> None:
    key = world.subscribe(world.customer(), "business_monthly")
    world.go(12)
    world.billing.change_plan(key, world.prices["team_monthly"], 8, at_renewal=True)
    assert world.levels(key) == [(0, 29_000)]

    world.go(31)

    assert world.levels(key) == [(0, 29_000), (30, 12_000)]
    assert world.invoice(key)["total"] == 12_000


def test_items_come_and_go(world: World) -> None:
    key = world.subscribe(world.customer())
    world.go(15)
    world.billing.add_item(key, world.prices["support"])
    assert world.levels(key)[-1] == (15, 40_000)

    world.go(20)
    world.billing.remove_item(key, 1)
    world.go(31)

    assert [row["amount"] for row in lines_of(world, world.invoice(key))] == [12_500, -8_333, 15_000]
    assert world.levels(key)[-1] == (20, 15_000)
    assert world.subscription(key)["items"]["total_count"] == 1


def test_only_ten_items_and_lines_come_inline(world: World) -> None:
    modules = [(f"module_{number}", 1) for number in range(1, 13)]
    key = world.subscribe(world.customer(), *modules[0], *modules[1:])

    items, rows = world.subscription(key)["items"], world.invoice(key)["lines"]
    assert (len(items["data"]), items["has_more"]) == (10, True)
    assert (len(rows["data"]), rows["has_more"]) == (10, True)
    assert world.levels(key) == [(0, sum(900 + 100 * number for number in range(1, 13)))]


def test_usage_is_billed_afterwards_and_counts_for_no_level(world: World) -> None:
    key = world.subscribe(world.customer(), "team_monthly", 10, ("api_calls", None))
    assert world.invoice(key)["total"] == 15_000

    world.go(31)

    used = lines_of(world, world.invoice(key))[0]
    assert used["period"] == {"start": world.start, "end": world.start + 30 * DAY}
    assert 2_000 <= used["quantity"] <= 60_000
    assert world.levels(key) == [(0, 15_000)]


def test_items_by_usage_are_never_prorated(world: World) -> None:
    key = world.subscribe(world.customer())
    world.go(15)

    world.billing.add_item(key, world.prices["api_calls"], None, invoice_now=True)
    world.billing.remove_item(key, 1)

    assert len(world.invoices(key)) == 1
    assert world.levels(key) == [(0, 15_000)]


def test_graduated_tiers_give_a_line_per_tier(world: World) -> None:
    key = world.subscribe(world.customer(), "enterprise_monthly", 70)

    rows = lines_of(world, world.invoice(key))
    assert [(row["quantity"], row["amount"]) for row in rows] == [(50, 190_000), (0, 50_000), (20, 66_000)]
    assert world.levels(key) == [(0, 306_000)]


def test_volume_packages_and_fractions_of_a_cent(world: World) -> None:
    customer = world.customer()
    assert world.levels(world.subscribe(customer, "business_volume", 100)) == [(0, 280_000)]
    assert world.levels(world.subscribe(customer, "business_volume", 101)) == [(0, 242_400)]
    assert world.levels(world.subscribe(customer, "contacts_pack", 4_001)) == [(0, 10_000)]
    assert world.levels(world.subscribe(customer, "storage", 41)) == [(0, 512)]  # 512.5, half to even
    assert world.levels(world.subscribe(customer, "team_weekly", 3)) == [(0, 5_200)]
    assert world.levels(world.subscribe(customer, "team_quarterly", 3)) == [(0, 4_200)]
    assert world.levels(world.subscribe(customer, "free", 1)) == []


def test_a_price_in_the_subscriptions_own_currency(world: World) -> None:
    key = world.subscribe(world.customer(), "team_monthly", 10, currency="eur", tax="DE")

    invoice = world.invoice(key)
    assert (invoice["currency"], invoice["subtotal"], invoice["total"]) == ("eur", 13_800, 16_422)
    assert invoice["total_taxes"][0]["amount"] == 2_622
    assert world.levels(key) == [(0, 13_800)]


def test_yen_and_dinar_are_exchanged_by_their_own_decimals(world: World) -> None:
    yen = world.subscribe(world.customer(), "team_jpy", 10, currency="jpy")
    dinar = world.subscribe(world.customer(), "team_kwd", 10, currency="kwd")

    for key, major in ((yen, 22_000), (dinar, 45)):
        charge = next(row for row in world.store["charges"] if row["currency"] == world.subscription(key)["currency"])
        transaction = world.store["balance_transactions"][charge["balance_transaction"]]
        assert transaction["currency"] == "usd"
        assert transaction["amount"] == round(major * 100 * transaction["exchange_rate"])


def test_a_discount_forever_lowers_the_level(world: World) -> None:
    key = world.subscribe(world.customer(), coupons=("partner",))

    invoice = world.invoice(key)
    assert (invoice["subtotal"], invoice["total"]) == (15_000, 12_750)
    assert invoice["total_discount_amounts"] == [{"amount": 2_250, "discount": invoice["discounts"][0]}]
    assert world.levels(key) == [(0, 12_750)]


def test_a_discount_once_is_used_up_by_the_first_invoice(world: World) -> None:
    key = world.subscribe(world.customer(), coupons=("welcome",))
    assert world.invoice(key)["total"] == 7_500
    assert world.subscription(key)["discounts"] == []

    world.go(31)

    assert world.invoice(key)["total"] == 15_000
    assert world.levels(key) == [(0, 15_000)]


def test_a_repeating_discount_ends_by_itself(world: World) -> None:
    key = world.subscribe(world.customer(), coupons=("launch",))
    discount = world.store["discounts"][world.subscription(key)["discounts"][0]]
    assert discount["end"] is not None

    world.go(95)

    assert [invoice["total"] for invoice in world.invoices(key)] == [11_250, 11_250, 11_250, 15_000]
    assert world.subscription(key)["discounts"] == []
    assert world.levels(key) == [(0, 15_000)]
    assert "customer.discount.deleted" in world.events()


def test_a_customers_discount_works_where_the_subscription_has_none(world: World) -> None:
    customer = world.customer()
    plain = world.subscribe(customer)
    special = world.subscribe(customer, coupons=("partner",))
    world.go(5)

    world.billing.discount(customer, world.coupons["nonprofit"])

    assert world.levels(plain) == [(0, 15_000), (5, 10_500)]
    assert world.levels(special) == [(0, 12_750)]


def test_a_customers_discount_for_once_or_a_while_goes_away(world: World) -> None:
    first, second = world.customer(), world.customer()
    keys = world.subscribe(first), world.subscribe(second)
    world.billing.discount(first, world.coupons["welcome"])
    world.billing.discount(second, world.coupons["launch"])

    world.go(130)

    assert [invoice["total"] for invoice in world.invoices(keys[0])] == [15_000, 7_500, 15_000, 15_000, 15_000]
    assert [invoice["total"] for invoice in world.invoices(keys[1])] == [15_000, 11_250, 11_250, 15_000, 15_000]
    assert world.store["customers"][first]["discount"] is None
    assert world.store["customers"][second]["discount"] is None


def test_an_items_discount_is_taken_before_the_subscriptions(world: World) -> None:
    key = world.subscribe(world.customer(), "team_monthly", 10, ("support", 1), coupons=("partner",))
    world.billing.discount(key, world.coupons["nonprofit"], item=1)

    world.go(31)

    invoice = world.invoice(key)
    seats, support = lines_of(world, invoice)
    assert [taken["amount"] for taken in support["discount_amounts"]] == [7_500, 2_625]
    assert [taken["amount"] for taken in seats["discount_amounts"]] == [2_250]
    assert len(support["discounts"]) == 1
    # Stripe's subtotal already carries the discounts of single items.
    assert (invoice["subtotal"], invoice["total"]) == (32_500, 27_625)
    assert world.levels(key)[-1] == (0, 27_625)


def test_discounts_that_run_out_after_what_carried_them_are_forgotten(world: World) -> None:
    customer = world.customer()
    key = world.subscribe(customer, "team_monthly", 10, ("support", 1))
    world.billing.discount(key, world.coupons["launch"], item=1)
    world.billing.discount(customer, world.coupons["launch"])
    world.billing.discount(customer, world.coupons["nonprofit"])
    world.billing.remove_item(key, 1)

    world.go(120)

    assert world.store["customers"][customer]["discount"]["source"]["coupon"] == "NONPROFIT30"


def test_an_amount_off_is_spread_and_never_more_than_the_price(world: World) -> None:
    key = world.subscribe(world.customer(), "team_monthly", 10, ("support", 1), coupons=("loyal",))
    small = world.subscribe(world.customer(), "team_monthly", 1, coupons=("loyal",))
    abroad = world.subscribe(world.customer(), "team_monthly", 10, currency="eur", coupons=("loyal",))

    amounts = [row["discount_amounts"][0]["amount"] for row in lines_of(world, world.invoice(key))]
    assert amounts == [1_875, 3_125]
    assert world.invoice(small)["total"] == 0
    assert world.levels(small) == []
    assert world.levels(abroad) == [(0, 13_800)]


def test_a_coupon_for_one_product_leaves_the_others_alone(world: World) -> None:
    key = world.subscribe(world.customer(), "team_monthly", 10, ("support", 1), coupons=("support",))

    assert world.levels(key) == [(0, 15_000 + 20_000)]


def test_prorations_carry_the_percentages_in_force(world: World) -> None:
    key = world.subscribe(world.customer(), coupons=("partner",))
    world.go(15)

    world.billing.change_quantity(key, 20, invoice_now=True)

    assert [row["amount"] for row in lines_of(world, world.invoice(key))] == [-6_375, 12_750]
