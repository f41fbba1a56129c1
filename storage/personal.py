"""What the columns of the database hold about a customer, so that it can be taken out of them.

Each column of text is declared here, and a test fails for one that is not. Figures need what remains: amounts, days,
plans and countries stay as they are, under ids that lead nowhere.
"""

from collections.abc import Mapping
from enum import Enum

from sqlalchemy import JSON, Column, String, Table
from sqlmodel import AutoString

from storage.types import Phases


class Holds(Enum):
    """What a column of text holds.

    OURS: Kahvi's own words and ids, plans, kinds, currencies, places of the world. ID: the id of a customer or of
    something of theirs. KEY: such ids between colons. NAME: the customer's name. SAID: what was written by or about
    them, emptied in their own rows, and without them in those of others. VALUES: a structure that may name them.
    STAFF: who of the team it was.
    """

    OURS = "ours"
    ID = "id"
    KEY = "key"
    NAME = "name"
    SAID = "said"
    VALUES = "values"
    STAFF = "staff"


def _of(**columns: str) -> dict[str, Holds]:
    """Columns by what they hold: `id="account_id payment_id"`."""
    return {name: Holds(kind) for kind, names in columns.items() for name in names.split()}


COLUMNS: Mapping[str, Mapping[str, Holds]] = {
    "accounts": _of(
        id="id",
        name="name",
        said="email default_method_id attributes search",
        ours="source currency country region segment",
        staff="owner_email assigned_email assigned_user",
    ),
    "alerts": _of(
        id="account_id object_id",
        key="cause_key",
        values="evidence outcome snoozed",
        ours="id rule",
        staff="claimed_by",
    ),
    "audit": _of(key="subject", ours="action", staff="user"),
    "channels": _of(said="problem", ours="channel_id at zone weekdays", staff="set_up_by"),
    "contacts": _of(id="account_id", said="people", staff="noted_by"),
    "discounts": _of(id="account_id target_id id", ours="target_kind currency products"),
    "disputes": _of(id="id account_id payment_id", ours="source currency status reason"),
    "erasures": _of(ours="pseudonym kind", staff="erased_by"),
    "exchange_rates": _of(ours="currency base"),
    "exit_forms": _of(id="account_id", values="shown typed", ours="id stamp", staff="author"),
    "exit_names": _of(ours="id name", staff="added_by"),
    "exit_notes": _of(
        id="account_id",
        said="bring_back note missed link",
        ours="id reason root_cause secondary_reason competitor tags cleared",
        staff="author",
    ),
    "exit_reasons": _of(ours="id label avoidable nature", staff="chosen_by"),
    "fixes": _of(ours="tag", staff="fixed_by"),
    "icp_fits": _of(id="account_id", ours="against unknown"),
    "inbox": _of(values="payload answer", ours="source id kind subject"),
    "invoice_lines": _of(id="id invoice_id account_id subscription_id item_id", said="description", ours="price_id"),
    "invoices": _of(
        id="id account_id subscription_id payment_refs", said="number hosted_url", ours="source currency status_word"
    ),
    "items": _of(id="subscription_id id account_id", ours="price_id"),
    "journal": _of(id="account_id", said="text search", ours="id corrects currency", staff="author"),
    "lapses": _of(id="subscription_id account_id"),
    "movements": _of(id="account_id subscription_id", ours="price_id product_id currency cohort"),
    "name_changes": _of(id="account_id"),
    "outbox": _of(
        key="key reply_to", said="text", values="blocks", ours="alert_id channel_id receipt leased_by ts error"
    ),
    "payment_methods": _of(id="id account_id", said="brand last4", ours="source kind"),
    "payments": _of(
        id="id account_id intent_ref",
        said="failure_message method_brand method_last4",
        ours="source currency failure_code",
    ),
    "people": _of(ours="direct zone", staff="email user"),
    "policies": _of(ours="policy", staff="chosen_by"),
    "prices": _of(ours="id source product_id nickname rates"),
    "products": _of(ours="id source name"),
    "pseudonym_keys": _of(ours="secret"),
    "quarantine": _of(id="id account_id", said="detail", ours="origin kind"),
    "quiet_times": _of(ours="hours free_days", staff="whose chosen_by"),
    "refunds": _of(id="id account_id payment_id", ours="source currency status reason"),
    "risks": _of(id="account_id", values="reasons", ours="stale"),
    "risks_due": _of(id="account_id"),
    "schedules": _of(id="id account_id subscription_id", ours="source currency phases"),
    "signals": _of(id="account_id respondent", ours="name origin"),
    "slots": _of(ours="key told_by"),
    "spend": _of(said="note", ours="currency origin"),
    "subscriptions": _of(
        id="id account_id default_method_id",
        said="cancel_comment",
        ours="source currency status_word cancel_reason pause_kind",
    ),
    "syncs": _of(said="error", ours="source cursor stage ledger_rules leased_by"),
    "targets": _of(ours="metric segment currency origin"),
    "tunings": _of(values="tuning", ours="subject", staff="chosen_by"),
}
# Where structures have what somebody wrote, as when they cancelled or dismissed an alert.
WORDS = frozenset(("comment", "note"))
# What only a customer who pays has, or what nobody asks for once they are erased.
GONE = frozenset(("contacts", "exit_forms", "name_changes", "payment_methods", "risks", "risks_due"))


def texts(table: Table) -> list[Column[object]]:
    """The columns of a table that hold text or structures, and not only words of a closed set or amounts."""
    return [column for column in table.c if _is_text(column)]


def _is_text(column: Column[object]) -> bool:
    kind = column.type
    return isinstance(kind, String | AutoString | JSON | Phases)
