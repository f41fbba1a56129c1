"""JSON that comes from outside, read strictly, whichever of the playground's servers it is sent to."""

import json
import math
from typing import Any, Final

DEEPEST: Final = 60


def parse_json(text: str | bytes) -> Any:
    """Raises ValueError for NaN, for numbers without end, and for nesting nobody means."""
    try:
        parsed = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _check_depth(parsed, DEEPEST)
    return parsed


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


def _check_depth(value: Any, left: int) -> None:
    if left < 1:
        raise ValueError("nested too deeply")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        _check_depth(item, left - 1)
