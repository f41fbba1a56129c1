"""`make bench`, or `python -m tests.bench digest start --runs 5`: every figure beside its floor, in one table.

A bench that is over its bound ends the run with status 1.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import fields
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
from tests.bench.measure import Line, Size, table

Bench = Callable[[Size], list[Line]]
BENCHES: dict[str, Bench] = {
    "account": account.measure,
    "ack": ack.measure,
    "first_sync": first_sync.measure,
    "digest": digest.measure,
    "figures": figures.measure,
    "start": start.measure,
    "posting": posting.measure,
    "paint": paint.measure,
    "storm": storm.measure,
    "outbox": outbox.measure,
    "idle": idle.measure,
    "risk": risk.measure,
    "search": search.measure,
    "rebuild": rebuild.measure,
}


def main() -> None:
    asked = vars(_parser().parse_args())
    only = asked.pop("only")
    collect_seldom()  # as every command of Kahvi does
    lines: list[Line] = []
    for name in BENCHES if "all" in only else only:
        sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {name} ...\n")
        lines += BENCHES[name](Size(**asked))
        sys.stdout.write(table(lines) + "\n\n")  # all so far: a later one may fail
        sys.stdout.flush()
    sys.exit(1 if any(line.met is False for line in lines) else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("only", nargs="*", default="all", choices=("all", *BENCHES))
    for amount in fields(Size):
        parser.add_argument(f"--{amount.name}", type=int, default=amount.default, help=amount.metadata["help"])
    return parser


if __name__ == "__main__":
    main()
