"""A company of any size: the same by its seed, believable, and no bigger in memory when it is bigger."""

import csv
import io
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.playground.company import names
from bot.playground.company.__main__ import main
from bot.playground.company.files import COLUMNS, write
from bot.playground.company.lives import Life, life, lives, period
from bot.playground.company.seen import owed, seen
from bot.playground.company.times import SEASON, Times
from bot.playground.stripe.billing.dates import DAY, add_months, moment

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def times() -> Times:
    return Times(1, NOW, 4_000, 36)


@pytest.fixture(scope="module")
def told(times: Times) -> list[Life]:
    return list(lives(times))


def test_a_seed_is_a_company_and_another_seed_another(times: Times, told: list[Life]) -> None:
    assert list(lives(Times(1, NOW, 4_000, 36))) == told
    assert life(times, 3_123) == told[3_123]
    assert [one.steps for one in lives(Times(2, NOW, 4_000, 36))] != [one.steps for one in told]


@pytest.mark.parametrize(("accounts", "months"), [(39, 36), (1_000_001, 36), (400, 11), (400, 61)])
def test_other_sizes_are_refused(accounts: int, months: int) -> None:
    with pytest.raises(ValueError, match=r"40 to 1,000,000 accounts|12 to 60 months"):
        Times(1, NOW, accounts, months)


