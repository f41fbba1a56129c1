"""The accounts that every story needs, told one by one, so that any morning has something to report.

Dates are counted from today; an account's past may reach further back than the company's other customers.
"""

from dataclasses import dataclass
from typing import Final

from bot.playground.company import names, stories
from bot.playground.company.profiles import JAPAN, KUWAIT, OWNERS, PLACES, Place, Profile, Segment
from bot.playground.company.stories import Act
from bot.playground.company.teller import Stage
from bot.playground.stripe.billing.billing import Card

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
    Player("Acme Corp", stories.acme, "business_monthly", 84, segment="enterprise", contact="Wile Coyote"),
    Player("Acme Labs", stories.steady(8, days=10), "team_monthly", 7, place=_BOSTON, segment="smb"),
    Player("Acne Studios", stories.steady(15, days=6), "business_monthly", 23, place=_SE),
    Player(
        "Nordlicht Logistik GmbH",
        stories.gives_notice(
            -1, "too_expensive", "Budget cut; the board wants one tool for all sites.", ends_in=24, months=12
        ),
        "enterprise_annual_eur",
        120,
        place=_DE,
        segment="enterprise",
    ),
    Player(
        "Hollow Pine Media",
        stories.leaves(-1, "switched_service", "Moved to a competitor with SSO in the base plan.", months=16),
        "business_monthly",
        48,
        place=_UK,
    ),
    Player("Larkspur Health", stories.joins(-1), "business_monthly", 27, place=_CA),
    Player("Tidewater Robotics", stories.seats_on(-1, 61), "business_monthly", 40, segment="enterprise"),
    Player("Quill & Sparrow", stories.seats_on(-1, 22), "business_monthly", 31, place=_FR),
    Player("Granite Ridge Insurance", stories.steady(12, days=4), "enterprise_annual", 140, segment="enterprise"),
    Player(
        "Summit Therapeutics", stories.steady(12, days=9), "enterprise_annual", 95, segment="enterprise", place=_BOSTON
    ),
    Player(
        "Harbor Freight Forwarders", stories.steady(24, days=12), "business_annual", 70, segment="enterprise", place=_UK
    ),
    Player("Velvet Hotels", stories.steady(12, days=2), "business_annual", 44, place=_FR),
    Player("Bramble Analytics", stories.returns, "team_monthly", 18),
    Player("Copper Kettle Foods", stories.joins(-17, trial=14), "business_monthly", 16, place=_AU),
    Player("Juniper Clinics", stories.joins(-12, trial=14), "business_monthly", 34),
    Player("Mosaic Learning", stories.joins(-9, trial=14, coupon="welcome"), "team_monthly", 20, place=_SG),
    Player("Otter Outdoor", stories.joins(-25, trial=30), "team_monthly", 8, place=_SE),
    Player("Flint & Steel Press", stories.trial_lost, "team_monthly", 11),
    Player("Paper Boat Design", stories.joins(-17, trial=14), "team_monthly", 6, card=None),
    Player(
        "Silverline Telecom",
        stories.late(-6, "cancel", "insufficient_funds"),
        "enterprise_monthly",
        75,
        segment="enterprise",
    ),
    Player("Fern Fitness", stories.late(-10, "cancel", "expired_card"), "team_monthly", 9, segment="smb", place=_UK),
    Player("Wren Books", stories.late(-17, "cancel", "lost_card"), "team_monthly", 12, segment="smb"),
    Player("Umber Toys", stories.late(-25, "unpaid", "do_not_honor"), "business_monthly", 15),
    Player(
        "Thistle Insurance Group",
        stories.transfers(12, -45, 400),
        "enterprise_annual",
        88,
        segment="enterprise",
        place=_AU,
    ),
    Player("Delta Water Works", stories.transfers(9, -33, 400), "business_monthly", 52, segment="enterprise"),
    Player("Orchard Pharma", stories.transfers(7, -20, 25), "business_volume", 66, segment="enterprise", place=_BOSTON),
    Player("Lantern Legal", stories.card_ends(13, 8), "business_monthly", 58, segment="enterprise"),
    Player("Kestrel Motors", stories.card_ends(12, 19), "enterprise_monthly", 64, segment="enterprise", place=_CA),
    Player("Meadow Farms", stories.card_ends(9, 5), "team_monthly", 10, segment="smb"),
    Player("Indigo Games", stories.pauses, "business_monthly", 21, place=_SE),
    Player("Violet Press", stories.waits, "business_monthly", 12),
    Player("Iron Fabrication", stories.written_off, "business_monthly", 25, place=_DE),
    Player("Cinder Brewing", stories.disputes(-3, ""), "team_monthly", 14, segment="smb"),
    Player("Onyx Apparel", stories.disputes(-35, "won"), "business_monthly", 19, place=_FR),
    Player("Zephyr Travel", stories.disputes(-28, "lost"), "team_monthly", 13, segment="smb"),
    Player("Topaz Imaging", stories.gives_back, "business_monthly", 24),
    Player("Twin Rivers Supply", stories.two_subscriptions, "business_monthly", 29, place=_UK),
    Player("Modular Marine", stories.steady(6, *_MODULES, days=7), "module_1", 1, segment="mid-market"),
    Player("Saffron Kitchens", stories.discounted("nonprofit", 14, -30, on="customer"), "business_monthly", 26),
    Player("Linden Optics", stories.discounted("loyal", 12, -45), "business_monthly", 33),
    Player("Raven Security", stories.discounted("support", 11, -20), "business_monthly", 38),
    Player("Maple Mobility", stories.discounted("partner", 10, -15, on="item"), "business_monthly", 17, place=_UK),
    Player("Aspen Wines", stories.discounted("halfyear", 9, -60), "team_monthly", 15, place=_FR),
    Player("Spruce Works", stories.discounted("launch", 9, -150), "team_monthly", 22),
    Player("Clear Shore Optics", stories.moves_to_annual, "business_monthly", 20),
    Player("株式会社サクラ物流", stories.steady(11, days=15), "business_jpy", 42, place=JAPAN),
    Player("شركة الواحة للتجارة", stories.steady(10, days=13), "business_kwd", 36, place=KUWAIT),
    Player("Pebble Payments", stories.steady(4, days=3), "team_weekly", 12, segment="smb"),
    Player(
        "Contact Forge", stories.steady(8, ("team_monthly", 8), ("contacts_pack", 41_500), days=2), "team_monthly", 8
    ),
    Player("Blue Nimbus Cloud", stories.steady(7, ("team_monthly", 9), ("storage", 777), days=1), "team_monthly", 9),
    Player(
        "Quartz Grid", stories.steady(9, ("business_volume", 101), ("api_calls", None), days=5), "business_volume", 101
    ),
    Player("Ivory Photo", stories.falls_out, "team_monthly", 4, segment="smb"),
    Player("Walnut Toys", stories.vanishes, "starter_monthly", 1, segment="smb"),
    Player("Robin Freight", stories.leaves(-5, "unused", None, months=7), "team_monthly", 10, place=_DE),
    Player(
        "Tundra Networks", stories.leaves(-3, "too_complex", "Nobody finished the set-up.", months=4), "team_monthly", 6
    ),
    Player("Winter Supply", stories.seats_on(-3, 28), "team_monthly", 19),
    Player("Yarrow Diagnostics", stories.seats_on(-2, 36), "business_monthly", 30, place=_DE),
    Player("Heron Partners", stories.joins(-4, coupon="launch"), "team_monthly", 16, place=_UK),
)
