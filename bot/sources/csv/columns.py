"""The registry of files and columns: what may be written, what must be, and what it means.

Adding a column is one entry here and its use where the facts are built; errors, documentation and tests follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.sources.csv import cells
from bot.sources.csv.cells import Kind, words, words_of
from storage.facts import (
    CancelKind,
    Collection,
    Duration,
    Interval,
    InvoiceStatus,
    LineKind,
    PaymentStatus,
    Scheme,
    Status,
    Usage,
)
from storage.inputs import SpendKind


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `refers` names the file whose key its ids must stand in, when that file is there."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    refers: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """One file; `key` must be unique, each pair of `order` must not run backwards, `needs` must be there too."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    order: tuple[tuple[str, str], ...] = ()
    needs: str | None = None
    required: bool = False

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def table(self) -> str:
        """The columns as a Markdown table, required ones bold."""
        lines = ["| column | holds | meaning |", "|---|---|---|"]
        for column in self.columns:
            name = f"**{column.name}**" if column.required else column.name
            lines.append(f"| {name} | {column.kind.words} | {column.meaning} |")
        return "\n".join(lines)


def must(column: Column) -> Column:
    return replace(column, required=True)


ACCOUNT = Column("account_id", cells.ID, "the account, as in accounts.csv", required=True, refers="accounts.csv")
SUBSCRIPTION = Column(
    "subscription_id", cells.ID, "the subscription, as in subscriptions.csv", refers="subscriptions.csv"
)
INVOICE = Column("invoice_id", cells.ID, "the invoice, as in invoices.csv", refers="invoices.csv")
PAYMENT = Column("payment_id", cells.ID, "the payment, as in payments.csv", refers="payments.csv")
CURRENCY = Column("currency", cells.CURRENCY, "three letters, like `usd`", required=True)
PRODUCT = Column("product", cells.TEXT, "what is sold, by name")
PLAN = Column("plan", cells.TEXT, "which plan of it, by name")
PERIODS = {  # each as a unit, and how many of it one is
    "day": (Interval.DAY, 1),
    "week": (Interval.WEEK, 1),
    "month": (Interval.MONTH, 1),
    "quarter": (Interval.MONTH, 3),
    "year": (Interval.YEAR, 1),
}
INTERVAL = Column("interval", words(PERIODS), "the unit of the billing period", required=True)
ITEM_START = Column("started_at", cells.INSTANT, "from when this price and quantity hold", required=True)

