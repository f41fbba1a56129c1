"""What the coffee stats find in a database."""

from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

import pytest
from sqlalchemy import event

from bot.digest.account_moves import threshold
from bot.digest.compose import Digest, StillReading
from bot.digest.sections.ahead import Ahead
from bot.digest.sections.calls import Calls
from bot.digest.sections.freshness import Freshness, Stale
from bot.digest.sections.headline import Headline
from bot.digest.sections.moved import Moved
from bot.digest.sections.roll_forward import RollForward
from bot.digest.sections.summary import NotStarted, Summary
from bot.digest.sections.trend import Trend
from bot.messages.digest import plain_text
from bot.metrics.metric import Share
from storage import exit_interviews, policies, quarantine
from storage import facts as f
from storage.engine import Database
from storage.exit_interviews import Entry, Said
from storage.facts import InvoiceStatus, Status
from storage.faults import Held
from storage.states import Fault
from tests import factories
from tests.bot.digest import company
from tests.bot.digest.company import (
    FRIDAY,
    GREW,
    LEFT,
    MONDAY,
    NEW,
    NOW,
    SHRANK,
    busy,
    hold,
    morning,
    movement,
    read,
    steady,
)

T = TypeVar("T")


@pytest.fixture
def monday(database: Database) -> Digest:
    with database.writing() as session:
        company.busy(session)
    with database.reading() as session:
        return morning(session)


def part(digest: Digest, kind: type[T]) -> T:
    return next(one for one in digest.parts if isinstance(one, kind))


def kinds(digest: Digest) -> list[type]:
    return [type(one) for one in digest.parts]


def test_every_section_has_its_place(monday: Digest) -> None:
    expected = [Summary, Headline, Trend, Moved, Calls, Ahead, Freshness, RollForward]

    assert expected == kinds(monday)


def test_the_sentence_adds_up_to_the_change(monday: Digest) -> None:
    summary = part(monday, Summary)
    moved = sum(one.amount for one in summary.carriers)

    assert Decimal(580_600) == summary.mrr
    assert summary.change == moved + summary.fx


def test_the_sentence_names_the_accounts_that_carry_the_change(monday: Digest) -> None:
    expected = (
        "MRR is $5,806, up $838 since Friday: Nordlys ApS grew (+$896), 3 new Team, monthly customers (+$343), Again "
        "came back (+$90); Acme Corp left (−$420, too expensive), Lessard shrank (−$100); exchange rates added $29."
    )

    assert expected in plain_text(monday)


def test_moves_are_in_order_with_their_reasons(monday: Digest) -> None:
    text = plain_text(monday)
    lines = [line.strip() for line in text.partition("What moved since Friday\n")[2].splitlines()[:6]]

    assert lines == [
        "↑ Nordlys ApS  +$896 (+€830) · grew: more seats",
        "↑ Team1  +$200 · new: Team",
        "↑ Team2  +$140 · new: Team",
        "↑ Again  +$90 · came back: Team",
        "↓ Acme Corp  −$420 · left: too expensive",
        "↓ Lessard  −$100 · shrank: fewer seats",
    ]
    assert "Not listed: 1 movement below $5, +$3 together." in text


def test_calls_are_in_order_of_mrr_with_what_to_say(monday: Digest) -> None:
    text = plain_text(monday)

    assert [call.account_id for call in part(monday, Calls).calls] == ["less", "steady002"]
    assert "Lessard  $800 MRR · leaves Thu 3 Dec: missing features" in text
    assert "Steady002  $100 MRR · payment failed twice (insufficient funds), $100 open, next try Thu 26 Nov" in text


def test_what_comes_is_summed_and_named(monday: Digest) -> None:
    text = plain_text(monday)

    assert "1 renewal of half a year or more, $1,573 MRR: Nordlys ApS $1,573 (Tue 1 Dec)" in text
    assert "1 trial ends, worth $147 MRR if it stays: Tryout Ltd $147 (Thu 26 Nov)" in text
    assert "1 default card runs out (Mon 30 Nov), $100 MRR" in text


def test_the_roll_forward_adds_up_to_the_cent(monday: Digest) -> None:
    rows = part(monday, RollForward).rows()
    amounts = [int(str(row[1][0]).replace("−", "-").replace("$", "").replace(",", "").replace(".", "")) for row in rows]

    assert amounts[-1] == sum(amounts[:-1])


def test_what_is_left_out_is_said(monday: Digest) -> None:
    assert part(monday, Freshness).left_out == {"sek": 1_200_000}
    assert "1 customer in SEK (SEK 12,000 MRR) is left out: no exchange rate." in plain_text(monday)


