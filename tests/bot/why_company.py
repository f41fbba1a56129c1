"""A November that is asked why: the company whose figures are explained, and how to ask."""

from datetime import date
from decimal import Decimal

from bot.figures.why import Why, why
from bot.figures.why_told import sentence
from bot.messages.phrases import in_plain_text
from bot.metrics.periods import span
from bot.metrics.question import Question
from storage import facts as f
from storage.engine import Database
from storage.states import Cause
from tests import factories
from tests.bot.digest.company import GREW, LEFT, NEW, SHRANK, hold, movement
from tests.storage.test_dimensions import GROUNDS

TODAY = date(2026, 12, 1)
LONG_AGO = date(2026, 1, 5)
TENTH = date(2026, 11, 10)
RATES = tuple(
    f.ExchangeRate(day=day, currency="eur", base="usd", rate=Decimal(rate))
    for day, rate in ((date(2025, 1, 1), "1.10"), (date(2026, 11, 15), "1.25"))
)


def asked(database: Database, metric: str, period: str = "1m", where: str = "", today: date = TODAY) -> Why:
    found = span(period, today)
    assert found is not None
    with database.reading() as session:
        return why(session, Question(metric, found, "", where), GROUNDS, 6)


def said(found: Why) -> str:
    return in_plain_text(sentence(found))


def settled(database: Database) -> Database:
    """November: three Pro customers in the EU leave, two by failed payments; one in the US grows, and Nova joins."""
    gone = [
        ("p1", 100_000, Cause.CANCELLED),
        ("p2", 64_000, Cause.PAYMENT_FAILED),
        ("p3", 50_000, Cause.PAYMENT_FAILED),
    ]
    told = [
        *(movement(one, LONG_AGO, NEW, amount, price_id="pro") for one, amount, _ in gone),
        *(movement(one, TENTH, LEFT, -amount, price_id="pro", cause=cause) for one, amount, cause in gone),
        movement("acme", LONG_AGO, NEW, 500_000, price_id="pro"),
        movement("acme", date(2026, 10, 7), SHRANK, -4_000, price_id="pro"),
        movement("acme", TENTH, GREW, 30_050, price_id="pro"),
        movement("euro", LONG_AGO, NEW, 10_000, price_id="lite", currency="eur"),
        movement("nova", TENTH, NEW, 9_900, price_id="lite"),
        movement("left", LONG_AGO, NEW, 7_000, price_id="lite"),
        movement("left", date(2026, 10, 9), LEFT, -7_000, price_id="lite"),
    ]
    people = [factories.account(one, region="EU") for one in ("p1", "p2", "p3", "euro", "left")]
    others = [factories.account("acme", name="Acme <!channel> & *Co*", region="US"), factories.account("nova")]
    prices = [factories.price("pro", nickname="Pro"), factories.price("lite", nickname="Lite")]
    bill = factories.invoice(
        "in-1",
        [factories.line("il-1", 30_050, factories.at(10, 11), subscription_id="sub-acme", quantity=Decimal(6))],
        number="AC-9",
    )
    with database.writing() as session:
        hold(session, told, [*people, *others, *prices, *RATES, bill])
    return database
