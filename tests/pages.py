"""The pages of docs/ that are made from the code; `make docs` writes them anew, a test holds them current."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bot.metrics.policy import AXES, Axis, typed
from bot.metrics.presets import PRESETS
from tests.metrics_page import metrics
from tests.risk_page import risk

DOCS = Path(__file__).parents[1] / "docs"
POLICIES = """# Metrics policies

Every vendor computes MRR and churn in its own way. Kahvi's figures follow one policy, which is named under each digest.
`kahvi policy` shows it in sentences. A policy is a preset, on which single axes may be set otherwise:

    kahvi policy use stripe once_discounts=subtract --preview

says what that would change, and without `--preview` does it. A preset with axes set otherwise is named `stripe+custom`.
Changing it makes the ledger anew from what is stored; the old figures stand until the new ones are whole.

Whose days and months are counted is the setting `KAHVI_TIMEZONE`. This page is made from the code (`make docs`).

## Presets

Values in *italics* are Kahvi's own: what that vendor does is not known. Where a vendor leaves an axis to its users, the
preset has what holds there before anybody chooses.
"""
LEFT_OUT = """## Choices of vendors that Kahvi does not offer

- The exchange rate of the first day of each billed period (ChartMogul): between two periods MRR would stand at many
  rates at once, and no sum by day could be explained. What rates do to an account would fall on the day that its period
  begins, among its movements, while exchange rates are to have a line of their own (`fx_drift`). `daily` and `purchase`
  are the two that can; new business, renewals and what changes with them have the same rate under `daily`.
- A customer worth nothing who was never one (ProfitWell): who never had MRR is in no figure under any policy; who had
  some and has none now has left, or stays by `zero_mrr_customer=stays_active`.

## What cannot be known

Billing tells whether a subscription is unpaid now, and nothing of the times before. Kahvi notes those that it sees end:
who pays in the end left on the day of the last failed charge and came back with the payment, by `unpaid=churn`. Who was
unpaid before Kahvi first read, and pays again, looks as if they always had.
"""


def policies() -> str:
    axes = (line for axis in AXES.values() for line in _axis(axis))
    return "\n".join([POLICIES, *_table(), "", "## Axes", "", *axes, LEFT_OUT])


def _table() -> Iterator[str]:
    yield f"| axis | {' | '.join(PRESETS)} |"
    yield "|---|" + "---|" * len(PRESETS)
    for axis in AXES.values():
        yield f"| `{axis.name}` | {' | '.join(_cell(axis, name) for name in PRESETS)} |"


def _cell(axis: Axis, preset: str) -> str:
    value = _short(axis.write(PRESETS[preset]))
    return f"*{value}*" if axis.name in PRESETS[preset].assumed else value


def _axis(axis: Axis) -> Iterator[str]:
    yield f"### {axis.title}: `{axis.name}`"
    yield ""
    yield from (f"- `{_short(typed(value))}`: {axis.kind.say(value)}" for value in axis.kind.samples)
    yield ""


def _short(word: str) -> str:
    """A number with no more places than tell it apart."""
    return f"{word[:7]}…" if word.count(".") == 1 and len(word) > 8 else word


PAGES: Mapping[str, Callable[[], str]] = {"metrics.md": metrics, "policies.md": policies, "risk.md": risk}


def main() -> None:
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
