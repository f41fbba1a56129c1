"""Who an account is: region, currency, size, owner, and what it buys first."""

import random
from dataclasses import dataclass
from typing import Final, Literal

from bot.playground.company import names
from bot.playground.stripe.billing.billing import Card, NewCustomer

Segment = Literal["smb", "mid-market", "enterprise"]

OWNERS = (
    "maya.lindqvist@kettle.example",
    "jonas.weber@kettle.example",
    "priya.nair@kettle.example",
    "tom.okafor@kettle.example",
    "sofia.rossi@kettle.example",
)
SOURCES = ("organic", "ads", "referral", "outbound", "partner", "event")
BRANDS = ("visa", "visa", "mastercard", "amex")


@dataclass(frozen=True)
class Place:
    country: str
    city: str
    region: str
    currency: str


PLACES = (
    *(
        Place("US", city, "AMER", "usd")
        for city in ("New York", "Austin", "Denver", "Seattle", "Boston", "Chicago", "Portland", "Atlanta")
    ),
    Place("CA", "Toronto", "AMER", "usd"),
    Place("BR", "São Paulo", "AMER", "usd"),
    Place("GB", "London", "EMEA", "gbp"),
    Place("GB", "Leeds", "EMEA", "gbp"),
    Place("DE", "Hamburg", "EMEA", "eur"),
    Place("DE", "Köln", "EMEA", "eur"),
    Place("FR", "Lyon", "EMEA", "eur"),
    Place("ES", "València", "EMEA", "eur"),
    Place("SE", "Malmö", "EMEA", "eur"),
    Place("AU", "Sydney", "APAC", "usd"),
    Place("SG", "Singapore", "APAC", "usd"),
    Place("IN", "Pune", "APAC", "usd"),
)
JAPAN = Place("JP", "東京", "APAC", "jpy")
KUWAIT = Place("KW", "الكويت", "EMEA", "kwd")


@dataclass(frozen=True)
class Profile:
    name: str
    place: Place
    segment: Segment
    plan: str
    seats: int
    owner: str | None
    source: str
    contact: str
    card: Card | None
    number: int

    @property
    def domain(self) -> str:
        return names.domain(self.name, self.number)

    def customer(self) -> NewCustomer:
        metadata = {"segment": self.segment, "region": self.place.region, "source": self.source}
        if self.owner:
            metadata["csm"] = self.owner
        return NewCustomer(
            name=self.name,
            email=names.email(self.contact, self.domain),
            address={
                "city": self.place.city,
                "country": self.place.country,
                "line1": f"{self.number % 180 + 1} Market Street",
                "line2": None,
                "postal_code": f"{10_000 + self.number % 80_000}",
                "state": None,
            },
            metadata=metadata,
            card=self.card,
        )


def draw(rng: random.Random, name: str, number: int, card_year: int) -> Profile:
    """A plausible account; `card_year` is the first year in which its card may expire."""
    segment: Segment = rng.choices(("smb", "mid-market", "enterprise"), (62, 29, 9))[0]
    place = rng.choice(PLACES)
    if rng.random() < 0.04:
        place = JAPAN if rng.random() < 0.7 else KUWAIT
    plan, seats = _purchase(rng, segment)
    return Profile(
        name=name,
        place=place,
        segment=segment,
        plan=_sold_in(plan, place.currency),
        seats=seats,
        owner=None if segment == "smb" and rng.random() < 0.4 else OWNERS[number % len(OWNERS)],
        source=rng.choice(SOURCES),
        contact=names.person(rng),
        card=Card(
            brand=rng.choice(BRANDS),
            last4=f"{rng.randrange(10_000):04d}",
            exp_month=rng.randint(1, 12),
            exp_year=card_year + rng.randint(1, 4),
        ),
        number=number,
    )


_FIRST_CHOICE: Final[dict[Segment, dict[str, int]]] = {
    "smb": {
        "starter_monthly": 42,
        "starter_annual": 14,
        "team_monthly": 28,
        "team_annual": 9,
        "team_weekly": 2,
        "free": 5,
    },
    "mid-market": {
        "team_monthly": 20,
        "team_quarterly": 8,
        "business_monthly": 40,
        "business_annual": 20,
        "business_volume": 12,
    },
    "enterprise": {
        "business_annual": 20,
        "enterprise_monthly": 34,
        "enterprise_annual": 32,
        "business_volume": 14,
    },
}
_SEATS: Final[dict[Segment, tuple[int, int]]] = {"smb": (3, 14), "mid-market": (10, 40), "enterprise": (45, 130)}


def _purchase(rng: random.Random, segment: Segment) -> tuple[str, int]:
    choice = _FIRST_CHOICE[segment]
    plan = rng.choices(list(choice), list(choice.values()))[0]
    flat = plan == "free" or plan.startswith("starter")
    return plan, 1 if flat else rng.randint(*_SEATS[segment])


def _sold_in(plan: str, currency: str) -> str:
    """The price of that plan in a currency that has none of its own under the plan's main price."""
    product, _, _ = plan.partition("_")
    if currency in {"jpy", "kwd"}:
        return f"{'team' if product in {'starter', 'team', 'free'} else 'business'}_{currency}"
    if currency == "usd":
        return plan
    if product == "enterprise":
        return "enterprise_annual_eur" if currency == "eur" else "business_annual"
    fallback = {"free": "starter_monthly", "team_weekly": "team_monthly", "business_volume": "business_monthly"}
    return fallback.get(plan, plan)
