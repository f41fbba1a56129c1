"""`kahvi risk backtest` and `kahvi risk model`: how the rules fared on the past, and what it teaches."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot import parts
from bot.clock import utc_now
from bot.commands.progress import progress_bar
from bot.money import display, exponent
from bot.risk import learned, learning, tuning
from bot.risk.backtest import EARLY, HORIZON, Backtest, Measure
from bot.risk.calibration import Calibration, Judged, Model, fitted
from bot.risk.labels import Label, labels
from bot.risk.learned import Learned
from bot.risk.learning import Replay
from bot.risk.replay import NOT_REPLAYED
from bot.risk.tuning import Tuning
from bot.settings import Settings
from bot.telling.told import counted

NOTHING = "There is no past to replay yet: it takes accounts that paid for three months."
UNKNOWN = "-"


def backtest(settings: Settings, since: date | None, step: int, *, as_json: bool) -> str:
    """Replay the past by what was known on each day, and say how the rules fared."""
    found, model, said = asyncio.run(_replayed(settings, since, timedelta(days=step), utc_now()))
    if not found.snapshots:
        return json.dumps(None) if as_json else NOTHING
    least = settings.high_value_mrr if found.tuning.high_value is None else found.tuning.high_value
    measured = found.measured(least.scaleb(exponent(settings.currency)))
    if as_json:
        return json.dumps(_plain(measured, model, settings.currency) | {"no_risk": _plain_labels(said)}, indent=2)
    return "\n".join([*_told(measured, model, settings.currency), *_of_labels(said)])


def model(settings: Settings, *, use: bool) -> str:
    """Say whether points can be told as likelihoods, how well, and whether learned points would do better."""
    found, fit, _ = asyncio.run(_replayed(settings, None, timedelta(days=7), utc_now(), keep=use))
    if not found.snapshots:
        return NOTHING
    lines = list(_of_model(fit, settings.currency))
    if fit.judged:
        lines += ["", *_of_learned(learned.learn(found.for_fitting()), found.tuning)]
    if use:
        kept = "The likelihoods are in force" if fit.calibration else "Nothing is in force"
        lines += ["", f"{kept}; /at-risk says so with the next assessment."]
    return "\n".join(lines)


async def _replayed(
    settings: Settings, since: date | None, step: timedelta, now: datetime, *, keep: bool = False
) -> tuple[Replay, Model, Mapping[str, Label]]:
    database = parts.open_database(settings)
    try:
        with progress_bar() as bar:
            row = bar.add_task("Replaying accounts", total=None)
            found = await learning.replay(
                database,
                settings.currency,
                settings.timezone,
                now,
                since=since,
                step=step,
                told=lambda done, of: bar.update(row, completed=done, total=of),
            )
        model = fitted(found.for_fitting(), found.tuning)
        said = await database.read(labels)
        if keep:
            await database.write(learning.keep, model, now)
    finally:
        database.close()
    return found, model, said


def _told(found: Backtest, model: Model, base: str) -> Iterator[str]:
    lost = f"{counted(found.losses, 'loss', 'losses')} of {_money(found.whole.lost, base)} MRR"
    days = f"{counted(found.days, 'day')} from {found.first} to {found.last}"
    yield f"{counted(found.accounts, 'account')} on {days}, each by what was known on it; {lost}."
    yield ""
    yield f"{'':22} {'alarms':>7} {'right':>7} {'precision':>10} {'foreseen':>14} {'recall':>8}"
    yield _row("in all", found.whole, base)
    for rule, measure in sorted(found.by_rule.items(), key=lambda one: (-one[1].alarms, one[0])):
        yield _row(rule, measure, base)
    yield ""
    yield f"An alarm is right when the account is lost within {HORIZON.days} days; foreseen is {EARLY.days} days early."
    yield "In all counts accounts of high value, as cards do; a sign counts every account that it found."
    yield f"Of the MRR lost, {_share(found.top_tenth)} was lost by the tenth of accounts with most at stake."
    wrong = UNKNOWN if found.false_alarms is None else f"{found.false_alarms:.2f}"
    yield f"False alarms: {wrong} for each CSM and week."
    off = model.judged.ece if model.judged else None
    yield f"Calibration error: {_share(off) if off is not None else f'unknown. {model.refusal}'}"
    yield f"Not replayed, for their past is not kept: {', '.join(sorted(NOT_REPLAYED))}, withdrawn cancellations."


def _of_labels(said: Mapping[str, Label]) -> Iterator[str]:
    """What people said of the cards that came."""
    false = {rule: one for rule, one in said.items() if one.false}
    if not false:
        return
    yield "Called no risk by people, of the cards with a sign that were closed:"
    for rule, one in sorted(false.items(), key=lambda each: (-each[1].false, each[0])):
        advice = "; give it fewer points in /at-risk settings" if one.weighs_too_much else ""
        yield f"  {rule}: {one.false:,} of {one.cards:,}{advice}"


def _plain_labels(said: Mapping[str, Label]) -> dict[str, dict[str, int]]:
    return {rule: {"cards": one.cards, "false": one.false} for rule, one in said.items()}


def _row(name: str, one: Measure, base: str) -> str:
    precision, recall = _share(one.precision), _share(one.recall)
    return f"{name:22} {one.alarms:>7,} {one.right:>7,} {precision:>10} {_money(one.foreseen, base):>14} {recall:>8}"


def _of_model(model: Model, base: str) -> Iterator[str]:
    if model.refusal:
        yield model.refusal
    if model.calibration:
        yield from _of_calibration(model.calibration)
    if model.judged:
        yield ""
        yield from _of_judged(model.judged, base)


def _of_calibration(found: Calibration) -> Iterator[str]:
    yield (
        f"A likelihood of being lost within {HORIZON.days} days, fitted on {found.rows:,} account-days with "
        f"{counted(found.losses, 'loss', 'losses')} up to {found.until}:"
    )
    for one in found.steps:
        yield f"  from {one.score:>3} points on: {_share(one.p)}"


def _of_judged(found: Judged, base: str) -> Iterator[str]:
    yield (
        f"Judged on {found.rows:,} later account-days with {counted(found.losses, 'loss', 'losses')} that it was not "
        "fitted on:"
    )
    yield f"  {'expected':>10} {'came':>8} {'accounts':>9}"
    for one in found.table:
        yield f"  {_share(one.expected):>10} {_share(one.came):>8} {one.count:>9,}"
    yield f"  Brier score {found.brier:.4f}, expected calibration error {_share(found.ece)}"
    yield f"  AUC {found.auc:.3f}, at least {found.auc_low:.3f}"
    off = UNKNOWN if found.is_off_by is None else _share(found.is_off_by)
    yield f"  MRR expected to be lost {_money(found.expected, base)}, lost {_money(found.lost, base)}: off by {off}"


def _of_learned(found: Learned, before: Tuning) -> Iterator[str]:
    beside = f"AUC {found.auc:.3f}, at least {found.low:.3f}, beside {found.auc_of_points:.3f} of the points in force"
    if not found.wins:
        yield f"Points learned from your past do not beat those in force ({beside}): they are not used."
        return
    yield f"Points learned from your past beat those in force ({beside}). To use them, put this into /at-risk settings:"
    yield tuning.typed(found.tuned(before))


def _plain(found: Backtest, model: Model, base: str) -> dict[str, Any]:
    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "days": found.days,
        "accounts": found.accounts,
        "losses": found.losses,
        "currency": base,
        "whole": _plainly(found.whole),
        "rules": {rule: _plainly(one) for rule, one in found.by_rule.items()},
        "top_tenth": _text(found.top_tenth),
        "false_alarms_per_csm_and_week": _text(found.false_alarms),
        "calibration_error": _text(model.judged.ece) if model.judged else None,
        "not_replayed": sorted(NOT_REPLAYED),
    }


def _plainly(one: Measure) -> Mapping[str, Any]:
    return {
        "alarms": one.alarms,
        "right": one.right,
        "precision": _text(one.precision),
        "foreseen": str(one.foreseen),
        "lost": str(one.lost),
        "recall": _text(one.recall),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.4f}"


def _share(value: Decimal | None) -> str:
    return UNKNOWN if value is None else f"{value * 100:.1f} %"


def _money(amount: Decimal, base: str) -> str:
    return display(amount.quantize(Decimal(1)), base)
