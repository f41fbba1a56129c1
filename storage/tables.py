"""The schema: what billing said, the ledger made from it, and the work that goes to Slack.

Fact tables have the columns of `storage.facts` under the same names, plus `read_at`: when the source was read.
Migrations in `storage/migrations` make these tables; a test holds the two equal.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, MetaData, String, text
from sqlmodel import Field, SQLModel

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
from storage.inputs import PLACES, SpendKind
from storage.states import (
    AlertState,
    Answer,
    Cause,
    Fault,
    IcpFit,
    MovementKind,
    NameKind,
    NoteKind,
    OutboxState,
    SlotState,
)
from storage.types import Exact, Fixed, Phases, Utc, Words

metadata: MetaData = SQLModel.metadata
# Constraints need names, or SQLite's table rebuilds cannot drop them later.
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def instant(*, index: bool = False) -> Any:
    return Field(sa_column=Column(Utc, nullable=False, index=index))


def maybe_instant(*, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Utc, nullable=True, index=index))


def word(kind: type[StrEnum], *, index: bool = False, key: bool = False) -> Any:
    return Field(sa_column=Column(Words(kind), nullable=False, index=index, primary_key=key))


def maybe_word(kind: type[StrEnum]) -> Any:
    return Field(default=None, sa_column=Column(Words(kind), nullable=True))


def minor_units() -> Any:
    return Field(sa_column=Column(BigInteger, nullable=False))


def maybe_minor_units() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, nullable=True))


def exact() -> Any:
    return Field(default=None, sa_column=Column(Exact, nullable=True))


def structure() -> Any:
    return Field(default=None, sa_column=Column(JSON, nullable=True))


def absent_or_structure() -> Any:
    """A structure whose absence is SQL's NULL, so that it can be asked for."""
    return Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


# --- facts -----------------------------------------------------------------------------------------------------


