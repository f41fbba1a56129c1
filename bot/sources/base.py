"""What a billing source must offer; `bot.sources.SOURCES` is where one is added."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from storage.facts import Fact
from storage.faults import Held


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a full read: store the facts and the cursor together, and a killed read goes on from there.

    `stage` says what is being read ("invoices"), for people who wait. `unread` are objects that the source could make
    no facts of.
    """

    stage: str
    facts: Sequence[Fact]
    cursor: str
    unread: Sequence[Held] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a cursor: whole facts to upsert in one transaction, then the cursor to go on from.

    `more` says that another call would bring more at once. `snapshot` says that the facts are everything the
    source has, so that accounts it no longer names are gone. `unread` are as in a Page. `changed_at` tells by id when
    the items or discounts of subscriptions changed; what it leaves out changed when it was read.
    """

    facts: Sequence[Fact]
    cursor: str
    more: bool = False
    snapshot: bool = False
    unread: Sequence[Held] = ()
    changed_at: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `kahvi doctor`: `remedy` is one sentence, empty when all is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


class BillingSource(Protocol):
    """Reads one billing system. Raises SourceError (see `bot.errors`), never a library's own error."""

    name: str
    stages: Sequence[str]

    def walk(self, cursor: str | None) -> AsyncIterator[Page]:
        """Read everything, from the beginning or from the cursor of the last stored page.

        The last page's cursor is one that `changes` accepts.
        """
        ...

    async def changes(self, cursor: str) -> Changes | None:
        """What changed since; None when the cursor is too old and a full read is due."""
        ...

    async def confirm(self, cursor: str | None) -> None:
        """Raise SourceRefused when the source is not the one that this cursor was given by."""
        ...

    async def check(self) -> Sequence[Check]:
        """Whether the source can be read with these settings, one line per need."""
        ...

    def read_until(self, cursor: str) -> datetime | None:
        """Up to when all changes were read with this cursor, where it tells."""
        ...

    def account_url(self, account_id: str) -> str | None:
        """Where a person sees this account in the billing system."""
        ...

    async def aclose(self) -> None: ...
