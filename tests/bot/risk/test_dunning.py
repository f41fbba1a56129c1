"""The dunning desk: what is to collect, of whom, and how much of it comes in the end, on both engines."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from bot.messages import dunning as messages
from bot.metrics.filter_words import FilterError
from bot.playground.slack.validate import check_message_blocks
from bot.risk.assessing import keep_assessed
from bot.risk.dunning import AHEAD, NAMED, Desk, Due, Stage, _ends_soon, desk
from bot.risk.recovery import FEWEST, Recovery, in_force, recovery
from bot.risk.whose import Whose
from storage import facts as f
from storage import risks, signs
from storage.engine import Database
from tests.bot.messages.hostile import alive
from tests.bot.risk.alerting import SETTINGS
from tests.company import DECLINED, FAILED, fill, running, stored
from tests.factories import account

DAY = timedelta(days=1)
CARD = f.PaymentMethod(
    id="pm", account_id="labs", source="test", kind="card", brand="visa", last4="4242", exp_month=11, exp_year=2026
)


async def filled(database: Database, morning: datetime) -> None:
    """Acme's payment failed twice, Globex owes an invoice, and the card of Labs ends before its next charge."""
    owes = replace(
        *(FAILED,),
        id="in-globex",
        account_id="globex",
        subscription_id="sub-globex",
        collection=f.Collection.INVOICE,
        due_at=morning - 20 * DAY,
        attempt_count=0,
        next_attempt_at=None,
        payment_refs=(),
        amount_due=90_000,
    )
    ends = replace(running("labs", 30), default_method_id="pm")
    await stored(database, morning, owes, account("labs", name="Labs"), ends, CARD)
    await keep_assessed(database, "usd", SETTINGS.zone, morning)


async def looked(database: Database, now: datetime, asked: str = "all", owner: str = "", start: int = 0) -> Desk:
    return await database.read(
        desk, Whose(asked, "" if asked in NAMED else asked, owner), SETTINGS, now, start=start, count=8
    )


async def test_what_failed_comes_first_by_money_then_cards_by_charge(database: Database, morning: datetime) -> None:
    await filled(database, morning)

    found = await looked(database, morning)

    assert [(one.account_id, one.stage, one.amount) for one in found.page] == [
        ("acme", Stage.FAILED, 200_000),
        ("globex", Stage.OVERDUE, 90_000),
        ("acme", Stage.EXPIRING, 0),
        ("labs", Stage.EXPIRING, 0),
    ]
    assert found.failing == {"usd": 290_000}
    assert (found.total, found.cards) == (4, 2)
    assert found.waiting > 0
    assert found.waiting == (await database.read(risks.totals, 0, {"acme", "globex"})).overdue
    assert found.involuntary is None  # no history
    acme, _, _, labs = found.page
    assert (acme.attempts, acme.next_at, acme.code) == (2, FAILED.next_attempt_at, "card_declined")
    assert (labs.brand, labs.last4, labs.expires) == ("visa", "4242", "2026-11")


async def test_how_many_tries_are_usual_stands_beside_those_that_were_made(
    database: Database, morning: datetime
) -> None:
    lost = replace(FAILED, status=f.InvoiceStatus.UNCOLLECTIBLE, attempt_count=4, next_attempt_at=None, payment_refs=())
    await filled(database, morning)
    assert "Failed twice: " in messages.told(await looked(database, morning), morning, SETTINGS.zone).text

    await database.write(fill, [replace(lost, id=f"lost-{number}") for number in range(3)], morning)

    found = await looked(database, morning)
    assert "Failed twice of usually 4 tries: " in messages.told(found, morning, SETTINGS.zone).text
    assert [one.tries for one in found.page] == [4, None, None, None]
    assert ",2,4," in str(messages.export(found)[0].blocks)


async def test_it_keeps_to_valuable_accounts_to_mine_or_to_a_filter(database: Database, morning: datetime) -> None:
    await filled(database, morning)

    async def of(asked: str, owner: str = "") -> list[str]:
        return [one.account_id for one in (await looked(database, morning, asked, owner)).page]

    assert await of("valuable") == ["acme", "globex", "acme", "labs"]
    assert await of("me", "Ann@we.com") == ["acme", "acme"]
    assert await of("me", "nobody@we.com") == []
    assert await of("name:globex") == ["globex"]
    with pytest.raises(FilterError):
        await of("regoin:EU")
    assert (await looked(database, morning, start=500)).start == 0


async def test_what_is_paid_leaves_the_desk(database: Database, morning: datetime) -> None:
    await filled(database, morning)
    await database.write(fill, [replace(FAILED, status=f.InvoiceStatus.PAID)], morning)

    assert [one.account_id for one in (await looked(database, morning)).page] == ["globex", "acme", "labs"]


