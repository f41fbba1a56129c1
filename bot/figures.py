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
    return Book(start, ledger.opening(session, start), ledger.days(session, start, until), rates)
