"""accounts.csv with cards.csv."""

from collections import defaultdict
from collections.abc import Mapping

from bot.sources.csv.columns import ACCOUNTS, CARDS
from bot.sources.csv.discounts import Discounts
from bot.sources.csv.prices import SOURCE, made_id
from bot.sources.csv.rows import Folder, Row
from storage.facts import Account, PaymentMethod


class Accounts:
    """The accounts of the folder, and their cards."""

    def __init__(self, folder: Folder) -> None:
        self._rows = {row["account_id"]: row for row in folder.rows(ACCOUNTS)}
        self.cards: list[PaymentMethod] = []
        if folder.counts.get(ACCOUNTS.name) == 0 and not folder.problems.by_file[ACCOUNTS.name]:
            folder.problems.add(ACCOUNTS.name, "has no rows; without accounts everything known would be taken as gone")

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._rows)

    def build(self, folder: Folder, discounts: Discounts) -> list[Account]:
        """The accounts, once their cards are read."""
        defaults = self._read_cards(folder)
        return [_account(row, defaults.get(key), discounts) for key, row in self._rows.items()]

    def _read_cards(self, folder: Folder) -> Mapping[str, str]:
        """The id of the card that is charged, by account."""
        by_account: dict[str, list[tuple[Row, str]]] = defaultdict(list)
        for row in folder.rows(CARDS):
            card = _card(row)
            self.cards.append(card)
            by_account[card.account_id].append((row, card.id))
        defaults: dict[str, str] = {}
        for account, cards in by_account.items():
            for row, card_id in cards:
                if row["is_default"] and account in defaults:
                    row.reject("is true for two cards of this account; keep one", "is_default")
                if row["is_default"] or (len(cards) == 1 and row["is_default"] is None):
                    defaults[account] = card_id
        return defaults


def _card(row: Row) -> PaymentMethod:
    return PaymentMethod(
        id=made_id("card", row["account_id"], row["exp_month"], row["exp_year"], row["brand"], row["last4"]),
        account_id=row["account_id"],
        source=SOURCE,
        kind="card",
        brand=row["brand"],
        last4=row["last4"],
        exp_month=row["exp_month"],
        exp_year=row["exp_year"],
    )


def _account(row: Row, default_card: str | None, discounts: Discounts) -> Account:
    return Account(
        id=row["account_id"],
        source=SOURCE,
        name=row["name"],
        email=row["email"],
        country=row["country"],
        region=row["region"],
        segment=row["segment"],
        currency=row["currency"],
        owner_email=row["owner_email"],
        default_method_id=default_card,
        created_at=row["created_at"],
        attributes=row.attributes,
        discounts=discounts.on("account", row["account_id"]),
    )