def tries(number: int, at: datetime, *, came: bool, amount: int = 1_000) -> list[f.Fact]:
    """A charge that failed, and the next one that did or did not."""
    first = replace(DECLINED, id=f"pay-{number}", intent_ref=f"pi-{number}", at=at, amount=amount)
    status = f.PaymentStatus.SUCCEEDED if came else f.PaymentStatus.FAILED
    return [first, replace(first, id=f"pay-{number}-2", at=at + 3 * DAY, status=status)]


async def test_how_much_comes_in_the_end_is_told_by_money_and_only_by_enough_of_it(
    database: Database, morning: datetime
) -> None:
    await stored(database, morning)
    old, few = morning - 60 * DAY, FEWEST - 1
    made = [one for number in range(few) for one in tries(number, old, came=number % 2 == 0)]
    await database.write(fill, made, morning)

    async def told() -> Recovery:
        return await database.read(recovery, "usd", SETTINGS.zone, morning)

    assert await told() == Recovery(few, None)
    await database.write(fill, tries(few, old, came=True, amount=11_000), morning)
    await database.write(fill, tries(90, morning - 5 * DAY, came=False), morning)  # still tried
    await database.write(fill, tries(91, morning - 500 * DAY, came=False), morning)  # long ago

    found = await told()
    assert found == Recovery(FEWEST, Decimal(21) / 30)
    assert found.involuntary(100_000) == 30_000
    assert Recovery(few, None).involuntary(100_000) is None

    assert await database.read(in_force) == Recovery(0, None)
    await keep_assessed(database, "usd", SETTINGS.zone, morning)  # a new day keeps it for the lists
    assert await database.read(in_force) == found


def test_what_will_be_lost_is_told_only_where_history_says_so(morning: datetime) -> None:
    nothing = (Decimal(0), Decimal(0))
    known = Desk(Whose(), "usd", 0, 0, [], 0, {}, nothing, Recovery(40, Decimal("0.7")), 100_000)

    text = messages.told(known, morning, SETTINGS.zone).text

    assert known.involuntary == 30_000
    assert "$1,000.00 MRR waits for payments that failed or are late, of which $300.00 is likely to be lost" in text
    unknown = messages.told(replace(known, recovery=Recovery(3, None)), morning, SETTINGS.zone).text
    assert "lost" not in unknown
    assert "unknown: 3 failures in a year" in unknown


def test_any_content_fits_slack(morning: datetime) -> None:
    hostile = "<!channel> *x* " * 60
    one = Due(
        Stage.FAILED,
        "x",
        hostile,
        hostile,
        Decimal(5),
        "usd",
        500,
        3,
        morning,
        hostile,
        hostile,
        hostile,
        hostile,
        hostile,
        "https://pay.example/x",
    )
    page = [replace(one, stage=stage, next_at=at) for stage in Stage for at in (morning, None)]
    rate, came = Recovery(40, Decimal("0.5")), (Decimal(1), Decimal(2))
    found = Desk(Whose("region:EU " * 30, "region:EU " * 30), "usd", 900, 30, page, 8, {"usd": 5}, came, rate)

    message = messages.told(found, morning, SETTINGS.zone)

    assert check_message_blocks(message.blocks) == []
    assert alive(message) == ""
    for part in messages.export(found):
        assert check_message_blocks(part.blocks) == []


@pytest.mark.parametrize("by_account", [True, False])
async def test_no_card_that_ends_is_overlooked_among_many(
    database: Database, morning: datetime, *, by_account: bool
) -> None:
    """The desk asks for few accounts; it finds what looking at all of them finds."""
    many: list[f.Fact] = []
    for number in range(40):
        of = f"card-{number}"
        month = 2026 * 12 + 9 + number % 6
        ends = morning + number * 2 * DAY
        method = replace(CARD, id=f"pm-{number}", account_id=of, exp_year=month // 12, exp_month=month % 12 + 1)
        held = account(of, name=of)
        many += [replace(held, default_method_id=method.id) if by_account else held, method]
        charged = replace(running(of, 1), current_period_end=ends)
        many.append(charged if by_account else replace(charged, default_method_id=method.id))
    await stored(database, morning, *many)

    with database.reading() as session:
        whole = {one.subscription_id for one in signs.running(session) if _ends_soon(one, morning)}
        near = signs.with_ending_cards(session, morning, morning + AHEAD)
    found = await database.read(desk, Whose(), SETTINGS, morning, start=0, count=100)

    assert 5 < len(whole) < len(near) < 40
    assert found.cards == len(whole)
