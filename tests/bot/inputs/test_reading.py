"""What the files beside billing may say, and what is told of a cell that is wrong."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inputs.reading import Told, read
from bot.inputs.rules import Terms
from bot.sources.csv.columns import INPUTS
from storage.inputs import COMPANY, Signal, Spend, SpendKind, Target

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
TERMS = Terms(ZoneInfo("Europe/Helsinki"), "usd", NOW)
ACCOUNTS = {"A", "B"}
DIMENSIONS = ({"region": "region", "plan": "plan"}, ["team"])
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "csv"
WHOLE = {
    "signals.csv": "account_id,at,name,value,respondent\nA,2026-11-02,nps,9,jane\n",
    "spend.csv": "kind,period,amount,currency,note\nretention,2026-10,12000.50,usd,team\n",
    "targets.csv": "metric,month,value,currency\nmrr,2026-12,200000,eur\n",
}
Reader = Callable[[Mapping[str, str]], Told]


@pytest.fixture
def told(tmp_path: Path) -> Reader:
    """What a folder of these files says."""

    def told_by(files: Mapping[str, str]) -> Told:
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        return read(tmp_path, TERMS, ACCOUNTS, DIMENSIONS)

    return told_by


def signals(*rows: str) -> dict[str, str]:
    return {"signals.csv": "\n".join(("account_id,at,name,value,respondent", *rows, ""))}


def test_a_row_of_each_file_is_what_it_says(told: Reader) -> None:
    found = told(WHOLE)

    assert found.problems.lines() == []
    assert found.signals == [Signal("A", "nps", datetime(2026, 11, 1, 22, tzinfo=UTC), Decimal(9), "jane")]
    assert found.spend == [Spend(SpendKind.RETENTION, date(2026, 10, 1), date(2026, 11, 1), 12_000_50, "usd", "team")]
    assert found.targets == [Target("mrr", date(2026, 12, 1), Decimal(200_000_00), "eur")]
    assert found.counts == {"signals.csv": 1, "spend.csv": 1, "targets.csv": 1}


def test_the_example_is_sound() -> None:
    accounts = {"A-1", "A-2", "A-3", "A-4"}
    found = read(EXAMPLE, TERMS, accounts, DIMENSIONS)

    assert found.problems.lines() == []
    assert (len(found.signals), len(found.spend or ()), len(found.targets or ())) == (9, 4, 4)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 11, 1)),
        ("2025-12", date(2025, 12, 1), date(2026, 1, 1)),
        ("2025-Q4", date(2025, 10, 1), date(2026, 1, 1)),
        ("2026-q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2025", date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_a_period_is_a_month_a_quarter_or_a_year(told: Reader, text: str, start: date, end: date) -> None:
    found = told({"spend.csv": f"kind,period,amount,currency\nacquisition,{text},0,jpy\n"})

    assert found.spend == [Spend(SpendKind.ACQUISITION, start, end, 0, "jpy")]


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("NPS", "0", ("nps", "0")),
        ("csat", "5", ("csat", "5")),
        ("dau", "41", ("active_users", "41")),
        ("active_users_28d", "7", ("monthly_active_users", "7")),
        ("dau_mau", "0.1234", ("dau_mau", "0.1234")),
        ("champion_left", "TRUE", ("champion_left", "1")),
        ("export_requested", "0", ("export_requested", "0")),
        ("contract_end", "2027-03-01", ("contract_end", "740041")),
        ("foo.bar:baz-2", "-12.5", ("foo.bar:baz-2", "-12.5")),
    ],
)
def test_known_names_say_what_their_value_is_and_others_hold_a_number(
    told: Reader, name: str, value: str, kept: tuple[str, str]
) -> None:
    (found,) = told(signals(f"A,2026-11-02,{name},{value},")).signals

    assert (found.name, found.value) == (kept[0], Decimal(kept[1]))


def test_a_star_is_the_whole_company_and_an_empty_account_is_a_mistake(told: Reader) -> None:
    found = told(signals("*,2026-11-02,nps,9,x1", ",2026-11-02,nps,9,x2"))

    assert [one.account_id for one in found.signals] == [COMPANY]
    assert found.problems.lines() == ["signals.csv line 3, column account_id: is empty; it is required"]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("C,2026-11-02,nps,9,", 'account_id: "C" is not an account that billing knows; mend the id'),
        ("A,2026-11-24,nps,9,", "at: 2026-11-23 22:00 UTC is in the future; write when it was so"),
        ("A,2026-11-31,nps,9,", 'at: "2026-11-31" is not a day; write it like 2026-01-31'),
        ("A,2026-11-02,nps,11,", 'value: "11" is too large; the most is 10'),
        ("A,2026-11-02,nps,8.5,", 'value: "8.5" is not a whole number; write 8 or 9'),
        ("A,2026-11-02,nps,-1,", 'value: "-1" is too small; the least is 0'),
        ("A,2026-11-02,csat,0,", 'value: "0" is too small; the least is 1'),
        ("A,2026-11-02,csat,good,", 'value: "good" is not a number; write plain digits, like 1234.50'),
        ("A,2026-11-02,active_users,1e9,", 'value: "1e9" is not a number; write plain digits, like 1234.50'),
        ("A,2026-11-02,dau_mau,1.01,", 'value: "1.01" is too large; the most is 1'),
        ("A,2026-11-02,dau_mau,0.12345,", 'value: "0.12345" has more than 4 decimal places; round it'),
        ("A,2026-11-02,champion_left,yes,", 'value: "yes" is not true or false; write one of them'),
        ("A,2026-11-02,contract_end,soon,", 'value: "soon" is not a day; write it like 2026-01-31'),
        ("A,2026-11-02,foo,NaN,", 'value: "NaN" is not a number; write plain digits, like 1234.50'),
        ("A,2026-11-02,foo,9999999999999999,", "value: "),
        ("A,2026-11-02,=cmd(),1,", 'name: "=cmd()" is not a name of a signal; write small letters, digits and'),
        (f"A,2026-11-02,{'x' * 61},1,", f'name: "{"x" * 60}…" is not a name of a signal; '),
        (f"A,2026-11-02,nps,9,{'x' * 256}", f'respondent: "{"x" * 60}…" is longer than 255 characters; '),
        ("A,2026-11-02,nps,9", "number of cells is 4, the header has 5"),
    ],
)
def test_a_wrong_signal_is_told_and_left_out_and_the_others_count(told: Reader, row: str, wrong: str) -> None:
    found = told(signals("A,2026-11-01,nps,1,", row, "B,2026-11-03,nps,2,"))
    (line,) = found.problems.lines()

    assert line.startswith(("signals.csv line 3, column " + wrong, "signals.csv line 3: " + wrong))
    assert [one.value for one in found.signals] == [1, 2]
    assert found.left_out == ["1 of 3 rows of signals.csv"]


def test_the_same_observation_twice_is_told(told: Reader) -> None:
    found = told(signals("A,2026-11-02,nps,9,jane", "A,2026-11-02,nps,3,tom", "A,2026-11-02T00:00:00+02:00,nps,8,jane"))

    (line,) = found.problems.lines()
    assert line.startswith(
        "signals.csv line 4, column account_id, name, at, respondent: stands already in line 2; keep"
    )


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("keeping,2026-10,1,usd,", 'kind: "keeping" is not one of retention, acquisition; write one of them'),
        ("retention,2026-13,1,usd,", 'period: "2026-13" is not a period; write a month, quarter or year: 2026-01, '),
        ("retention,Oct 2026,1,usd,", 'period: "Oct 2026" is not a period; '),
        ("retention,2026-12,1,usd,", "period: begins on 2026-12-01, in the future; tell it once it has begun"),
        ("retention,2026-10,-1,usd,", 'amount: "-1" is too small; the least is 0'),
        ("retention,2026-10,1.005,usd,", 'amount: "1.005" has more than the 2 decimal places that USD has; round it'),
        ("retention,2026-10,1.5,jpy,", 'amount: "1.5" has more than the 0 decimal places that JPY has; round it'),
        ("retention,2026-10,1,usx,", 'currency: "usx" is not a currency in use; write its ISO code, like usd'),
        ("retention,2026-10,,usd,", "amount: is empty; it is required"),
        (
            "retention,2026-Q3,1,usd,",
            "period: overlaps that of line 2; keep one, or give one of them a note of its own",
        ),
    ],
)
def test_a_wrong_amount_leaves_all_of_spend_out(told: Reader, row: str, wrong: str) -> None:
    found = told({**WHOLE, "spend.csv": f"kind,period,amount,currency,note\nretention,2026-09,1,usd,\n{row}\n"})
    (line,) = found.problems.lines()

    assert line.startswith(f"spend.csv line 3, column {wrong}")
    assert found.spend is None
    assert found.left_out == ["all of spend.csv"]
    assert (len(found.signals), len(found.targets or ())) == (1, 1)


def test_amounts_of_other_notes_or_kinds_may_overlap(told: Reader) -> None:
    rows = ("retention,2026-Q3,1,usd,", "retention,2026-09,1,usd,gifts", "acquisition,2026-09,1,usd,")
    found = told({"spend.csv": "\n".join(("kind,period,amount,currency,note", *rows))})

    assert len(found.spend or ()) == 3


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("mmr,2026-12,1,", 'metric: "mmr" is not a metric; did you mean mrr?'),
        ("?,2026-12,1,", 'metric: "?" is not a metric; write one of '),
        ("mrr,2026-12-01,1,", 'month: "2026-12-01" is not a month; write it like 2026-01'),
        ("mrr,2026-12,1.005,", 'value: "1.005" has more than the 2 decimal places that USD has; round it'),
        ("mrr,2026-12,lots,", 'value: "lots" is not a number; write plain digits, like 1234.50'),
        ("mrr,2026-12,1,usx", 'currency: "usx" is not a currency in use; write its ISO code, like usd'),
        ("customers,2026-12,4.5,", 'value: "4.5" is no number of customers; write a whole number'),
        ("customers,2026-12,-4,", 'value: "-4" is too small for Customers; the least is 0'),
        ("customer_churn,2026-12,250,", 'value: "250" is too large for Customer churn; the most is 100; 2.5 is 2.5 %'),
        ("grr,2026-12,-1,", 'value: "-1" is too small for Gross revenue retention; the least is 0; 2.5 is 2.5 %'),
        ("nrr,2026-12,1001,", 'value: "1001" is too large for Net revenue retention; the most is 1000; 2.5 is 2.5 %'),
        ("mrr,2026-12,-5,", 'value: "-5" is too small for MRR; the least is 0'),
        ("nps,2026-12,101,", 'value: "101" is too large for NPS; the most is 100'),
    ],
)
def test_a_wrong_target_leaves_all_of_them_out(told: Reader, row: str, wrong: str) -> None:
    found = told({"targets.csv": f"metric,month,value,currency\nmrr,2026-11,1,\n{row}\n"})
    (line,) = found.problems.lines()

    assert line.startswith(f"targets.csv line 3, column {wrong}")
    assert found.targets is None


def test_targets_may_be_where_figures_may_go(told: Reader) -> None:
    rows = ("nrr,2026-12,130,", "net_mrr_churn,2026-12,-3,", "net_new_mrr,2026-12,-500,", "nps,2026-12,-10,")
    found = told({"targets.csv": "metric,month,value,currency\n" + "\n".join(rows)})

    assert found.targets is not None
    assert [one.value for one in found.targets] == [Decimal("1.3"), Decimal("-0.03"), -50_000, -10]


def test_a_target_may_be_that_of_a_segment(told: Reader) -> None:
    rows = ("mrr,2026-12,1,", 'mrr,2026-12,2,"Region:US,EU  Plan:pro"', "mrr,2026-12,3,tag.team:blue")
    found = told({"targets.csv": "\n".join(("metric,month,value,segment", *rows, ""))})

    assert found.problems.lines() == []
    assert [one.segment for one in found.targets or ()] == ["", "plan:pro region:EU,US", "tag.team:blue"]


@pytest.mark.parametrize(
    ("segment", "fault"),
    [
        ("regoin:EU", "“regoin:EU” (character 1 of the filter) begins with a name I do not know; did you mean region?"),
        ("EU", "“EU” (character 1 of the filter) is no condition: write a name and a value"),
    ],
)
def test_a_segment_that_is_no_filter_is_told(told: Reader, segment: str, fault: str) -> None:
    found = told({"targets.csv": f"metric,month,value,segment\nmrr,2026-12,1,{segment}\n"})

    (line,) = found.problems.lines()
    assert line.startswith("targets.csv line 2, column segment")
    assert fault in line
    assert found.targets is None


def test_targets_are_kept_in_the_unit_of_their_metric(told: Reader) -> None:
    rows = ("mrr,2026-12,200000.50,", "arpa,2026-12,5,jpy", "customer_churn,2026-12,2.5,", "customers,2026-12,40,")
    found = told({"targets.csv": "\n".join(("metric,month,value,currency", *rows))})

    assert [(one.metric, one.value, one.currency) for one in found.targets or ()] == [
        ("mrr", Decimal(200_000_50), "usd"),
        ("arpa", Decimal(5), "jpy"),
        ("customer_churn", Decimal("0.025"), None),
        ("customers", Decimal(40), None),
    ]


def test_a_strange_file_is_told_only_where_no_billing_reads_the_folder(told: Reader) -> None:
    alone = told({**WHOLE, "signal.csv": "x"}).problems.lines()
    beside = told({"accounts.csv": "account_id,name\n"}).problems.lines()

    assert (alone, beside) == (["signal.csv: is not a file Kahvi knows; is it signals.csv?"], [])


def test_files_that_are_not_there_say_nothing(told: Reader) -> None:
    found = told({})

    assert (found.signals, found.spend, found.targets, found.counts) == ([], [], [], {})


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_cell_however_hostile_breaks_the_reading(
    tmp_path_factory: pytest.TempPathFactory, one: str, two: str, three: str, four: str
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    cells = ['"' + text.replace('"', '""') + '"' for text in (one, two, three, four)]
    for file in INPUTS:
        head = ",".join(column.name for column in file.columns if column.required)
        width = head.count(",") + 1
        (folder / file.name).write_text(f"{head}\n{','.join(cells[:width])}\n", encoding="utf-8", errors="replace")
    found = read(folder, TERMS, ACCOUNTS, DIMENSIONS)

    assert found.signals == []
    assert not found.spend
    assert not found.targets
    assert all("\n" not in line for line in found.problems.lines())