def test_what_cannot_be_valued_is_counted_in_the_footer(database: Database) -> None:
    def held(id_: str, fault: Fault) -> Held:
        return Held("subscription", id_, fault, "is odd", "acme")

    found = [
        held("a", Fault.NO_PRICE),
        held("b", Fault.NO_PRICE),
        held("c", Fault.UNFORESEEN),
        held("c", Fault.NO_RATE),
    ]
    with database.writing() as session:
        hold(session, steady(3))
        read(session)
        quarantine.replace(session, ["acme"], found, company.NOW)
    with database.reading() as session:
        digest = morning(session)

    said = "3 billing records are left out: 2 without a known price and 1 that Kahvi fails at; kahvi doctor says which."
    assert said in plain_text(digest)


def test_the_number_of_queries_does_not_grow_with_the_accounts(database: Database) -> None:
    counts = []
    for size in (5, 60):
        with database.writing() as session:
            hold(session, [movement(f"new{size}-{n}", FRIDAY, NEW, 9_000 + n) for n in range(size)])
            read(session)
        with database.reading() as session:
            seen: list[str] = []
            listener = lambda *args, seen=seen: seen.append(args[2])  # noqa: E731 - one expression
            event.listen(session.get_bind(), "before_cursor_execute", listener)
            morning(session)
            event.remove(session.get_bind(), "before_cursor_execute", listener)
            counts.append(len(seen))

    assert counts[0] == counts[1]
    assert counts[1] <= 47


def test_a_first_read_under_way_gives_one_friendly_message(database: Database) -> None:
    with database.writing() as session:
        hold(session, steady(3))
        read(session, completed_at=None, succeeded_at=None, objects=1200)
    with database.reading() as session:
        digest = morning(session)

    assert [StillReading] == kinds(digest)
    assert "Kahvi is still reading Stripe for the first time (1,200 records so far)." in plain_text(digest)


def test_no_subscription_yet_reads_well(database: Database) -> None:
    with database.writing() as session:
        read(session)
    with database.reading() as session:
        digest = morning(session)

    assert [NotStarted, Freshness] == kinds(digest)
    assert "No paying subscription yet." in plain_text(digest)


def test_a_quiet_day_says_so_kindly(database: Database) -> None:
    with database.writing() as session:
        hold(session, steady(25))
        read(session)
    with database.reading() as session:
        digest = morning(session, since=MONDAY - timedelta(days=1))

    assert "MRR is $2,500, unchanged since yesterday. Nothing moved: enjoy your coffee." in plain_text(digest)
    assert Moved not in kinds(digest)


def test_a_company_that_lost_everyone_has_zeros_and_no_error(database: Database) -> None:
    with database.writing() as session:
        hold(session, [movement("acme", date(2026, 1, 5), NEW, 5_000), movement("acme", FRIDAY, LEFT, -5_000)])
        read(session)
    with database.reading() as session:
        digest = morning(session)

    assert "MRR is $0, down $50 since Friday: Acme left (−$50)." in plain_text(digest)
    assert part(digest, Headline).arpa is None


def test_a_company_whose_first_customer_came_yesterday(database: Database) -> None:
    with database.writing() as session:
        hold(session, [movement("acme", MONDAY - timedelta(days=1), NEW, 5_000)])
        read(session)
    with database.reading() as session:
        digest = morning(session)
    text = plain_text(digest)

    assert "MRR is $50, up $50 since Friday: Acme joined (+$50)." in text
    assert "The first payment was on 22 November: figures over 30 days cover the days since." in text
    assert "MRR churn cannot be told yet: there was no MRR 30 days ago." in text
    assert Trend not in kinds(digest)


def test_few_customers_are_counted_not_percented(database: Database) -> None:
    with database.writing() as session:
        hold(session, [*steady(13), movement("steady001", FRIDAY, LEFT, -10_000)])
        read(session)
    with database.reading() as session:
        digest = morning(session)
    text = plain_text(digest)

    assert "1 of 13" in text
    assert "%" not in text.partition("What moved")[0]
    assert "Under 20 customers Kahvi shows counts and amounts instead of percentages." in text