ACCOUNTS = File(
    "accounts.csv",
    "One row per customer who pays or once paid.",
    (
        Column("account_id", cells.ID, "your id of the account", required=True),
        Column("name", cells.TEXT, "as people know it", required=True),
        Column("email", cells.EMAIL, "where billing writes to"),
        Column("owner_email", cells.EMAIL, "who looks after it, as in Slack"),
        Column("currency", cells.CURRENCY, "what it usually pays in"),
        Column("country", cells.COUNTRY, "two letters, like `FI`"),
        Column("region", cells.TEXT, "your own word"),
        Column("segment", cells.TEXT, "your own word"),
        Column("created_at", cells.INSTANT, "when it became known"),
    ),
    key=("account_id",),
    required=True,
)
SUBSCRIPTIONS = File(
    "subscriptions.csv",
    "One row per subscription; the price here when it has one item that never changed, in items.csv otherwise.",
    (
        Column("subscription_id", cells.ID, "your id of the subscription", required=True),
        ACCOUNT,
        Column("status", words_of(Status), "where it stands now", required=True),
        CURRENCY,
        Column("started_at", cells.INSTANT, "when it began", required=True),
        Column("trial_start", cells.INSTANT, "when its trial began"),
        Column("trial_end", cells.INSTANT, "when its trial ends or ended"),
        Column("current_period_start", cells.INSTANT, "start of the period being paid for"),
        Column("current_period_end", cells.INSTANT, "end of that period: the next renewal"),
        Column("cancel_requested_at", cells.INSTANT, "when leaving was asked for"),
        Column("cancel_at", cells.INSTANT, "when leaving takes effect"),
        Column("ended_at", cells.INSTANT, "when it ended; required for `ended`, empty for all that go on"),
        Column("pause_kind", words({"collection": "collection", "status": "status"}), "what is paused"),
        Column("paused_at", cells.INSTANT, "when the pause began"),
        Column("resumes_at", cells.INSTANT, "when it goes on"),
        Column("cancel_kind", words_of(CancelKind), "why it ended, coarsely"),
        Column("cancel_reason", cells.TEXT, "your word for the reason"),
        Column("cancel_comment", cells.TEXT, "what the customer said"),
        Column("collection", words_of(Collection), "charged, or paid by hand; empty: `charge`"),
        PRODUCT,
        PLAN,
        Column("unit_amount", cells.UNIT_PRICE, "price of one unit for one interval"),
        Column("quantity", cells.QUANTITY, "how many units; empty: 1"),
        replace(INTERVAL, required=False),
        Column("interval_count", cells.COUNT, "how many of them make a period; empty: 1"),
        Column("discount_percent", cells.PERCENT, "a lasting discount; `20` is 20 %"),
        Column("discount_amount", cells.MONEY_FROM_ZERO, "a lasting discount per period, instead of a percentage"),
    ),
    key=("subscription_id",),
    order=(
        ("started_at", "ended_at"),
        ("trial_start", "trial_end"),
        ("current_period_start", "current_period_end"),
        ("cancel_requested_at", "cancel_at"),
        ("paused_at", "resumes_at"),
    ),
)
ITEMS = File(
    "items.csv",
    "What each subscription is made of; a new price or quantity is a new row with the same item_id.",
    (
        Column("item_id", cells.ID, "your id of the item", required=True),
        must(SUBSCRIPTION),
        ITEM_START,
        INTERVAL,
        Column("interval_count", cells.COUNT, "how many of them make a period", required=True),
        Column("ended_at", cells.INSTANT, "until when; empty: to the next row of the item, or to the end"),
        Column("unit_amount", cells.UNIT_PRICE, "price of one unit for one period; empty when tiers.csv has it"),
        Column("quantity", cells.QUANTITY, "how many units; empty: 1"),
        PRODUCT,
        PLAN,
        Column("usage", words_of(Usage), "paid by licence or by use; empty: `licensed`"),
        Column("scheme", words_of(Scheme), "how tiers add up; empty: `per_unit`, without tiers"),
        Column("pack_size", cells.COUNT, "units sold together, a broken pack counted whole; empty: 1"),
        Column("tax_inclusive_percent", cells.PERCENT, "the tax inside the price; it is taken out on reading"),
        Column("trial_end", cells.INSTANT, "when the trial of this item ends"),
    ),
    key=("item_id", "started_at"),
    order=(("started_at", "ended_at"),),
    needs="subscriptions.csv",
)
TIERS = File(
    "tiers.csv",
    "Prices by quantity, for rows of items.csv whose scheme is graduated or volume.",
    (
        Column("item_id", cells.ID, "the item, as in items.csv", required=True),
        Column("started_at", cells.INSTANT, "which row of the item", required=True),
        Column("up_to", cells.COUNT, "the last unit of this tier; empty: no end, and one tier must be so"),
        Column("unit_amount", cells.UNIT_PRICE, "price of one unit; empty: 0"),
        Column("flat_amount", cells.UNIT_PRICE, "added once; empty: 0"),
    ),
    key=("item_id", "started_at", "up_to"),
    needs="items.csv",
)
DISCOUNTS = File(
    "discounts.csv",
    "Percent or an amount off, on an account, a subscription or an item.",
    (
        Column("discount_id", cells.ID, "your id of the discount", required=True),
        Column(
            "target_kind",
            words({kind: kind for kind in ("account", "subscription", "item")}),
            "what it is given on",
            required=True,
        ),
        Column("target_id", cells.ID, "the id of that", required=True),
        Column("duration", words_of(Duration), "how long it repeats", required=True),
        Column("percent", cells.PERCENT, "`20` is 20 %; either this or an amount"),
        Column("amount", cells.MONEY_FROM_ZERO, "off each period"),
        replace(CURRENCY, required=False, meaning="of the amount, three letters"),
        Column("starts_at", cells.INSTANT, "from when it counts"),
        Column("ends_at", cells.INSTANT, "from when it no longer counts"),
        Column("products", cells.NAMES, "only on these products; empty: on all"),
        Column("counts_in_mrr", cells.BOOLEAN, "`false` leaves it out of MRR; otherwise the metrics policy decides"),
    ),
    key=("discount_id",),
    order=(("starts_at", "ends_at"),),
)
INVOICES = File(
    "invoices.csv",
    "One row per invoice.",
    (
        Column("invoice_id", cells.ID, "your id of the invoice", required=True),
        ACCOUNT,
        Column(
            "status", words_of(InvoiceStatus, without=[InvoiceStatus.UPCOMING]), "where it stands now", required=True
        ),
        CURRENCY,
        Column("total", cells.MONEY, "what is asked, tax included", required=True),
        Column("issued_at", cells.INSTANT, "when it was issued", required=True),
        Column("tax", cells.MONEY, "the tax in the total; empty: 0"),
        Column("amount_paid", cells.MONEY, "what has come in; empty: the total when paid, else 0"),
        Column("due_at", cells.INSTANT, "until when to pay"),
        Column("paid_at", cells.INSTANT, "when it was paid"),
        Column("attempt_count", cells.QUANTITY, "how often collecting was tried; empty: 0"),
        Column("next_attempt_at", cells.INSTANT, "when it is tried again"),
        Column("number", cells.TEXT, "as printed on it"),
        Column("collection", words_of(Collection), "charged, or paid by hand; empty: `charge`"),
    ),
    key=("invoice_id",),
    order=(("issued_at", "due_at"),),
)
LINES = File(
    "invoice_lines.csv",
    "What each invoice is made of.",
    (
        Column("line_id", cells.ID, "your id of the line", required=True),
        must(INVOICE),
        Column(
            "kind",
            words({**{kind.value: kind for kind in LineKind}, "credit": LineKind.ONE_OFF}),
            "only `recurring` is MRR",
            required=True,
        ),
        Column("amount", cells.MONEY, "before discount and tax", required=True),
        SUBSCRIPTION,
        Column("item_id", cells.ID, "the item, as in items.csv"),
        PRODUCT,
        PLAN,
        Column("discount", cells.MONEY_FROM_ZERO, "taken off this line; empty: 0"),
        Column(
            "discount_duration",
            words({kind: kind for kind in ("once", "repeating", "forever")}),
            "how long that discount repeats; empty: `forever`",
        ),
        Column("quantity", cells.NUMBER_SIGNED, "how many units"),
        Column("period_start", cells.INSTANT, "what is paid for, from; required for `recurring`"),
        Column("period_end", cells.INSTANT, "the first day or instant no longer paid for; required for `recurring`"),
        Column("proration", cells.BOOLEAN, "part of a period, after a change; empty: `false`"),
        Column("description", cells.TEXT, "as printed on the invoice"),
    ),
    key=("line_id",),
    order=(("period_start", "period_end"),),
    needs="invoices.csv",
)
PAYMENTS = File(
    "payments.csv",
    "One row per attempt to collect money.",
    (
        Column("payment_id", cells.ID, "your id of the attempt", required=True),
        ACCOUNT,
        Column("at", cells.INSTANT, "when it was tried", required=True),
        Column("amount", cells.MONEY_FROM_ZERO, "how much", required=True),
        CURRENCY,
        Column("status", words_of(PaymentStatus), "what came of it", required=True),
        INVOICE,
        Column("failure_code", cells.TEXT, "the bank's or the source's word"),
        Column("failure_message", cells.TEXT, "the same in a sentence"),
        Column("brand", cells.TEXT, "of the card"),
        Column("last4", cells.TEXT, "of the card"),
    ),
    key=("payment_id",),
)
ADJUSTMENTS = File(
    "adjustments.csv",
    "Money that went back or is contested.",
    (
        Column("adjustment_id", cells.ID, "your id of it", required=True),
        Column("kind", words({"refund": "refund", "dispute": "dispute"}), "what it is", required=True),
        ACCOUNT,
        Column("amount", cells.MONEY_FROM_ZERO, "how much", required=True),
        CURRENCY,
        Column("created_at", cells.INSTANT, "when it happened", required=True),
        PAYMENT,
        Column("status", cells.TEXT, "your word; empty: `succeeded` for a refund, `open` for a dispute"),
        Column("reason", cells.TEXT, "your word"),
        Column("due_at", cells.INSTANT, "until when to answer a dispute"),
    ),
    key=("adjustment_id",),
    order=(("created_at", "due_at"),),
)
CARDS = File(
    "cards.csv",
    "Cards on file, to know of those about to expire.",
    (
        ACCOUNT,
        Column("exp_month", cells.MONTH, "until which month", required=True),
        Column("exp_year", cells.YEAR, "and year, four digits", required=True),
        Column("brand", cells.TEXT, "like `visa`"),
        Column("last4", cells.TEXT, "the last four digits"),
        Column("is_default", cells.BOOLEAN, "the one that is charged; empty: yes when it is the account's only one"),
    ),
    key=("account_id", "exp_month", "exp_year", "brand", "last4"),
)
RATES = File(
    "rates.csv",
    "Exchange rates by day.",
    (
        Column("date", cells.DAY, "of which day", required=True),
        Column("from", cells.CURRENCY, "one unit of this", required=True),
        Column("to", cells.CURRENCY, "was worth so much of this", required=True),
        Column("rate", cells.RATE, "so much", required=True),
    ),
    key=("date", "from", "to"),
)

