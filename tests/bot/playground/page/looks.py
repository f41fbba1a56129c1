"""What must hold of any page that a person sees."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

NARROW: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
DARK: dict[str, Any] = {"color_scheme": "dark"}
HERE = Path(__file__).parent
FAINT_TEXT = (HERE / "faint_text.js").read_text()
UNNAMED = (HERE / "unnamed.js").read_text()


async def flaws(page: Page) -> list[str]:
    """Text too faint to read, controls without a name, and what is wider than its place."""
    faint: list[str] = await page.evaluate(FAINT_TEXT)
    return faint + list(await page.evaluate(UNNAMED))
