"""`kahvi policy`: the metrics policy in force in sentences, and choosing another one."""

import asyncio
from collections.abc import Iterator, Sequence
from getpass import getuser

from bot import parts, sources
from bot.clock import local_day, utc_now
from bot.commands.progress import progress_bar
from bot.metrics.axes import Basis
from bot.metrics.policy import AXES, MetricsPolicy
from bot.metrics.presets import policy_of, written
from bot.policies import policy_in_force, rules_in_force
from bot.settings import Settings
from bot.switching import DAYS, Change, Switch, difference, shown
from storage import fact_reader, policies
from storage.policies import Chosen

UNBILLED = (
    "No bill of a subscription is known, and this policy counts MRR by bills: bring them in from the billing source"
    " or as invoices.csv, or set basis=subscription."
)


def show(settings: Settings) -> str:
    """The policy in force, one line per axis."""
    database = parts.open_database(settings)
    try:
        with database.reading() as session:
            return "\n".join(_told(policy_in_force(session), policies.in_force(session), settings))
    finally:
        database.close()


def use(settings: Settings, words: Sequence[str], *, preview: bool) -> str:
    """Choose a policy, or only see what it would do; `words` are a preset and axes, or axes to set otherwise."""
    return asyncio.run(_use(settings, words, preview=preview))


async def _use(settings: Settings, words: Sequence[str], *, preview: bool) -> str:
    database = parts.open_database(settings)
    source = sources.build(settings, utc_now)
    try:
        now = utc_now()
        old = await database.read(policy_in_force)
        new = policy_of(" ".join(words if "=" not in words[0] else (written(old), *words)))
        rules = await database.read(rules_in_force, parts.ledger_rules(settings))
        sync = parts.build_sync(settings, database, source, utc_now)
        switch = Switch(database, sync, rules, local_day(now, settings.timezone))
        with progress_bar("accounts") as bar:
            row = bar.add_task("Making the ledger anew", total=None)

            def watch(done: int, of: int) -> None:
                bar.update(row, completed=done, total=of)

            changes = await (switch.preview(new, watch) if preview else switch.use(new, getuser(), now, watch))
        unbilled = new.basis is not Basis.SUBSCRIPTION and not await database.read(fact_reader.has_bills)
    finally:
        await source.aclose()
        database.close()
    said = [*_said(new, changes, settings.currency, preview=preview), *([UNBILLED] if unbilled else [])]
    return "\n".join(said)


def _told(policy: MetricsPolicy, chosen: Chosen | None, settings: Settings) -> Iterator[str]:
    by = f", chosen by {chosen.chosen_by} on {chosen.chosen_at:%d %B %Y}" if chosen else ""
    made_of = f" ({words})" if (words := written(policy)) != policy.name else ""
    yield f"The policy in force is “{policy.name}”{made_of}{by}."
    yield f"Days and months are those of {settings.timezone.key} (KAHVI_TIMEZONE)."
    yield ""
    for axis in AXES.values():
        assumed = " (assumed)" if axis.name in policy.assumed else ""
        yield f"{axis.title}: {axis.sentence(policy)}{assumed}"
        yield f"    {axis.name}={axis.write(policy)}"
    if policy.assumed:
        yield ""
        yield f"Assumed: what {policy.preset} does there is not known, so it is as Kahvi does it."


def _said(policy: MetricsPolicy, changes: Sequence[Change], currency: str, *, preview: bool) -> Iterator[str]:
    yield f"By the policy “{policy.name}” these figures of the last {DAYS} days " + (
        "would change; nothing is kept:" if preview else "have changed:"
    )
    different = [change for change in changes if change.differs]
    width = max((len(change.metric.name) for change in different), default=0)
    for change in different:
        before, after = (shown(value, change.metric.unit, currency) for value in (change.before, change.after))
        by = difference(change, currency)
        yield f"  {change.metric.name:{width}}  {before} → {after}" + (f"  ({by})" if by else "")
    same = len(changes) - len(different)
    yield f"{same} of {len(changes)} figures are as they were." if different else "None: all figures are as they were."
