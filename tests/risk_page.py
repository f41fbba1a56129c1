"""docs/risk.md: how risk is scored, from the registry of rules."""

from collections.abc import Iterator

from bot.messages.risk_words import AT_RISK, FAMILIES, WATCH
from bot.risk.quiet import WORSE
from bot.risk.rules import CAPS, RULES, Family, Rule
from bot.risk.score import NEAR
from bot.risk.tuning import UNTUNED

PAGE = f"""# Risk

Every account has a risk from 0 to 100: the points of all signs that speak for its leaving, less those that speak for
its staying. `/at-risk` lists the accounts from {WATCH} points on, and those with a hard reason, with most MRR × points
first and what is lost soonest before that; `/account` and the cards of alerts show the same reasons.

- The reasons always sum to the score. What a cap takes off is a line of its own.
- Each reason names the stored objects that show it: invoices, subscriptions, disputes, days of the ledger, signals.
- What Kahvi does not know moves no score. Signals older than 120 days are named, and count nothing.
- Points say how much a sign weighs. They are no likelihood, and no sum of money is made of them.
- All accounts are assessed once a day, and those that changed in billing at once.

A score of {AT_RISK} or more is called *at risk*, from {WATCH} on *to watch*. A hard reason worries whatever the score
is. An account of high value gets a card from {UNTUNED.alert_from} points on ([alerts.md](alerts.md)), if it has none
yet; it is closed below {UNTUNED.close_below}. A snooze ends early, and a card that was called no risk comes back,
when the score rises by {WORSE} or a hard reason joins.

`/at-risk settings` changes all of these points and thresholds for your workspace, and shows first what that would do.
This page is made from the code (`make docs`) and tells what holds before anybody changes it.

## Signs
"""
END = """## How points become a score

1. Of each family the points count up to its cap.
2. Where a term of half a year or more ends soon, the sum so far weighs more:
   {near}.
   A renewal alone is no sign, and a subscription that is to end is not renewed.
3. Early days and what speaks for the account are added.
4. A score is never below 0 or above 100.
"""


def risk() -> str:
    near = ", ".join(f"{more * 100:.0f} % within {days} days" for days, more in reversed(NEAR))
    return "\n".join([PAGE, *_rules(), END.format(near=near)])


def _rules() -> Iterator[str]:
    for family in Family:
        cap = f", at most {CAPS[family]} points" if family in CAPS else ""
        yield f"### {FAMILIES.get(family.value, TITLES.get(family, family.value))}{cap}"
        yield ""
        yield "| sign | points | when |"
        yield "|---|---|---|"
        yield from (_row(rule) for rule in RULES.values() if rule.family is family)
        yield ""


TITLES = {Family.TIME: "Early days", Family.FAVOUR: "In its favour"}


def _row(rule: Rule) -> str:
    points = " / ".join(f"{one:+d}".replace("-", "−") for one in rule.points)
    return f"| `{rule.id}` | {points} | {rule.sentence}{' (hard)' if rule.hard else ''} |"
