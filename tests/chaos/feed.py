"""R5: events in any order, twice, and a tenth of them late; the state is that of a fresh full read."""

import time
from datetime import timedelta
from random import Random

from tests.chaos.companies import Blank, different, each, facts
from tests.chaos.harness import Result
from tests.scenarios.lived import world

ACCOUNTS, ROUNDS = 8, 10
WITHHELD, REPEATED = 0.1, 0.2
LATEST = 540  # seconds; Kahvi looks back for ten minutes
MINUTES, HOURS = (0, 12), (1, 40)
QUIET = timedelta(minutes=11)  # until all that was withheld is shown


def run(histories: int, seed: int) -> list[Result]:
    began = time.monotonic()
    wrong, counts = each(range(seed, seed + histories), _lived)
    figure = f"{len(wrong)} of {histories:,} differ from a fresh read of {counts['rows']:,} rows"
    amount = f"{histories:,} histories, {counts['events']:,} events, seed {seed}"
    return [Result("R5 events", amount, figure, wrong[:5], time.monotonic() - began)]


async def _lived(seed: int, blank: Blank) -> tuple[list[str], dict[str, int]]:
    random = Random(seed)
    async with world(seed, ACCOUNTS) as company:
        company.server.mangle_events(seed, withheld=WITHHELD, seconds=random.randint(60, LATEST), repeated=REPEATED)
        database, fresh = blank(), blank()
        sync, source = company.sync(database)
        await sync.run()
        for _ in range(ROUNDS):
            company.acts(random)
            few = random.random() < 0.7
            company.pass_time(
                timedelta(minutes=random.randint(*MINUTES)) if few else timedelta(hours=random.randint(*HOURS))
            )
            await sync.run()
        company.pass_time(QUIET)
        await sync.run()
        await source.aclose()
        again, source = company.sync(fresh)
        await again.run()
        await source.aclose()
        events = len(company.company.store["events"])
    ours, theirs = facts(database), facts(fresh)
    return different(ours, theirs), {"events": events, "rows": sum(map(len, theirs.values()))}
