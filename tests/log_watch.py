"""Watches what all tests log: no token or key, no customer's name, no message may stand in any line.

Lines are looked for where Kahvi writes them (stderr, that of processes too) and where structlog does before it is
configured (stdout). A test whose lines hold one of these words fails.
"""

import logging
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager

import pytest
import structlog

from bot import log

LOGGED = re.compile(r"\[(?:debug|info|warning|error|critical) *\]")
CUSTOMERS = ("Acme Corp", "Silverline Telecom", "Copper Kettle", "Zalgo", "กาแฟ", "Deleted customer")
MESSAGES = ("Coffee stats", "Needs a call", "failed twice", "Exit interview", "Only visible to you", "MRR is")
CALM = re.compile("|".join(map(re.escape, (*CUSTOMERS, *MESSAGES))))


@contextmanager
def put_back() -> Iterator[None]:
    """What configures logging inside leaves no trace: other tests look at each line."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(level)
        for name in log.LIBRARIES:
            logging.getLogger(name).setLevel(logging.NOTSET)


def leaks(stderr: str, stdout: str) -> list[str]:
    """The words of logged lines that nobody may find there."""
    lines = [*stderr.splitlines(), *(line for line in stdout.splitlines() if LOGGED.search(line))]
    return [*_found(log.SECRETS, stderr.splitlines()), *_found(CALM, lines)]


def _found(pattern: re.Pattern[str], lines: Iterable[str]) -> list[str]:
    return [found.group() for line in lines for found in pattern.finditer(line)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    said = {name: text for name, text in report.sections if name.endswith(call.when)}  # others are judged before
    stderr, stdout = (said.get(f"Captured {stream} {call.when}", "") for stream in ("stderr", "stdout"))
    if report.passed and (found := leaks(stderr, stdout)):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} logged what no log may hold: {', '.join(sorted(set(found)))}"
    return report