@pytest.mark.parametrize(("accounts", "months"), [(40, 12), (40, 60), (1_000_000, 12)])
def test_the_smallest_and_the_largest_live_within_their_months(accounts: int, months: int) -> None:
    times = Times(3, NOW, accounts, months)
    some = [life(times, number) for number in (0, accounts // 2, accounts - 1)]

    assert all(times.opened <= one.began < times.today for one in some)
    assert [one.began for one in some] == sorted(one.began for one in some)
    assert all(times.opened < one.at < times.today for one in times.happenings)


def test_no_account_joins_before_one_with_a_lower_number_and_summers_are_quiet(told: list[Life]) -> None:
    joined = [one.began for one in told]
    by_month = Counter((moment(at).year, moment(at).month) for at in joined)

    assert joined == sorted(joined)
    assert by_month[2026, 1] > 1.5 * by_month[2025, 8]
    assert by_month[2026, 9] > by_month[2026, 7]
    assert len(SEASON) == 12


def test_what_an_account_paid_for_follows_in_time_until_it_left(times: Times, told: list[Life]) -> None:
    for one in told:
        begins = [step.at for step in one.steps]
        assert begins == sorted(set(begins))
        assert all(before != after for before, after in pairwise(one.steps))
        assert all(step.seats >= 1 and step.price > 0 for step in one.steps)
        assert begins[-1] < times.today
        if one.left:
            assert begins[-1] <= one.left.at < times.today
            assert one.left.asked < one.left.at
            assert (one.to_leave, one.ill) == (None, None)
        if one.to_leave:
            assert one.to_leave.asked <= times.today < one.to_leave.at


def test_prices_rise_for_everyone_by_the_next_renewal(times: Times, told: list[Life]) -> None:
    stayed = [one for one in told if not one.left and one.began < times.raised and not one.yearly]
    raised = [one for one in stayed if one.steps[-1].price % 100]

    assert len(stayed) > 500
    assert {one.steps[0].price % 100 for one in stayed} == {0}
    assert all(step.price % 100 == 0 for one in told for step in one.steps if step.at < times.raised)
    assert len(raised) / len(stayed) > 0.95


def test_what_happens_to_the_company_makes_accounts_leave_and_say_so(times: Times, told: list[Life]) -> None:
    left = [one.left for one in told if one.left]
    causes = Counter(one.cause for one in left)

    assert {"price rise", "bad release", "outage", "competitor", "champion left"} < causes.keys()
    release = next(one for one in times.happenings if one.name == "bad release")
    during = sum(release.at <= one.at < release.at + release.lasts for one in left)
    before = sum(release.at - release.lasts <= one.at < release.at for one in left)
    assert during > 1.3 * before
    assert {one.feedback for one in left if one.cause == "competitor"} == {"switched_service"}
    assert 0.15 < len(left) / len(told) < 0.45


def test_whose_champion_left_leaves_more_often(told: list[Life]) -> None:
    without = [one for one in told if one.champion_left]
    others = [one for one in told if not one.champion_left]

    def share(some: list[Life]) -> float:
        return sum(one.left is not None for one in some) / len(some)

    assert share(without) > 1.3 * share(others)


def test_names_are_in_several_scripts_and_each_is_told_apart(told: list[Life]) -> None:
    own = [one.name for one in told]

    assert len({name.casefold() for name in own}) == len(own)
    assert {"株式会社サクラ物流", "ООО «Северный Ветер»", "חברת הגל הכחול"} < set(own)
    assert set(names.NASTY) <= set(own)
    far = [names.numbered(number, "Lyon") for number in range(600_000, 620_000)]
    assert len(set(far)) == len(far)


def test_periods_hold_the_instant_they_are_asked_for(times: Times, told: list[Life]) -> None:
    for one in told[:200]:
        start, end = period(one.began, times.today, yearly=one.yearly)
        assert start <= times.today < end
        assert end == add_months(one.began, 12 if one.yearly else 1) or start > one.began


def test_what_fails_is_tried_every_three_days(times: Times, told: list[Life]) -> None:
    failing = [found for one in told if (found := owed(times, one))]

    assert 20 < len(failing) < 120
    for found in failing:
        assert found.tries >= 1
        assert found.issued <= found.last_try <= times.today < found.next_try <= times.today + 3 * DAY


def test_use_falls_when_a_champion_left(times: Times, told: list[Life]) -> None:
    lately = next(
        one
        for one in told
        if not one.left and one.champion_left and times.today - 80 * DAY < one.champion_left < times.today - 35 * DAY
        and one.steps[0].seats > 9 and one.began < times.today - 200 * DAY
    )  # fmt: skip
    first, *_, last = [int(found.value) for found in seen(times, lately) if found.name != "champion_left"]

    assert last < 0.6 * first


def test_files_hold_a_row_for_everything(tmp_path: Path) -> None:
    times = Times(5, NOW, 60, 24)

    assert write(times, tmp_path / "made") == 60

    texts = {name: (tmp_path / "made" / f"{name}.csv").read_text("utf-8") for name in COLUMNS}
    rows = {name: list(csv.DictReader(io.StringIO(text, newline=""))) for name, text in texts.items()}
    assert len(rows["accounts"]) == len(rows["subscriptions"]) == 60
    assert len(rows["items"]) == sum(len(one.steps) for one in lives(times))
    with pytest.raises(FileExistsError):
        write(times, tmp_path / "made")


def test_memory_is_the_same_however_many_there_are(tmp_path: Path) -> None:
    def peak(accounts: int) -> int:
        tracemalloc.start()
        write(Times(1, NOW, accounts, 12), tmp_path / str(accounts))
        taken = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return taken

    small = peak(200)
    assert peak(2_000) < 1.3 * small


def test_the_command_names_what_it_made_and_spares_what_is_there(tmp_path: Path) -> None:
    asked = [str(tmp_path / "made"), "--accounts", "40", "--months", "12", "--seed", "7", "--day", "2026-11-23"]

    made, again = (CliRunner().invoke(main, asked) for _ in range(2))

    assert made.output.startswith("40 accounts over 12 months, seed 7, up to 2026-11-23: ")
    assert again.exit_code == 1
    assert "is there already; name a folder without such files." in again.output
    assert CliRunner().invoke(main, [str(tmp_path), "--accounts", "39"]).exit_code == 2
    (tmp_path / "file").touch()
    nowhere = CliRunner().invoke(main, [str(tmp_path / "file" / "folder"), "--accounts", "40", "--months", "12"])
    assert (nowhere.exit_code, "cannot be written: " in nowhere.output) == (1, True)
    assert len(list(islice(lives(Times(7, NOW, 40, 12)), 40))) == 40
