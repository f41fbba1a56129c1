"""What a file may look like, and what is told of one that does not."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from storage.facts import Account

Problems = Callable[[dict[str, Any]], Sequence[str]]
Facts = Callable[..., list[Any]]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfaccount_id,name\r\nA,Acme\r\n",
        b"account_id,name\nA,Acme",
        b'"name","account_id"\n"Acme","A"\n\n\n',
        b"account_id , name\n A , Acme \n,\n",
    ],
    ids=["bom and crlf", "no last newline", "quoted and reordered", "spaces and an empty row"],
)
def test_same_rows_written_in_other_ways(facts: Facts, text: bytes) -> None:
    assert [(account.id, account.name) for account in facts(Account, {"accounts.csv": text})] == [("A", "Acme")]


def test_quotes_commas_and_newlines_inside_a_cell_are_kept(facts: Facts) -> None:
    (account,) = facts(Account, {"accounts.csv": 'account_id,name\nA,"Acme, ""the""\r\nbest"\n'})

    assert account.name == 'Acme, "the"\r\nbest'


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "<!channel>", "*bold*", "'; DROP TABLE x"])
def test_names_that_look_like_orders_are_data(facts: Facts, name: str) -> None:
    (account,) = facts(Account, {"accounts.csv": f"account_id,name\nA,{name}\n"})

    assert name == account.name


def test_attributes_are_the_columns_called_x(facts: Facts) -> None:
    first, second = facts(Account, {"accounts.csv": "account_id,name,x_tier,x_csm\nA,Acme,gold,\nB,Beta,,Ann\n"})

    assert (first.attributes, second.attributes) == ({"tier": "gold"}, {"csm": "Ann"})


def test_line_is_the_one_on_which_the_record_starts(problems: Problems) -> None:
    told = problems(
        {"accounts.csv": 'account_id,name,email\r\nA,"A\r\nc\r\nme",\r\n\r\nB,"Be\r\nta",nobody\r\nC,,\r\n'}
    )

    assert told == [
        'accounts.csv line 6, column email: "nobody" is not an e-mail address; write name@example.com',
        "accounts.csv line 8, column name: is empty; it is required",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "accounts.csv: is empty; its first line must name the columns"),
        (b"account_id;name\nA;Acme\n", "accounts.csv line 1: its cells are split by semicolons; save it with commas"),
        (b"account_id\tname\nA\tAcme\n", "accounts.csv line 1: its cells are split by tabs; save it with commas"),
        ("account_id,name\nA,Acme\n".encode("utf-16"), "accounts.csv line 1: is saved as UTF-16; save it as UTF-8"),
        (b"account_id,name\nA,Acme\nB,B\xe9ta\n", "accounts.csv line 3: byte 4 is not UTF-8; save the file as UTF-8"),
        (b"account_id,name\nA,Ac\0me\n", "accounts.csv line 2: holds a NUL byte; remove it"),
        (b"account_id,name\nA\x1f,Acme\n", "accounts.csv line 2: holds the control character U+001F; remove it"),
        (
            b'account_id,name\nA,"Acme\nB,Beta\n',
            "accounts.csv line 2: a quote that opens here is never closed; close it, or double the quotes in a cell",
        ),
        (
            b'account_id,name\nA,"Acme" Inc\n',
            "accounts.csv line 2: text follows a closing quote; double the quotes inside a cell",
        ),
        (
            b'account_id,name\nA,"' + b"x\n" * 200_000,
            "accounts.csv line 2: a cell is longer than 10,000 characters; is a closing quote missing?",
        ),
        (
            b"account_id,name\n" + b"x" * 2_000_000,
            "accounts.csv line 2: is longer than 1,000,000 bytes; is it a CSV file?",
        ),
        (
            b"account_id,name\rA,Acme\r",
            "accounts.csv line 1: lines end with a lone CR; save the file with LF or CRLF",
        ),
        (
            b"account_id,name\nA\n",
            "accounts.csv line 2: number of cells is 1, the header has 2; is a comma or quote missing?",
        ),
        (
            b"account_id,name\nA,Acme\nA,Beta\n",
            "accounts.csv line 3, column account_id: stands already in line 2; keep one of the two rows",
        ),
        (b"account_id,nmae\nA,Acme\n", 'accounts.csv line 1: column "nmae" is not known; did you mean name?'),
        (
            b"account_id,name,Region\nA,Acme,\n",
            'accounts.csv line 1: column "Region" is not known; did you mean region?',
        ),
        (
            b"account_id,name,qqq\nA,Acme,\n",
            'accounts.csv line 1: column "qqq" is not known; leave it out, or call it x_… to keep it as a label',
        ),
        (
            b"account_id,name,name\nA,Acme,x\n",
            'accounts.csv line 1, column "name": stands twice in the header; keep one',
        ),
        (b"name\nAcme\n", "accounts.csv line 1, column account_id: is missing; it is required"),
        (b"account_id,name\n", "accounts.csv: has no rows; without accounts everything known would be taken as gone"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(problems: Problems, text: bytes, told: str) -> None:
    assert told in problems({"accounts.csv": text})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "account_id,name,currency\nA,Acme,dollars\n",
            'accounts.csv line 2, column currency: "dollars" is not a currency code; write its 3 letters, like usd',
        ),
        (
            "account_id,name\nA,Acme,Inc.\nB,Beta\n",
            "accounts.csv line 2: number of cells is 3, the header has 2; is a comma or quote missing?",
        ),
        ("name\nAcme\n", "accounts.csv line 1, column account_id: is missing; it is required"),
    ],
)
def test_fault_is_not_told_again_by_rows_that_refer_to_it(problems: Problems, text: str, told: str) -> None:
    assert problems({"accounts.csv": text}) == [told]


def test_all_files_are_checked_and_nothing_is_returned(problems: Problems) -> None:
    told = problems(
        {
            "accounts.csv": "account_id,name\nA,\nB,Beta\n",
            "cards.csv": "account_id,exp_month,exp_year\nA,13,2027\n",
            "rates.csv": "date,from,to,rate\n2026-01-01,eur,usd,0\n",
        }
    )

    assert [line.split(" ")[0] for line in told] == ["accounts.csv", "cards.csv", "rates.csv"]


def test_at_most_fifty_problems_are_listed(problems: Problems) -> None:
    told = problems({"accounts.csv": "account_id,name\n" + "".join(f"A{number},\n" for number in range(1234))})

    assert len(told) == 51
    assert told[-1] == "and 1185 more"  # the subscription of account A is one more


def test_quoted_cells_are_short_and_harmless(problems: Problems) -> None:
    name = "\u202egnp" + "9" * 100 + "\x1b[31m"
    (told,) = problems({"accounts.csv": f"account_id,name,email\nA,Acme,{name}\n"})

    assert told.isprintable()
    assert len(told) < 160


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("invoice.csv", "invoice.csv: is not a file Kahvi knows; is it invoices.csv?"),
        ("Accounts.csv", "Accounts.csv: is not a file Kahvi knows; is it accounts.csv?"),
        ("zzz.csv", "zzz.csv: is not a file Kahvi knows; remove it"),
    ],
)
def test_unknown_csv_files_are_told(problems: Problems, name: str, told: str) -> None:
    assert [told] == problems({name: "a,b\n"})


def test_other_files_are_left_alone(facts: Facts) -> None:
    assert len(facts(Account, {"README.md": "hello", "accounts.csv.tmp": "x", "signals.csv": "a;b"})) == 2


def test_files_without_those_they_need_are_told(problems: Problems, tmp_path: Path) -> None:
    told = problems({"accounts.csv": None, "tiers.csv": "item_id,started_at,up_to\n"})

    assert told == [
        "accounts.csv: is missing; it is required",
        "tiers.csv: is of no use without items.csv; add that file",
    ]


def test_links_and_folders_are_not_read(problems: Problems, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("account_id,exp_month,exp_year\n", encoding="utf-8")
    (tmp_path / "cards.csv").symlink_to(outside)
    (tmp_path / "rates.csv").mkdir()

    assert problems({}) == [
        "cards.csv: is not a plain file; put the file itself here",
        "rates.csv: is not a plain file; put the file itself here",
    ]
