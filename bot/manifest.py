"""The Slack app's manifest, as it lies beside the code or travels inside the wheel."""

from importlib import resources
from pathlib import Path
from typing import Any

import yaml

NAME = "manifest.yml"


def manifest() -> dict[str, Any]:
    """What the app asks of Slack: names, commands, scopes."""
    packaged = resources.files("bot") / NAME
    file = packaged if packaged.is_file() else Path(__file__).parent.parent / NAME
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found
