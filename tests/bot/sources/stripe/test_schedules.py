"""Schedules of Stripe as facts: the phases that are planned, and nothing of what was released."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.figures.scheduled import scheduled_changes
from bot.ledger import LedgerRules
from bot.sources.stripe.discounts import Known
from bot.sources.stripe.schedules import parse_schedule
from storage.engine import Database
from storage.facts import Phase, Schedule
from tests.bot.sources.stripe import payloads as stripe
from tests.scenarios.lived import RULES, world

JAN, FEB, MAR = (datetime.fromtimestamp(one, UTC) for one in (stripe.JAN, stripe.FEB, stripe.MAR))


def parsed(**over: Any) -> Schedule:
    [found] = parse_schedule(stripe.schedule(**over), Known())
    return found


def test_a_schedule_tells_its_phases() -> None:
    assert parsed() == Schedule(
        id="sub_sched_1",
        account_id="cus_1",
        source="stripe",
        subscription_id="sub_1",
        currency="usd",
        live=True,
        cancels=False,
        phases=(Phase(JAN, FEB, (("price_1", 2),)), Phase(FEB, MAR, (("price_2", 1),))),
    )


@pytest.mark.parametrize("status", ["released", "canceled", "completed", "some_new_word", None])
def test_what_is_not_live_plans_nothing(status: str | None) -> None:
    found = parsed(status=status)

    assert (found.live, found.phases) == (False, ())


def test_a_schedule_may_cancel_and_may_not_have_begun() -> None:
    found = parsed(end_behavior="cancel", status="not_started", subscription=None)

    assert (found.cancels, found.live, found.subscription_id) == (True, True, None)


async def test_a_plan_for_the_renewal_is_known_before_it_moves_anything(database: Database) -> None:
    async with world(6, accounts=10) as company:
        sync, source = company.sync(database)
        await sync.run()
        before = planned(database, company.now, RULES)
        [one, *_] = [
            one for one in company.company.store["subscriptions"]
            if one["status"] == "active" and one["currency"] == "usd" and not one["cancel_at"]
        ]  # fmt: skip
        item = company.company.billing.items(one["id"])[0]

        company.company.billing.change_plan(one["id"], item["price"]["id"], item["quantity"] + 7, at_renewal=True)
        await sync.run()
        await source.aclose()

    new = planned(database, company.now, RULES) - before
    day = datetime.fromtimestamp(item["current_period_end"], UTC).date()
    assert [(subscription, on) for subscription, on, amount in new if amount > 0] == [(one["id"], day)]


def planned(database: Database, now: datetime, rules: LedgerRules) -> set[tuple[str, object, int]]:
    with database.reading() as session:
        return {(one.subscription_id, one.day, one.amount) for one in scheduled_changes(session, rules, now)}
