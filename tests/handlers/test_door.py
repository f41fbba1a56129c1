"""Nothing in `handlers` reads or writes what is stored before the door was asked (`bot.access.allow`)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import handlers

FOLDER = Path(handlers.__file__).parent
# What tells nothing of a customer, or is called only by those who asked.
APART = {
    "figures.understood": "names of metrics and plans, shown only after access",
    "readiness.not_ready": "whether the first read is over",
    "coffee._next": "when a channel's next coffee stats come",
    "resolving._within": "narrows what was found by who asked",
    "account._card": "is given what was granted",
    "exit_report._read": "is given what was granted",
    "win_back._candidates": "works with exits that were granted",
    "fix_worth.answer": "works with exits that were granted",
    "journal.note_typed": "reads the name of what it kept once it asked",
    "journal.kept": "asks once it knows whose note it is",
    "journal.correction": "asks once it knows whose note it is",
    "exit_drafts.write": "keeps what somebody types into a form that was opened for them after access was asked",
}


def functions() -> Iterator[tuple[str, ast.AsyncFunctionDef | ast.FunctionDef]]:
    for file in sorted(FOLDER.glob("*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
                yield f"{file.stem}.{node.name}", node


def first(node: ast.AST, name: str) -> int | None:
    """The line at which a function first names something."""
    found = [one.lineno for one in ast.walk(node) if isinstance(one, ast.Name | ast.Attribute) and _name(one) == name]
    return min(found, default=None)


def _name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def test_whoever_touches_the_database_has_asked_first() -> None:
    """But for those named above, each of which still needs to be."""
    doors = {"allow", "resolve", "looked_up", "suggest"}  # but for the first, these ask for whoever searches
    around = []
    for name, node in functions():
        touched = first(node, "database")
        asked = min(filter(None, (first(node, door) for door in doors)), default=None)
        if touched is not None and (asked is None or asked > touched):
            around.append(name)

    assert sorted(around) == sorted(APART)