SIGNALS = File(
    "signals.csv",
    "One row per observation: an answer to a survey, a day's count of use, anything else you see of an account.",
    (
        Column("account_id", cells.ID, "the account, as billing names it; `*`: the company as a whole", required=True),
        Column("at", cells.INSTANT, "when it was so; not in the future", required=True),
        Column("name", cells.SIGNAL, "what was seen: one of the names below, or your own", required=True),
        Column("value", cells.SIGNAL_VALUE, "what it was", required=True),
        Column("respondent", cells.ID, "who answered, or the answer's own id: tells answers of one moment apart"),
    ),
    key=("account_id", "name", "at", "respondent"),
)
SPEND = File(
    "spend.csv",
    "What was spent on keeping and on winning customers.",
    (
        Column("kind", words_of(SpendKind), "on keeping customers, or on winning them", required=True),
        Column("period", cells.PERIOD, "when: like `2026-10`, `2026-Q4` or `2026`", required=True),
        Column("amount", cells.MONEY_FROM_ZERO, "how much in that period; `0` says that it was nothing", required=True),
        CURRENCY,
        Column("note", cells.NOTE, "on what; amounts with another note add up, those with the same may not overlap"),
    ),
    key=("kind", "period", "note"),
)
TARGETS = File(
    "targets.csv",
    "What a metric is to be in a month.",
    (
        Column("metric", cells.METRIC, "its id, like `mrr`", required=True),
        Column("month", cells.CALENDAR_MONTH, "like `2026-12`", required=True),
        Column(
            "value", cells.NUMBER_SIGNED, "money in major units, a share in percent, else the number", required=True
        ),
        replace(CURRENCY, required=False, meaning="of an amount, three letters; empty: that of the figures"),
        Column("segment", cells.NOTE, "of which segment, as a filter like `region:EU`; empty: of the whole company"),
    ),
    key=("metric", "month", "segment"),
)

# A file stands after those it refers to: it is checked against them while it is read.
FILES = (
    ACCOUNTS,
    SUBSCRIPTIONS,
    ITEMS,
    TIERS,
    DISCOUNTS,
    INVOICES,
    LINES,
    PAYMENTS,
    ADJUSTMENTS,
    CARDS,
    RATES,
)
# What is told beside billing: read apart, and beside any billing source.
INPUTS = (SIGNALS, SPEND, TARGETS)
KNOWN = frozenset(file.name for file in (*FILES, *INPUTS))
REFERRED = frozenset(column.refers for file in FILES for column in file.columns if column.refers)
ATTRIBUTE = "x_"


def apart(files: Sequence[File]) -> frozenset[str]:
    """The names of the files that a reading of these leaves to others."""
    return KNOWN - {file.name for file in files}
