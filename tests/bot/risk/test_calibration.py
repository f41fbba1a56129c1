"""Likelihoods are monotone, fitted on enough, judged on later days, and refused where they would mislead."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.risk import calibration, learning, tuning
from bot.risk.backtest import HighValue, Loss, Snapshot, days_of, measured
from bot.risk.calibration import Calibration, Model, auc_of, fitted, isotonic, judge
from bot.risk.learned import learn
from bot.risk.replay import NOT_REPLAYED
from bot.risk.rules import RULES
from bot.risk.tuning import Tuning
from storage import tunings
from storage.engine import Database

FIRST = date(2026, 1, 1)
WEEK = timedelta(days=7)


def snapshot(account: str, week: int, score: int, *, lost: bool, rules: tuple[str, ...] = ()) -> Snapshot:
    worth, gone = Decimal(1_000), Decimal(1_000) if lost else Decimal(0)
    return Snapshot(account, FIRST + week * WEEK, worth, score, called=score >= 60, stake=score, rules=rules, lost=gone)


def company(seed: int, *, telling: bool, weeks: int = 40, accounts: int = 100) -> list[Snapshot]:
    """Accounts with scores; `telling`: who has more points leaves more often."""
    rng, found = Random(seed), []
    for week in range(weeks):
        for account in range(accounts):
            score = rng.choice([0, 0, 0, 20, 40, 80])
            likely = score / 200 + 0.01 if telling else 0.06
            rule = {20: ("seats_cut",), 40: ("payment_failing",), 80: ("cancel_scheduled",)}.get(score, ())
            found.append(snapshot(f"a{account}", week, score, lost=rng.random() < likely, rules=rule))
    return found


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=200))
def test_a_likelihood_never_falls_with_the_score_and_keeps_the_sum(rows: list[tuple[int, bool]]) -> None:
    found = [snapshot("a", 0, score, lost=lost) for score, lost in rows]
    fit = isotonic(found)

    told = [fit.p(score) for score in range(101)]
    assert told == sorted(told)
    assert all(0 <= p <= 1 for p in told)
    expected = sum((fit.p(one.score) for one in found), Decimal(0))
    assert abs(expected - sum(one.churned for one in found)) < Decimal("1e-20")
    assert Calibration.of(fit.plain()) == fit


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60))
def test_the_area_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[int, bool]]) -> None:
    left, stayed = ([score for score, gone in rows if gone is which] for which in (True, False))
    pairs = [Decimal(2 * (one > other) + (one == other)) / 2 for one in left for other in stayed]

    auc, low = auc_of([score for score, _ in rows], [gone for _, gone in rows])

    assert auc == (round(sum(pairs) / len(pairs), 6) if pairs else Decimal("0.5"))
    assert low <= auc


def test_points_that_tell_who_leaves_become_likelihoods() -> None:
    model = fitted(company(3, telling=True, weeks=120))

    assert model.refusal is None
    assert model.calibration
    assert model.judged
    assert model.judged.auc_low > Decimal("0.5")
    assert Decimal("0.3") < model.calibration.p(80) < Decimal("0.5")
    assert model.calibration.p(0) < Decimal("0.03")


def test_a_random_past_is_refused() -> None:
    refused = [fitted(company(seed, telling=False)) for seed in range(12)]

    assert sum(one.calibration is None for one in refused) >= 11  # nineteen of twenty, by its bound
    assert "do not tell who leaves" in str(refused[0].refusal)


def test_too_little_past_is_refused_with_what_it_takes() -> None:
    few = fitted(company(3, telling=True, weeks=3))

    assert few == Model(None, few.refusal)
    assert "at least 100 and 1,000" in str(few.refusal)
    assert fitted([]).calibration is None


def test_what_is_off_by_more_than_a_twentieth_is_refused() -> None:
    changed = [
        *company(3, telling=True, weeks=28),
        *(
            snapshot(one.account_id, 28 + (one.day - FIRST).days // 7, one.score, lost=one.churned and one.score > 20)
            for one in company(4, telling=True, weeks=12)
        ),
    ]

    model = fitted(changed)

    assert model.calibration is None
    assert "off by" in str(model.refusal)


def test_a_judgement_counts_what_was_expected_and_what_came() -> None:
    fit = isotonic([snapshot("a", 0, score, lost=score == 9 and n < 25) for score in (0, 9) for n in range(50)])
    later = [snapshot("a", 1, 9, lost=n < 30) for n in range(50)]

    judged = judge(fit, later)

    assert (judged.rows, judged.losses, judged.lost, judged.expected) == (50, 30, 30_000, 25_000)
    assert [(one.count, one.expected, one.came) for one in judged.table] == [(50, Decimal("0.5"), Decimal("0.6"))]
    assert judged.ece == Decimal("0.1")
    assert judged.is_off_by == Decimal(5_000) / 30_000


def test_learned_points_win_only_where_they_order_later_days_better() -> None:
    told_well = learn(company(3, telling=True))
    assert not told_well.wins
    assert told_well.points["cancel_scheduled"] > told_well.points["payment_failing"] > 0
    rng = Random(5)
    blind = [
        snapshot(f"a{n}", week, 40, lost=rng.random() < (0.5 if rule == "detractor" else 0.01), rules=(rule,))
        for week in range(40)
        for n in range(50)
        for rule in (rng.choice(["detractor", "refunded"]),)
    ]  # all have the same score, and one rule tells all
    assert learn(blind).wins


async def test_a_model_is_kept_and_a_refusal_takes_it_back(database: Database, morning: datetime) -> None:
    fit = isotonic([snapshot("a", 0, 9, lost=True)])

    await database.write(learning.keep, Model(fit, None), morning)
    assert await database.read(calibration.in_force) == fit
    other = Tuning({"grew": (-2,)})
    await database.write(tunings.choose, other.plain(), "U1", morning)
    assert await database.read(calibration.in_force) is None  # scores by other points mean something else
    await database.write(learning.keep, Model(replace(fit, points=other.points), None), morning)
    assert await database.read(calibration.in_force) is not None
    longer = replace(other, windows={"disputed": (30,)})
    await database.write(tunings.choose, longer.plain(), "U1", morning)
    assert await database.read(calibration.in_force) is None
    await database.write(
        learning.keep, Model(replace(fit, points=longer.points, windows=longer.windows), None), morning
    )
    assert await database.read(calibration.in_force) is not None
    await database.write(learning.keep, Model(None, "too little"), morning)
    assert await database.read(calibration.in_force) is None


def test_days_have_thirty_days_behind_them() -> None:
    assert days_of(FIRST, FIRST + timedelta(days=44)) == [FIRST, FIRST + WEEK, FIRST + 2 * WEEK]
    assert days_of(FIRST, FIRST + timedelta(days=29)) == []


@pytest.mark.parametrize(("week", "foreseen"), [(5, False), (6, True), (19, True), (25, False)])
def test_a_backtest_counts_alarms_as_runs_and_what_was_foreseen_in_time(week: int, *, foreseen: bool) -> None:
    """An alarm of weeks 4 to 6 and one of week 9, of which only the second is followed by a loss in thirty days."""
    scores = {4: 70, 5: 75, 6: 60, 9: 90}
    found = [snapshot("a", one, scores.get(one, 10), lost=one == 9, rules=("seats_cut",)) for one in range(12)]
    days = sorted({one.day for one in found})
    loss = Loss("a", FIRST + week * WEEK, Decimal(800))

    told = measured(found, [loss], days, HighValue(), {"a": "ann@we.com"})

    assert (told.whole.alarms, told.whole.right) == (2, 1)
    assert told.whole.precision == Decimal("0.5")
    assert (told.whole.foreseen, told.whole.lost) == (800 if foreseen else 0, 800)
    assert told.by_rule["seats_cut"].alarms == 1
    assert told.false_alarms == Decimal(1) / 12
    assert told.top_tenth == 1


def test_a_backtest_counts_the_cards_that_the_product_would_post() -> None:
    """A dollar that cancels is no card, and of high value is who is so on that day."""
    small = [replace(snapshot("a", week, 90, lost=False), worth=Decimal(100)) for week in range(4)]
    large = [replace(snapshot("b", week, 25, lost=False), called=True, worth=Decimal(90_000)) for week in range(4)]
    days = sorted({one.day for one in small})

    def alarms(high: HighValue) -> int:
        return measured([*small, *large], [], days, high, {}).whole.alarms

    assert alarms(HighValue()) == 2
    assert alarms(HighValue(Decimal(50_000))) == 1
    assert alarms(HighValue(Decimal(100_000), top_share=50)) == 1
    assert alarms(HighValue(Decimal(100_000))) == 0


def noise(seed: int) -> list[Snapshot]:
    """Signs and losses that have nothing to do with each other."""
    rng, names, found = Random(seed), [rule for rule in RULES if rule not in NOT_REPLAYED], []
    for week in range(24):
        for account in range(400):
            signs = tuple(name for name in names if rng.random() < 0.08)
            score = max(0, min(100, sum(RULES[name].points[0] for name in signs)))
            found.append(snapshot(f"a{account}", 4 * week, score, lost=rng.random() < 0.02, rules=signs))
    return found


def test_what_is_learned_from_noise_is_not_proposed() -> None:
    assert not any(learn(noise(seed)).wins for seed in range(8))


def test_learned_points_can_be_typed_into_the_settings() -> None:
    found = learn(company(3, telling=True))
    typed = tuning.typed(found.tuned(Tuning({"card_expires": (1, 2)})))

    read = tuning.parse({"points": typed, "alert_from": "60", "close_below": "45", "high_value": "0"})

    assert isinstance(read, Tuning)
    assert set(read.of("cancel_scheduled")) == {found.points["cancel_scheduled"]}
    assert tuple(read.of("card_expires")) == (1, 2)  # it was not replayed
