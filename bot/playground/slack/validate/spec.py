"""The small language the tables of limits are written in. Each spec checks one value and names what is wrong."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from bot.playground.slack.validate.problem import Path, Problem

Problems = Iterator[Problem]


class Spec(Protocol):
    def check(self, value: Any, path: Path) -> Problems: ...


@dataclass(frozen=True)
class Str:
    """Text of `shortest` to `longest` characters, of one of `among`, or of a pattern described by `form`."""

    longest: int
    shortest: int = 1
    pattern: str | None = None
    form: str = ""

    def check(self, value: Any, path: Path) -> Problems:
        if not isinstance(value, str):
            yield Problem(path, "must be a string")
        elif len(value) > self.longest:
            yield Problem(path, f"must be less than {self.longest + 1} characters")
        elif len(value) < self.shortest:
            yield Problem(path, f"must be more than {self.shortest - 1} characters")
        elif self.pattern and not re.fullmatch(self.pattern, value, re.DOTALL):
            yield Problem(path, f"must be {self.form}")


@dataclass(frozen=True)
class OneOf:
    among: tuple[str, ...]

    def check(self, value: Any, path: Path) -> Problems:
        if value not in self.among or not isinstance(value, str):
            yield Problem(path, f"must be one of: {', '.join(self.among)}")


@dataclass(frozen=True)
class Bool:
    def check(self, value: Any, path: Path) -> Problems:
        if not isinstance(value, bool):
            yield Problem(path, "must be a boolean")


@dataclass(frozen=True)
class Num:
    """A number; `above` is exclusive, `whole` refuses fractions."""

    least: float | None = None
    most: float | None = None
    above: float | None = None
    whole: bool = False

    def check(self, value: Any, path: Path) -> Problems:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            yield Problem(path, "must be a whole number" if self.whole else "must be a number")
        elif self.least is not None and value < self.least:
            yield Problem(path, f"must be at least {self.least:g}")
        elif self.most is not None and value > self.most:
            yield Problem(path, f"must be at most {self.most:g}")
        elif self.above is not None and value <= self.above:
            yield Problem(path, f"must be greater than {self.above:g}")


@dataclass(frozen=True)
class Anything:
    def check(self, value: Any, path: Path) -> Problems:  # noqa: ARG002 - one shape for all specs
        return iter(())


@dataclass(frozen=True)
class Nullable:
    inner: Spec

    def check(self, value: Any, path: Path) -> Problems:
        return iter(()) if value is None else self.inner.check(value, path)


@dataclass(frozen=True)
class ListOf:
    item: Spec
    most: int
    least: int = 1

    def check(self, value: Any, path: Path) -> Problems:
        if not isinstance(value, list):
            yield Problem(path, "must be an array")
            return
        if len(value) > self.most:
            yield Problem(path, f"no more than {self.most} items allowed")
        if len(value) < self.least:
            yield Problem(path, f"no fewer than {self.least} items allowed")
        for number, item in enumerate(value):
            yield from self.item.check(item, (*path, number))


Rule = Callable[[dict[str, Any], Path], Problems]


@dataclass(frozen=True)
class Obj:
    """An object with known keys only; `rules` see it whole once every key is right by itself."""

    required: Mapping[str, Spec] = field(default_factory=dict)
    optional: Mapping[str, Spec] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    def check(self, value: Any, path: Path) -> Problems:
        if not isinstance(value, dict):
            yield Problem(path, "must be an object")
            return
        problems = [*self._missing(value, path), *self._keys(value, path)]
        yield from problems
        if not problems:
            for rule in self.rules:
                yield from rule(value, path)

    @cached_property
    def _known(self) -> Mapping[str, Spec]:
        return {**self.required, **self.optional}

    def _missing(self, value: dict[str, Any], path: Path) -> Problems:
        for key in self.required:
            if key not in value:
                yield Problem(path, f"missing required field: {key}")

    def _keys(self, value: dict[str, Any], path: Path) -> Problems:
        for key, item in value.items():
            if key in self._known:
                yield from self._known[key].check(item, (*path, key))
            elif key != "type":
                yield Problem(path, f"invalid additional property: {key}")


@dataclass(frozen=True)
class ByType:
    """An object whose `type` picks its spec; `specs` is read late so that tables may refer to each other."""

    specs: Mapping[str, Spec]

    def check(self, value: Any, path: Path) -> Problems:
        if not isinstance(value, dict):
            yield Problem(path, "must be an object")
        elif "type" not in value:
            yield Problem(path, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in self.specs:
            yield Problem((*path, "type"), f"unsupported type: {value['type']}")
        else:
            yield from self.specs[value["type"]].check(value, path)


def at_least_one(*keys: str) -> Rule:
    def rule(value: dict[str, Any], path: Path) -> Problems:
        if not any(key in value for key in keys):
            yield Problem(path, f"one of these fields is required: {', '.join(keys)}")

    return rule


def exactly_one(*keys: str) -> Rule:
    def rule(value: dict[str, Any], path: Path) -> Problems:
        if sum(key in value for key in keys) != 1:
            yield Problem(path, f"exactly one of these fields is required: {', '.join(keys)}")

    return rule


def at_most_one(*keys: str) -> Rule:
    def rule(value: dict[str, Any], path: Path) -> Problems:
        if sum(key in value for key in keys) > 1:
            yield Problem(path, f"only one of these fields is allowed: {', '.join(keys)}")

    return rule


def unique(name: str, values: list[Any], path: Path) -> Problems:
    """One problem for each value that stands a second time."""
    seen: list[Any] = []
    for value in values:
        if value in seen:
            yield Problem(path, f"{name} must be unique: {value}")
        seen.append(value)
