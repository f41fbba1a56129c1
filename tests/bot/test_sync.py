"""What the reading of a source promises: whole or not at all, in step with time, rules, rates and prices."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.errors import SourceBusy, SourceDown, SourceRefused
from bot.ledger import LedgerMaker, LedgerRules
from bot.metrics.history import Evidence, State, steps
from bot.metrics.known import Known
from bot.sources.base import Changes, Page
from bot.sync import Sync
from storage import facts as f
from storage import ledger, quarantine, risks, syncs
from storage.engine import Database
from storage.fact_reader import accounts, subscriptions_of
from storage.faults import Held
from storage.movements import Movement
from storage.states import Fault, MovementKind
from tests.factories import account, at, dispute, invoice, item, line, price, refund, subscription
from tests.quiet_source import QuietSource

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)
RULES = LedgerRules(ZoneInfo("UTC"), "usd")


Told = f.Fact | Held


class Shelf(QuietSource):
    """A source whose pages and changes the test lays out, with what it could not read among the facts.

    An exception in place of a page or a change is raised.
    """

    def __init__(self, *pages: Sequence[Told]) -> None:
        self.pages: list[Sequence[Told] | Exception] = list(pages)
        self.changed: list[Sequence[Told] | Exception] = []
        self.snapshot = False
        self.refusal: SourceRefused | None = None
        self.now = NOW

    async def walk(self, cursor: str | None) -> AsyncIterator[Page]:
        done = len(self.pages) if cursor and cursor.startswith("changes") else int(cursor or 0)
        for number, page in enumerate(self.pages[done:], start=done + 1):
            if isinstance(page, Exception):
                raise page
            facts, unread = parted(page)
            yield Page("everything", facts, "changes 0" if number == len(self.pages) else str(number), unread)

    async def changes(self, cursor: str) -> Changes | None:
        done = int(cursor.removeprefix("changes "))
        for found in self.changed[done : done + 1]:
            if isinstance(found, Exception):
                raise found
            facts, unread = parted(found)
            return Changes(facts, f"changes {done + 1}", snapshot=self.snapshot, unread=unread)
        return Changes((), cursor)

    async def confirm(self, cursor: str | None) -> None:
        if self.refusal:
            raise self.refusal

    def sync(self, database: Database, rules: LedgerRules = RULES) -> Sync:
        return Sync(database, self, rules, lambda: self.now)


def parted(told: Sequence[Told]) -> tuple[list[f.Fact], list[Held]]:
    return [one for one in told if not isinstance(one, Held)], [one for one in told if isinstance(one, Held)]


def held(database: Database) -> list[tuple[str, str, Fault, str]]:
    with database.reading() as session:
        examples = [one for count in quarantine.counts(session) for one in count.examples]
    return sorted((one.kind, one.id, one.fault, one.detail) for one in examples)


def level(database: Database, account_id: str = "acme") -> int:
    with database.reading() as session:
        return ledger.levels(session, [account_id]).get(account_id, {}).get("usd", 0)


def story(database: Database, account_id: str = "acme") -> list[Movement]:
    with database.reading() as session:
        return ledger.story(session, account_id)


ACME: list[f.Fact] = [price(), account(), subscription(items=[item()])]
BILLED: list[f.Fact] = [*ACME, invoice("in", [line("il", 5000, at(1))])]


async def test_a_first_read_goes_on_where_it_was_stopped(database: Database) -> None:
    shelf = Shelf(ACME[:2], ACME[2:])
    shelf.pages.insert(1, SourceDown("Stripe does not answer."))
    with pytest.raises(SourceDown):
        await shelf.sync(database).run()
    stopped = await shelf.sync(database).state()
    del shelf.pages[1]

    await shelf.sync(database).run()

    assert (stopped.completed_at, stopped.cursor, stopped.error) == (None, "1", "Stripe does not answer.")
    assert (await shelf.sync(database).state()).completed_at == NOW
    assert level(database) == 5000


async def test_a_read_that_fails_changes_nothing_but_the_note(database: Database) -> None:
    shelf = Shelf(ACME)
    await shelf.sync(database).run()
    before = story(database)
    shelf.now += timedelta(hours=1)
    shelf.changed = [SourceRefused("The key may not read invoices.")]

    with pytest.raises(SourceRefused):
        await shelf.sync(database).run()

    state = await shelf.sync(database).state()
    assert (state.failing, state.error, state.succeeded_at) == (True, "The key may not read invoices.", NOW)
    assert story(database) == before


async def test_an_unforeseen_fault_is_noted_too(database: Database) -> None:
    shelf = Shelf(ACME)
    await shelf.sync(database).run()
    shelf.now += timedelta(hours=1)
    shelf.changed = [ZeroDivisionError()]

    with pytest.raises(ZeroDivisionError):
        await shelf.sync(database).run()

    state = await shelf.sync(database).state()
    assert state.failing
    assert "ZeroDivisionError" in (state.error or "")


async def test_a_change_brings_facts_and_ledger_together(database: Database) -> None:
    shelf = Shelf(BILLED)
    await shelf.sync(database).run()
    shelf.now = at(21, month=4)
    shelf.changed = [[subscription(items=[item(quantity=3)])]]

    await shelf.sync(database).run()

    assert [(m.day, m.amount) for m in story(database)] == [(date(2026, 1, 1), 5000), (date(2026, 4, 21), 10_000)]


async def test_a_clock_that_was_set_back_loses_nothing(database: Database) -> None:
    shelf = Shelf(ACME)
    await shelf.sync(database).run()
    shelf.now -= timedelta(hours=2)
    shelf.changed = [[subscription(items=[item(quantity=9)])]]

    await shelf.sync(database).run()

    assert level(database) == 45_000


async def test_one_process_at_a_time_reads_a_source(database: Database) -> None:
    shelf = Shelf(ACME)
    other = shelf.sync(database)

    class Meanwhile(Shelf):
        async def walk(self, cursor: str | None) -> AsyncIterator[Page]:
            with pytest.raises(SourceBusy):
                await other.run()
            async for page in super().walk(cursor):
                yield page

    await Meanwhile(ACME).sync(database).run()

    assert not (await other.state()).failing
    await other.run()


async def test_a_reader_that_was_overtaken_writes_no_more(database: Database) -> None:
    class Slow(Shelf):
        async def walk(self, cursor: str | None) -> AsyncIterator[Page]:
            async for page in super().walk(cursor):
                self.now += timedelta(minutes=10)
                fast = Shelf([price(), account(), subscription(items=[item(quantity=2)])])
                fast.now = self.now
                await fast.sync(database).run()
                yield page

    with pytest.raises(SourceBusy, match="taken over"):
        await Slow(ACME).sync(database).run()

    assert level(database) == 10_000


async def test_a_planned_end_comes_with_its_day(database: Database) -> None:
    ends = subscription(items=[item(started_at=at(1))], ended_at=datetime(2026, 4, 25, tzinfo=UTC))
    shelf = Shelf([price(), account(), ends])
    await shelf.sync(database).run()
    assert level(database) == 5000

    shelf.now = datetime(2026, 4, 26, 9, tzinfo=UTC)
    await shelf.sync(database).run()

    assert [(m.day, m.kind) for m in story(database)][-1] == (date(2026, 4, 25), MovementKind.CHURN)


async def test_a_price_that_comes_late_gives_its_subscriptions_their_worth(database: Database) -> None:
    shelf = Shelf([account(), subscription(items=[item()])])
    await shelf.sync(database).run()
    assert level(database) == 0
    shelf.changed = [[price()]]

    await shelf.sync(database).run()

    assert level(database) == 5000


async def test_a_rate_that_comes_late_judges_a_change_of_currency_anew(database: Database) -> None:
    both = price(rates={"usd": f.Rate(Decimal(5000)), "eur": f.Rate(Decimal(4900))})
    old = subscription("old", [item(started_at=at(1))], ended_at=at(5, month=4))
    new = subscription("new", [item(id="n", started_at=at(5, month=4))], currency="eur", started_at=at(5, month=4))
    rate = f.ExchangeRate(day=date(2026, 4, 5), currency="eur", base="usd", rate=Decimal("1.2"))
    shelf = Shelf([both, account(), old, new])
    await shelf.sync(database).run()
    assert {m.kind for m in story(database)[1:]} == {MovementKind.CONTRACTION}
    shelf.changed = [[rate]]

    await shelf.sync(database).run()

    assert {m.kind for m in story(database)[1:]} == {MovementKind.EXPANSION}


async def test_other_rules_make_the_ledger_anew(database: Database) -> None:
    late = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    shelf = Shelf([price(), account(), subscription(items=[item()], started_at=late)])
    await shelf.sync(database).run()

    await shelf.sync(database, LedgerRules(ZoneInfo("Europe/Helsinki"), "usd")).run()

    assert [m.day for m in story(database)] == [date(2026, 2, 1)]
    assert (await shelf.sync(database).state()).completed_at


async def test_reading_everything_again_mends_what_changes_missed(database: Database) -> None:
    gone: list[f.Fact] = [account("gone"), subscription("sub-gone", [item(id="g")], account_id="gone")]
    shelf = Shelf([*ACME, *gone])
    await shelf.sync(database).run()
    shelf.now += timedelta(days=1)
    shelf.pages = [[price(), account(name="Acme Ltd"), subscription(items=[item(quantity=2)])]]

    await shelf.sync(database).run(full=True)

    with database.reading() as session:
        found = accounts(session, ["acme", "gone"])
    assert (found["acme"].name, found["gone"].deleted_at) == ("Acme Ltd", shelf.now)
    assert level(database) == 10_000


async def test_everything_of_another_account_is_refused_before_it_is_read(database: Database) -> None:
    shelf = Shelf(ACME)
    await shelf.sync(database).run()
    shelf.pages, shelf.refusal = [[account("stranger")]], SourceRefused("This key belongs to another account.")

    with pytest.raises(SourceRefused):
        await shelf.sync(database).run(full=True)

    with database.reading() as session:
        assert accounts(session, ["acme", "stranger"])["acme"].deleted_at is None


async def test_a_snapshot_ends_what_it_no_longer_names(database: Database) -> None:
    shelf = Shelf([*ACME, subscription("second", [item(id="s")])])
    await shelf.sync(database).run()
    shelf.now, shelf.snapshot, shelf.changed = at(21, month=4), True, [ACME]

    await shelf.sync(database).run()

    with database.reading() as session:
        ended = {one.id: one.ended_at for one in subscriptions_of(session, ["acme"])}
    assert ended == {"sub": None, "second": at(21, month=4)}
    assert level(database) == 5000


async def test_an_id_of_another_source_is_refused_in_a_sentence(database: Database) -> None:
    await Shelf([account(source="csv")]).sync(database).run()
    with pytest.raises(SourceRefused, match="Give each billing source a database of its own"):
        await Shelf(ACME).sync(database, LedgerRules(ZoneInfo("UTC"), "eur")).run(full=True)


async def test_what_kahvi_fails_at_is_held_back_and_holds_up_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = [
        subscription("odd", [item(id="o")], account_id="odd"),
        subscription("sound", [item(id="s")], account_id="odd"),
    ]
    shelf = Shelf([*ACME, account("odd"), *odd])
    await shelf.sync(database).run()

    def fails_for_odd(evidence: Evidence, known: Known) -> list[tuple[date, State]]:
        assert evidence.subscription.id != "odd"
        return steps(evidence, known)

    monkeypatch.setattr("bot.ledger.steps", fails_for_odd)
    shelf.now = at(21, month=4)
    more = [item(quantity=2), item(id="o", quantity=2)]
    shelf.changed = [[subscription(items=more[:1]), subscription("odd", more[1:], account_id="odd")]]
    await shelf.sync(database).run()

    assert (level(database), level(database, "odd")) == (10_000, 5000)
    assert held(database) == [("subscription", "odd", Fault.UNFORESEEN, "makes Kahvi fail (AssertionError)")]

    monkeypatch.undo()
    shelf.changed.append([subscription("odd", more[1:], account_id="odd", cancel_at=at(1, month=9))])
    await shelf.sync(database).run()

    assert (level(database, "odd"), held(database)) == (15_000, [])


async def test_what_a_source_could_not_read_is_held_until_it_can(database: Database) -> None:
    broken = Held("subscription", "second", Fault.UNREADABLE, "has no currency")
    second = subscription("second", [item(id="b")])
    shelf = Shelf([*ACME, broken])
    await shelf.sync(database).run()
    assert held(database) == [("subscription", "second", Fault.UNREADABLE, "has no currency")]

    shelf.changed = [[second], [broken], [Held("charge", "ch", Fault.UNREADABLE, "is odd")], [second]]
    seen = []
    for _ in shelf.changed:
        await shelf.sync(database).run()
        seen.append((level(database), [id_ for _, id_, _, _ in held(database)]))

    assert seen == [(10_000, []), (5000, ["second"]), (5000, ["ch", "second"]), (10_000, ["ch"])]


async def test_reading_everything_again_mends_what_can_be_read_now(database: Database) -> None:
    broken = Held("subscription", "sub", Fault.UNREADABLE, "has no currency")
    shelf = Shelf(ACME)
    await shelf.sync(database).run()
    shelf.changed = [[broken, Held("coupon", "off", Fault.UNREADABLE, "has a percent_off that is no percentage")]]
    await shelf.sync(database).run()
    assert level(database) == 0

    await shelf.sync(database).run(full=True)

    assert (level(database), held(database)) == (5000, [])


async def test_a_rate_and_a_price_mend_those_that_waited_for_them(database: Database) -> None:
    euro = subscription("euro", [item()], account_id="eu", currency="eur")
    shelf = Shelf([*ACME, account("eu"), euro])
    await shelf.sync(database).run()
    assert held(database) == [
        ("subscription", "euro", Fault.NO_PRICE, "names the price pro, which has no amount in EUR"),
        ("subscription", "euro", Fault.NO_RATE, "is billed in EUR, which has no exchange rate"),
    ]

    both = price(rates={"usd": f.Rate(Decimal(5000)), "eur": f.Rate(Decimal(4500))})
    rate = f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal("1.1"))
    shelf.changed = [[both], [rate]]
    await shelf.sync(database).run()
    assert [fault for _, _, fault, _ in held(database)] == [Fault.NO_RATE]
    await shelf.sync(database).run()

    with database.reading() as session:
        assert ledger.levels(session, ["eu"]) == {"eu": {"eur": 4500}}
    assert held(database) == []


async def test_an_idle_poll_reads_no_prices(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(ACME)
    await shelf.sync(database).run()
    monkeypatch.setattr(LedgerMaker, "__init__", lambda *_: pytest.fail("the ledger was touched"))
    shelf.now += timedelta(minutes=1)

    await shelf.sync(database).run()

    with database.reading() as session:
        assert syncs.state(session, "test").succeeded_at == shelf.now


@pytest.mark.parametrize(
    "told",
    [
        dispute("du", account_id="acme"),
        refund("re", account_id="acme"),
        f.PaymentMethod(id="pm", account_id="acme", source="test", kind="card"),
    ],
    ids=["a dispute", "a refund", "a card"],
)
async def test_what_changes_no_figure_has_its_account_assessed_again_too(database: Database, told: f.Fact) -> None:
    shelf = Shelf(ACME)
    await shelf.sync(database).run()
    seen = await database.read(risks.due)
    await database.write(risks.store, [], seen, NOW, NOW.date())
    await database.write(risks.leave_out, seen, seen)

    shelf.changed.append([told])
    await shelf.sync(database).run()

    assert list(await database.read(risks.due)) == ["acme"]
