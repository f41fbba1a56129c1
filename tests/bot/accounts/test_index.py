"""The index of accounts: what it finds, that it changes like one made anew, and that it forgets."""

import gc
from collections.abc import Iterable, Mapping
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.index import COLLEAGUES, TELLING, Fit, Index
from bot.accounts.likeness import likeness
from bot.accounts.words import Words
from storage.accounts.names import Entry

COMPANY = [
    Entry("a1", "Acme Oy", "ops@acme.example"),
    Entry("a2", "Acme GmbH", None),
    Entry("a3", "Acme Robotics", "liam@mail.acme.example"),
    Entry("a4", "Robotics of Acme", None),
    Entry("a5", "Pharmacme", None),
    Entry("a6", "!!!", "x@xn--bcher-kva.example"),
    Entry("cus_X", "Springfield Power", "burns@power-plant.example"),
]
NAMES = st.sampled_from(["Acme Oy", "Acme", "Bluebird", "Blue Bird Labs", "東京", "!!", "", "Bluebird Labs GmbH", "X"])
EMAILS = st.sampled_from([None, "a@acme.example", "b@blue-bird.example", "b@blue.example", "", "no address"])
ENTRIES = st.builds(Entry, st.sampled_from("abcdefgh"), NAMES, EMAILS)
QUESTIONS = (
    "acme",
    "acme oy",
    "blue",
    "bluebrid",
    "bird labs",
    "!",
    "a@acme.example",
    "blue.example",
    "東亰",
    "c",
    "x",
)


def found(index: Index, typed: str) -> dict[str, Fit]:
    return index.find(typed, 50).fits


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("acme oy", {"a1": Fit.EXACT, "a2": Fit.ALMOST, "a3": Fit.NAME_BEGINS}),
        ("acme inc", {"a1": Fit.ALMOST, "a2": Fit.ALMOST, "a3": Fit.NAME_BEGINS, "a4": Fit.WORD_BEGINS}),
        ("acme rob", {"a3": Fit.NAME_BEGINS, "a4": Fit.WORD_BEGINS}),
        ("acmerobotics", {"a3": Fit.ALMOST}),
        ("armac", {"a5": Fit.INSIDE}),
        ("ops@acme.example", {"a1": Fit.EXACT}),
        ("ops@", {"a1": Fit.WORD_BEGINS}),
        ("liam", {"a3": Fit.WORD_BEGINS}),
        ("acme.example", {"a1": Fit.WORD_BEGINS, "a3": Fit.WORD_BEGINS}),
        ("powerplant", {"cus_X": Fit.WORD_BEGINS}),
        ("CUS_x", {"cus_X": Fit.EXACT}),
        ("cus_", {"cus_X": Fit.WORD_BEGINS}),
        ("!", {"a6": Fit.WORD_BEGINS}),
        ("?", {}),
        ("  ", {}),
        ("\u200b", {}),
    ],
)
def test_what_fits_and_how(typed: str, expected: Mapping[str, Fit]) -> None:
    assert found(Index(COMPANY), typed) == expected


def test_likeness_prefers_the_whole_name() -> None:
    acme, robotics = ("acme",), ("acme", "robotics")

    assert likeness(acme, acme) > likeness(acme, robotics) > likeness(acme, ("zenith",))
    assert likeness(acme, ()) == 0


def test_the_name_in_an_address_is_compared_unless_many_have_it() -> None:
    index = Index(COMPANY)
    assert index.alike("powerplannt", 5)[0][0] == "cus_X"

    for number in range(COLLEAGUES):
        index.put(Entry(f"p{number}", f"Other {number}", f"{number}@power-plant.example"))

    assert index.alike("powerplannt", 5) == []


def test_nothing_is_like_nothing() -> None:
    assert Index(COMPANY).alike("!!", 5) == []


def test_the_best_are_given_and_all_are_counted() -> None:
    index = Index(Entry(f"n{number:03}", f"Same {'x' * (number % 3)}", "info@same.example") for number in range(300))

    hits = index.find("same", 50)

    assert (len(hits.fits), hits.total) == (50, 300)
    assert list(hits.fits)[:2] == ["n000", "n003"]


def test_inside_of_names_is_looked_only_where_too_few_begin_so() -> None:
    index = Index(
        [*(Entry(f"n{number}", f"Villa {number}", None) for number in range(3)), Entry("in", "Seville", None)]
    )

    assert (index.find("vil", 3).total, index.find("vil", 4).total) == (3, 4)
    assert index.find("vil", 4).fits["in"] is Fit.INSIDE


def test_what_more_than_enough_addresses_begin_with_tells_nothing() -> None:
    index = Index(Entry(f"n{number}", f"Name {number}", f"info@{number}.example") for number in range(TELLING + 1))

    assert found(index, "info@") == {}
    assert found(index, "info@7.example") == {"n7": Fit.EXACT}


