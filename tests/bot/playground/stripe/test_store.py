from hypothesis import given
from hypothesis import strategies as st

from bot.playground.stripe.store import Collection, Object


def thing(key: str, created: int) -> Object:
    return {"id": key, "object": "thing", "created": created}


def filled(*rows: tuple[str, int]) -> Collection:
    held = Collection({"owner": lambda row: row.get("owner")})
    for key, created in rows:
        held.put(thing(key, created))
    return held


def test_newest_first_and_the_later_arrival_first_within_a_second() -> None:
    held = filled(("a", 5), ("b", 9), ("c", 5), ("d", 1))

    assert list(held.walk()) == ["b", "c", "a", "d"]


def test_cursors_and_windows_cut_the_walk() -> None:
    held = filled(("a", 1), ("b", 2), ("c", 2), ("d", 3))

    assert list(held.walk(after="c")) == ["b", "a"]
    assert list(held.walk(before="b")) == ["c", "d"]
    assert list(held.walk(since=2, until=3)) == ["c", "b"]
    assert list(held.walk(since=2, after="d")) == ["c", "b"]
    assert list(held.walk(until=3, before="a")) == ["b", "c"]
    assert list(held.walk(since=9)) == []


def test_new_objects_do_not_disturb_a_walk_in_pages() -> None:
    held = filled(("a", 1), ("b", 2), ("c", 3))
    first = next(iter(held.walk()))

    held.put(thing("d", 4))

    assert [first, *held.walk(after=first)] == ["c", "b", "a"]


def test_a_changed_object_is_written_anew_and_keeps_its_place() -> None:
    held = filled(("a", 1), ("b", 2))
    assert held.text("a") == '{"id":"a","object":"thing","created":1}'

    held.put({**thing("a", 1), "name": "é"})

    assert held.text("a") == '{"id":"a","object":"thing","created":1,"name":"é"}'
    assert list(held.walk()) == ["b", "a"]


def test_a_deleted_object_leaves_lists_and_indexes() -> None:
    held = filled(("b", 2))
    held.put({**thing("a", 1), "owner": "x"})
    assert list(held.walk(narrow=("owner", "x"))) == ["a"]

    held.delete("a")

    assert list(held.walk()) == ["b"]
    assert list(held.walk(narrow=("owner", "x"))) == []
    assert held.get("a") is None
    assert held.tombstones["a"] == {"id": "a", "object": "thing", "deleted": True}


@given(st.lists(st.integers(0, 20), max_size=30), st.integers(1, 7))
def test_pages_in_both_directions_are_the_whole_list(times: list[int], size: int) -> None:
    held = filled(*((f"k{number}", created) for number, created in enumerate(times)))
    whole = list(held.walk())
    down: list[str] = []
    while page := list(held.walk(after=down[-1] if down else None))[:size]:
        down += page
    up = whole[-1:]
    while page := list(held.walk(before=up[-1]))[:size] if up else []:
        up += page

    assert down == whole
    assert up == whole[::-1]
