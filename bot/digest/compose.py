"""The coffee stats of one channel on one day, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.digest.account_moves import gather
from bot.digest.scene import Part, Scene
from bot.digest.sections import SECTIONS, Section
from bot.digest.sections.freshness import ERROR
from bot.digest.sections.headline import MONTH
from bot.figures import Asked, Grounds, load
from bot.metrics.book import Book
from bot.metrics.rolls import Roll
from bot.metrics.windows import Window, of_churn
from bot.telling.told import Foreign, Strong, Told
from storage import ledger, syncs
from storage.movements import WHOLE


@dataclass(frozen=True, slots=True)
class Digest:
    """What the sections found, in reading order. Movements are those of the ledger days of [since, until)."""

    day: date
    since: date
    until: date
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class StillReading:
    """The billing source has not been read whole yet, so no figure would be true."""

    source: str
    objects: int
    error: str | None

    def told(self) -> Told:
        so_far = f" ({self.objects:,} records so far)" if self.objects else ""
        trouble = (" The latest attempt failed: ", Foreign(self.error, ERROR)) if self.error else ()
        said = (
            Strong("Good morning."),
            f" Kahvi is still reading {self.source} for the first time{so_far}.",
            " The first coffee stats come when everything is in.",
        )
        return Told(lines=((*said, *trouble),))


def compose(
    session: Session,
    *,
    day: date,
    since: date,
    now: datetime,
    base: str,
    zone: ZoneInfo,
    source: str,
    until: date | None = None,
    late: str | None = None,
    sections: Sequence[Section] = SECTIONS,
) -> Digest:
    """The digest of a local day: levels at its start, movements since the start of an earlier day.

    `until` is the first ledger day that is not covered, where that is not `day` itself; `since` is a ledger day too.
    `source` is the name under which the billing source's reading is noted; `late` is a sentence of Kahvi's own
    that is shown as it is. A handful of queries, each bounded by the window, by a LIMIT or by daily sums.
    """
    until = until or day
    sync = syncs.state(session, source)
    if sync.completed_at is None:
        reading = StillReading(display_name(source), sync.objects, sync.error if sync.failing else None)
        return Digest(day, since, until, (reading,))
    month = Window.last(MONTH, until)
    grounds = Grounds.in_force(session, base, zone)
    churned, churned_before = of_churn(grounds.policy.churn_window, until)
    windows = tuple(dict.fromkeys((month, month.before, churned, churned_before)))
    asked = Asked(session, windows, grounds)
    book = asked.books.get(WHOLE) or Book((), asked.rates)
    periods = dict(zip(windows, load(asked, (Roll,))[WHOLE], strict=True))
    scene = Scene(
        session=session,
        book=book,
        month=periods[month],
        month_before=periods[month.before],
        churned=periods[churned],
        churned_before=periods[churned_before],
        moves=gather(session, book, since, until),
        first_day=ledger.first_day(session),
        customers_left_out=ledger.paying_without_rate(session, until, asked.unrated),
        day=day,
        since=since,
        until=until,
        now=now,
        zone=zone,
        policy=asked.grounds.policy,
        source=display_name(source),
        sync=sync,
        late=late,
    )
    found = (section(scene) for section in sections)
    return Digest(day, since, until, tuple(part for part in found if part is not None))


def display_name(source: str) -> str:
    """The name for people: Stripe for "stripe", CSV for "csv"."""
    return source.upper() if len(source) <= 3 else source[:1].upper() + source[1:]
