"""A whole folder: every file is checked, and either all of it becomes facts or none does."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import utc_now
from bot.errors import ImportRejected
from bot.sources.csv.accounts import Accounts
from bot.sources.csv.columns import (
    ACCOUNTS,
    ADJUSTMENTS,
    CARDS,
    FILES,
    INVOICES,
    ITEMS,
    LINES,
    PAYMENTS,
    RATES,
    SUBSCRIPTIONS,
    File,
    apart,
)
from bot.sources.csv.derived import derive
from bot.sources.csv.discounts import Discounts
from bot.sources.csv.invoices import Invoices
from bot.sources.csv.payments import adjustments, payments, rates
from bot.sources.csv.prices import Catalogue
from bot.sources.csv.problems import CHANGED, Problems, unreadable
from bot.sources.csv.rows import Folder, entries
from bot.sources.csv.subscriptions import Subscriptions
from storage.facts import Fact

# The order in which facts are given: what others refer to comes first.
STAGES = tuple(file.name for file in (ACCOUNTS, CARDS, SUBSCRIPTIONS, INVOICES, PAYMENTS, ADJUSTMENTS, RATES))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder holds: facts by the file they are told under, rows by file, and what is wrong with it."""

    facts: Mapping[str, Sequence[Fact]]
    counts: Mapping[str, int]
    problems: Problems

    def sound(self) -> Mapping[str, Sequence[Fact]]:
        """The facts, or ImportRejected when anything is wrong."""
        if self.problems:
            raise ImportRejected(self.problems.lines(), self.problems.by_file.total())
        return self.facts


def read(folder: Path, *, zone: ZoneInfo, now: datetime | None = None) -> list[Fact]:
    """Every fact of a folder, those that others refer to first; ImportRejected with all that is wrong, and no fact.

    A bare date is the start of that day in `zone`. `now` matters only to folders without subscriptions.csv, where
    invoices issued later than it prove nothing about who has left.
    """
    stages = examine(folder, zone, now or utc_now()).sound()
    return [fact for stage in STAGES for fact in stages[stage]]


def examine(path: Path, zone: ZoneInfo, now: datetime) -> Reading:
    """Reads every file, collecting what is wrong; SourceRefused when the folder itself cannot be read."""
    before = fingerprint(path)
    problems = Problems()
    folder = Folder(path, zone, problems)
    facts = _facts(folder, now)
    if fingerprint(path) != before:
        raise ImportRejected([CHANGED])
    return Reading(facts, folder.counts, problems)


def fingerprint(folder: Path, files: Sequence[File] = FILES) -> str:
    """A digest of the names and contents of the CSV files of a folder, but for those of other readings."""
    whole = sha256()
    for path in entries(folder, apart(files)):
        whole.update(f"{path.name}\0".encode())
        if path.is_symlink() or not path.is_file():
            continue
        try:
            with path.open("rb") as stream:
                whole.update(file_digest(stream, "sha256").digest())
        except OSError as error:
            raise unreadable(path.name, error) from error
    return whole.hexdigest()


def _facts(folder: Folder, now: datetime) -> Mapping[str, Sequence[Fact]]:
    catalogue = Catalogue()
    accounts = Accounts(folder)
    discounts = Discounts(folder)
    subscriptions = Subscriptions(folder, catalogue, discounts)
    invoices = Invoices(folder, catalogue, subscriptions)
    derived = None
    if not folder.has(SUBSCRIPTIONS):
        if not (folder.has(INVOICES) and folder.has(LINES)):
            folder.problems.add(SUBSCRIPTIONS.name, "is missing; add it, or both invoices.csv and invoice_lines.csv")
        derived = derive(invoices.charges, invoices.horizon(now), folder.zone)
    tried = defaultdict(list)
    paid = list(payments(folder))
    for payment in paid:
        if payment.intent_ref:
            tried[payment.intent_ref].append(payment.id)
    built = invoices.build(derived, tried)
    facts: dict[str, Sequence[Fact]] = {
        ACCOUNTS.name: accounts.build(folder, discounts),
        CARDS.name: accounts.cards,
        SUBSCRIPTIONS.name: [
            *catalogue.products.values(),
            *catalogue.prices.values(),
            *(derived.subscriptions if derived else subscriptions.built),
        ],
        INVOICES.name: built,
        PAYMENTS.name: paid,
        ADJUSTMENTS.name: list(adjustments(folder)),
        RATES.name: list(rates(folder)),
    }
    _check_discounts(folder, discounts, accounts, subscriptions, catalogue)
    return facts


def _check_discounts(
    folder: Folder, discounts: Discounts, accounts: Accounts, subscriptions: Subscriptions, catalogue: Catalogue
) -> None:
    broken = folder.problems.by_file
    contracts_broken = broken[SUBSCRIPTIONS.name] or broken[ITEMS.name]
    discounts.check(
        {
            "account": None if broken[ACCOUNTS.name] else accounts.ids,
            "subscription": None if contracts_broken else {contract.id for contract in subscriptions.built},
            "item": None if contracts_broken else subscriptions.item_ids,
        },
        None if contracts_broken or broken[LINES.name] else catalogue.products,
    )
