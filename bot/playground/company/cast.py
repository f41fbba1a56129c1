"""The accounts that every story needs, told one by one, so that any morning has something to report.

Dates are counted from today; an account's past may reach further back than the company's other customers.
"""

from dataclasses import dataclass
from typing import Final

from bot.playground.company import acts, names
from bot.playground.company.acts import Act
from bot.playground.company.profiles import JAPAN, KUWAIT, OWNERS, PLACES, Place, Profile, Segment
from bot.playground.company.stage import Stage
from bot.playground.stripe.billing import Card

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
    contact: str | None = None
    card: Card | None = _CARD

    def profile(self, stage: Stage, number: int) -> Profile:
        return Profile(
            name=self.name,
            place=self.place,
            segment=self.segment,
            plan=self.plan,
            seats=self.seats,
            owner=OWNERS[number % len(OWNERS)],
            source="outbound" if self.segment == "enterprise" else "organic",
            contact=self.contact or names.person(stage.rng),
            card=self.card,
            number=number,
        )


_MODULES: tuple[tuple[str, int | None], ...] = tuple((f"module_{number}", 1 + number % 3) for number in range(1, 13))

PLAYERS: Final[tuple[Player, ...]] = (
    Player("Acme Corp", acts.acme, "business_monthly", 84, segment="enterprise", contact="Wile Coyote"),
    Player("Acme Labs", acts.steady(8, days=10), "team_monthly", 7, place=_BOSTON, segment="smb"),
    Player("Acne Studios", acts.steady(15, days=6), "business_monthly", 23, place=_SE),
    Player(
        "Nordlicht Logistik GmbH",
        acts.gives_notice(
            -1, "too_expensive", "Budget cut; the board wants one tool for all sites.", ends_in=24, months=12
        ),
        "enterprise_annual_eur",
        120,
        place=_DE,
        segment="enterprise",
    ),
    Player(
        "Hollow Pine Media",
        acts.leaves(-1, "switched_service", "Moved to a competitor with SSO in the base plan.", months=16),
        "business_monthly",
        48,
        place=_UK,
    ),
    Player("Larkspur Health", acts.joins(-1), "business_monthly", 27, place=_CA),
    Player("Tidewater Robotics", acts.seats_on(-1, 61), "business_monthly", 40, segment="enterprise"),
    Player("Quill & Sparrow", acts.seats_on(-1, 22), "business_monthly", 31, place=_FR),
    Player("Granite Ridge Insurance", acts.steady(12, days=4), "enterprise_annual", 140, segment="enterprise"),
    Player(
        "Summit Therapeutics", acts.steady(12, days=9), "enterprise_annual", 95, segment="enterprise", place=_BOSTON
    ),
    Player(
        "Harbor Freight Forwarders", acts.steady(24, days=12), "business_annual", 70, segment="enterprise", place=_UK
    ),
    Player("Velvet Hotels", acts.steady(12, days=2), "business_annual", 44, place=_FR),
    Player("Bramble Analytics", acts.returns, "team_monthly", 18),
    Player("Copper Kettle Foods", acts.joins(-17, trial=14), "business_monthly", 16, place=_AU),
    Player("Juniper Clinics", acts.joins(-12, trial=14), "business_monthly", 34),
    Player("Mosaic Learning", acts.joins(-9, trial=14, coupon="welcome"), "team_monthly", 20, place=_SG),
    Player("Otter Outdoor", acts.joins(-25, trial=30), "team_monthly", 8, place=_SE),
    Player("Flint & Steel Press", acts.trial_lost, "team_monthly", 11),
    Player("Paper Boat Design", acts.joins(-17, trial=14), "team_monthly", 6, card=None),
    Player(
        "Silverline Telecom",
        acts.late(-6, "cancel", "insufficient_funds"),
        "enterprise_monthly",
        75,
        segment="enterprise",
    ),
    Player("Fern Fitness", acts.late(-10, "cancel", "expired_card"), "team_monthly", 9, segment="smb", place=_UK),
    Player("Wren Books", acts.late(-17, "cancel", "lost_card"), "team_monthly", 12, segment="smb"),
    Player("Umber Toys", acts.late(-25, "unpaid", "do_not_honor"), "business_monthly", 15),
    Player(
        "Thistle Insurance Group",
        acts.transfers(12, -45, 400),
        "enterprise_annual",
        88,
        segment="enterprise",
        place=_AU,
    ),
    Player("Delta Water Works", acts.transfers(9, -33, 400), "business_monthly", 52, segment="enterprise"),
    Player("Orchard Pharma", acts.transfers(7, -20, 25), "business_volume", 66, segment="enterprise", place=_BOSTON),
    Player("Lantern Legal", acts.card_ends(13, 8), "business_monthly", 58, segment="enterprise"),
    Player("Kestrel Motors", acts.card_ends(12, 19), "enterprise_monthly", 64, segment="enterprise", place=_CA),
    Player("Meadow Farms", acts.card_ends(9, 5), "team_monthly", 10, segment="smb"),
    Player("Indigo Games", acts.pauses, "business_monthly", 21, place=_SE),
    Player("Violet Press", acts.waits, "business_monthly", 12),
    Player("Iron Fabrication", acts.written_off, "business_monthly", 25, place=_DE),
    Player("Cinder Brewing", acts.disputes(-3, ""), "team_monthly", 14, segment="smb"),
    Player("Onyx Apparel", acts.disputes(-35, "won"), "business_monthly", 19, place=_FR),
    Player("Zephyr Travel", acts.disputes(-28, "lost"), "team_monthly", 13, segment="smb"),
    Player("Topaz Imaging", acts.gives_back, "business_monthly", 24),
    Player("Twin Rivers Supply", acts.two_subscriptions, "business_monthly", 29, place=_UK),
    Player("Modular Marine", acts.steady(6, *_MODULES, days=7), "module_1", 1, segment="mid-market"),
    Player("Saffron Kitchens", acts.discounted("nonprofit", 14, -30, on="customer"), "business_monthly", 26),
    Player("Linden Optics", acts.discounted("loyal", 12, -45), "business_monthly", 33),
    Player("Raven Security", acts.discounted("support", 11, -20), "business_monthly", 38),
    Player("Maple Mobility", acts.discounted("partner", 10, -15, on="item"), "business_monthly", 17, place=_UK),
    Player("Aspen Wines", acts.discounted("halfyear", 9, -60), "team_monthly", 15, place=_FR),
    Player("Spruce Works", acts.discounted("launch", 9, -150), "team_monthly", 22),
    Player("Clear Shore Optics", acts.moves_to_annual, "business_monthly", 20),
    Player("株式会社サクラ物流", acts.steady(11, days=15), "business_jpy", 42, place=JAPAN),
    Player("شركة الواحة للتجارة", acts.steady(10, days=13), "business_kwd", 36, place=KUWAIT),
    Player("Pebble Payments", acts.steady(4, days=3), "team_weekly", 12, segment="smb"),
    Player("Contact Forge", acts.steady(8, ("team_monthly", 8), ("contacts_pack", 41_500), days=2), "team_monthly", 8),
    Player("Blue Nimbus Cloud", acts.steady(7, ("team_monthly", 9), ("storage", 777), days=1), "team_monthly", 9),
    Player(
        "Quartz Grid", acts.steady(9, ("business_volume", 101), ("api_calls", None), days=5), "business_volume", 101
    ),
    Player("Ivory Photo", acts.falls_out, "team_monthly", 4, segment="smb"),
    Player("Walnut Toys", acts.vanishes, "starter_monthly", 1, segment="smb"),
    Player("Robin Freight", acts.leaves(-5, "unused", None, months=7), "team_monthly", 10, place=_DE),
    Player(
        "Tundra Networks", acts.leaves(-3, "too_complex", "Nobody finished the set-up.", months=4), "team_monthly", 6
    ),
    Player("Winter Supply", acts.seats_on(-3, 28), "team_monthly", 19),
    Player("Yarrow Diagnostics", acts.seats_on(-2, 36), "business_monthly", 30, place=_DE),
    Player("Heron Partners", acts.joins(-4, coupon="launch"), "team_monthly", 16, place=_UK),
)
