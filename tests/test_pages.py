"""The pages of docs/ that are made from the code are current, and pictures are where pages show them."""

import re

import pytest

from tests.pages import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_makes(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run `make docs`"


def test_every_picture_is_shown_and_is_there() -> None:
    pages = [DOCS.parent / "README.md", *DOCS.glob("*.md")]
    shown = {
        (page.parent / target).resolve()
        for page in pages
        for target in re.findall(r"!\[[^]]+\]\(([^)]+)\)", page.read_text("utf-8"))
    }

    assert shown == set((DOCS / "images").resolve().iterdir())
