"""Who is an ideal customer: by the filter, by what they brought, by tickets and by what keeping them costs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import icp
from bot.figures.segments import fitting
from bot.icp import Profile
from bot.ledger import LedgerRules
from storage import facts as f
from storage import icp_fits, journal, signals
from storage.engine import Database
from storage.icp_fits import Changes, Judged
from storage.inputs import Signal
from storage.journal import Entry
from storage.states import IcpFit, NoteKind
from storage.tables import AccountRow
from storage.upsert import delete_where
from tests.company import ACME, OTHERS, PLAN, fill
from tests.factories import at, payment

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
RULES = LedgerRules(ZoneInfo("UTC"), "usd")
IN, OUT, UNKNOWN = IcpFit.IN, IcpFit.OUT, IcpFit.UNKNOWN


def paid(account_id: str, amount: int, currency: str = "usd") -> f.Payment:
    return payment(f"py-{account_id}-{currency}", amount, account_id=account_id, at=at(1, 9), currency=currency)


@pytest.fixture
def company(database: Database) -> Database:
    """acme has paid $2,000 and got $50 back, gone $300 before it left, oneill in a currency without a rate."""
    rows = [paid("gone", 30_000), paid("globex", 250_000), paid("oneill", 9_900, "sek")]
    with database.writing() as session:
        fill(session, [*PLAN, *ACME, *OTHERS, *rows], NOW)
    return database


def told(database: Database, **said: Any) -> dict[str, Judged]:
    with database.reading() as session:
        return icp.judged(session, Profile(**said), RULES, NOW)


def fits(database: Database, **said: Any) -> dict[str, IcpFit]:
    return {account_id: one.fit for account_id, one in told(database, **said).items()}


def test_a_filter_goes_by_the_mrr_that_one_who_left_last_had(company: Database) -> None:
    found = fits(company, words="mrr>=150")
    assert {id_ for id_, fit in found.items() if fit is IN} == {"acme", "globex", "gone"}
    assert set(found.values()) == {IN, OUT}


def test_who_still_pays_may_bring_the_value_yet(company: Database) -> None:
    found = fits(company, value=Decimal(1950))
    assert (found["acme"], found["globex"], found["gone"]) == (IN, IN, OUT)
    assert found["labs"] is UNKNOWN  # it runs, and has brought nothing yet
    assert found["oneill"] is UNKNOWN  # nobody knows what its krona were worth
    assert found["deleted"] is OUT
    assert fits(company, value=Decimal("1950.01"))["acme"] is UNKNOWN


def test_tickets_are_averaged_over_the_last_ninety_days_of_each(company: Database) -> None:
    days = [(400, 90), (80, 2), (40, 4), (1, 6)]
    with company.writing() as session:
        seen = [Signal("acme", icp.TICKETS_SIGNAL, NOW - timedelta(days=ago), Decimal(n)) for ago, n in days]
        old = [Signal("gone", icp.TICKETS_SIGNAL, NOW - timedelta(days=ago), Decimal(9)) for ago in (300, 310)]
        signals.store(session, [*seen, *old], NOW)
    assert fits(company, tickets=Decimal(4))["acme"] is IN
    assert fits(company, tickets=Decimal("3.9"))["acme"] is OUT
    found = told(company, tickets=Decimal(4))
    assert found["gone"] == Judged(OUT, ("tickets",))
    assert found["labs"] == Judged(UNKNOWN, (), ("tickets",))


def test_incentives_of_a_year_are_what_keeping_costs(company: Database) -> None:
    def note(id_: str, cost: int, ago: int, corrects: str | None = None) -> Entry:
        at_ = NOW - timedelta(days=ago)
        return Entry(id_, "acme", NoteKind.INCENTIVE, "x", "U1", at_, cost=cost, currency="usd", corrects=corrects)

    with company.writing() as session:
        for one in (note("1", 99_900, 20), note("2", 10_000, 10, "1"), note("3", 5_000, 5), note("4", 1, 400)):
            journal.add(session, one)
    assert fits(company, cost=Decimal(150))["acme"] is IN
    assert fits(company, cost=Decimal("149.99"))["acme"] is OUT
    assert fits(company, cost=Decimal(0))["labs"] is IN


def test_one_part_against_it_is_enough_and_one_unknown_leaves_it_open(company: Database) -> None:
    found = told(company, words="mrr>=150", value=Decimal(1950), tickets=Decimal(4))
    assert found["acme"] == Judged(UNKNOWN, (), ("tickets",))
    assert found["gone"] == Judged(OUT, ("value",), ("tickets",))
    assert found["labs"] == Judged(OUT, ("words",), ("value", "tickets"))


async def test_all_are_judged_by_the_profile_in_force_and_only_what_changed_is_written(company: Database) -> None:
    chosen = Profile(words="mrr>=150")
    await company.write(icp.choose, chosen, "U1", NOW)
    assert (await icp.judge(company, RULES, NOW))[IN] == 3
    found = await company.read(icp.verdict, RULES, NOW)
    assert (found.profile, found.changes) == (chosen, Changes({}, []))

    named = await company.read(fitting, "icp:in", ["acme", "globex", "gone", "labs"], "usd", NOW.date())
    assert named == {"acme", "globex", "gone"}

    await company.write(icp.choose, Profile(), "U1", NOW)
    assert await icp.judge(company, RULES, NOW) == {}
    assert await company.read(icp_fits.every) == {}
    assert await company.read(fitting, "icp:unknown", ["acme"], "usd", NOW.date()) == {"acme"}


async def test_a_verdict_counts_no_more_when_another_profile_was_chosen_meanwhile(company: Database) -> None:
    await company.write(icp.choose, Profile(words="mrr>=150"), "U1", NOW)
    before = await company.read(icp.verdict, RULES, NOW)
    await company.write(icp.choose, Profile(words="mrr<150"), "U2", NOW)

    assert not await company.write(icp.keep, before, NOW)
    assert await company.read(icp_fits.every) == {}
    await icp.judge(company, RULES, NOW)
    assert (await company.read(icp_fits.every))["acme"].fit is OUT


async def test_who_was_erased_while_accounts_were_judged_is_not_written_down_again(company: Database) -> None:
    await company.write(icp.choose, Profile(words="mrr>=150"), "U1", NOW)
    found = await company.read(icp.verdict, RULES, NOW)
    with company.writing() as session:
        delete_where(session, AccountRow, "id", ["acme"])

    assert await company.write(icp.keep, found, NOW)
    assert "acme" not in await company.read(icp_fits.every)


def test_of_a_filter_that_means_nothing_any_more_nobody_knows(company: Database) -> None:
    assert told(company, words="segment:gone")["acme"] == Judged(UNKNOWN, (), ("words",))


@pytest.mark.parametrize("wrong", ["-1", "1e9", "a lot", "1.234", "99999999999", "٣"])
def test_what_is_no_amount_is_refused_by_field(wrong: str) -> None:
    found = icp.parse({"value": wrong, "tickets": wrong, "cost": wrong})
    assert isinstance(found, dict)
    assert set(found) == {"value", "tickets", "cost"}


def test_what_was_typed_is_kept_as_it_was_meant() -> None:
    found = icp.parse({"words": "  mrr>500   region:EU ", "value": "1,200.50", "tickets": "", "cost": None})
    assert found == Profile("mrr>500 region:EU", Decimal("1200.50"))
    assert isinstance(found, Profile)
    assert icp.from_plain(found.plain()) == found
