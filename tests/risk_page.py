"""docs/risk.md: how risk is scored, from the registry of rules."""

from collections.abc import Iterator

from bot.messages.risk_words import AT_RISK, FAMILIES, WATCH
from bot.risk.backtest import EARLY, HORIZON
from bot.risk.calibration import FEWEST_LOSSES, FEWEST_ROWS, GATE
from bot.risk.quiet import WORSE
from bot.risk.rules import CAPS, RULES, Family, Rule
from bot.risk.score import MORE
from bot.risk.tuning import UNTUNED
from bot.risk.windows import RENEWAL, STATE_LASTS, USE, WINDOWS

PAGE = f"""# Risk

Every account has a risk from 0 to 100: the points of all signs that speak for its leaving, less those that speak for
its staying. `/at-risk` lists the accounts from {WATCH} points on, and those with a hard reason, with most MRR × points
first and what is lost soonest before that; `/account` and the cards of alerts show the same reasons.

![The list of accounts at risk](images/at-risk.png)

- The reasons always sum to the score. What a cap takes off is a line of its own.
- Each reason names the stored objects that show it: invoices, subscriptions, disputes, days of the ledger, signals.
- What Kahvi does not know moves no score. States older than {STATE_LASTS} days, and use that nothing told of for
  {WINDOWS[USE][0]} days, are named and count nothing; no card closes by that.
- Points say how much a sign weighs. They are no likelihood, and no sum of money is made of them, until your own past
  says what they mean: see the end of this page.
- All accounts are assessed once a day, and those that changed in billing at once.

A score of {AT_RISK} or more is called *at risk*, from {WATCH} on *to watch*. A hard reason worries whatever the score
is. An account of high value gets a card from {UNTUNED.alert_from} points on ([alerts.md](alerts.md)), if it has none
yet; it is closed below {UNTUNED.close_below}. A snooze ends early, and a card that was called no risk comes back,
when the score rises by {WORSE} or a hard reason joins.

`/at-risk settings` changes all of these points, thresholds and numbers of days for your workspace, and shows first
what that would do. The days are set by the name of the sign; `{RENEWAL}` says how near a renewal weighs the rest, and
`{USE}` how many last days of use are compared with how many before them ({WINDOWS[USE][0]} with {WINDOWS[USE][1]}).
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

## How the rules fared on your past

`kahvi risk backtest` assesses every account on every seventh day of your past, each by what was known before that day
began, and says for all rules together and for each: how many alarms there were, how many were right (nine
tenths of the MRR or more were lost within {horizon} days), and how much of all MRR that was lost was foreseen {early}
days before or earlier. An alarm of all is a run of days on which an account of high value would have had a card, that
of a rule one on which it found something, of whatever account. Beside that stand the share of lost MRR among the tenth
of accounts with most at stake, and the false alarms for each CSM and week; and of the cards that came, how many with
each sign people called no risk: one of which that holds for more than 60 % of twenty or more weighs too much.
`--json` gives scripts the same.

The past of some things is not kept or not replayed: cards and payment methods, pauses, trials, terms, metered use,
withdrawn cancellations. Their rules are left out and named. A failed charge is taken to be tried again for three weeks,
four times in all, a dispute to be open for sixty days, and an invoice that was voided to be waited for as long as it
was tried. A signal counts from the day on which Kahvi was told of it, so a history that is imported later teaches
nothing; filters for high value have no past either.

## When points become likelihoods

Points say how much a sign weighs, no more, until your own past says what they mean. Once a week Kahvi fits a map from
scores to the likelihood of being lost within {horizon} days, on the first 70 % of your days, and judges it on the rest.
It counts only if there

- were at least {losses} losses in {rows} account-days,
- the score tells who leaves better than chance, by a bound that holds 199 times of 200, and
- what it expects to be lost is within {gate} % of the MRR that was.

Then `/at-risk` ranks by MRR × likelihood × how soon, says each account's likelihood, and what is likely to be lost of
the MRR that neither ends nor waits for a payment. Else all stays as it is. `kahvi risk model` says which, with a table
of what was expected and what came, and whether points learned from your past would have ordered later days better than
those in force (a logistic hazard model, told as points of which twenty double the odds): when they do not, it says so.
"""


def risk() -> str:
    near = ", ".join(
        f"{more * 100:.0f} % within {days} days" for days, more in zip(WINDOWS[RENEWAL][::-1], MORE[::-1], strict=True)
    )
    known = {
        "horizon": HORIZON.days,
        "early": EARLY.days,
        "losses": FEWEST_LOSSES,
        "rows": f"{FEWEST_ROWS:,}",
        "gate": f"{GATE * 100:.0f}",
    }
    return "\n".join([PAGE, *_rules(), END.format(near=near, **known)])


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
    return f"| `{rule.id}` | {points} | {rule.usual}{' (hard)' if rule.hard else ''} |"