class AccountRow(SQLModel, table=True):
    """`search` is the folded text that look-ups match: name, e-mail, domain and id.

    `assigned_email` and `assigned_user` are those of the person whom people put on it, whomever billing names.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        Index("ix_accounts_owner", text("lower(coalesce(assigned_email, owner_email))")),  # as `storage.owners` asks
        Index("ix_accounts_assigned_user", "assigned_user"),
    )

    id: str = Field(primary_key=True)
    source: str
    name: str
    email: str | None = None
    country: str | None = None
    region: str | None = None
    segment: str | None = None
    currency: str | None = None
    owner_email: str | None = None
    assigned_email: str | None = None
    assigned_user: str | None = None
    default_method_id: str | None = None
    created_at: datetime | None = maybe_instant()
    deleted_at: datetime | None = maybe_instant()
    attributes: dict[str, str] | None = structure()
    search: str = ""
    read_at: datetime = instant()


class NameChangeRow(SQLModel, table=True):
    """That an account came or has another name or address; without an account, that some are gone.

    Written by triggers on accounts (migration 0024); of an account only the latest change is kept. No number is
    given twice.
    """

    __tablename__ = "name_changes"
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_autoincrement": True}

    no: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    account_id: str | None = Field(default=None, unique=True)


class ProductRow(SQLModel, table=True):
    __tablename__ = "products"

    id: str = Field(primary_key=True)
    source: str
    name: str
    read_at: datetime = instant()


class PriceRow(SQLModel, table=True):
    """`rates` is {currency: [unit_amount, [[up_to, unit_amount, flat_amount], ...]]}, decimals as text."""

    __tablename__ = "prices"

    id: str = Field(primary_key=True)
    source: str
    product_id: str | None = None
    nickname: str | None = None
    interval: Interval | None = maybe_word(Interval)
    interval_count: int
    usage: Usage = word(Usage)
    scheme: Scheme = word(Scheme)
    rates: dict[str, Any] | None = structure()
    pack_size: int
    pack_round_up: bool
    tax_inclusive: bool
    active: bool
    read_at: datetime = instant()


class SubscriptionRow(SQLModel, table=True):
    """`changed_at` is when Kahvi first saw the present items and discounts; empty when they were there at first."""

    __tablename__ = "subscriptions"

    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    source: str
    status: Status = word(Status)
    status_word: str
    currency: str
    started_at: datetime = instant()
    created_at: datetime | None = maybe_instant()
    trial_start: datetime | None = maybe_instant()
    trial_end: datetime | None = maybe_instant(index=True)
    current_period_start: datetime | None = maybe_instant()
    current_period_end: datetime | None = maybe_instant(index=True)
    cancel_requested_at: datetime | None = maybe_instant()
    cancel_at: datetime | None = maybe_instant(index=True)
    ended_at: datetime | None = maybe_instant()
    cancel_kind: CancelKind | None = maybe_word(CancelKind)
    cancel_reason: str | None = None
    cancel_comment: str | None = None
    pause_kind: str | None = None
    paused_at: datetime | None = maybe_instant()
    resumes_at: datetime | None = maybe_instant()
    collection: Collection = word(Collection)
    default_method_id: str | None = None
    changed_at: datetime | None = maybe_instant()
    read_at: datetime = instant()


class LapseRow(SQLModel, table=True):
    """A time for which a subscription was given up as unpaid and that is over, as Kahvi saw it.

    Billing tells only of the present one: whoever paid in the end looks as if they always had.
    """

    __tablename__ = "lapses"

    subscription_id: str = Field(primary_key=True)
    starts_at: datetime = Field(sa_column=Column(Utc, primary_key=True))
    ends_at: datetime = instant()
    account_id: str = Field(index=True)


class ScheduleRow(SQLModel, table=True):
    __tablename__ = "schedules"

    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    source: str
    subscription_id: str | None = Field(default=None, index=True)
    currency: str | None = None
    live: bool
    cancels: bool
    phases: Any = Field(sa_column=Column(Phases, nullable=False))
    read_at: datetime = instant()


class ItemRow(SQLModel, table=True):
    __tablename__ = "items"

    subscription_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    price_id: str
    quantity: int = minor_units()
    started_at: datetime | None = maybe_instant()
    ended_at: datetime | None = maybe_instant()
    trial_end: datetime | None = maybe_instant()


class DiscountRow(SQLModel, table=True):
    """`target_kind` is "account", "subscription" or "item"; `position` keeps the order in which they apply."""

    __tablename__ = "discounts"

    target_kind: str = Field(primary_key=True)
    target_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    position: int
    duration: Duration = word(Duration)
    percent_off: Decimal | None = exact()
    amount_off: int | None = maybe_minor_units()
    currency: str | None = None
    starts_at: datetime | None = maybe_instant()
    ends_at: datetime | None = maybe_instant()
    products: list[str] | None = structure()


class InvoiceRow(SQLModel, table=True):
    __tablename__ = "invoices"
    __table_args__ = (Index("ix_invoices_account_id_issued_at", "account_id", "issued_at"),)

    id: str = Field(primary_key=True)
    account_id: str
    source: str
    status: InvoiceStatus = word(InvoiceStatus, index=True)
    status_word: str
    currency: str
    total: int = minor_units()
    tax: int = minor_units()
    amount_due: int = minor_units()
    amount_paid: int = minor_units()
    credited: int = minor_units()
    issued_at: datetime = instant()
    number: str | None = Field(default=None, index=True)
    subscription_id: str | None = None
    due_at: datetime | None = maybe_instant()
    paid_at: datetime | None = maybe_instant()
    attempt_count: int
    next_attempt_at: datetime | None = maybe_instant()
    collection: Collection = word(Collection)
    hosted_url: str | None = None
    payment_refs: list[str] | None = structure()
    read_at: datetime = instant()


USAGE = "kind = 'usage'"  # in these words, or SQLite does not take the index


class InvoiceLineRow(SQLModel, table=True):
    """`account_id` is the invoice's, so that the ledger reads lines in account order."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        Index("ix_invoice_lines_account_id", "account_id", "subscription_id"),
        Index("ix_invoice_lines_invoice_id", "invoice_id"),
        Index(
            "ix_invoice_lines_usage", "account_id", "period_end", sqlite_where=text(USAGE), postgresql_where=text(USAGE)
        ),
    )

    id: str = Field(primary_key=True)
    invoice_id: str
    account_id: str
    kind: LineKind = word(LineKind)
    amount: int = minor_units()
    quantity: Decimal | None = exact()
    period_start: datetime = instant()
    period_end: datetime = instant()
    subscription_id: str | None = None
    item_id: str | None = None
    price_id: str | None = None
    proration: bool
    discount_once: int = minor_units()
    discount_repeating: int = minor_units()
    discount_forever: int = minor_units()
    tax_inside: int = minor_units()
    description: str | None = None


