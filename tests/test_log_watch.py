"""The watch over the log sees what it is there for."""

import pytest

from tests.log_watch import leaks

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("stderr", "stdout", "found"),
    [
        ("posted token=xoxb-1-2-abc", "", ["xoxb-1-2-abc"]),
        ('{"event": "read", "name": "Acme Corp"}', "", ["Acme Corp"]),
        ("", "2026-11-26 08:30:00 [warning  ] refused text=Coffee stats", ["Coffee stats"]),
        ("", "Coffee stats, printed for people", []),
        ("posted key=digest:C1 account=cus_1", "", []),
    ],
)
def test_what_leaks_is_found(stderr: str, stdout: str, found: list[str]) -> None:
    assert leaks(stderr, stdout) == found


def test_a_test_that_leaks_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import sys\ndef test_it():\n    print('read Acme Corp', file=sys.stderr)")
    result = pytester.runpytest_inprocess("-p", "tests.log_watch", "-p", "no:cacheprovider")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*logged what no log may hold: Acme Corp*"])
