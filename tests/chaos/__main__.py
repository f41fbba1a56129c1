"""`make chaos`, or `python -m tests.chaos r1 r4 --share 0.05 --seed 7`: every proof, its figure, a table at the end.

An invariant that was broken ends the run with status 1; the seed is told, and brings the same faults again.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from tests.chaos import due, feed, kills, malformed, midlist, posts, silence, week, writers, zones
from tests.chaos.harness import Result


def share(whole: int, part: float, least: int = 1) -> int:
    return max(least, round(whole * part))


Proof = Callable[[float, int], list[Result]]
PROOFS: dict[str, Proof] = {
    "r1": lambda part, seed: posts.run(share(1_000, part, 20), share(300, part, 4), seed),
    "r2": lambda part, seed: due.run(share(1_000, part, 20), seed),
    "r3": lambda part, seed: zones.run(None if part >= 1 else share(5_376, part, 50), seed),
    "r4": lambda part, seed: silence.run(share(200, part, 5), seed),
    "r5": lambda part, seed: feed.run(share(2_000, part, 5), seed),
    "r6": lambda part, seed: midlist.run(share(500, part, 5), seed),
    "r8": lambda part, seed: malformed.run(share(100_000, part, 400), seed),
    "r10": lambda part, seed: writers.run(share(1_000, part, 40)),
    "r11": lambda part, seed: kills.run(share(200, part, 5), share(50, part, 2), share(300, part, 40), seed),
    "r17": lambda part, seed: week.run(7 if part >= 0.1 else 1, share(20, part), seed),
}


def main() -> None:
    asked = _parser().parse_args()
    found: list[Result] = []
    for name in PROOFS if "all" in asked.only else asked.only:
        for result in PROOFS[name](asked.share, asked.seed):
            found.append(result)
            sys.stdout.write(f"{result.line}\n")
            sys.stdout.flush()
    if len(found) > 1:
        sys.stdout.write(f"\n{table(found)}\n")
    sys.exit(1 if any(result.wrong for result in found) else 0)


def table(results: Sequence[Result]) -> str:
    rows = [("", "amount", "figure", "")]
    rows += [(one.name, one.amount, one.figure, "ok" if not one.wrong else "BROKEN") for one in results]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("only", nargs="*", default="all", choices=("all", *PROOFS))
    parser.add_argument("--share", type=float, default=1.0, help="of the whole amount; 1 takes about two hours for all")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    return parser


if __name__ == "__main__":
    main()