class PaymentRow(SQLModel, table=True):
    __tablename__ = "payments"
    __table_args__ = (Index("ix_payments_account_id_at", "account_id", "at"),)

    id: str = Field(primary_key=True)
    account_id: str
    source: str
    at: datetime = instant(index=True)
    amount: int = minor_units()
    currency: str
    status: PaymentStatus = word(PaymentStatus)
    intent_ref: str | None = Field(default=None, index=True)
    failure_code: str | None = None
    failure_message: str | None = None
    method_brand: str | None = None
    method_last4: str | None = None
    read_at: datetime = instant()


class PaymentMethodRow(SQLModel, table=True):
    __tablename__ = "payment_methods"

    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    source: str
    kind: str
    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    read_at: datetime = instant()


class RefundRow(SQLModel, table=True):
    __tablename__ = "refunds"

    id: str = Field(primary_key=True)
    account_id: str | None = Field(default=None, index=True)
    source: str
    payment_id: str | None = None
    amount: int = minor_units()
    currency: str
    status: str
    reason: str | None = None
    created_at: datetime = instant()
    read_at: datetime = instant()


class DisputeRow(SQLModel, table=True):
    __tablename__ = "disputes"

    id: str = Field(primary_key=True)
    account_id: str | None = Field(default=None, index=True)
    source: str
    payment_id: str | None = None
    amount: int = minor_units()
    currency: str
    status: str
    reason: str | None = None
    created_at: datetime = instant()
    due_at: datetime | None = maybe_instant()
    read_at: datetime = instant()


class ExchangeRateRow(SQLModel, table=True):
    __tablename__ = "exchange_rates"

    currency: str = Field(primary_key=True)
    base: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    rate: Decimal = Field(sa_column=Column(Exact, nullable=False))
    read_at: datetime = instant()


# --- what is told beside billing --------------------------------------------------------------------------------


class SignalRow(SQLModel, table=True):
    """An observation of an account, see `storage.inputs.Signal`; `read_at` is when Kahvi learned this value.

    The key is in the order in which one account's course of one signal is read; the index is for all accounts' days.
    """

    __tablename__ = "signals"
    __table_args__ = (Index("ix_signals_name_at", "name", "at"),)

    account_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(Utc, primary_key=True))
    respondent: str = Field(primary_key=True)
    value: Decimal = Field(sa_column=Column(Fixed(PLACES), nullable=False))
    origin: str
    read_at: datetime = instant()


class SpendRow(SQLModel, table=True):
    __tablename__ = "spend"

    kind: SpendKind = Field(sa_column=Column(Words(SpendKind), primary_key=True))
    start: date = Field(primary_key=True)
    end: date = Field(primary_key=True)
    note: str = Field(primary_key=True)
    amount: int = minor_units()
    currency: str
    origin: str
    read_at: datetime = instant()


class TargetRow(SQLModel, table=True):
    __tablename__ = "targets"

    month: date = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    segment: str = Field(primary_key=True)
    value: Decimal = Field(sa_column=Column(Exact, nullable=False))
    currency: str | None = None
    origin: str
    read_at: datetime = instant()


# --- the reading of sources ------------------------------------------------------------------------------------


