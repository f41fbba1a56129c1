"""Names of companies and people, in several scripts, with a few that no program should stumble over."""

import random


def _words(text: str) -> list[str]:
    return text.split()


_FIRST = _words("""
    Amber Anchor Arden Aspen Beacon Birch Blue Bramble Bright Cedar Cinder Clear Cobalt Copper Coral
    Crest Dawn Delta Drift Ember Falcon Fern Field Flint Forge Fox Frost Garnet Glen Granite Harbor
    Hazel Heron Hollow Indigo Iron Ivory Jasper Juniper Kestrel Lantern Lark Linden Lumen Maple Marble
    Meadow Mint Mosaic Nimbus North Oak Onyx Orchard Otter Pebble Pine Pioneer Plum Quarry Quartz Raven
    Reed Ridge River Robin Rowan Saffron Sage Shore Silver Slate Solar Sparrow Spruce Stone Summit Swift
    Thistle Timber Topaz Tundra Umber Vale Velvet Violet Walnut Willow Winter Wren Yarrow Zephyr
""")
_SECOND = _words("""
    Analytics Apparel Biotech Books Brewing Capital Clinics Cloud Collective Design Diagnostics Dynamics
    Education Electric Energy Engineering Fabrication Farms Fitness Foods Freight Games Grid Group
    Health Holdings Hotels Imaging Insurance Interactive Kitchens Labs Learning Legal Logistics Marine
    Media Mobility Motors Networks Optics Outdoor Partners Payments Pharma Photo Press Robotics Security
    Ship Software Studio Supply Systems Telecom Therapeutics Toys Transit Travel Trust Ventures Water
    Wines Works
""")
_ENDINGS = ("", "", "", "", " Inc.", " LLC", " Ltd", " GmbH", " SAS", " AB", " Oy", " & Co.", " B.V.", " S.p.A.")

ELSEWHERE = (
    "Müller & Söhne Maschinenbau",
    "Société Générique d'Énergie",
    "Ångström Kaffe AB",
    "Czarna Kawa sp. z o.o.",
    "Ελληνική Ναυτιλία Α.Ε.",
    "ООО «Северный Ветер»",
    "株式会社サクラ物流",
    "東京データ合同会社",
    "한빛소프트 주식회사",
    "北京云桥科技有限公司",
    "บริษัท กาแฟไทย จำกัด",
    "हिमालय टेक्सटाइल्स",
    "חברת הגל הכחול",
    "شركة الواحة للتجارة",
    "İstanbul Çay Ticaret",
    "Nguyễn Cà Phê",
    "Þórshöfn Fisk ehf.",
    "O'Brien–O’Neill Partners",
)

# Each one breaks something that trusts its input: mentions, markup, formulas, direction, length, lines.
NASTY = (
    "<!channel> Deals",
    "<@U012345678|boss> & Sons",
    '=HYPERLINK("https://trap.example","Refund")',
    "Rocket 🚀🧑‍🚀 & Friends 👩‍👩‍👧",
    "\u202eMoc.elpmaxe\u202c Reversed",
    "Two\nLines Ltd",
    "*bold* _italic_ ~gone~ `code` > quote",
    "Long " + "name " * 58 + "Ltd",
    "   Padded   Spaces   ",
    "Zalgo C̶̢o̷͓m̴̮p̵̺a̸͕n̶̰y̸",
    "null",
    "<script>alert('x')</script>",
)

_GIVEN = _words("""
    Ada Amara Ana Anders Ben Carla Chen Daniel Elena Emeka Fatima Felix Grace Hana Hugo Ines Ivan Jae
    Jonas Kaya Lena Liam Lucia Mai Marco Mina Nadia Noor Olga Omar Priya Rafael Rosa Samir Sofia Tariq
    Tom Uma Vera Yuki Zoe
""")
_FAMILY = _words("""
    Abebe Almeida Baker Bianchi Brandt Castro Chen Costa Dubois Ekman Fischer Garcia Haddad Ito Jensen
    Kaur Khan Kim Kowalski Larsen Lee Marin Mensah Moreau Nakamura Novak Okafor Olsen Patel Petrov Rossi
    Sato Schmidt Silva Singh Tanaka Torres Virtanen Weber Yilmaz
""")


class Names:
    """Names without repetition, each with a domain of its own under .example."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = {name.lower() for name in taken}

    def company(self, rng: random.Random) -> str:
        while True:
            name = f"{rng.choice(_FIRST)} {rng.choice(_SECOND)}{rng.choice(_ENDINGS)}"
            if len(self._taken) > len(_FIRST) * len(_SECOND) // 2:
                name = f"{name} {len(self._taken)}"
            if name.lower() not in self._taken:
                self._taken.add(name.lower())
                return name


def numbered(number: int, city: str) -> str:
    """A name of its own for every number, in several scripts; of the first thousand some are such as break things."""
    if number % 83 == 17 and number // 83 < len(NASTY):
        return NASTY[number // 83]
    if number % 11 == 6:
        turn, place = divmod(number // 11, len(ELSEWHERE))
        return f"{ELSEWHERE[place]} {turn + 1}" if turn else ELSEWHERE[place]
    turn, place = divmod(number, len(_FIRST) * len(_SECOND) * len(_ENDINGS))
    # A step that shares no factor with what it walks over meets every combination once.
    mixed = place * 40_009 % (len(_FIRST) * len(_SECOND) * len(_ENDINGS))
    first, rest = divmod(mixed, len(_SECOND) * len(_ENDINGS))
    second, ending = divmod(rest, len(_ENDINGS))
    name = f"{_FIRST[first]} {_SECOND[second]}{_ENDINGS[ending]}"
    again = number // (len(_FIRST) * len(_SECOND))
    return name if not again else f"{name} {city} {again + 1}"


def person(rng: random.Random) -> str:
    return f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"


def domain(name: str, number: int) -> str:
    """A domain from the name's Latin letters, or a numbered one where it has too few."""
    words = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower())
    slug = "-".join(filter(None, words.split("-")))[:40].strip("-").removesuffix("-corp")
    return f"{slug}.example" if len(slug) > 3 else f"account-{number}.example"


def email(who: str, where: str) -> str:
    return f"{who.lower().replace(' ', '.')}@{where}"
