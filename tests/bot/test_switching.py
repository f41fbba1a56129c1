"""Choosing a metrics policy: the ledger is made anew from stored facts, at once or not at all, and readers follow."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.digest.compose import compose
from bot.ledger import LedgerMaker, LedgerRules
from bot.messages.digest import plain_text
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Missing, Value
from bot.metrics.policy import KAHVI
from bot.metrics.presets import PRESETS, STRIPE, policy_of
from bot.policies import policy_in_force
from bot.sources.base import Changes, Page
from bot.switching import Change, Switch, difference, shown
from bot.sync import Sync
from storage import facts as f
from storage import ledger, policies
from storage.engine import Database
from storage.movements import Movement
from tests.factories import account, at, invoice, item, line, price, subscription
from tests.quiet_source import QuietSource

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)
RULES = LedgerRules(ZoneInfo("UTC"), "usd")
UNTIL = date(2026, 4, 20)
TRIAL = "kahvi trials=in"


class Silent(QuietSource):
    """A source that says everything once, and may not be asked again."""

    def __init__(self, *found: f.Fact) -> None:
        self.found = found

    async def walk(self, cursor: str | None) -> AsyncIterator[Page]:
        assert cursor is None
        yield Page("everything", self.found, "changes")

    async def changes(self, cursor: str) -> Changes:
        return Changes((), cursor)


FACTS: list[f.Fact] = [
    price(),
    account(),
    subscription(items=[item()]),
    account("beta"),
    subscription(
        "trial", [item(id="t")], account_id="beta", status=f.Status.TRIALING, started_at=at(1, month=4),
        trial_end=at(1, month=5),
    ),
    invoice("in", [line("il", 5000, at(1))], paid_at=at(1)),
]  # fmt: skip


async def filled(database: Database) -> Sync:
    sync = Sync(database, Silent(*FACTS), RULES, lambda: NOW)
    await sync.run()
    return sync


def switch(database: Database, sync: Sync) -> Switch:
    return Switch(database, sync, RULES, UNTIL)


def movements(database: Database) -> list[Movement]:
    with database.reading() as session:
        return [*ledger.story(session, "acme"), *ledger.story(session, "beta")]


async def test_a_policy_is_put_in_force_and_says_what_it_changed(database: Database) -> None:
    sync = await filled(database)

    changes = await switch(database, sync).use(policy_of(TRIAL), "ann", NOW)

    told = {
        one.metric.id: (shown(one.before, one.metric.unit, "usd"), shown(one.after, one.metric.unit, "usd"))
        for one in changes
        if one.differs
    }
    assert told["mrr"] == ("$50.00", "$100.00")
    assert told["customers"] == ("1", "2")
    assert difference(next(one for one in changes if one.metric.id == "mrr"), "usd") == "+$50.00"
    with database.reading() as session:
        chosen = policies.in_force(session)
        assert policy_in_force(session) == policy_of(TRIAL)
    assert chosen == policies.Chosen(TRIAL, "ann", NOW)
    assert {one.account_id for one in movements(database)} == {"acme", "beta"}


async def test_a_preview_keeps_nothing(database: Database) -> None:
    sync = await filled(database)
    before = movements(database)

    changes = await switch(database, sync).preview(policy_of(TRIAL))

    assert [one.metric.id for one in changes if one.differs][:2] == ["mrr", "arr"]
    with database.reading() as session:
        assert policies.in_force(session) is None
    assert movements(database) == before
    assert (await sync.state()).ledger_rules == RULES.key
    assert not (await sync.state()).failing


async def test_a_rebuild_that_is_cut_off_leaves_the_old_ledger_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = await filled(database)
    before = movements(database)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(policies, "choose", cut_off)
    with pytest.raises(KeyboardInterrupt):
        await switch(database, sync).use(policy_of(TRIAL), "ann", NOW)

    assert movements(database) == before
    with database.reading() as session:
        assert policy_in_force(session) == KAHVI


async def test_a_running_bot_goes_on_by_the_new_policy(database: Database) -> None:
    running = await filled(database)
    other = Sync(database, Silent(), RULES, lambda: NOW)
    await Switch(database, other, RULES, UNTIL).use(policy_of(TRIAL), "ann", NOW)
    after = movements(database)

    await running.run()

    assert movements(database) == after
    with database.reading() as session:
        text = plain_text(
            compose(session, day=UNTIL, since=date(2026, 4, 19), now=NOW, base="usd", zone=RULES.zone, source="test")
        )
    assert "policy “kahvi+custom”" in text


async def test_a_ledger_of_other_rules_is_made_anew_from_what_is_stored(database: Database) -> None:
    await filled(database)
    helsinki = LedgerRules(ZoneInfo("Europe/Helsinki"), "usd")

    sync = Sync(database, Silent(), helsinki, lambda: NOW)
    await sync.run()

    assert (await sync.state()).ledger_rules == helsinki.key


async def test_an_axis_that_moves_nothing_in_the_ledger_leaves_it_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = await filled(database)
    monkeypatch.setattr(LedgerMaker, "__init__", lambda *_: pytest.fail("the ledger was made anew"))

    await switch(database, sync).use(policy_of("kahvi churn_denominator=start"), "ann", NOW)

    with database.reading() as session:
        assert policy_in_force(session).name == "kahvi+custom"


async def test_a_choice_before_the_first_read_holds_from_its_ledger_on(database: Database) -> None:
    sync = Sync(database, Silent(*FACTS), RULES, lambda: NOW)
    await switch(database, sync).use(policy_of(TRIAL), "ann", NOW)

    await sync.run()

    assert {one.account_id for one in movements(database)} == {"acme", "beta"}


@pytest.mark.parametrize("preset", PRESETS)
async def test_every_preset_can_be_put_in_force_and_left_again(database: Database, preset: str) -> None:
    sync = await filled(database)
    before = movements(database)

    await switch(database, sync).use(PRESETS[preset], "ann", NOW)
    await switch(database, sync).use(STRIPE, "ben", NOW)
    await switch(database, sync).use(KAHVI, "ann", NOW)

    assert movements(database) == before


@pytest.mark.parametrize(
    ("metric", "before", "after", "expected"),
    [
        ("time_to_churn", Decimal("16.31"), Decimal(494) / 36, "−2.59"),
        ("quick_ratio", Decimal("1.5"), Decimal(5) / 3, "+0.17"),
        ("customers", Decimal(245), Decimal(229), "−16"),
        ("customer_churn", Decimal("0.061"), Decimal("0.0731"), "+1.21 points"),
    ],
)
def test_differences_have_the_places_of_their_figures(
    metric: str, before: Decimal, after: Decimal, expected: str
) -> None:
    assert difference(Change(METRICS[metric], before, after), "usd") == expected


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("time_to_churn", Decimal("16.311"), "16.31 months"),
        ("mrr_churn", Decimal("-0.05449"), "−5.45%"),
        ("customers", Decimal(1245), "1,245"),
        ("mrr", Decimal(1245), "$12.45"),
        ("nps", Missing("Nobody answered."), "unknown"),
    ],
)
def test_figures_that_are_compared_are_exact(metric: str, value: Value, expected: str) -> None:
    assert shown(value, METRICS[metric].unit, "usd") == expected


def test_a_figure_that_reads_as_before_is_as_it_was() -> None:
    churn = METRICS["mrr_churn"]

    assert Change(churn, Decimal("0.0545"), Decimal("0.0543")).differs
    assert not Change(churn, Decimal("0.05451"), Decimal("0.05452")).differs
