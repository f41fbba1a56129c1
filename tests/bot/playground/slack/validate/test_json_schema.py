"""An independent validator of JSON Schema comes to the same verdict on everything but rules across keys."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.playground.slack.validate.blocks import BLOCKS
from bot.playground.slack.validate.spec import ByType
from tests.bot.playground.slack.validate import samples as s
from tests.bot.playground.slack.validate.json_schema import schema_of_blocks
from tests.bot.playground.slack.validate.samples import Json

ANY = ByType(BLOCKS)
JUDGE = Draft202012Validator(schema_of_blocks(50))
SAMPLES = [*s.MESSAGE_BLOCKS.values(), s.ALERT, s.AUTH_PROVIDER, *(s.asked(one) for one in s.ELEMENTS.values())]
ODD: tuple[Any, ...] = ("", "x", "x" * 160, "x" * 3001, 0, -1, 7, 1.5, True, None, [], {}, [{}], {"type": "image"})
ACROSS = (
    "exactly one of",
    "only one of",
    "one of these fields",
    "must not be greater",
    "must not be empty",
    "must not be pending",
    "must have",
    "must be unique",
    "among the options",
    "is not allowed",
    "requires ",
    "downloading image failed",
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def changed(sample: Json, path: tuple[Any, ...], value: Any) -> Json:
    copied = copy.deepcopy(sample)
    inner: Any = copied
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copied


def own_verdict(block: Json) -> bool | None:
    """Whether the block is right; None where only rules across keys, which a schema does not hold, refuse it."""
    problems = list(ANY.check(block, ()))
    if not problems:
        return True
    across = all(any(words in str(problem) for words in ACROSS) for problem in problems)
    return None if across else False


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda block: block["type"])
def test_good_blocks_pass_both(sample: Json) -> None:
    assert own_verdict(sample) is True
    assert JUDGE.is_valid([sample])


@given(data=st.data())
def test_changed_blocks_get_the_same_verdict(data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(SAMPLES))
    path = data.draw(st.sampled_from(list(places(sample))))
    block = changed(sample, path, data.draw(st.sampled_from(ODD)))

    verdict = own_verdict(block)
    if verdict is not None:
        assert JUDGE.is_valid([block]) is verdict
