"""Accounts without an owner are all given out, each to one, and evenly."""

from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.assigning import How, shared_out
from storage.owners import Load

WORTH = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 10**6), max_size=20)
PEOPLE = st.lists(st.sampled_from(["ann", "ben", "cy", "dee"]), min_size=1, unique=True)


@given(WORTH, PEOPLE, st.sampled_from(How))
def test_every_account_goes_to_one_person(worth: dict[str, int], people: list[str], how: How) -> None:
    found = shared_out(worth, people, {}, how)

    assert list(found) == people
    assert sorted(one for share in found.values() for one in share.accounts) == sorted(worth)
    assert sum(share.worth for share in found.values()) == sum(worth.values())


@given(WORTH, PEOPLE, st.sampled_from([How.FEWEST, How.IN_TURN]))
def test_counts_come_out_even(worth: dict[str, int], people: list[str], how: How) -> None:
    counts = [len(share.accounts) for share in shared_out(worth, people, {}, how).values()]

    assert max(counts) - min(counts) <= 1


@given(WORTH, PEOPLE)
def test_mrr_differs_by_no_more_than_one_account(worth: dict[str, int], people: list[str]) -> None:
    sums = [share.worth for share in shared_out(worth, people, {}, How.LEAST_MRR).values()]

    assert max(sums) - min(sums) <= max(worth.values(), default=0)


def test_what_people_look_after_now_counts_but_in_turn_it_does_not() -> None:
    worth, loads = {"big": 500, "small": 100}, {"ann": Load(3, 50), "ben": Load(1, 900)}

    fewest = shared_out(worth, ["ann", "ben"], loads, How.FEWEST)
    assert fewest["ben"].accounts == ("big", "small")
    least = shared_out(worth, ["ann", "ben"], loads, How.LEAST_MRR)
    assert least["ann"].accounts == ("big", "small")
    turns = shared_out(worth, ["ann", "ben"], loads, How.IN_TURN)
    assert (turns["ann"].accounts, turns["ben"].accounts) == (("big",), ("small",))
    assert (turns["ann"].then, turns["ben"].then) == (Load(4, 550), Load(2, 1_000))
