"""What a control door is told, read by the signature of what acts on it."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError, validate_call

T = TypeVar("T")


def obey(act: Callable[..., T], told: Mapping[str, Any], *given: object) -> T:
    """Call `act` with what it is given and what was told by name.

    Raises ValidationError, or what it gives does once it is awaited, for what `act` does not take; ValueError for a
    text with half of a character, which no later answer could be written with.
    """
    for name, value in told.items():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError(f"{name}: Input should be text without halves of characters") from None
    return validate_call(config={"arbitrary_types_allowed": True})(partial(act, *given))(**told)


def in_words(error: Exception) -> str:
    """What is wrong; of what was told, the first argument that is missing, unknown or of another kind."""
    if not isinstance(error, ValidationError):
        return str(error)
    wrong = error.errors()[0]
    return f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"
