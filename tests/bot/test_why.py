"""Why a figure is what it is: parts that add up to the cent, and the sentence in which people read it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import KahviError
from bot.figures.answer import answer
from bot.figures.told import NOBODY, left_out
from bot.figures.why import why
from bot.figures.why_told import why_told
from bot.messages.phrases import in_plain_text
from bot.messages.telling import detail_shown, detail_typed
from bot.metrics.axes import OneOfMany
from bot.metrics.catalogue import METRICS
from bot.metrics.metric import Over, Share, number
from bot.metrics.periods import span
from bot.metrics.policy import KAHVI
from bot.metrics.question import Question
from storage import fact_store, quarantine, signals
from storage import facts as f
from storage.engine import Database
from storage.faults import Held
from storage.inputs import Signal
from storage.states import Cause, Fault
from tests import factories
from tests.bot.digest.company import GREW, NEW, NOW, SHRANK, hold, movement
from tests.bot.metrics.test_rolls import STORIES
from tests.bot.metrics.test_rolls import hold as lived
from tests.bot.november import payment
from tests.bot.why_company import LONG_AGO, RATES, TENTH, TODAY, asked, said, settled
from tests.examples import tried
from tests.storage.test_dimensions import GROUNDS


@pytest.fixture
def company(database: Database) -> Database:
    return settled(database)


def test_the_sentence_says_how_it_went_who_carries_it_and_who_made_up_for_it(company: Database) -> None:
    assert said(asked(company, "mrr")) == (
        "MRR fell 23.9% (−$1,726): 3 Pro customers in EU left (−$2,140, 2 by failed payment); partly made up by "
        "Acme <!channel> & *Co*, which grew (+$300) and Nova, which joined (+$99); exchange rates added $15."
    )


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("customers", "Customers fell 40.0% (−2): 3 Pro customers in EU left (2 by failed payment); partly made up by"),
        (
            "customer_churn",
            "Customer churn is 50.0%, up from 16.7%: 3 Pro customers in EU left (2 by failed payment).",
        ),
        ("new_mrr", "New MRR is $99, up from $0: Nova joined ($99)."),
        ("contraction_mrr", "Contraction MRR is $0, down from $40."),
        (
            "voluntary_churned_mrr",
            "Voluntarily churned MRR is $1,000, up from $70: 1 Pro customer in EU left ($1,000).",
        ),
        ("involuntary_churn", "Involuntary churn is 33.3%, up from 0.0%: 2 Pro customers in EU left (all by failed "),
        ("arpa", "ARPA rose 26.8% (+$386). "),
    ],
)
def test_other_figures_are_told_alike(company: Database, metric: str, words: str) -> None:
    assert said(asked(company, metric)).startswith(words)


def test_what_is_no_sum_says_what_it_is_made_of(company: Database) -> None:
    found = asked(company, "arpa")

    assert found.carriers is None
    assert "It is no sum over accounts but MRR ÷ customers; what moved MRR meanwhile: 3 Pro cust" in said(found)
    table = why_told(found, accounts=6).details[0]
    assert table.heading == "What it is made of"
    assert [line.split() for line in detail_typed(table)][2:] == [["MRR", "$5,484", "$7,210"], ["customers", "3", "5"]]


def test_a_level_is_told_by_its_change_to_the_cent(company: Database) -> None:
    table = why_told(asked(company, "mrr"), accounts=6).details[0]

    assert [line.split() for line in list(detail_typed(table))[2:]] == [
        ["3", "Pro", "customers", "in", "EU", "left", "−$2,140"],
        ["Acme", "<!channel>", "&", "*Co*", "grew", "+$300.50"],
        ["Nova", "joined", "+$99"],
        ["exchange", "rates", "+$15"],
        ["together", "−$1,725.50"],
    ]


def test_a_figure_over_a_period_stands_beside_the_one_before(company: Database) -> None:
    table = why_told(asked(company, "churned_mrr"), accounts=6).details[0]

    assert [line.split() for line in detail_typed(table)][2:] == [
        ["Pro", "customers", "in", "EU", "left", "$2,140", "$0", "+$2,140"],
        ["Left", "left", "$0", "$70", "−$70"],
        ["together", "$2,140", "$70", "+$2,070"],
    ]


def test_a_share_says_what_is_divided_by_what(company: Database) -> None:
    told = why_told(asked(company, "customer_churn"), accounts=6).details[0]

    assert [in_plain_text(note) for note in told.notes] == ["Customer churn is 3 ÷ 6, 1 ÷ 6 in the period before."]
    ratio = why_told(asked(company, "quick_ratio"), accounts=6).details[0]
    assert [in_plain_text(note) for note in ratio.notes] == [
        "Quick ratio is $399.50 ÷ $2,140, $0 ÷ $110 in the period before."
    ]
    retained = why_told(asked(company, "nrr"), accounts=6).details[0]
    assert "what there was at the start" in "\n".join(detail_typed(retained))


def test_a_filter_keeps_to_its_part(company: Database) -> None:
    found = asked(company, "mrr", where="region:US")

    assert said(found) == "MRR rose 6.1% (+$300): Acme <!channel> & *Co* grew (+$300)."
    with pytest.raises(KahviError, match="is no region I know"):
        asked(company, "mrr", where="region:Mars")


def test_a_filter_on_rows_keeps_to_what_accounts_moved_in_its_part(company: Database) -> None:
    """Twin has two plans and two currencies; whoever moved more elsewhere stands behind none of its figures."""
    told = [
        movement("twin", LONG_AGO, NEW, 50_000, price_id="lite"),
        movement("twin", TENTH, GREW, 900, price_id="lite"),
        movement("twin", TENTH, GREW, 70_000, price_id="pro"),
    ]
    with company.writing() as session:
        hold(session, told)
    found = asked(company, "mrr", where="plan:lite")

    assert said(found) == "MRR rose 20.2% (+$123): Nova joined (+$99) and Twin grew (+$9); exchange rates added $15."
    assert [(one.account_id, one.amount) for one in found.accounts] == [("nova", 9_900), ("twin", 900)]
    assert [step.amount for step in found.accounts[1].steps] == [900]


def test_a_group_is_told_by_the_plan_that_a_filter_keeps(company: Database) -> None:
    """Both came with more of another plan, and one of them undid what it did in this one."""
    told = [
        *(movement(one, TENTH, NEW, 50_000, price_id="pro") for one in ("big", "odd")),
        movement("big", TENTH, NEW, 9_000, price_id="lite", subscription_id="sub-2", accounts=0),
        movement("odd", TENTH, NEW, 300, price_id="lite", subscription_id="sub-2", accounts=0),
        movement("odd", date(2026, 11, 12), SHRANK, -300, price_id="lite", subscription_id="sub-2"),
    ]
    with company.writing() as session:
        hold(session, told, [factories.account(one, region="APAC") for one in ("big", "odd")])
    found = asked(company, "new_mrr", where="plan:lite")

    assert said(found) == "New MRR is $189, up from $0: Nova joined ($99) and Big joined ($90)."


def test_a_filter_that_fits_nobody_says_so_and_nothing_else(company: Database) -> None:
    found = asked(company, "mrr", where="region:us plan:lite")
    told = why_told(found, accounts=3)

    assert told.lines[1:] == ((NOBODY,),)
    assert not told.details
    assert not asked(company, "mrr", where="region:us").fits_nobody


windows = st.sampled_from(("1m", "7d", "3m", "2026-01", "2026-02", "ytd"))
filters = st.sampled_from(("", "currency:usd", "-currency:usd", "mrr>4", "tenure<1", "region:unknown"))


@given(STORIES, windows, filters, st.sampled_from(sorted(METRICS)))
@tried(0.6)
def test_whatever_happened_the_parts_add_up(
    database: Database, stories: Sequence[list[tuple[int, int, str]]], period: str, where: str, metric: str
) -> None:
    with database.writing() as session:
        fact_store.store(session, RATES, NOW)
        lived(session, stories)
        known = {currency for one in stories for _, amount, currency in one if amount}
    if "currency" in where and "usd" not in known:
        where = ""
    found = asked(database, metric, period, where, date(2026, 3, 3))

    assert said(found)[:1].isupper()
    assert said(found).endswith(".")
    if found.carriers is None:
        return
    total = sum((one.amount for one in found.carriers), Decimal(0))
    if metric in ("mrr", "arr"):
        now, before = number(found.value), number(found.before)
        assert now is not None
        assert before is not None
        assert total + found.fx * (12 if metric == "arr" else 1) == now - before
    elif metric.endswith("_mrr") and found.metric.over is Over.PERIOD:
        assert total == number(found.value)
    elif metric in ("customer_churn", "mrr_churn") and isinstance(found.value, Share):
        assert total == found.value.part


def test_who_ended_one_subscription_did_not_leave(company: Database) -> None:
    told = [
        movement("twin", LONG_AGO, NEW, 20_000, price_id="lite"),
        movement("twin", date(2026, 11, 20), SHRANK, -8_000, price_id="lite", cause=Cause.CANCELLED),
    ]
    with company.writing() as session:
        hold(session, told, [])
    found = span("1m", TODAY)
    assert found is not None
    policy = replace(KAHVI, one_of_many_cancelled=OneOfMany.CHURN)
    with company.reading() as session:
        why_churned = why(session, Question("churned_mrr", found), replace(GROUNDS, policy=policy), 6)

    assert "ended a subscription" in said(why_churned)
    assert "twin" in [one.account_id for one in why_churned.accounts]
    assert sum(one.amount for one in why_churned.carriers or ()) == number(why_churned.value) == 222_000


def test_what_rates_alone_moved_is_not_the_change_of_an_average(company: Database) -> None:
    """Euro stays as it is while its currency gains: fifteen dollars of MRR are not those of ARPA."""
    with company.writing() as session:
        hold(session, [movement("swiss", LONG_AGO, NEW, 10_000, price_id="lite")], [factories.account("swiss")])
    found = asked(company, "arpa", where="name:euro")
    both = asked(company, "arpa", where="plan:lite -name:nova -name:left")

    assert said(both) == "ARPA rose 7.1% (+$7.50). It is no sum over accounts but MRR ÷ customers."
    assert found.carriers is both.carriers is None
    assert [one.value for one in both.terms] == [22_500, 2]


@pytest.fixture
def charged(company: Database) -> Database:
    """In November p1 fails twice and Acme once; p2 gets money back for a reason of its own, as in October."""
    failed = [
        payment(f"ch-{n}", 2_000, 5 + n, one, status=f.PaymentStatus.FAILED, **code)
        for n, (one, code) in enumerate(
            [("p1", {"failure_code": "lost_card"}), ("p1", {"failure_code": "<!here>_*x*"}), ("acme", {})]
        )
    ]
    refunds = [
        factories.refund(
            f"re-{month}",
            amount,
            account_id="p2",
            payment_id=None,
            reason="<!here>_*x*",
            created_at=factories.at(3, month),
        )
        for month, amount in ((10, 1_000), (11, 2_550))
    ]
    with company.writing() as session:
        fact_store.store(session, [*failed, *refunds], NOW)
    return company


def test_what_is_no_movement_is_told_by_the_accounts_that_it_is_made_of(charged: Database) -> None:
    found = asked(charged, "failed_charges")

    assert said(found) == "Failed charges are 3, up from 0: P1 (2) and Acme <!channel> & *Co*."
    assert [line.split() for line in detail_typed(why_told(found, accounts=6).details[0])][2:] == [
        ["P1", "2", "0", "+2"],
        ["Acme", "<!channel>", "&", "*Co*", "1", "0", "+1"],
        ["together", "3", "0", "+3"],
    ]


def test_money_that_is_no_movement_adds_up_beside_the_period_before(charged: Database) -> None:
    assert said(asked(charged, "refunds")) == "Refunds are $25.50, up from $10: P2 ($25.50)."
    assert said(asked(charged, "refunds", where="region:US")) == "Refunds are $0, as before."


def test_a_rate_of_many_digits_leaves_a_figure_the_sum_that_it_is(database: Database) -> None:
    rate = f.ExchangeRate(day=date(2026, 1, 1), currency="eur", base="usd", rate=Decimal(10) / Decimal(11))
    told = [movement(one, TENTH, NEW, 12_345_678 + place, currency="eur") for place, one in enumerate(("a", "b"))]
    with database.writing() as session:
        hold(session, told, [factories.account("a"), factories.account("b"), rate])

    assert asked(database, "mrr").carriers


def test_its_charges_stand_behind_it_and_none_of_their_words_comes_alive(charged: Database) -> None:
    detail = why_told(asked(charged, "failed_charges"), accounts=6).details[1]
    blocks = str(list(detail_shown(detail)))

    assert "$20 · card reported lost" in "\n".join(detail_typed(detail)).replace("$20.00", "$20")
    assert "<!here>" not in blocks
    assert "*x*" not in blocks


def test_a_level_that_is_no_movement_is_told_by_its_change(charged: Database) -> None:
    found = asked(charged, "subscriptions")

    assert sum(one.amount for one in found.carriers or ()) == -2
    assert said(found).startswith("Subscriptions fell")


def test_an_average_is_no_sum_and_says_nothing_of_mrr(charged: Database) -> None:
    found = asked(charged, "nps")

    assert found.carriers is None or not found.carriers
    assert "moved MRR" not in said(found)


def test_shares_of_people_and_answers_are_counted_and_not_paid(company: Database) -> None:
    told = [
        Signal("acme", name, factories.at(3, 11), Decimal(value), who)
        for name, value, who in (
            ("active_users", "41", ""),
            ("monthly_active_users", "96", ""),
            ("csat", "5", "jane"),
            ("csat", "4", "li"),
            ("csat", "2", "tom"),
        )
    ]
    with company.writing() as session:
        signals.store(session, told, NOW)
    acme = "Acme <!channel> & *Co*"

    assert said(asked(company, "stickiness")) == f"Stickiness is 42.7%: {acme} (41)."
    assert said(asked(company, "csat")) == f"CSAT is 66.7%: {acme} (2)."


def test_what_no_figure_holds_is_told_beside_each(company: Database) -> None:
    assert [in_plain_text(one) for one in why_told(asked(company, "mrr"), accounts=6).small[1:]] == []

    with company.writing() as session:
        hold(session, [movement("swiss", TENTH, NEW, 30_00, currency="chf")], [factories.account("swiss")])
        held = [Held("subscription", id_, Fault.TOO_LARGE, "is too large") for id_ in ("one", "two")]
        quarantine.told(session, "csv", [*held, Held("subscription", "s", Fault.NO_RATE, "has no rate")], NOW)
    found = [
        "Left out, without an exchange rate: CHF.",
        "2 billing records are left out of all figures; kahvi doctor says which.",
    ]
    told_why = asked(company, "mrr")
    assert [in_plain_text(one) for one in why_told(told_why, accounts=6).small[1:]] == found
    with company.reading() as session:
        told = left_out(answer(session, told_why.question, GROUNDS, 6).without)
    assert [in_plain_text(one) for one in told] == found
