"""What every command stands on: the database, the source and the sync that the settings name."""

from sqlalchemy.exc import OperationalError

from bot.clock import Clock
from bot.errors import KahviError, StorageBusy
from bot.ledger import LedgerRules
from bot.settings import Settings
from bot.sources.base import BillingSource
from bot.sources.without_erased import WithoutErased
from bot.sync import Sync
from storage.engine import Database, DatabaseHeldError
from storage.migrate import is_current, migrate


def open_database(settings: Settings, *, hold: bool = False) -> Database:
    """The database, brought to this version's schema; `hold`: as its only running bot, when it is a SQLite file.

    Raises StorageBusy when another bot runs on the file, KahviError when the database cannot be reached.
    """
    database = Database(settings.database_url)
    try:
        if hold:
            database.hold()
        migrate(database)
    except DatabaseHeldError:
        database.close()
        raise StorageBusy(
            "Another kahvi runs on this database file: stop it first, or set KAHVI_DATABASE_URL to a PostgreSQL"
            " database, which several may share."
        ) from None
    except OperationalError as error:
        database.close()
        raise _unusable(error) from None
    return database


def inspect_database(settings: Settings) -> tuple[Database, bool]:
    """The database as it is, and whether it has this version's schema; KahviError when it cannot be reached."""
    database = Database(settings.database_url)
    try:
        return database, is_current(database)
    except OperationalError as error:
        database.close()
        raise _unusable(error) from None


def _unusable(error: OperationalError) -> KahviError:
    reason = str(error.orig).strip().splitlines()[0]
    return KahviError(f"The database cannot be used ({reason}); check KAHVI_DATABASE_URL.")


def ledger_rules(settings: Settings) -> LedgerRules:
    return LedgerRules(zone=settings.timezone, base=settings.currency)


def build_sync(settings: Settings, database: Database, source: BillingSource, clock: Clock) -> Sync:
    return Sync(database, WithoutErased(source, database), ledger_rules(settings), clock)