class SyncRow(SQLModel, table=True):
    """Where the reading of a source stands; `completed_at` is empty until its first full read is whole.

    `ledger_rules` and `ledger_day` say by what rules and up to which local day the ledger was last built. One process
    at a time reads a source: `leased_by` until `leased_until`.
    """

    __tablename__ = "syncs"

    source: str = Field(primary_key=True)
    cursor: str | None = None
    stage: str | None = None
    objects: int = 0
    completed_at: datetime | None = maybe_instant()
    succeeded_at: datetime | None = maybe_instant()
    failed_at: datetime | None = maybe_instant()
    error: str | None = None
    ledger_rules: str | None = None
    ledger_day: date | None = None
    leased_by: str | None = None
    leased_until: datetime | None = maybe_instant()


# --- the ledger ------------------------------------------------------------------------------------------------


# Rows on which an account comes or leaves, and all of those that came back: few among many. A database uses the index
# of them only where a query says it in these words.
TURNS = "kind in ('new', 'reactivation', 'churn') or came <> 'new'"


class MovementRow(SQLModel, table=True):
    """A change of one subscription's MRR at one price on one local day, in its own currency.

    A move between prices is two rows, so that sums by plan and by product are both true. `amount` is signed minor
    units. `kind` is that of the account's whole day. `accounts` is 1 on one row of each account and day and 0 on the
    others, so that its sum counts accounts. `cause` says what changed.

    The last six follow from the account's other rows, and are here so that windows can be netted and cohorts followed
    by sums alone (`storage.windows`, `storage.cohorts`); the indexes hold all that those sums read. Four say to which
    stay the row belongs, from an account's coming to its leaving: how it came and on which day, on which day it left
    and by what, if it did. `began` is the account's first day of all, `cohort` the month of it ("2026-01"). The rows
    themselves lie in the order of their key, so that what each account or subscription pays is summed in one pass.
    """

    __tablename__ = "movements"
    __table_args__ = (
        Index(
            "ix_movements_day",
            *("day", "currency", "cohort", "began", "amount", "account_id", "kind", "accounts"),
            *("came", "stay_start", "stay_end", "left_by", "price_id", "product_id"),
        ),
        Index(
            "ix_movements_turns",
            *("day", "currency", "account_id", "kind", "amount", "accounts"),
            *("came", "stay_start", "stay_end", "left_by", "price_id", "subscription_id", "cause", "began"),
            sqlite_where=text(TURNS),
            postgresql_where=text(TURNS),
        ),
        Index("ix_movements_currency", "currency", "account_id", "subscription_id", "day", "amount"),
        {"sqlite_with_rowid": False},
    )

    account_id: str = Field(primary_key=True)
    subscription_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    price_id: str = Field(primary_key=True)
    product_id: str
    currency: str
    kind: MovementKind = word(MovementKind)
    amount: int = minor_units()
    accounts: int
    cause: Cause = word(Cause)
    came: MovementKind = word(MovementKind)
    stay_start: date
    stay_end: date | None = None
    left_by: Cause | None = maybe_word(Cause)
    began: date | None  # a replica of the release before leaves both empty; `ledger.fill_cohorts` fills them
    cohort: str | None


class QuarantineRow(SQLModel, table=True):
    """A fact that cannot be valued and is kept out of all figures until it is mended.

    `origin` is who found it: the name of the source that could not read it, or "ledger" (`storage.quarantine`), which
    could not value it. `kind` and `id` name the fact, `detail` says what is wrong with it.
    """

    __tablename__ = "quarantine"

    origin: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    fault: Fault = word(Fault, key=True)
    account_id: str | None = Field(default=None, index=True)
    detail: str
    since: datetime = instant()


# --- what people set up and wrote ------------------------------------------------------------------------------


