"""Writes a company of any size as a folder of CSV files (docs/csv.md), account by account."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bot.playground.company.lives import CURRENCIES, Life, lives, period
from bot.playground.company.rates import to_dollars
from bot.playground.company.seen import owed, seen
from bot.playground.company.times import Times
from bot.playground.stripe.billing.dates import DAY, moment

Row = Mapping[str, Any]
COLUMNS: Final[Mapping[str, str]] = {
    "accounts": "account_id name email owner_email currency country region segment created_at x_source",
    "subscriptions": "subscription_id account_id status currency started_at current_period_start current_period_end"
    " cancel_requested_at cancel_at ended_at cancel_kind cancel_reason cancel_comment",
    "items": "item_id subscription_id started_at interval interval_count unit_amount quantity product plan",
    "invoices": "invoice_id account_id status currency total issued_at attempt_count next_attempt_at number",
    "payments": "payment_id account_id at amount currency status invoice_id failure_code",
    "rates": "date from to rate",
    "signals": "account_id at name value",
}


def write(times: Times, folder: Path) -> int:
    """Write the files into a folder, which is made; the number of accounts. FileExistsError for a file of before."""
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    with ExitStack() as stack:
        files = {}
        for name, columns in COLUMNS.items():
            file = stack.enter_context((folder / f"{name}.csv").open("x", encoding="utf-8", newline=""))
            files[name] = csv.DictWriter(file, columns.split())
            files[name].writeheader()
        files["rates"].writerows(_rates(times))
        for life in lives(times):
            for name, row in _rows(times, life):
                files[name].writerow(row)
            written += 1
    return written


def _rates(times: Times) -> Iterator[Row]:
    for second in range(times.opened, times.today + 1, DAY):
        for currency in CURRENCIES:
            rate = to_dollars(currency, second)
            yield {"date": moment(second).date(), "from": currency, "to": "usd", "rate": rate}


def _rows(times: Times, life: Life) -> Iterator[tuple[str, Row]]:
    """The file and the row of everything that is told of an account."""
    yield "accounts", _account(life)
    yield "subscriptions", _subscription(times, life)
    for step in life.steps:
        yield (
            "items",
            {
                "item_id": f"si_{life.key}",
                "subscription_id": f"sub_{life.key}",
                "started_at": _instant(step.at),
                "interval": "year" if life.yearly else "month",
                "interval_count": 1,
                "unit_amount": _major(step.price),
                "quantity": step.seats,
                "product": step.plan.title(),
                "plan": f"{step.plan.title()} {'yearly' if life.yearly else 'monthly'}",
            },
        )
    yield from _owed(times, life)
    for one in seen(times, life):
        row = {"account_id": f"acc_{life.key}", "at": _instant(one.at), "name": one.name, "value": one.value}
        yield "signals", row


def _account(life: Life) -> Row:
    return {
        "account_id": f"acc_{life.key}",
        "name": life.name,
        "email": f"billing@{life.domain}",
        "owner_email": life.owner,
        "currency": life.place.currency,
        "country": life.place.country,
        "region": life.place.region,
        "segment": life.segment,
        "created_at": _instant(life.began),
        "x_source": life.source,
    }


def _subscription(times: Times, life: Life) -> Row:
    left, leaving = life.left, life.left or life.to_leave
    start, end = period(life.began, left.at - 1 if left else times.today, yearly=life.yearly)
    return {
        "subscription_id": f"sub_{life.key}",
        "account_id": f"acc_{life.key}",
        "status": life.status,
        "currency": life.place.currency,
        "started_at": _instant(life.began),
        "current_period_start": _instant(start),
        "current_period_end": _instant(end),
        "cancel_requested_at": _instant(leaving.asked) if leaving else None,
        "cancel_at": _instant(leaving.at) if leaving and not left else None,
        "ended_at": _instant(left.at) if left else None,
        "cancel_kind": "voluntary" if leaving else None,
        "cancel_reason": leaving.feedback if leaving else None,
        "cancel_comment": leaving.comment if leaving else None,
    }


def _owed(times: Times, life: Life) -> Iterator[tuple[str, Row]]:
    one = owed(times, life)
    if one is None:
        return
    yield (
        "invoices",
        {
            "invoice_id": f"in_{life.key}",
            "account_id": f"acc_{life.key}",
            "status": "open",
            "currency": life.place.currency,
            "total": _major(one.amount),
            "issued_at": _instant(one.issued),
            "attempt_count": one.tries,
            "next_attempt_at": _instant(one.next_try),
            "number": f"KET-{life.number}",
        },
    )
    yield (
        "payments",
        {
            "payment_id": f"pay_{life.key}",
            "account_id": f"acc_{life.key}",
            "at": _instant(one.last_try),
            "amount": _major(one.amount),
            "currency": life.place.currency,
            "status": "failed",
            "invoice_id": f"in_{life.key}",
            "failure_code": one.code,
        },
    )


def _major(minor: int) -> Decimal:
    return Decimal(minor) / 100


def _instant(second: int) -> str:
    return moment(second).isoformat().replace("+00:00", "Z")