def test_churn_is_that_of_the_last_month_where_the_policy_says_so(database: Database) -> None:
    """One of thirty leaves in October, two in November: the digest of November tells October."""
    left = [date(2026, 10, 5), date(2026, 11, 5), date(2026, 11, 6)]
    gone = [movement(f"steady{n:03}", day, LEFT, -10_000) for n, day in enumerate(left)]
    with database.writing() as session:
        hold(session, [*steady(30), *gone])
        read(session)
        rolling = morning(session)
        policies.choose(session, "kahvi churn_window=calendar_month", "ada", NOW)
        monthly = morning(session)
    figures = [part(digest, Headline).told().figures[-2] for digest in (monthly, rolling)]

    assert [(one.label, one.value, one.notes) for one in figures] == [
        ("Customer churn, October", "3.3%", ("1 of 30", "↑ from 0.0% in the month before")),
        ("Customer churn, 30 days", "6.9%", ("2 of 29", "↑ from 3.3% in the 30 days before")),
    ]


def test_old_figures_warn_before_anything_else(database: Database) -> None:
    with database.writing() as session:
        hold(session, steady(25))
        old = company.NOW - timedelta(hours=9)
        read(session, succeeded_at=old, failed_at=company.NOW, error="Stripe did not answer /v1/events: timeout.")
    with database.reading() as session:
        digest = morning(session)

    assert kinds(digest)[0] is Stale
    assert plain_text(digest).splitlines()[2].startswith("⚠ These figures are 9 h old: Stripe did not answer")


def test_a_late_digest_says_why(database: Database) -> None:
    with database.writing() as session:
        hold(session, steady(25))
        read(session)
    with database.reading() as session:
        digest = morning(session, late="Late by 40 min: Kahvi was not running at 08:30.")

    assert "Late by 40 min: Kahvi was not running at 08:30." in plain_text(digest)


def test_an_account_that_no_longer_pays_needs_no_call(database: Database) -> None:
    unpaid = factories.invoice(
        "in1", account_id="gone", status=InvoiceStatus.OPEN, amount_due=5_000, amount_paid=0, attempt_count=4
    )
    with database.writing() as session:
        moves = [movement("gone", date(2026, 1, 5), NEW, 5_000), movement("gone", date(2026, 3, 5), LEFT, -5_000)]
        hold(session, [*steady(25), *moves], [unpaid])
        read(session)
    with database.reading() as session:
        assert Calls not in kinds(morning(session))


def test_changing_currency_is_one_movement(database: Database) -> None:
    euros = f.ExchangeRate(day=date(2025, 1, 1), currency="eur", base="usd", rate=Decimal("1.10"))
    with database.writing() as session:
        moves = [
            movement("acme", date(2026, 1, 5), NEW, 10_000),
            movement("acme", FRIDAY, GREW, -10_000),
            movement("acme", FRIDAY, GREW, 10_000, subscription_id="sub2", currency="eur", accounts=0),
        ]
        hold(session, [*steady(25), *moves], [euros])
        read(session)
    with database.reading() as session:
        moved = part(morning(session), Moved)

    assert [(move.kind, move.amount, move.own) for move in moved.moves.gains] == [
        (GREW, Decimal(1_000), (("eur", 10_000), ("usd", -10_000)))
    ]


def test_more_than_five_a_side_go_to_the_thread(database: Database) -> None:
    with database.writing() as session:
        grown = [movement(f"steady{n:03}", FRIDAY, GREW, 1_000 + n) for n in range(8)]
        shrunk = [movement(f"steady{n:03}", FRIDAY, SHRANK, -1_000 - n) for n in range(10, 17)]
        hold(session, [*steady(25), *grown, *shrunk])
        read(session)
    with database.reading() as session:
        text = plain_text(morning(session))

    assert "and 3 more gains and 2 more losses in the full list" in text
    assert "8 gains: +$80.28" in text


@pytest.mark.parametrize(
    ("mrr", "base", "least"),
    [
        (10_000_000, "usd", 1_000),
        (1_000_000, "usd", 500),
        (40_000, "usd", 200),
        (0, "usd", 0),
        (5_000_000, "jpy", 500),
        (10_000_000, "kwd", 5_000),
    ],
)
def test_the_least_movement_listed(mrr: int, base: str, least: int) -> None:
    assert Decimal(least) == threshold(Decimal(mrr), base)


def test_ending_one_of_two_subscriptions_is_not_leaving(database: Database) -> None:
    with database.writing() as session:
        moves = [
            movement("acme", date(2026, 1, 5), NEW, 30_000),
            movement("acme", date(2026, 1, 6), GREW, 20_000, subscription_id="sub2"),
        ]
        ending = factories.subscription("sub2", account_id="acme", cancel_at=factories.at(3, 12))
        hold(session, [*steady(25), *moves], [ending])
        read(session)
    with database.reading() as session:
        text = plain_text(morning(session))

    assert "Acme  $500 MRR · $200 of it ends Thu 3 Dec: no reason given" in text


