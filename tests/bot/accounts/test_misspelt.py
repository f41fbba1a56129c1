"""A fixed list of names as people misspell them, among many others, on both engines."""

from datetime import datetime

import pytest

from bot.accounts.names import Names
from bot.accounts.search import Found, find
from storage.engine import Database
from tests.company import fill
from tests.factories import account

# Each name with what people type for it: slips, other scripts, other accents, other or no legal forms, other spaces.
MISSPELT = {
    "Acme Robotics International": (
        "acme robtics",
        "Akme Robotics",
        "acmerobotics",
        "Robotics Acme Inc.",
        "acem robotics",
    ),
    "Lumen Corp": ("lumen crop", "lumencorp", "lumen cropo", "LumenInc", "lumen corporation"),
    "Nordlicht Bäckerei GmbH": (
        "Nordlicht Baeckerei",
        "nordlciht backerei",
        "NORDLICHT BACKEREI AG",
        "nord licht bäckerei",
    ),
    "Müller-Lüdenscheidt AG": ("Mueller Luedenscheidt", "muller ludenscheit", "Müller Lüdenscheid"),
    "O’Brien & Sons Ltd": ("obrien and sons", "O'Brian & Sons", "o brien sons limited", "OBrien+Sons"),
    "Wolfeschlegelsteinhausenbergerdorff": ("wolfeschlegelstienhausenbergerdorf", "Wolfeschlegelstein"),
    "Кофейня на углу": ("кафейня на углу", "kofeynya na uglu", "Kofeinya na uglu", "КОФЕЙНЯ НА УГЛУ"),
    "ООО «Ромашка»": ("ромашка", "Romashka", "ООО Рамашка", "romaschka"),
    "Ελληνικός Καφές Α.Ε.": ("ελληνικος καφες", "Ellinikos Kafes", "ελληνικό καφέ"),
    "東京珈琲株式会社": ("東京珈琲", "株式会社東京珈琲", "(株)東京珈琲", "東京珈啡"),
    "コーヒーハウス有限会社": ("コーヒーハウス", "コーヒハウス", "ｺｰﾋｰﾊｳｽ"),
    "北京茶叶有限公司": ("北京茶叶", "beijing chaye", "北京茶葉"),
    "삼성커피 주식회사": ("삼성커피", "삼성 커피", "삼성컾피"),
    "قهوة الصباح": ("قهوه الصباح", "قهوة الصباج"),
    "קפה ירושלים בע״מ": ("קפה ירושלים", "קפה ירושלם"),
    "กาแฟดอยช้าง": ("กาแฟดอยชาง", "กาแฟ ดอยช้าง"),
    "Škoda Plzeň s.r.o.": ("skoda plzen", "Skoda Plzen sro", "škoda plzen a.s.", "skoda pilzen"),
    "Łódź Kawa Sp. z o.o.": ("lodz kawa", "Lodz Kawa spzoo", "łodz kava"),
    "Ærøskøbing Rederi A/S": ("aeroskobing rederi", "Æroskøbing Redderi", "ærøskøbing"),
    "Işık Çay A.Ş.": ("isik cay", "ISIK ÇAY", "işik cey"),
    "Hōʻola Nā Pua": ("hoola na pua", "Ho'ola Na Pua"),
    "Crème & Brûlée S.A.R.L.": ("creme brulee", "creme and brule sarl", "Crême Brulé"),
    "Piña Colada S.A. de C.V.": ("pina colada", "Piña Collada SA", "pinacolada"),
    "Zażółć Gęślą Jaźń": ("zazolc gesla jazn", "zazolc gesla jasn"),
    "Bluebird Coffee Roasters, Inc.": (
        "blue bird coffee",
        "bluebird cofee roasters",
        "bluebrid coffee",
        "Bluebird Coffee Co",
    ),
    "McDonough & Partners LLP": ("mc donough partners", "MacDonough and Partners", "mcdonagh partners"),
    "Schwarzwälder Uhrenfabrik eG": (
        "schwarzwaelder uhrenfabrik",
        "schwartzwalder uhren fabrik",
        "schwarzwalder urenfabrik",
    ),
    "Quetzalcoatl Oyj": ("quetzalkoatl", "Quetzalcoatl Oy", "ketzalcoatl", "quetzlcoatl oyj"),
    "Xylophone Systems Pty Ltd": ("zylophone systems", "xilophone system", "xylofone systems"),
    "7-Eleven Cafés": ("7 eleven cafe", "7eleven cafes", "7-elevn cafes"),
}
OTHERS = [
    *(
        "Acme Foods",
        "Acorn Robotics",
        "Nordstern Bank",
        "Miller Ludlow",
        "Brian & Sons",
        "Wolfe Partners",
        "Corner Cafe",
    ),
    *(
        "Romantika",
        "Hellenic Bank",
        "東京銀行",
        "北京银行",
        "Samsung Data",
        "Skoda Auto",
        "Lodge Hotels",
        "Aero Freight",
    ),
    *("Isis Media", "Holland Pumps", "Brûlerie", "Colada Bar", "Blueprint Coffee", "Donough Media", "Schwarz Uhren"),
    *("Quartz Labs", "Systems Group", "Eleven Labs", "International Group", "Partners Group", "Coffee Roasters Guild"),
]


async def test_each_is_the_first_that_is_offered(database: Database, morning: datetime) -> None:
    names = await filled(database, morning)

    missed = {
        (name, typed): [match.name for match in found.matches[:3]]
        for name, all_typed in MISSPELT.items()
        for typed in all_typed
        if (found := await find(database, names, typed)) and not is_first(found, name)
    }

    assert missed == {}


@pytest.mark.parametrize("typed", ["acme", "coffee", "systems", "group"])
async def test_what_fits_several_is_a_choice(database: Database, morning: datetime, typed: str) -> None:
    names = await filled(database, morning)

    found = await find(database, names, typed)

    assert found.one is None
    assert len(found.matches) > 1


@pytest.mark.parametrize("typed", ["xqzvwk", "Zimbabwe Pencils", "вжщкъ", "没有这个"])
async def test_what_nobody_is_called_gives_no_card(database: Database, morning: datetime, typed: str) -> None:
    names = await filled(database, morning)

    assert (await find(database, names, typed)).one is None


async def filled(database: Database, morning: datetime) -> Names:
    called = [*MISSPELT, *OTHERS]
    await database.write(fill, [account(f"a{number:03}", name=name) for number, name in enumerate(called)], morning)
    return Names()


def is_first(found: Found, name: str) -> bool:
    return bool(found.matches) and found.matches[0].name == name
