"""Where Node and what was installed for it are, for the tests that check the local Slack against JavaScript."""

import os
import shutil
from pathlib import Path

import pytest

MODULES = Path(os.environ.get("KAHVI_NODE_MODULES") or "/nowhere").resolve()
NODE = shutil.which("node", path=f"{MODULES / '.bin'}{os.pathsep}{os.environ.get('PATH', '')}") or ""


def needs(package: str) -> pytest.MarkDecorator:
    """Leaves a test out, saying why, where Node or a package is not there."""
    return pytest.mark.skipif(
        not (NODE and (MODULES / package).is_dir()),
        reason=f"needs Node, and {package} in the folder that KAHVI_NODE_MODULES names (CONTRIBUTING.md, Tests)",
    )
