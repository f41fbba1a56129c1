"""Questions answered from what is stored: filters keep what they name, segments and their rest add up."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.errors import KahviError
from bot.figures import Asked, segments
from bot.figures.answer import Answer, answer, answers
from bot.figures.rows import rows
from bot.figures.told import NOBODY, in_depth, in_rows, told
from bot.metrics import filters
from bot.metrics.catalogue import METRICS
from bot.metrics.filter_words import FilterError
from bot.metrics.metric import Unit, number
from bot.metrics.periods import span
from bot.metrics.plan import Progress
from bot.metrics.question import Question
from storage import fact_store, targets
from storage import facts as f
from storage.dimensions import DIMENSIONS
from storage.engine import Database
from storage.inputs import Target
from storage.slices import OTHER
from tests import factories
from tests.bot.digest.company import NEW, NOW, hold, movement
from tests.storage.test_dimensions import GROUNDS, PEOPLE, PRODUCTS, RATE, story

TODAY = date(2026, 10, 1)
PRICES = (
    factories.price("p1", nickname="Team, monthly", product_id="product-team"),
    factories.price("p2", product_id="pro", interval=f.Interval.YEAR),
    factories.price("p3", product_id="pro", interval_count=3),
)


@pytest.fixture
def company(database: Database) -> Database:
    with database.writing() as session:
        hold(session, story(), [*PEOPLE, *PRODUCTS, *PRICES, RATE])
    return database


def test_where_nobody_is_meant_figures_stand_alone(company: Database) -> None:
    """A filter may keep nobody: then there are no segments, but a column for them."""
    table = in_rows([asked(company, name, "country", "mrr>9m") for name in ("mrr", "arpa")]).table

    assert table is not None
    assert [tuple("".join(map(str, cell)) for cell in row) for row in table.rows] == [
        ("MRR", "All", "$0", "unchanged"),
        ("ARPA", "All", "–", ""),
    ]


@pytest.mark.parametrize(
    ("where", "nobody"),
    [
        ("mrr>9m", True),
        ('name:"%"', True),
        ("tag.tier:none", True),
        ("-product:pro,team,unknown", True),
        ("region:eu product:unknown", True),
        ("product:pro currency:usd", False),
        ("product:pro currency:eur", False),
        ("", False),
    ],
)
def test_that_a_filter_fits_nobody_is_said(company: Database, where: str, nobody: bool) -> None:
    """Nothing of those who fit, such as of Bolt, who has left, is something else."""
    found = asked(company, "new_mrr", where=where, period="2026-07")

    assert (number(found.course.value), found.fits_nobody) == (0, nobody)
    assert ((NOBODY,) in told(found).lines, (NOBODY,) in in_depth(found).lines) == (nobody, nobody)
    assert told(found).chart is None or not nobody
    assert (NOBODY,) in in_rows([found]).notes or not nobody
    assert {row.reason for row in rows(found)} == {NOBODY if nobody else ""}


def test_nobody_fits_takes_the_place_of_why_a_value_is_not_known(company: Database) -> None:
    found = asked(company, "arpa", where="mrr>9m")

    assert in_rows([found]).notes == ((NOBODY,),)
    assert told(found).lines[1:] == ((NOBODY,),)


def test_an_empty_company_fits_what_nobody_asked_for(database: Database) -> None:
    assert not asked(database, "mrr").fits_nobody
    assert asked(database, "mrr", where="mrr>5").fits_nobody


def test_what_is_tried_fits_before_anybody_pays_for_it(company: Database) -> None:
    tried = factories.subscription(
        "s1", [factories.item("p9")], account_id="city", status=f.Status.TRIALING, trial_end=factories.at(4, 10)
    )
    with company.writing() as session:
        fact_store.store(session, [factories.price("p9", nickname="Nine"), tried], NOW)

    assert not asked(company, "mrr", where="plan:nine").fits_nobody


def test_what_was_only_tried_can_be_asked_for(company: Database) -> None:
    """City tries something in yen, in which nobody pays yet."""
    trial = {"trial_start": factories.at(20, 9), "started_at": factories.at(20, 9), "trial_end": factories.at(4, 10)}
    price = factories.price("p4", rates={"jpy": f.Rate(Decimal(900))})
    yen = factories.subscription("s4", [factories.item("p4")], account_id="city", currency="jpy", **trial)
    with company.writing() as session:
        rate = f.ExchangeRate(day=date(2025, 1, 1), currency="jpy", base="usd", rate=Decimal("0.01"))
        fact_store.store(session, [price, yen, rate], NOW)

    assert number(asked(company, "trial_starts", where="currency:jpy").course.value) == 1
    assert number(asked(company, "trial_starts", where="currency:unknown").course.value) == 0


def test_exported_parts_of_a_sum_add_up_to_it(database: Database) -> None:
    """Two halves of a cent make a whole one; a figure that is no sum is rounded by itself."""
    rate = f.ExchangeRate(day=date(2025, 1, 1), currency="eur", base="usd", rate=Decimal("1.5"))
    with database.writing() as session:
        people = [factories.account(id_, country=id_) for id_ in ("aa", "bb")]
        hold(session, [movement(one.id, date(2026, 8, 3), NEW, 1, currency="eur") for one in people], [*people, rate])

    def exported(metric: str) -> list[tuple[str, int | str | None]]:
        return [(row.segment, row.value) for row in rows(asked(database, metric, "country"), steps=True)[:3]]

    assert exported("mrr") == [("", 3), ("AA", 1), ("BB", 2)]
    assert exported("arpa") == [("", 2), ("AA", 2), ("BB", 2)]


@pytest.mark.parametrize("metric", ["mrr_at_risk", "gross_volume", "scheduled_changes", "nps", "mrr"])
def test_segments_that_are_merged_have_their_row_though_nothing_of_them_is_asked(
    company: Database, metric: str
) -> None:
    found = span("3m", TODAY)
    assert found is not None
    with company.reading() as session:
        told = answer(session, Question(metric, found, "cohort"), GROUNDS, 2)

    assert (told.segments[-1].label, told.merged) == (OTHER, 2)


def asked(database: Database, metric: str, by: str = "", where: str = "", *, period: str = "3m") -> Answer:
    period_span = span(period, TODAY)
    assert period_span is not None
    with database.reading() as session:
        return answer(session, Question(metric, period_span, by, where), GROUNDS, 50)


@pytest.mark.parametrize(
    ("where", "customers"),
    [
        ("", 2),
        ("region:eu", 1),
        ("-region:EU", 1),
        ("country:us,FI", 2),
        ("region:unknown", 1),
        ("owner:ANN@we.com", 1),
        ("tag.tier:gold", 1),
        ("tag.tier:none", 0),
        ("product:pro", 1),
        ("-product:pro", 1),
        ("product:pro currency:eur", 1),
        ("product:pro currency:usd", 0),
        ("name:Acme", 1),
        ("-name:acme,bolt", 1),
        ('name:"%"', 0),
        ("mrr>737", 1),
        ("mrr>=737", 2),
        ("mrr=737", 1),
        ("mrr<1k", 1),
        ("mrr<=0", 0),
        ("mrr<999999999999", 2),
        ("tenure>=1", 2),
        ("tenure<2", 1),
        ("tenure:1", 1),
        ("tenure>=1y", 1),
        ("tenure<=9999", 2),
        ("since>=2026", 1),
        ("since>2026-08", 0),
        ("since:2026-08", 1),
        ("since<2026-08-09", 1),
        ("since<=2026-08-09", 2),
        ('size:"500–999"', 1),
        ("size:5", 1),
        ("cohort:2025", 1),
    ],
)
def test_filters(company: Database, where: str, customers: int) -> None:
    assert number(asked(company, "customers", where=where).course.value) == customers


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("region:UE", "“UE” (character 1 of the filter) is no region I know; the nearest I know: EU."),
        (
            "country:FI product:prod",
            "“prod” (character 12 of the filter) is no product I know; the nearest I know: Pro.",
        ),
        (
            "tag.tire:gold",
            "“tag.tire:gold” (character 1 of the filter) names a tag I do not know; did you mean tag.tier?",
        ),
    ],
)
def test_a_value_that_is_not_there(company: Database, where: str, sentence: str) -> None:
    with pytest.raises(FilterError) as error:
        asked(company, "mrr", where=where)

    assert str(error.value).startswith(sentence.rstrip("."))


def test_a_filter_says_which_labels_it_meant(company: Database) -> None:
    kept = asked(company, "mrr", where="region:eu mrr>1k cohort:2025").kept

    assert filters.written(kept) == "region:EU mrr>1000 cohort:2025-02,2025-11"


def test_plans_go_by_their_names(company: Database) -> None:
    with company.writing() as session:
        hold(
            session,
            [movement(f"new{n}", date(2026, 9, 1), NEW, 1000 * n, price_id=f"p{n}") for n in (1, 2, 3)],
        )
    found = asked(company, "new_mrr", by="plan", period="2026-09")

    assert {one.label: number(one.course.value) for one in found.segments if number(one.course.value)} == {
        "Team, monthly": 1000,
        "Pro, yearly": 2000,
        "Pro, every 3 months": 3000,
    }


@pytest.mark.parametrize("by", [*DIMENSIONS, "tag.tier"])
@pytest.mark.parametrize("most", [2, 50])
def test_segments_and_their_rest_add_up_for_every_metric(company: Database, by: str, most: int) -> None:
    period_span = span("3m", TODAY)
    assert period_span is not None
    with company.reading() as session:
        found = answers(session, [Question(one, period_span, by) for one in METRICS], GROUNDS, most)
    for one in found:
        labels = [segment.label for segment in one.segments]
        assert len(labels) <= most
        assert (OTHER in labels) == (one.merged > 0)
        if one.metric.id in ADDING_UP:
            for place in range(len(one.steps)):
                parts = [number(segment.course.steps[place]) for segment in one.segments]
                known = [part for part in parts if part is not None]
                assert (sum(known) if known else None) == number(one.course.steps[place])


OF_THE_WHOLE = {"arpa", "asp", "ltv", "retention_cost", "crc", "cac"}  # averages, and what nobody tells by segment
ADDING_UP = {id_ for id_, one in METRICS.items() if one.unit in (Unit.MONEY, Unit.COUNT)} - OF_THE_WHOLE


def test_levels_are_compared_with_the_start_and_flows_with_the_period_before(company: Database) -> None:
    level, flow = asked(company, "mrr"), asked(company, "new_mrr")

    assert (number(level.course.value), number(level.course.before)) == (573_700, 76_000)
    assert (number(flow.course.value), number(flow.course.before)) == (500_000, 0)
    assert [number(value) for value in level.course.steps] == [76_000, 582_700, 573_700]


def test_a_hostile_question_is_only_ever_refused(company: Database) -> None:
    for where in ("name:'\\'; drop table accounts; --'", 'tag."x\\"y":z', "region:%", "product:\x00", "mrr>-1"):
        with pytest.raises(KahviError):
            asked(company, "mrr", where=where)


def test_sizes_use_the_rates_of_the_last_day(company: Database) -> None:
    with company.reading() as session:
        rates = Asked(session, (), GROUNDS).rates
        at = segments.moment(session, rates, TODAY)

    assert (at.factors, at.unit) == ({"usd": Decimal(1), "eur": Decimal("1.10")}, 100)


def test_a_target_is_told_beside_the_month(company: Database) -> None:
    with company.writing() as session:
        targets.store(session, [Target("mrr", date(2026, 9, 1), Decimal(600_000), "usd")], NOW)
    found = asked(company, "mrr")

    assert isinstance(found.goal, Progress)
    assert (found.goal.actual, found.goal.target) == (573_700, 600_000)
    said = [line[0] for line in told(found).lines]
    assert "Plan for September 2026: $5,737 of $6,000 (95.6%), $263 short." in said
    assert asked(company, "arr").goal is None


def test_a_segment_is_told_beside_its_own_target_alone(company: Database) -> None:
    with company.writing() as session:
        aims = [Target("mrr", date(2026, 9, 1), Decimal(9), "usd", one) for one in ("", "currency:EUR")]
        targets.store(session, aims, NOW)

    eur, usd = (asked(company, "mrr", where=where).goal for where in ("Currency:eur", "currency:usd"))
    whole = asked(company, "mrr").goal
    assert isinstance(eur, Progress)
    assert isinstance(whole, Progress)
    assert 0 < eur.actual < whole.actual
    assert usd is None


def test_a_plan_that_is_not_there_is_said_when_it_is_asked_for(company: Database) -> None:
    without, asked_for = (replace(asked(company, "mrr").question, plan=plan) for plan in (False, True))
    with company.reading() as session:
        lines = [told(answer(session, one, GROUNDS, 6)).lines for one in (without, asked_for)]

    sentence = ("No target is known for September 2026; set one by targets.csv or kahvi record target.",)
    assert [sentence in one for one in lines] == [False, True]


def test_the_docs_name_every_dimension() -> None:
    page = (Path(__file__).parents[2] / "docs" / "asking.md").read_text()

    for one in DIMENSIONS.values():
        assert f"| `{one.id}`{''.join(f', `{alias}`' for alias in one.aliases)} | {one.what} |" in page
