"""`make bench`, or `python -m tests.bench digest start --runs 5`: every figure beside its floor, in one table.

A bench that is over its bound ends the run with status 1.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from bot.collector import collect_seldom
from tests.bench import (
    account,
    ack,
    digest,
    figures,
    first_sync,
    idle,
    outbox,
    paint,
    posting,
    rebuild,
    risk,
    search,
    start,
    storm,
)
from tests.bench.measure import Line, table

Bench = Callable[[argparse.Namespace], list[Line]]
BENCHES: dict[str, Bench] = {
    "account": lambda asked: account.measure(asked.accounts, asked.runs),
    "ack": lambda asked: ack.measure(2 * asked.accounts, asked.commands, asked.runs),
    "first_sync": lambda asked: first_sync.measure(asked.accounts // 4, asked.runs),
    "digest": lambda asked: digest.measure(asked.accounts, asked.months, asked.runs),
    "figures": lambda asked: figures.measure(asked.accounts, asked.months, asked.runs),
    "start": lambda asked: start.measure(asked.runs + 4),
    "posting": lambda asked: posting.measure(asked.messages, asked.runs),
    "paint": lambda asked: paint.measure(asked.runs),
    "storm": lambda asked: storm.measure(asked.channels),
    "outbox": lambda asked: outbox.measure(asked.messages, asked.runs),
    "idle": lambda _: idle.measure(),
    "risk": lambda asked: risk.measure(asked.accounts, asked.runs),
    "search": lambda asked: search.measure(asked.accounts, asked.runs),
    "rebuild": lambda asked: rebuild.measure(asked.accounts, asked.runs),
}


def main() -> None:
    asked = _parser().parse_args()
    collect_seldom()  # as every command of Kahvi does
    lines: list[Line] = []
    for name in BENCHES if "all" in asked.only else asked.only:
        sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {name} ...\n")
        lines += BENCHES[name](asked)
        sys.stdout.write(table(lines) + "\n\n")  # all so far: a later one may fail
        sys.stdout.flush()
    sys.exit(1 if any(line.met is False for line in lines) else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("only", nargs="*", default="all", choices=("all", *BENCHES))
    parser.add_argument("--runs", type=int, default=3, help="the table shows medians of so many")
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--commands", type=int, default=300)
    parser.add_argument("--messages", type=int, default=5_000, help="posted to the local Slack; taken from one outbox")
    parser.add_argument("--channels", type=int, default=1_000, help="whose coffee stats are due at once")
    return parser


if __name__ == "__main__":
    main()