@given(st.lists(ENTRIES, max_size=12), st.lists(st.one_of(ENTRIES, st.sampled_from("abcdefgh")), max_size=12))
def test_a_changed_index_finds_what_a_new_one_does(first: list[Entry], changes: list[Entry | str]) -> None:
    known = {entry.id: entry for entry in first}
    index = Index(known.values())
    for change in changes:
        if isinstance(change, Entry):
            known[change.id] = change
            index.put(change)
        else:
            known.pop(change, None)
            index.keep_only(set(known))

    new = Index(reversed(known.values()))

    for typed in QUESTIONS:
        assert index.find(typed, 3) == new.find(typed, 3)
        assert index.alike(typed, 3) == new.alike(typed, 3)
        assert sorted(index.colleagues(typed)) == sorted(new.colleagues(typed))
    assert len(index) == len(known)


@given(st.lists(ENTRIES, max_size=12), st.sets(st.sampled_from("abcdefgh"), max_size=5))
def test_some_accounts_are_searched_as_if_there_were_no_others(entries: list[Entry], among: set[str]) -> None:
    known = {entry.id: entry for entry in entries}
    index, new = Index(known.values()), Index(entry for entry in known.values() if entry.id in among)

    for typed in QUESTIONS:
        assert index.find(typed, 3, among) == new.find(typed, 3)
        assert {id_ for id_, _ in index.alike(typed, 3, among)} <= among


def test_slips_are_forgiven_among_some_however_many_others_are_alike() -> None:
    index = Index(Entry(f"n{number:03}", f"Bank {number:03}", None) for number in range(300))

    assert index.alike("bnak", 5, ["n177", "unknown"])[0][0] == "n177"
    assert index.alike("bnak", 5, []) == []


def test_colleagues_are_those_at_one_domain_but_not_at_a_mail_providers() -> None:
    few = Index(Entry(f"n{number}", f"Name {number}", f"info@{number}.few.example") for number in range(COLLEAGUES))
    many = Index(Entry(f"n{number}", f"Name {number}", "me@mail.example") for number in range(COLLEAGUES + 1))

    assert sorted(few.colleagues("few.example")) == [f"n{number}" for number in range(COLLEAGUES)]
    assert few.colleagues("few.example", ["n3", "unknown"]) == ["n3"]
    assert many.colleagues("mail.example") == many.colleagues("mail.example", ["n3"]) == []


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_anything_can_be_asked_and_be_a_name(text: str) -> None:
    index = Index([*COMPANY, Entry("t", text, text)])

    index.find(text, 5)
    index.alike(text, 5)
    index.put(Entry("t", "Other", None))
    index.keep_only(["a1"])

    assert len(index) == 1


def test_what_is_gone_leaves_nothing_behind() -> None:
    index = Index([*COMPANY, Entry("secret1", "Confidential % Partners Oy", "person@hidden-domain.example")])
    index.find("conf", 5)
    index.alike("confidental", 5)

    index.keep_only(entry.id for entry in COMPANY)

    left = " ".join(texts_within(index))
    assert "acme" in left
    for gone in ("secret1", "confidential", "partners", "%", "person", "hidden"):
        assert gone not in left


def test_an_index_of_which_much_is_gone_says_so() -> None:
    index = Index(COMPANY)
    assert not index.worn
    for _ in COMPANY:
        index.put(COMPANY[0])

    assert index.worn


def test_many_may_search_while_it_changes() -> None:
    index, wrong = Index(COMPANY), list[Exception]()

    def search() -> None:
        try:
            for _ in range(200):
                assert "a1" in found(index, "acme oy")
                index.alike("acmee", 5)
        except Exception as error:  # noqa: BLE001 - told by the test below
            wrong.append(error)

    threads = [Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(300):
        index.put(Entry(f"m{number % 7}", f"Moving {number}", None))
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_word_that_nobody_has_is_not_taken_away() -> None:
    words = Words()
    words.add("", 1)
    words.add("acme", 1)

    words.remove("acme", 2)
    words.remove("other", 1)

    assert words.exactly("") == set()
    assert words.exactly("acme") == {1}


@pytest.mark.parametrize(
    "typed", ["a" * 40_000, "% _ \\ * [", "\x00\x1f\x7f", "a b " * 10_000, "' or 1=1 --", "東" * 40_000]
)
def test_hostile_text_is_answered_soon(typed: str) -> None:
    index = Index(COMPANY)

    assert index.find(typed, 5).total <= len(COMPANY)
    assert len(index.alike(typed, 5)) <= 5


def texts_within(root: object) -> Iterable[str]:
    """All texts that an object holds on to, in whatever depth."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type) or type(one).__name__ in ("function", "module"):
            continue
        seen.add(id(one))
        if isinstance(one, str):
            yield one
        waiting += gc.get_referents(one)
