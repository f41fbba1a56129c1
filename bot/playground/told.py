"""What a control door is told, read by the signature of what acts on it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError, validate_call

T = TypeVar("T")


def obey(act: Callable[..., T], told: Mapping[str, Any], *given: object) -> T:
    """Call `act` with what it is given and what was told by name.

    Raises ValidationError, or what it gives does once it is awaited, for what `act` does not take.
    """
    return validate_call(config={"arbitrary_types_allowed": True})(partial(act, *given))(**told)


def in_words(error: Exception) -> str:
    """What is wrong; of what was told, the first argument that is missing, unknown or of another kind."""
    if not isinstance(error, ValidationError):
        return str(error)
    wrong = error.errors()[0]
    return f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"
