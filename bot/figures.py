"""The company's book, loaded from the ledger."""

from datetime import date, timedelta

from sqlmodel import Session

from bot.metrics.book import Book
from bot.metrics.rates import Rates
from storage import ledger
from storage.fact_reader import exchange_rates


def load_book(session: Session, *, base: str, until: date, days: int) -> Book:
    """The book of the `days` days before `until` (itself not included), with all that came before as its opening."""
    start = until - timedelta(days=days)
    rates = Rates(base, exchange_rates(session, base))
    opening, moved = ledger.opening(session, start), ledger.days(session, start, until)
    unrated = {currency for currency in (*opening.levels, *(row.currency for row in moved)) if currency not in rates}
    if not unrated:
        return Book(start, opening, moved, rates)
    return Book(
        start,
        ledger.opening(session, start, unrated=unrated),
        ledger.days(session, start, until, unrated=unrated),
        rates,
        ledger.paying_without_rate(session, until, unrated),
    )