class ChannelRow(SQLModel, table=True):
    """Where coffee stats are posted, when, and whether alerts go there too.

    `at` is "HH:MM" in `zone`, `weekdays` is like "12345" (Monday is 1). Digests due before `owed_since` (set up,
    changed or resumed) are not owed. `problem` is why messages do not get there, until one gets through; while
    another company shares the channel (`shared`) nothing is written for it.
    """

    __tablename__ = "channels"

    channel_id: str = Field(primary_key=True)
    at: str
    zone: str
    weekdays: str
    alerts: bool
    paused: bool = False
    set_up_by: str
    set_up_at: datetime = instant()
    owed_since: datetime = instant()
    problem: str | None = None
    shared: bool = False


class PolicyRow(SQLModel, table=True):
    """A choice of a metrics policy as it is written (`stripe once_discounts=subtract`); the latest is in force."""

    __tablename__ = "policies"

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    policy: str
    chosen_by: str
    chosen_at: datetime = instant()


class AlertRow(SQLModel, table=True):
    """All that worries about one account at a time; `cause_key` is that of the cause which opened it.

    `rule` found what is told first, `object_id` is the invoice or subscription behind it, `since` when the newest cause
    began. `evidence` are the values that rules found, `outcome` how it ended, `snoozed` who wants it quiet until when
    and unless what; all are worded when they are shown. Somebody was on it, or it was snoozed, up to `free_since`.
    """

    __tablename__ = "alerts"

    id: str = Field(primary_key=True)
    cause_key: str = Field(unique=True)
    account_id: str = Field(index=True)
    rule: str
    object_id: str
    state: AlertState = word(AlertState, index=True)
    evidence: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    since: datetime = instant()
    opened_at: datetime = instant()
    claimed_by: str | None = None
    claimed_at: datetime | None = maybe_instant()
    closed_at: datetime | None = maybe_instant()
    outcome: dict[str, Any] | None = structure()
    snoozed: dict[str, Any] | None = structure()
    free_since: datetime | None = maybe_instant()


class RiskRow(SQLModel, table=True):
    """How near an account is to leaving, as the rules found it at `assessed_at`, while it runs or pays.

    A replica of an earlier version may leave `assessed_at` empty, and counts in `due` what stands in `risks_due` now.

    `score` is 0 to 100; it is so since `day`, and was `before` until then. `reasons` sum to it, each with the ids
    of what shows it. `worth` is the account's MRR in minor units of the base, empty without an exchange rate; `stake`
    ranks accounts. `likely` is how likely one is lost within thirty days, in thousandths, where the past taught that.
    """

    __tablename__ = "risks"
    __table_args__ = (Index("ix_risks_score", "score"),)

    account_id: str = Field(primary_key=True)
    score: int
    before: int | None = None
    day: date | None = None
    hard: bool
    worth: int | None = maybe_minor_units()
    committed: int = minor_units()
    overdue: int = minor_units()
    stake: int = minor_units()
    likely: int | None = None
    reasons: list[dict[str, Any]] | None = structure()
    stale: list[str] | None = structure()
    assessed_at: datetime | None = maybe_instant()
    due: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class RiskDueRow(SQLModel, table=True):
    """An account that is to be assessed, and how often that was `asked` for since it last was.

    Beside the risks, whose rows are wide: to mark many there would write most of the table anew.
    """

    __tablename__ = "risks_due"

    account_id: str = Field(primary_key=True)
    asked: int


class PersonRow(SQLModel, table=True):
    """Who an e-mail address is in Slack, as it was told at `looked_at`: `direct` is the channel of direct messages."""

    __tablename__ = "people"

    email: str = Field(primary_key=True)
    user: str | None = None
    direct: str | None = None
    zone: str | None = None
    looked_at: datetime = instant()


class QuietTimeRow(SQLModel, table=True):
    """When a channel or a person, `whose` id it is, is left alone: `hours` and `free_days` as in the settings.

    Those that are empty are the workspace's.
    """

    __tablename__ = "quiet_times"

    whose: str = Field(primary_key=True)
    hours: str | None = None
    free_days: str | None = None
    chosen_by: str
    chosen_at: datetime = instant()


