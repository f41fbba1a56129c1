"""payments.csv, adjustments.csv and rates.csv: one fact per row."""

from collections.abc import Iterator

from bot.sources.csv.columns import ADJUSTMENTS, PAYMENTS, RATES
from bot.sources.csv.prices import SOURCE
from bot.sources.csv.rows import Folder
from storage.facts import Dispute, ExchangeRate, Payment, Refund


def payments(folder: Folder) -> Iterator[Payment]:
    for row in folder.rows(PAYMENTS):
        yield Payment(
            id=row["payment_id"],
            account_id=row["account_id"],
            source=SOURCE,
            at=row["at"],
            amount=row.minor("amount", row["currency"]),
            currency=row["currency"],
            status=row["status"],
            intent_ref=row["invoice_id"],
            failure_code=row["failure_code"],
            failure_message=row["failure_message"],
            method_brand=row["brand"],
            method_last4=row["last4"],
        )


def adjustments(folder: Folder) -> Iterator[Refund | Dispute]:
    for row in folder.rows(ADJUSTMENTS):
        if row["kind"] == "refund":
            yield Refund(
                id=row["adjustment_id"],
                account_id=row["account_id"],
                source=SOURCE,
                payment_id=row["payment_id"],
                amount=row.minor("amount", row["currency"]),
                currency=row["currency"],
                status=row["status"] or "succeeded",
                reason=row["reason"],
                created_at=row["created_at"],
            )
        else:
            yield Dispute(
                id=row["adjustment_id"],
                account_id=row["account_id"],
                source=SOURCE,
                payment_id=row["payment_id"],
                amount=row.minor("amount", row["currency"]),
                currency=row["currency"],
                status=row["status"] or "open",
                reason=row["reason"],
                created_at=row["created_at"],
                due_at=row["due_at"],
            )


def rates(folder: Folder) -> Iterator[ExchangeRate]:
    for row in folder.rows(RATES):
        yield ExchangeRate(day=row["date"], currency=row["from"], base=row["to"], rate=row["rate"])
