"""The validator's tables of limits as one JSON Schema: an equal in speed and, but for rules across keys, in verdict."""

from typing import Any, assert_never, cast

from bot.playground.slack.validate import spec as specs
from bot.playground.slack.validate.blocks import BLOCKS
from tests.bot.playground.slack.validate.samples import Json

Known = (
    specs.Str | specs.OneOf | specs.Bool | specs.Num | specs.Anything | specs.Nullable | specs.ListOf | specs.Obj
) | specs.ByType


class Writer:
    """Each spec becomes one definition, referred to wherever it stands."""

    def __init__(self) -> None:
        self.definitions: Json = {}
        self._names: dict[int, str] = {}

    def refer(self, spec: specs.Spec) -> Json:
        name = self._names.get(id(spec))
        if name is None:
            name = self._names[id(spec)] = f"s{len(self._names)}"
            self.definitions[name] = self._schema(cast("Known", spec))
        return {"$ref": f"#/$defs/{name}"}

    def _schema(self, spec: Known) -> Json:  # noqa: PLR0911 - one for each kind of spec
        match spec:
            case specs.Str():
                limits: Json = {"type": "string", "maxLength": spec.longest, "minLength": spec.shortest}
                return limits | ({"pattern": f"^(?:{spec.pattern})$"} if spec.pattern else {})
            case specs.OneOf():
                return {"enum": list(spec.among)}
            case specs.Bool():
                return {"type": "boolean"}
            case specs.Num():
                return _number(spec)
            case specs.Anything():
                return {}
            case specs.Nullable():
                return {"anyOf": [{"type": "null"}, self.refer(spec.inner)]}
            case specs.ListOf():
                items = self.refer(spec.item)
                return {"type": "array", "items": items, "maxItems": spec.most, "minItems": spec.least}
            case specs.Obj():
                return self._object(spec)
            case specs.ByType():
                return self._by_type(spec)
            case _:
                assert_never(spec)

    def _object(self, spec: specs.Obj) -> Json:
        keys = {key: self.refer(inner) for key, inner in {**spec.required, **spec.optional}.items()}
        shape = {"type": "object", "required": list(spec.required), "properties": {"type": {}, **keys}}
        return shape | {"additionalProperties": False}

    def _by_type(self, spec: specs.ByType) -> Json:
        cases = [
            {"if": {"properties": {"type": {"const": name}}}, "then": self.refer(inner)}
            for name, inner in spec.specs.items()
        ]
        known = {"type": {"enum": list(spec.specs)}}
        return {"type": "object", "required": ["type"], "properties": known, "allOf": cases}


def _number(spec: specs.Num) -> Json:
    limits = {"minimum": spec.least, "maximum": spec.most, "exclusiveMinimum": spec.above}
    given: Json = {key: value for key, value in limits.items() if value is not None}
    return {"type": "integer" if spec.whole else "number"} | given


def schema_of_blocks(most: int) -> dict[str, Any]:
    """The schema of a list of at most so many blocks of any kind."""
    writer = Writer()
    items = writer.refer(specs.ByType(BLOCKS))
    return {"type": "array", "items": items, "maxItems": most, "$defs": writer.definitions}