def test_very_many_trials_are_counted_and_some_listed(database: Database) -> None:
    trials = [
        factories.subscription(f"try{n:03}", account_id="acme", status=Status.TRIALING, trial_end=factories.at(26, 11))
        for n in range(120)
    ]
    with database.writing() as session:
        hold(session, [*steady(25), movement("acme", date(2026, 1, 5), NEW, 5_000)], trials)
        read(session)
    with database.reading() as session:
        ahead = part(morning(session), Ahead)

    assert (len(ahead.trials), ahead.trial_count) == (99, 120)


def test_a_call_in_a_currency_without_a_rate_shows_its_own_amount(database: Database) -> None:
    with database.writing() as session:
        moves = [movement("acme", date(2026, 1, 5), NEW, 1_200_000, currency="sek")]
        ending = factories.subscription("sub-acme", account_id="acme", currency="sek", cancel_at=factories.at(3, 12))
        hold(session, [*steady(25), *moves], [ending])
        read(session)
    with database.reading() as session:
        text = plain_text(morning(session))

    assert "Acme  SEK 12,000 MRR · leaves Thu 3 Dec: no reason given" in text


def test_headline_figures_are_those_of_the_book(monday: Digest) -> None:
    headline = part(monday, Headline)

    assert [(1, Decimal(577_740)), (7, Decimal(496_800)), (30, Decimal(501_800))] == [
        (change.days, change.begin) for change in headline.changes
    ]
    assert all(change.begin + change.amount == headline.mrr for change in headline.changes)
    assert (
        headline.roll.customers_begin,
        headline.roll.customers_new,
        headline.roll.customers_reactivated,
        headline.roll.customers_churned,
        headline.roll.customers_end,
    ) == (34, 3, 1, 2, 36)
    assert Share(Decimal(2), Decimal(38)) == headline.customer_churn
    assert Share(Decimal(57_000), Decimal(501_800)) == headline.mrr_churn


def test_the_chart_has_the_month_ends_since_the_first_payment(database: Database) -> None:
    with database.writing() as session:
        hold(session, [movement("acme", date(2026, 9, 10), NEW, 5_000), movement("acme", FRIDAY, GREW, 1_000)])
        read(session)
    with database.reading() as session:
        trend = part(morning(session), Trend)
    chart = trend.told().chart

    assert chart is not None
    assert (("Sep 2026", Decimal(50)), ("Oct", Decimal(50)), ("today", Decimal(60))) == chart.series[0][1]


def test_early_in_the_month_no_card_is_about_to_run_out(database: Database) -> None:
    renewing = factories.subscription(
        "sub-acme",
        account_id="acme",
        current_period_start=factories.at(7, 11, 2025),
        current_period_end=factories.at(7, 11),
    )
    with database.writing() as session:
        hold(session, [*steady(25), movement("acme", date(2025, 11, 7), NEW, 5_000)], [renewing])
        read(session)
    with database.reading() as session:
        ahead = part(morning(session, day=date(2026, 11, 5), since=date(2026, 11, 4)), Ahead)

    assert (len(ahead.renewals), ahead.trials, ahead.cards) == (1, (), None)


def test_small_companies_see_renewals_of_all_terms(database: Database) -> None:
    monthly = factories.subscription(
        "sub-acme",
        account_id="acme",
        current_period_start=factories.at(25, 10),
        current_period_end=factories.at(25, 11),
    )
    with database.writing() as session:
        hold(session, [movement("acme", date(2026, 9, 10), NEW, 5_000)], [monthly])
        read(session)
    with database.reading() as session:
        text = plain_text(morning(session))

    assert "1 renewal, $50 MRR: Acme $50 (Wed 25 Nov)" in text


def test_on_mondays_exits_without_an_interview_are_counted(database: Database) -> None:
    with database.writing() as session:
        busy(session)
        read(session, completed_at=NOW - timedelta(days=60))
    with database.reading() as session:
        monday, tuesday = morning(session), morning(session, day=MONDAY + timedelta(days=1))

    said = "2 exits in 30 days without an interview, $470 MRR: Acme Corp, Gone. /exit-interview and the name notes why."
    assert said in plain_text(monday)
    assert "without an interview" not in plain_text(tuesday)
    with database.writing() as session:
        exit_interviews.save(session, Entry("V1", "acme", None, "U1", NOW, Said(reason="price")))
    with database.reading() as session:
        assert "1 exit in 30 days without an interview, $50 MRR: Gone." in plain_text(morning(session))