class TuningRow(SQLModel, table=True):
    """How people set a subject of alerts, the rules or the routes, as plain values; the latest is in force."""

    __tablename__ = "tunings"

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    subject: str = Field(default="rules", sa_column=Column(String, nullable=False, server_default="rules"))
    tuning: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    chosen_by: str
    chosen_at: datetime = instant()


class ExitNoteRow(SQLModel, table=True):
    """What one person added to an exit interview; `id` is that of the form, so that a form is one row.

    `came` is the day on which the stay began that the account ends; without it `written_at` tells the stay. A field
    that is empty says nothing; those in `cleared` were said before and are taken back. `reason`, `root_cause` and
    `secondary_reason` are ids of reasons, `competitor` and `tags` ids of exit_names; texts stand as they were typed.
    """

    __tablename__ = "exit_notes"

    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    reason: str
    bring_back: str
    note: str
    author: str
    written_at: datetime = instant()
    came: date | None = None
    root_cause: str | None = None
    secondary_reason: str | None = None
    competitor: str | None = None
    tags: list[str] | None = structure()
    avoidable: Answer | None = maybe_word(Answer)
    left_anyway: Answer | None = maybe_word(Answer)
    ask_again_on: date | None = None
    icp_fit: int | None = None
    missed: str | None = None
    link: str | None = None
    cleared: list[str] | None = structure()


class ExitFormRow(SQLModel, table=True):
    """A form for an exit interview as it was opened for one person, and the draft of what they typed since.

    `shown` and `typed` are answers by field. `stamp` tells the newest of what Slack delivered in any order.
    """

    __tablename__ = "exit_forms"
    __table_args__ = (Index("ix_exit_forms_account_id_author", "account_id", "author"),)

    id: str = Field(primary_key=True)
    account_id: str
    came: date | None = None
    author: str
    opened_at: datetime = instant(index=True)
    shown: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    typed: dict[str, Any] | None = absent_or_structure()
    typed_at: datetime | None = maybe_instant()
    stamp: str = ""
    saved_at: datetime | None = maybe_instant()


class ExitNameRow(SQLModel, table=True):
    """A competitor or a feature that people name in exit interviews; `id` is the name folded, so that each is once."""

    __tablename__ = "exit_names"

    kind: NameKind = word(NameKind, key=True)
    id: str = Field(primary_key=True)
    name: str
    added_by: str
    added_at: datetime = instant()


class ExitReasonRow(SQLModel, table=True):
    """How people set a reason for leaving: the latest row of an id is in force, and an id never changes its meaning."""

    __tablename__ = "exit_reasons"

    no: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    id: str = Field(index=True)
    label: str
    avoidable: str
    retired: bool
    chosen_by: str
    chosen_at: datetime = instant()
    nature: str | None = None


class IcpFitRow(SQLModel, table=True):
    """Whether an account fits the ideal customer profile, as it was judged at `judged_at`.

    `against` and `unknown` name the parts of the profile that it fails, and those for which data are missing.
    """

    __tablename__ = "icp_fits"

    account_id: str = Field(primary_key=True)
    fit: IcpFit = word(IcpFit)
    against: list[str] | None = structure()
    unknown: list[str] | None = structure()
    judged_at: datetime = instant()


class FixRow(SQLModel, table=True):
    """That what a feature tag of exit interviews stands for is fixed; `tag` is the id of the feature."""

    __tablename__ = "fixes"

    tag: str = Field(primary_key=True)
    fixed_by: str
    fixed_at: datetime = instant()


class JournalRow(SQLModel, table=True):
    """A note of a person about an account; `search` is its folded text. Rows are only ever added."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_account_id_written_at", "account_id", "written_at"),)

    id: str = Field(primary_key=True)
    account_id: str
    kind: NoteKind = word(NoteKind)
    text: str
    search: str
    cost: int | None = maybe_minor_units()
    currency: str | None = None
    author: str
    written_at: datetime = instant()
    corrects: str | None = None
    due: date | None = None


class ContactsRow(SQLModel, table=True):
    """The people of a customer, as somebody of the team last wrote them down (`storage.contacts`)."""

    __tablename__ = "contacts"

    account_id: str = Field(primary_key=True)
    people: list[dict[str, Any]] | None = structure()
    noted_by: str
    noted_at: datetime = instant()


class AuditRow(SQLModel, table=True):
    """Who asked to look at or change what, and whether it was granted; ids only."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = instant(index=True)
    user: str
    action: str
    subject: str
    granted: bool


