"""JSON and forms from outside, as plain objects; None for what is neither."""

import json
from typing import Any
from urllib.parse import parse_qsl

FIELDS = 100


def json_object(text: str | bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def form(text: str) -> dict[str, str] | None:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError:
        return None