class ErasureRow(SQLModel, table=True):
    """That an account or a person was erased, under the pseudonym that stands for it (`storage.pseudonyms`)."""

    __tablename__ = "erasures"

    pseudonym: str = Field(primary_key=True)
    kind: str
    erased_by: str
    erased_at: datetime = instant()


class PseudonymKeyRow(SQLModel, table=True):
    """The secret of which pseudonyms are made: one row, of this database alone."""

    __tablename__ = "pseudonym_keys"

    id: int = Field(primary_key=True)
    secret: str


# --- what comes from outside -----------------------------------------------------------------------------------


class InboxRow(SQLModel, table=True):
    """A delivery from Slack or a billing system, by its sender's own id, so that it is handled once.

    `payload` is all that was sent, kept only while there is work to do for it; `answer` is what was answered, for
    the same delivery come again. Who handles it holds it until `leased_until`.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_handled_at", "source", "handled_at", "leased_until"),)

    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    kind: str
    subject: str | None = None
    payload: dict[str, Any] | None = absent_or_structure()
    answer: dict[str, Any] | None = absent_or_structure()
    attempts: int = 0
    received_at: datetime = instant(index=True)
    leased_until: datetime | None = maybe_instant()
    handled_at: datetime | None = maybe_instant()


# --- work for Slack --------------------------------------------------------------------------------------------


class SlotRow(SQLModel, table=True):
    """A piece of routine work on one local day; its key is unique, so it happens once on any number of machines.

    `told_by` is the key of the digest that told of this one, which was missed.
    """

    __tablename__ = "slots"

    key: str = Field(primary_key=True)
    due_at: datetime = instant(index=True)
    taken_at: datetime = instant()
    state: SlotState = word(SlotState)
    told_by: str | None = None


class OutboxRow(SQLModel, table=True):
    """A message for Slack, written with the change that caused it.

    `rank`, then `id` is the order in which a channel's messages are posted. `reply_to` is the key of the message
    whose thread this one goes into. `revision` counts the contents given, the latest at `wanted_at`; `tried` is the
    one that was last handed out to be sent, `shown` the one that stands in Slack at `ts`: when that is not the latest,
    an update is due. `receipt` is a random word sent along, by which a post can be found again. `claims` counts how
    often it was handed out, the last time to the process `leased_by`: an outcome of an earlier claim is void. Nothing
    goes to the channel before `quiet_until`. One that is not posted by `expires_at` is of no use any more. `alert_id`
    is that of the alert whose card it is.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state", "state", "not_before"),
        Index("ix_outbox_turn", "state", "rank", "id"),
        Index("ix_outbox_channel_state", "channel_id", "state"),
        Index("ix_outbox_channel_quiet", "channel_id", "quiet_until"),
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    key: str = Field(unique=True)
    channel_id: str
    rank: int
    reply_to: str | None = Field(default=None, index=True)
    alert_id: str | None = Field(default=None, index=True)
    text: str
    blocks: list[dict[str, Any]] | None = structure()
    state: OutboxState = word(OutboxState)
    revision: int = 1
    tried: int = 0
    shown: int = 0
    receipt: str
    attempts: int = 0
    claims: int = 0
    created_at: datetime = instant()
    wanted_at: datetime = instant()
    not_before: datetime = instant()
    quiet_until: datetime | None = maybe_instant()
    expires_at: datetime | None = maybe_instant()
    leased_until: datetime | None = maybe_instant()
    leased_by: str | None = None
    ts: str | None = None
    error: str | None = None
